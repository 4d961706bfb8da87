"""Measure on suites of questions: run, compare, sweep, gate, report, new, label.

This is `fundstelle eval`, joined to the command line by an entry point in pyproject.toml: nothing imports this package.
As there, what a command needs is imported when it runs.
"""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Sequence
from pathlib import Path

TARGETS = ("engine", "lexical", "dense", "dense_only", "bm25", "txtai")  # http and trec_run follow from their flags
ANALYSES = ("defaults", "de", "en")
_EXAMPLES = """examples:
  fundstelle eval run eval/suites/sample
  fundstelle eval run eval/suites/sample --url http://127.0.0.1:8000
  fundstelle eval compare bm25 engine --suite eval/suites/sample
  fundstelle eval gate eval/suites/sample
  fundstelle eval new my-suite --articles articles/

exit status: 0 done, and the gate holds; 1 a floor is not reached; 2 it could not be run"""


def main(arguments: Sequence[str]) -> int:
    """Run one command and return its exit status. Raises FundstelleError, which the command line says."""
    options = parser().parse_args(arguments)
    command = importlib.import_module(f"eval.commands.{options.command}")
    status: int = command.run(options)
    return status


def parser() -> argparse.ArgumentParser:
    """The command line of `fundstelle eval`."""
    top = argparse.ArgumentParser(
        prog="fundstelle eval",
        description="Measure on suites of questions, and say whether a change made it better.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = top.add_subparsers(dest="command", required=True, metavar=None)
    machine = argparse.ArgumentParser(add_help=False)
    machine.add_argument("--json", action="store_true", help="print JSON for programs")
    asking = _asking()
    measured = _measured()
    _run(commands.add_parser("run", parents=[machine, asking, measured], help="ask a suite's questions and measure"))
    _compare(
        commands.add_parser(
            "compare", parents=[machine, asking, measured], help="say whether one run is better than another"
        )
    )
    _sweep(commands.add_parser("sweep", parents=[machine, asking, measured], help="try settings on a grid"))
    _gate(commands.add_parser("gate", parents=[machine, asking, measured], help="hold a run against floors"))
    _report(commands.add_parser("report", parents=[measured], help="write the report of one run or several"))
    _new(commands.add_parser("new", help="start a suite from your own documents"))
    _label(commands.add_parser("label", help="judge what runs found, in the terminal or the browser"))
    return top


def _asking() -> argparse.ArgumentParser:
    """How a suite is asked: which target, with which settings, how fast."""
    asking = argparse.ArgumentParser(add_help=False)
    target = asking.add_argument_group("what is asked")
    target.add_argument("--target", choices=TARGETS, help="engine (default), one of its legs, or another system")
    target.add_argument("--url", metavar="URL", help="a Fundstelle server instead")
    target.add_argument("--key", metavar="KEY", help="its API key (FUNDSTELLE_API_KEY)")
    target.add_argument("--push", action="store_true", help="send it the suite's documents first")
    target.add_argument("--run-file", type=Path, metavar="FILE", help="a TREC run file instead, made by anyone")
    target.add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE", dest="settings", help="a setting (may be repeated)"
    )
    target.add_argument("--passage-size", type=int, metavar="N", help="most characters of a passage (engine and legs)")
    target.add_argument("--passages", action="store_true", help="let other systems index passages, not documents")
    target.add_argument("--model", metavar="NAME", help="encoder of other systems (default: bundled)")
    target.add_argument("--analysis", choices=ANALYSES, help="of bm25: stems and stop words of a language, or none")
    asked = asking.add_argument_group("which questions")
    _languages(asked)
    asked.add_argument("--tell-language", action="store_true", help="name the question's language, not detect it")
    how = asking.add_argument_group("how it is asked")
    how.add_argument("--k", type=int, default=10, metavar="N", help="passages per question (default: 10)")
    how.add_argument("--concurrency", type=int, default=1, metavar="N", help="questions at the same time (default: 1)")
    how.add_argument("--rate", type=float, metavar="N", help="questions a second, whether answered or not (open loop)")
    how.add_argument("--work", type=Path, metavar="DIR", help="folder of stores and indexes, kept for the next run")
    return asking


