"""The command line: parse, call the engine, print. What a command needs is imported when it runs."""

from __future__ import annotations

import argparse
import ast
import importlib
import importlib.util
import os
import sys
from collections.abc import Mapping, Sequence
from importlib.metadata import EntryPoint, distribution, version
from pathlib import Path
from typing import NoReturn

from corpus.errors import FundstelleError
from service.settings import Settings, rows

STOPPED = 130  # as shells count Ctrl-C
JOINED = "fundstelle.commands"  # entry points of this group are commands with a command line of their own
_FILTERED = ("ask", "search")
_EXAMPLES = """examples:
  fundstelle ingest articles/ --data data
  fundstelle ask "How does Baidu cope with sanctions?"
  fundstelle serve

exit status: 0 done (an abstention is a result), 1 an error, 2 wrong usage or settings, 3 some inputs were rejected"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    try:
        status = _joined(given) if given and given[0] in joined() else _own(given)
        sys.stdout.flush()
    except FundstelleError as error:
        print(f"fundstelle: {error.detail}\n{error.remedy}", file=sys.stderr)
        return error.exit_status
    except KeyboardInterrupt:
        print("fundstelle: stopped; everything acknowledged is kept", file=sys.stderr)
        return STOPPED
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return status


def entry_point() -> NoReturn:
    """`fundstelle` as installed."""
    raise SystemExit(main())


def joined() -> dict[str, EntryPoint]:
    """Commands that packages above this one join to ours, by name; nothing of them is imported here.

    Only this distribution's own are looked for: reading every installed one's takes longer than a quick command does.
    """
    return {entry.name: entry for entry in distribution("fundstelle").entry_points.select(group=JOINED)}


def _joined(given: Sequence[str]) -> int:
    status: int = joined()[given[0]].load()(given[1:])
    return status


def _own(given: Sequence[str]) -> int:
    options = parser().parse_args(given)
    settings = Settings.load(os.environ, flags_of(options))
    status: int = importlib.import_module(f"service.commands.{options.command}").run(options, settings)
    return status


def purpose(entry: EntryPoint) -> str:
    """What a joined command is for: the first line of its module's docstring, read without running the module."""
    package, *names = entry.module.split(".")
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        return ""
    path = Path(spec.submodule_search_locations[0], *names).with_suffix(".py")
    said = ast.get_docstring(ast.parse(path.read_bytes())) or ""
    return (said[:1].lower() + said[1:]).partition("\n")[0].rstrip(".")


def flags_of(options: argparse.Namespace) -> Mapping[str, object | None]:
    """The flags that stand for settings."""
    names = {row.name for row in rows()}
    return {name: value for name, value in vars(options).items() if name in names}


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    top = argparse.ArgumentParser(
        prog="fundstelle",
        description="Answers German and English questions from your articles, with citations that are proofs.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="version", version=f"fundstelle {version('fundstelle')}")
    commands = top.add_subparsers(dest="command", required=True, metavar=None)
    data = argparse.ArgumentParser(add_help=False)
    data.add_argument("--data", metavar="DIR", help="folder of the store and its indexes (FUNDSTELLE_DATA)")
    machine = argparse.ArgumentParser(add_help=False)
    machine.add_argument("--json", action="store_true", help="print JSON for programs")
    both = [data, machine]

    _ingest(commands.add_parser("ingest", parents=both, help="read articles into the store and the indexes"))
    _serve(commands.add_parser("serve", parents=[data], help="answer over HTTP, with a page for people at /"))
    for name, help_text in (("ask", "answer a question with citations"), ("search", "show the nearest passages")):
        _question(commands.add_parser(name, parents=both, help=help_text))
    _documents(commands.add_parser("documents", parents=both, help="list the documents, or print one"))
    remove = commands.add_parser("remove", parents=both, help="take documents out, for good")
    remove.add_argument("doc_ids", nargs="+", metavar="DOC_ID")
    commands.add_parser("status", parents=both, help="what is held, and whether the index is up to date")
    commands.add_parser("verify", parents=both, help="check the store, every span and every checksum")
    rebuild = commands.add_parser("rebuild", parents=both, help="build the index anew from the store")
    rebuild.add_argument("--encode-again", action="store_true", help="do not use the embeddings kept in the store")
    commands.add_parser("settings", parents=both, help="list every setting with its value in force")
    for name, entry in joined().items():
        commands.add_parser(name, add_help=False, help=purpose(entry))
    return top


def _ingest(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "paths",
        nargs="+",
        metavar="PATH",
        help="file or folder (Markdown, text, HTML, PDF, DOCX, JSONL), or - for stdin",
    )
    command.add_argument("--source", metavar="NAME", help="source of documents that name none")
    command.add_argument("--language", metavar="CODE", help="language of these documents, instead of detecting it")


def _serve(command: argparse.ArgumentParser) -> None:
    command.add_argument("--host", help="address to listen on (FUNDSTELLE_HOST)")
    command.add_argument("--port", help="port to listen on (FUNDSTELLE_PORT)")
    command.add_argument("--samples", action="store_true", help="read the sample articles if the store is empty")


def _question(command: argparse.ArgumentParser) -> None:
    command.add_argument("question", metavar="QUESTION", help="in German or English")
    command.add_argument("--k", type=int, metavar="N", help="how many passages to return")
    command.add_argument("--language", choices=["de", "en"], help="of the question, instead of detecting it")
    only = command.add_argument_group("only articles that")
    only.add_argument("--source", action="append", metavar="NAME", help="are of this source (may be repeated)")
    only.add_argument("--written-in", action="append", metavar="CODE", help="are in this language (may be repeated)")
    only.add_argument("--doc-id", action="append", metavar="ID", help="have this id (may be repeated)")
    only.add_argument("--from", dest="published_from", metavar="DATE", help="were published on YYYY-MM-DD or later")
    only.add_argument("--to", dest="published_to", metavar="DATE", help="were published on YYYY-MM-DD or earlier")


def _documents(command: argparse.ArgumentParser) -> None:
    command.add_argument("doc_id", nargs="?", metavar="DOC_ID", help="print this document with its text")
    command.add_argument("--query", metavar="TEXT", help="only those with this in title or source")
    command.add_argument("--limit", type=int, default=50, metavar="N", help="how many (default: 50)")
    command.add_argument("--offset", type=int, default=0, metavar="N", help="how many to pass over (default: 0)")
