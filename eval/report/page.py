"""The page around a report: one file, its style inside, no script, nothing asked for from anywhere."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from eval.report.markup import Content, Markup, joined, tag

# Whatever slipped through as markup could neither run nor call home.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


@cache
def style() -> str:
    """The style sheet that every report carries."""
    return Path(__file__).with_name("report.css").read_text(encoding="utf-8")


def page(title: str, about: Content, *sections: Content, kicker: str = "Fundstelle · evaluation") -> str:
    """The whole file. ``about`` is one line below the title."""
    head = tag(
        "head",
        Markup('<meta charset="utf-8">'),
        Markup(f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'),
        Markup('<meta name="viewport" content="width=device-width, initial-scale=1">'),
        Markup('<meta name="referrer" content="no-referrer">'),
        tag("title", title),
        tag("style", Markup(style())),
    )
    masthead = tag(
        "header",
        tag("p", kicker, class_="kicker"),
        tag("h1", title),
        tag("p", about, class_="about"),
        tag("div", class_="rule"),
    )
    footer = tag("footer", tag("p", "Written by fundstelle eval. Definitions of the measures: docs/evaluation.md."))
    body = tag("body", masthead, tag("main", *sections), footer)
    return f'<!doctype html>\n<html lang="en">{head}{body}</html>\n'


def section(title: str, *content: Content, about: Content = None) -> Markup:
    """A part with its heading; ``about`` says what it shows."""
    return tag("section", tag("h2", title), tag("p", about) if about else None, *content)


def figure(title: str, plot: Content, legend: Content = None, about: Content = None) -> Markup:
    """A plot with its caption."""
    caption = tag("figcaption", title, tag("small", about) if about else None)
    return tag("figure", caption, legend, plot)


def figures(*cells: tuple[str, str, str]) -> Markup:
    """The few numbers to look at first: (name, value, what stands beneath)."""
    shown = [
        tag("div", tag("dt", name), tag("dd", value, tag("small", beneath) if beneath else None))
        for name, value, beneath in cells
    ]
    return tag("dl", *shown, class_="figures")


def plots(*drawn: Content) -> Markup:
    """Figures side by side where there is room."""
    return tag("div", *drawn, class_="plots")


def write(path: Path, text: str) -> None:
    """Write the file, whole or not at all; what UTF-8 cannot carry becomes a question mark."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    partial.write_bytes(text.encode("utf-8", errors="replace"))
    partial.replace(path)


def cards(shown: list[Markup]) -> Markup:
    """Questions one below the other."""
    return tag("div", joined(shown), class_="cards")