def _languages(group: argparse._ActionsContainer) -> None:
    group.add_argument("--question-language", metavar="CODE", help="of parallel questions, those in this language")
    group.add_argument("--document-language", metavar="CODE", help="of parallel documents, those in this language")


def _measured() -> argparse.ArgumentParser:
    measured = argparse.ArgumentParser(add_help=False)
    measured.add_argument(
        "--measure", action="append", metavar="NAME", dest="measures", help="as ir-measures writes it (may be repeated)"
    )
    return measured


def _run(command: argparse.ArgumentParser) -> None:
    command.add_argument("suite", type=Path, metavar="SUITE", help="folder or file: docs/evaluation.md lists formats")
    command.add_argument("--out", type=Path, metavar="DIR", help="folder of the run (default: runs/SUITE-TARGET)")
    command.add_argument("--again", action="store_true", help="drop what an earlier run left there")


def _compare(command: argparse.ArgumentParser) -> None:
    command.add_argument("before", metavar="BEFORE", help="folder of a run; with --suite TARGET[,NAME=VALUE]...")
    command.add_argument("after", metavar="AFTER", help="the same, for what is hoped to be better")
    command.add_argument("--suite", type=Path, metavar="SUITE", help="asked first; else the one that was run")
    command.add_argument("--out", type=Path, metavar="FILE", help="the page (default: in the folder of AFTER)")
    command.add_argument("--by", metavar="NAME", help="measure that questions are listed by (default: the first)")


def _sweep(command: argparse.ArgumentParser) -> None:
    command.add_argument("suite", type=Path, metavar="SUITE", help="folder or file of questions")
    command.add_argument(
        "--grid", action="append", required=True, metavar="NAME=A,B", help="values to try (repeated: all combinations)"
    )
    command.add_argument("--out", type=Path, metavar="DIR", help="folder of its runs (default: runs/SUITE-sweep)")
    command.add_argument("--by", metavar="NAME", help="measure that decides (default: the first, nDCG@10)")
    command.add_argument("--again", action="store_true", help="ask anew what an earlier sweep left there")


def _gate(command: argparse.ArgumentParser) -> None:
    command.add_argument("path", type=Path, metavar="PATH", help="a suite to be run, or the folder of a run")
    command.add_argument("--suite", type=Path, metavar="SUITE", help="of the run, where it has been moved")
    command.add_argument("--floors", type=Path, metavar="FILE", help="TOML or JSON (default: floors.toml of the suite)")
    command.add_argument("--update", action="store_true", help="raise the floors to what was measured")
    command.add_argument(
        "--lower", action="store_true", help="with --update, also let floors fall, or the suite change"
    )
    command.add_argument("--margin", type=float, default=0.0, metavar="N", help="room left below a new floor")
    command.add_argument("--junit", type=Path, metavar="FILE", help="where JUnit XML goes (default: the run's folder)")
    command.add_argument("--out", type=Path, metavar="DIR", help="folder of the run (default: runs/SUITE-TARGET)")
    command.add_argument("--again", action="store_true", help="drop what an earlier run left there")


def _report(command: argparse.ArgumentParser) -> None:
    command.add_argument("runs", type=Path, nargs="+", metavar="RUN", help="folder of a run")
    command.add_argument("--suite", type=Path, metavar="SUITE", help="that was run, where it has been moved")
    command.add_argument("--out", type=Path, metavar="FILE", help="also a page of all of them side by side")


def _new(command: argparse.ArgumentParser) -> None:
    command.add_argument("folder", type=Path, metavar="FOLDER", help="new, or empty")
    source = command.add_mutually_exclusive_group(required=True)
    source.add_argument("--data", type=Path, metavar="DIR", help="data folder whose documents to ask about")
    source.add_argument("--articles", type=Path, metavar="DIR", help="file or folder of articles to ask about")
    command.add_argument("--count", type=int, default=50, metavar="N", help="questions to prepare (default: 50)")


def _label(command: argparse.ArgumentParser) -> None:
    command.add_argument("suite", type=Path, metavar="SUITE", help="folder or file of questions")
    command.add_argument("--runs", type=Path, nargs="+", required=True, metavar="RUN", help="folder, or TREC run file")
    command.add_argument("--depth", type=int, default=10, metavar="N", help="documents of each run (default: 10)")
    command.add_argument("--web", action="store_true", help="judge in the browser, on loopback")
    _languages(command)
