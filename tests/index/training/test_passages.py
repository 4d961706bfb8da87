"""The project's own passages: the reader names the line that is out of form, the shipped files have none."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from index.training.passages import FILES, FOLDER, Passage, read_passages

GOOD = "The dog sleeps.\tDer Hund schläft.\nIt snores.\tEr schnarcht.\n? Who snores?\tWer schnarcht?\n"


def write(folder: Path, content: str) -> Path:
    for name in FILES:
        (folder / name).write_text("", encoding="utf-8")
    (folder / FILES[0]).write_text(content, encoding="utf-8")
    return folder


def test_a_passage_is_sentences_and_questions_and_reads_as_one_text(tmp_path):
    training, held_out = read_passages(write(tmp_path, GOOD))
    sentences = (("The dog sleeps.", "Der Hund schläft."), ("It snores.", "Er schnarcht."))
    assert training == [Passage(sentences, (("Who snores?", "Wer schnarcht?"),))]
    assert held_out == []
    assert training[0].whole == ("The dog sleeps. It snores.", "Der Hund schläft. Er schnarcht.")


def test_every_sixth_of_a_file_is_held_out(tmp_path):
    blocks = [f"Number {place}.\tNummer {place}.\n" for place in range(1, 14)]
    training, held_out = read_passages(write(tmp_path, "\n".join(blocks)))
    assert [passage.whole[0] for passage in held_out] == ["Number 6.", "Number 12."]
    assert len(training) == 11


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("One.\tEins.\nTwo.\n", "line 2: expected English, a tab and German"),
        ("One.\tEins.\tUno.\n", "line 1: expected English, a tab and German"),
        ("One.\t\n", "line 1: expected English, a tab and German"),
        ("One. \tEins.\n", "line 1: expected English, a tab and German"),
        (f"{GOOD}Two.\tZwei.\n", "line 4: a sentence after questions"),
        (f"{GOOD}\n\n? Who?\tWer?\n", "line 6: questions without a passage"),
    ],
)
def test_a_line_out_of_form_is_named(tmp_path, content, message):
    with pytest.raises(ValueError, match=rf"^{re.escape(FILES[0])}, {re.escape(message)}"):
        read_passages(write(tmp_path, content))


def test_a_missing_file_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_passages(tmp_path)


def test_the_shipped_files_hold_what_their_readme_counts():
    counts = dict(re.findall(r"`(\w+\.txt)` \| (\d+)", (FOLDER / "README.md").read_text(encoding="utf-8")))
    assert set(counts) == set(FILES) == {path.name for path in FOLDER.glob("*.txt")}
    for name in FILES:
        text = (FOLDER / name).read_text(encoding="utf-8")
        assert len(text.strip("\n").split("\n\n")) == int(counts[name])
        assert "\n\n\n" not in text
    training, held_out = read_passages()
    assert len(training) + len(held_out) == sum(map(int, counts.values()))
    assert len(held_out) == len(training) / 5


def test_no_shipped_passage_comes_twice_or_lacks_its_questions():
    training, held_out = read_passages()
    everything = training + held_out
    assert len({passage.whole for passage in everything}) == len(everything)
    assert all(len(passage.sentences) >= 4 and passage.questions for passage in everything)
    assert all(
        english.endswith("?") and german.endswith("?")
        for passage in everything
        for english, german in passage.questions
    )
