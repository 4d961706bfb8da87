import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from index.backends import Unsuitable
from index.backends.blueprint import read_blueprint
from index.model_folder import locate
from tests.index.backends.conftest import modules


@pytest.fixture(scope="module")
def plain(make_encoder) -> Path:
    return make_encoder()


@pytest.fixture
def folder(plain, tmp_path) -> Path:
    return Path(shutil.copytree(plain, tmp_path / "copy"))


def change(path: Path, **entries) -> None:
    content = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**content, **entries}), encoding="utf-8")


def test_the_bundled_encoder_is_of_the_family():
    blueprint = read_blueprint(locate("bundled"))
    assert (blueprint.width, blueprint.layers, blueprint.heads, blueprint.first) == (384, 6, 12, 0)
    assert blueprint.longest == 256
    assert len(blueprint.tokenizer().encode("Wort " * 400).ids) == 256


def test_positions_of_roberta_count_from_the_one_after_padding(make_encoder):
    blueprint = read_blueprint(make_encoder("xlm-roberta"))
    assert (blueprint.padding, blueprint.first, blueprint.longest) == (1, 2, 32)


def test_embedded_tokens_are_sums_of_three_tables(folder):
    blueprint = read_blueprint(folder)
    words, positions, segments = (
        blueprint.weight(f"embeddings.{name}_embeddings.weight") for name in ("word", "position", "token_type")
    )
    ids = np.array([[4, 9, 0], [7, 7, 5]])
    expected = words[ids] + (positions[:3] + segments[0])
    assert blueprint.embedded(ids).tolist() == expected.tolist()


def test_a_text_is_cut_where_positions_end(folder):
    change(folder / "tokenizer_config.json", model_max_length=1000)
    assert read_blueprint(folder).longest == 40


def test_the_library_s_own_limit_comes_first(folder):
    (folder / "sentence_bert_config.json").write_text(json.dumps({"max_seq_length": 11}))
    assert read_blueprint(folder).longest == 11


def test_older_folders_say_mean_in_other_words(folder):
    (folder / "1_Pooling" / "config.json").write_text(
        json.dumps({"pooling_mode_cls_token": False, "pooling_mode_mean_tokens": True, "word_embedding_dimension": 64})
    )
    assert read_blueprint(folder).width == 64


@pytest.mark.parametrize(
    ("file", "entries", "why"),
    [
        ("config.json", {"model_type": "modernbert"}, "architecture is modernbert"),
        ("config.json", {"hidden_act": "gelu_new"}, "hidden_act is gelu_new"),
        ("config.json", {"position_embedding_type": "relative_key"}, "relative_key"),
        ("config.json", {"is_decoder": True}, "is_decoder"),
        ("config.json", {"num_attention_heads": 5}, "do not fit"),
        ("config.json", {"num_attention_heads": 0}, "num_attention_heads is 0"),
        ("config.json", {"num_hidden_layers": "two"}, "num_hidden_layers is two"),
        ("tokenizer_config.json", {"padding_side": "left"}, "on the left"),
        ("tokenizer_config.json", {"truncation_side": "left"}, "on the left"),
        ("1_Pooling/config.json", {"pooling_mode": "cls"}, "not the mean"),
        ("1_Pooling/config.json", {"pooling_mode": ["mean", "cls"]}, "not the mean"),
        ("1_Pooling/config.json", {"include_prompt": False}, "not the mean"),
    ],
)
def test_what_is_not_plain_is_left_to_the_reference(folder, file, entries, why):
    change(folder / file, **entries)
    with pytest.raises(Unsuitable, match=why):
        read_blueprint(folder)


def test_further_modules_are_left_to_the_reference(folder):
    path = folder / "modules.json"
    dense = {"idx": 3, "name": "3", "path": "3_Dense", "type": "sentence_transformers.models.Dense"}
    path.write_text(json.dumps([*json.loads(path.read_text()), dense]))
    with pytest.raises(Unsuitable, match="more than a transformer"):
        read_blueprint(folder)


@pytest.mark.parametrize("file", ["modules.json", "config.json", "tokenizer_config.json", "model.safetensors"])
def test_a_missing_file_is_named(folder, file):
    (folder / file).unlink()
    with pytest.raises(Unsuitable, match="does not say" if file == "modules.json" else file):
        read_blueprint(folder)


@pytest.mark.parametrize("content", ["{", "[]", "3"])
def test_a_damaged_configuration_is_named(folder, content):
    (folder / "config.json").write_text(content)
    with pytest.raises(Unsuitable, match=r"config\.json"):
        read_blueprint(folder)


def test_weights_of_other_names_are_left_to_the_reference(folder):
    from safetensors.numpy import load_file, save_file

    weights = load_file(folder / "model.safetensors")
    save_file({name.replace("word_embeddings", "words"): rows for name, rows in weights.items()}, folder / "new")
    (folder / "new").replace(folder / "model.safetensors")
    with pytest.raises(Unsuitable, match="other names"):
        read_blueprint(folder)


def test_a_prefix_before_all_names_is_found(folder):
    from safetensors.numpy import load_file, save_file

    before = read_blueprint(folder).weight("embeddings.LayerNorm.bias")
    weights = load_file(folder / "model.safetensors")
    save_file({f"bert.{name}": rows for name, rows in weights.items()}, folder / "new")
    (folder / "new").replace(folder / "model.safetensors")
    blueprint = read_blueprint(folder)
    assert blueprint.prefix == "bert."
    assert blueprint.weight("embeddings.LayerNorm.bias").tolist() == before.tolist()


def test_a_damaged_tokenizer_is_left_to_the_reference(folder):
    (folder / "tokenizer.json").write_text("{}")
    with pytest.raises(Unsuitable, match="tokenizer cannot be read"):
        read_blueprint(folder).tokenizer()


def test_a_folder_where_modules_was_expected(folder):
    modules(folder, pooling="max")
    with pytest.raises(Unsuitable, match="not the mean"):
        read_blueprint(folder)
