"""A checkpoint becomes a folder that sentence-transformers loads, with the vectors the training had."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file
from tokenizers import Tokenizer

from index.model_folder import locate
from index.training.distil import Training, run
from index.training.examples import Stream
from index.training.plan import Plan
from index.training.save import main, save_encoder
from index.training.student import load_bert
from index.training.vocabulary import SPECIAL, build_tokenizer, english_tokenizer, word_weights
from index.training.weights import CHECKPOINT, TABLE, blend, finished, prune, read_checkpoint
from tests.index.training.tiny import HIDDEN, pairs

SENTENCES = pairs(200)


@pytest.fixture(scope="module")
def tokenizer(teacher) -> Tokenizer:
    weights = word_weights([german for _, german in SENTENCES], [], most=60)
    return build_tokenizer(english_tokenizer(teacher), [english for english, _ in SENTENCES], weights, 200)


@pytest.fixture(scope="module")
def trained(teacher, tokenizer, tmp_path_factory) -> tuple[Training, Path]:
    table = 0.05 * np.random.default_rng(2).standard_normal((tokenizer.get_vocab_size(), HIDDEN))
    training = Training(
        load_bert(teacher),
        english_tokenizer(teacher),
        load_bert(teacher),
        tokenizer,
        table.astype(np.float32),
        Plan(steps=23, warm_up=2, table_rate=1e-2),  # long enough for an average
        dtype=torch.float32,
    )
    folder = tmp_path_factory.mktemp("work")
    kinds = ("sentence", "paragraph", "word")
    streams = {kind: Stream(kind, SENTENCES, tokenizer, seed=1) for kind in kinds}
    run(training, streams, folder, report=lambda done, distances: None)
    tokenizer.save(str(folder / "tokenizer.json"))
    return training, folder


@pytest.fixture(scope="module")
def saved(teacher, trained, tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("pack") / "encoder"
    assert command(teacher, trained[1], out, "--back", "0.5") == 0
    return out


def training_tokenizer(work: Path) -> Tokenizer:
    return Tokenizer.from_file(str(work / "tokenizer.json"))


def command(teacher: Path, work: Path, out: Path, *more: str) -> int:
    paths = {"checkpoint": work, "tokenizer": work / "tokenizer.json", "teacher": teacher, "out": out}
    return main([part for name, path in paths.items() for part in (f"--{name}", str(path))] + list(more))


def test_sentence_transformers_gives_the_vectors_of_the_training(teacher, trained, saved):
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(saved), device="cpu", model_kwargs={"dtype": torch.float32})
    texts = [german for _, german in SENTENCES[:20]] + ["alte Brücke " * 200, "?"]
    found = model.encode(texts, show_progress_bar=False)
    training, work = trained
    last = training.vectors(texts)
    training.become(finished(work, training_tokenizer(work), teacher, back=0.5)[0])
    expected = training.vectors(texts)
    assert model.max_seq_length == 256
    assert np.abs(np.linalg.norm(found, axis=1) - 1).max() < 1e-5
    assert np.abs(found - expected).max() < 2e-3  # fp16 keeps eleven bits
    assert np.abs(found - last).max() > 2e-3  # of the last step, neither averaged nor brought back


def test_the_folder_is_one_that_the_product_loads(saved):
    assert locate(str(saved)) == saved.resolve()
    names = {path.relative_to(saved).as_posix() for path in saved.rglob("*") if path.is_file()}
    bundled = Path(__file__).parents[3] / "index" / "pack" / "encoder"
    assert names == {path.relative_to(bundled).as_posix() for path in bundled.rglob("*") if path.is_file()}
    assert json.loads((saved / "tokenizer.json").read_text(encoding="utf-8"))["truncation"] is None
    weights = load_file(saved / "model.safetensors")
    assert {weight.dtype for weight in weights.values()} == {np.dtype(np.float16)}
    config = json.loads((saved / "config.json").read_text(encoding="utf-8"))
    assert config["vocab_size"] == len(weights[TABLE])


def test_the_same_checkpoint_gives_the_same_bytes(teacher, trained, saved, tmp_path):
    assert command(teacher, trained[1], tmp_path, "--back", "0.5") == 0
    for path in (path for path in saved.rglob("*") if path.is_file()):
        assert (tmp_path / path.relative_to(saved)).read_bytes() == path.read_bytes()


def test_weights_go_back_to_the_teacher_s_but_for_german_pieces(teacher, trained, tokenizer):
    weights, _, _ = read_checkpoint(trained[1])
    old = load_file(teacher / "model.safetensors")
    english = english_tokenizer(teacher).get_vocab()
    quarter, whole = (blend(weights, tokenizer, teacher, back) for back in (0.25, 1.0))
    layer = "encoder.layer.1.attention.self.query.weight"
    assert np.allclose(quarter[layer], 0.75 * weights[layer] + 0.25 * old[layer], atol=1e-7)
    for piece, number in tokenizer.get_vocab().items():
        if piece in english:
            expected = 0.75 * weights[TABLE][number] + 0.25 * old[TABLE][english[piece]]
            assert np.allclose(quarter[TABLE][number], expected, atol=1e-7)
            assert (whole[TABLE][number] == old[TABLE][english[piece]]).all()
        else:
            assert (whole[TABLE][number] == weights[TABLE][number]).all()
    assert quarter.keys() == weights.keys()


def test_pruned_pieces_are_cut_smaller_and_nothing_else_changes(tokenizer):
    vocabulary = tokenizer.get_vocab()
    table = np.arange(len(vocabulary), dtype=np.float32)[:, None] * np.ones((1, 2), dtype=np.float32)
    seen = np.full(len(vocabulary), 5, dtype=np.int32)
    seen[vocabulary["hund"]] = 4
    seen[vocabulary["[MASK]"]] = seen[vocabulary["a"]] = 0
    smaller, kept = prune(tokenizer, table, seen, 5)
    assert smaller.get_vocab_size() == len(kept) == len(vocabulary) - 1
    assert [smaller.token_to_id(piece) for piece in SPECIAL] == [0, 1, 2, 3, 4]
    assert smaller.encode("Hund").tokens[1:-1] != ["hund"]
    assert "[UNK]" not in smaller.encode("Hund").tokens
    before, after = tokenizer.encode("das alte Haus"), smaller.encode("das alte Haus")
    assert before.tokens == after.tokens
    assert table[before.ids].tolist() == kept[after.ids].tolist()


def test_pieces_that_few_batches_held_are_left_out_on_request(teacher, trained, tmp_path, capsys):
    assert command(teacher, trained[1], tmp_path, "--least-seen", "2") == 0
    _, seen, numbers = read_checkpoint(trained[1])
    size = json.loads((tmp_path / "config.json").read_text(encoding="utf-8"))["vocab_size"]
    assert (seen >= 2).sum() <= size < len(seen)
    assert numbers["done"] == 23
    assert capsys.readouterr().out.startswith("step 23 of 23: ")


def test_weights_and_tokenizer_of_two_trainings_are_refused(teacher, trained, tmp_path):
    weights, _, _ = read_checkpoint(trained[1])
    english = english_tokenizer(teacher)
    with pytest.raises(ValueError, match=r"are of \d+ word pieces, the tokenizer has \d+"):
        save_encoder(tmp_path, teacher, weights, english)


def test_what_fp16_cannot_hold_is_refused(teacher, trained, tokenizer, tmp_path):
    weights, _, _ = read_checkpoint(trained[1])
    weights[TABLE][7, 3] = 1e6
    with pytest.raises(ValueError, match="not a finite number in fp16"):
        save_encoder(tmp_path, teacher, weights, tokenizer)


def test_a_missing_and_a_damaged_checkpoint_are_said_in_a_line(teacher, trained, tmp_path, capsys):
    work = tmp_path / "work"
    work.mkdir()
    (work / "tokenizer.json").write_bytes((trained[1] / "tokenizer.json").read_bytes())
    assert command(teacher, work, tmp_path / "out") == 2
    assert "holds no checkpoint yet" in capsys.readouterr().err
    (work / CHECKPOINT).write_bytes((trained[1] / CHECKPOINT).read_bytes()[:900])
    assert command(teacher, work, tmp_path / "out") == 2
    assert f"{CHECKPOINT} is damaged" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
