"""What the documentation says is so: tables follow from the code, links lead somewhere, commands exist."""

import itertools
import json
import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest

from service.problems import error_classes
from service.settings import rows
from tests import reference
from tests.test_packaging import targets

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def text_of(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def anchors(path: Path) -> set[str]:
    """The places in a page that a link may name, as code hosts derive them from headings."""
    heads = re.findall(r"^#+ +(.+)$", FENCE.sub("", path.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


def typed(text: str) -> Iterator[str]:
    """Every command that a page shows: after a prompt, or in a line's code."""
    prose = FENCE.sub("", text)
    yield from re.findall(r"`((?:make|fundstelle) [^`\n]+)`", prose)
    for _, block in FENCE.findall(text):
        joined = block.replace("\\\n", " ")
        yield from re.findall(r"^\$ (.+?)(?: +#.*)?$", joined, re.MULTILINE)


def words(command: str) -> list[str]:
    """A command's words from its program on, assignments before it left out."""
    parts = shlex.split(command)
    while parts and re.match(r"[A-Z_]+=", parts[0]):
        parts.pop(0)
    return parts


def test_the_checks_see_the_pages():
    assert {"README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/http.md"} <= set(map(name, PAGES))


@pytest.mark.parametrize("page", reference.PAGES)
def test_what_follows_from_the_code_is_up_to_date(page):
    assert reference.written(page) == reference.PAGES[page](), "run `make docs`"


def test_every_setting_is_documented():
    page = text_of("docs/settings.md")
    assert [row.variable for row in rows() if f"| `{row.variable}` |" not in page] == []


def test_every_error_code_is_documented_once():
    codes = [each.code for each in error_classes()]
    page = text_of("docs/errors.md")
    assert len(codes) == len(set(codes))
    assert [code for code in codes if page.count(f"| `{code}` |") != 1] == []


def test_every_error_says_what_to_do():
    for each in error_classes():
        assert each.remedy.endswith("."), each
        assert each.title, each
        assert 400 <= each.status <= 599, each
        assert each.exit_status > 0, each


def test_every_route_is_documented():
    page = text_of("docs/http.md")
    assert [
        f"{method} {path}" for method, path, _ in reference.operations() if f"## `{method} {path}`" not in page
    ] == []


def test_every_command_is_documented():
    page = text_of("docs/commands.md")
    assert [command for command in reference.subcommands() if f"## `{command}`\n" not in page] == []


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_somewhere(page):
    for link in LINK.findall(FENCE.sub("", page.read_text(encoding="utf-8"))):
        if link.startswith("https://"):
            continue
        path, _, anchor = unquote(link).partition("#")
        target = page.parent / path if path else page
        assert target.exists(), link
        if anchor:
            assert anchor in anchors(target), link


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_files_that_are_named_exist(page):
    named = re.findall(r"`((?:corpus|index|service|eval|tests|docs)/[\w./-]+)`", page.read_text(encoding="utf-8"))
    assert [path for path in named if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_examples_in_json_can_be_read(page):
    for language, block in FENCE.findall(page.read_text(encoding="utf-8")):
        if language == "json":
            json.loads(block)


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_commands_that_are_shown_exist(page):
    known = set(reference.subcommands()) | set(reference.JOINED)
    for command in typed(page.read_text(encoding="utf-8")):
        parts = words(command)
        for program, argument in itertools.pairwise(parts):
            if program == "make":
                assert argument in targets(), command
            if program == "fundstelle" and parts[0] == "fundstelle" and argument.islower() and argument[0] != "-":
                assert argument in known, command
            if program in reference.JOINED and parts[0] == "fundstelle" and argument.islower() and argument[0] != "-":
                assert f"{program} {argument}" in known, command


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_variables_that_are_named_exist(page):
    known = {row.variable for row in rows()}
    assert set(re.findall(r"FUNDSTELLE_[A-Z_]+", page.read_text(encoding="utf-8"))) <= known


def test_the_readme_shows_a_real_answer():
    shown = text_of("README.md").partition("<!-- answer: begin -->")[2].partition("<!-- answer: end -->")[0]
    (block,) = [block for _, block in FENCE.findall(shown)]
    assert "[1]" in block
    quotes = re.findall(r"^\[\d+\] [„\"](.+?)[“\"]\n    \S", block, re.MULTILINE | re.DOTALL)
    articles = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "corpus" / "articles").glob("*.md"))
    assert quotes
    assert [quote for quote in quotes if " ".join(quote.split()) not in " ".join(articles.split())] == []


def test_the_benchmarks_were_run():
    page = text_of("docs/benchmarks.md")
    table = page.partition("<!-- table: begin")[2].partition("<!-- table: end -->")[0]
    assert "passages/s" in table
    assert " ms" in table


def test_the_changelog_knows_this_version():
    version = tomllib.loads(text_of("pyproject.toml"))["project"]["version"]
    page = text_of("CHANGELOG.md")
    assert "## [Unreleased]" in page or f"## [{version}]" in page
