"""The parts of docs/ that follow from the code. `make docs` writes them; tests/test_docs.py holds them against it."""

import argparse
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from eval.cli import parser as eval_parser
from eval.errors import EvaluationError  # noqa: F401 - completes the tree of errors
from service.app import create_app
from service.cli import parser
from service.problems import error_classes
from service.settings import Settings, rows

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
BEGIN = "<!-- from the code: begin (`make docs` writes what follows) -->"
END = "<!-- from the code: end -->"

Json = dict[str, Any]


def cell(text: object) -> str:
    return str(text).replace("|", "\\|").replace("\n", " ")


def table(heads: list[str], lines: Iterator[list[object]]) -> str:
    shown = [heads, ["---"] * len(heads), *lines]
    return "\n".join("| " + " | ".join(cell(text) for text in line) + " |" for line in shown)


def settings() -> str:
    """Every setting: variable, default, meaning, what is expected."""

    def lines() -> Iterator[list[object]]:
        for row in rows():
            default = row.shown(row.default)
            expected = row.kind.expected + (" (secret: never shown)" if row.secret else "")
            yield [f"`{row.variable}`", f"`{default}`" if default else "not set", row.help, expected]

    return table(["variable", "default", "what it does", "expected"], lines())


def errors() -> str:
    """Every error: code, statuses, what it means, what to do."""
    classes = sorted(error_classes(), key=lambda each: (each.status, each.code))

    def lines() -> Iterator[list[object]]:
        for each in classes:
            meaning = (each.__doc__ or "").splitlines()[0]
            yield [f"`{each.code}`", each.status, each.exit_status, meaning, each.remedy]

    return table(["code", "HTTP", "exit", "meaning", "what to do"], lines())


JOINED = {"eval": eval_parser}  # commands with commands of their own


def parts(top: argparse.ArgumentParser) -> "argparse._SubParsersAction[argparse.ArgumentParser]":
    """Where a parser goes on to its commands."""
    (found,) = [action for action in top._actions if isinstance(action, argparse._SubParsersAction)]
    return found


def subcommands() -> dict[str, argparse.ArgumentParser]:
    """The parser of each command, in the order of `fundstelle --help`; those of joined ones after their name."""
    found: dict[str, argparse.ArgumentParser] = {}
    for name, made in parts(parser()).choices.items():
        inner = parts(JOINED[name]()).choices if name in JOINED else None
        found |= {name: made} if inner is None else {f"{name} {part}": each for part, each in inner.items()}
    return found


def commands() -> str:
    """Each command with its arguments; not the text of `--help`, which every Python lays out differently."""
    said = {action.dest: action.help for action in parts(parser())._choices_actions}
    for name, made in JOINED.items():
        said |= {f"{name} {action.dest}": action.help for action in parts(made())._choices_actions}
    return "\n\n".join(command(name, said[name], made) for name, made in subcommands().items())


def command(name: str, meaning: str | None, made: argparse.ArgumentParser) -> str:
    actions = [action for action in made._actions if action.dest != "help"]
    places = " ".join(place(action) for action in actions if not action.option_strings)
    usage = " ".join(part for part in ("fundstelle", name, places, "[OPTION]...") if part)
    sentence = f"{meaning}." if meaning else ""
    heads = ["argument", "meaning"]
    return f"## `{name}`\n\n`{usage}`: {sentence}\n\n" + table(heads, (argument_line(each) for each in actions))


def place(action: argparse.Action) -> str:
    many = {"+": "...", "*": "..."}.get(str(action.nargs), "")
    return f"[{action.metavar}]" if action.nargs == "?" else f"{action.metavar}{many}"


def argument_line(action: argparse.Action) -> list[object]:
    if not action.option_strings:
        return [f"`{action.metavar}`", action.help]
    value = action.metavar or ("|".join(action.choices) if action.choices else action.dest.upper())
    shown = action.option_strings[-1] if action.nargs == 0 else f"{action.option_strings[-1]} {value}"
    return [f"`{shown}`", action.help]


def openapi() -> Json:
    """The OpenAPI document of the service."""
    return create_app(Settings()).openapi()


def operations() -> Iterator[tuple[str, str, Json]]:
    """(method, path, operation) of every documented route, in order."""
    for path, methods in openapi()["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


def routes() -> str:
    """Every route of the OpenAPI document with its example of a request and of a response."""
    return "\n\n".join(route(*operation) for operation in operations())


def route(method: str, path: str, operation: Json) -> str:
    parts = [f"## `{method} {path}`", (operation.get("description") or operation["summary"]).strip()]
    if parameters := operation.get("parameters"):
        parts.append(table(["parameter", "in", "meaning"], (parameter_line(each) for each in parameters)))
    for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
        if "example" in content:
            parts.append(f"Request (`{media_type}`):\n\n{fenced(content['example'])}")
    for status, response in operation["responses"].items():
        example = response.get("content", {}).get("application/json", {}).get("example")
        if example is not None and status.startswith("2"):
            parts.append(f"Response {status}:\n\n{fenced(example)}")
    refusals = sorted(status for status in operation["responses"] if not status.startswith("2"))
    if refusals:
        parts.append(f"Problems: {', '.join(refusals)}.")
    return "\n\n".join(parts)


def parameter_line(parameter: Json) -> list[object]:
    default = parameter.get("schema", {}).get("default")
    meaning = parameter.get("description", "")
    return [
        f"`{parameter['name']}`",
        parameter["in"],
        meaning if default is None else f"{meaning} Default: {default}.".strip(),
    ]


def fenced(example: object) -> str:
    return f"```json\n{json.dumps(example, indent=2, ensure_ascii=False)}\n```"


def metrics() -> str:
    """Every metric of `/metrics`."""
    registry = create_app(Settings()).state.service.telemetry.registry

    def lines() -> Iterator[list[object]]:
        for metric in sorted(registry.collect(), key=lambda each: each.name):
            name = metric.name + ("_total" if metric.type == "counter" else "")
            yield [f"`{name}`", metric.type, metric.documentation]

    return table(["metric", "kind", "what it counts"], lines())


PAGES: dict[str, Callable[[], str]] = {
    "settings.md": settings,
    "errors.md": errors,
    "commands.md": commands,
    "http.md": routes,
    "operations.md": metrics,
}


def written(page: str) -> str:
    """What stands between the markers of a page."""
    _, begin, rest = (DOCS / page).read_text(encoding="utf-8").partition(BEGIN)
    body, end, _ = rest.partition(END)
    assert begin, f"docs/{page} lacks its markers"
    assert end, f"docs/{page} lacks its markers"
    return body.strip()


def rewrite(page: str) -> None:
    """Put what the code says between the markers of a page."""
    text = (DOCS / page).read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    (DOCS / page).write_text(f"{before}{BEGIN}\n{PAGES[page]()}\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    for each in PAGES:
        rewrite(each)
