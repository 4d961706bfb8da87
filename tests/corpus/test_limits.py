from __future__ import annotations

import subprocess
import sys

import pytest

from corpus.errors import DocumentTooLarge
from corpus.limits import Limits


def test_a_limit_is_inclusive_and_named():
    limits = Limits(max_pages=3)
    limits.check("max_pages", 3, "Pages")
    with pytest.raises(DocumentTooLarge) as caught:
        limits.check("max_pages", 4, "Pages")
    assert (caught.value.field, caught.value.limit) == ("max_pages", 3)
    assert caught.value.detail == "Pages: 4 is over max_pages = 3."


def test_reading_plain_text_loads_no_heavy_library():
    program = """
import sys
from corpus.extract import extract
from corpus.limits import Limits
from corpus.sources import RawInput
text = "Die Firma und der Staat sind auf dem Weg, das ist nicht neu."
assert extract(RawInput("file:///a.txt", None, text.encode()), Limits()).document.language == "de"
heavy = {"trafilatura", "pypdf", "docx", "langchain_text_splitters", "markdown_it", "yaml", "py3langid", "numpy"}
assert not heavy & set(sys.modules), heavy & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", program], check=True)
