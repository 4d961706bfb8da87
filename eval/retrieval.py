"""nDCG@10 of the full pipeline on XQuAD, in all four pairs of languages.

    python -m eval.retrieval FOLDER_WITH_XQUAD [--work DIR] [--mixed] [--backend openvino-int8]

Prints a Markdown table. ``--mixed`` asks both languages' questions of one corpus that holds every paragraph in both
languages, and counts how often the paragraph in the question's own language comes first.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from eval.measures import ndcg
from eval.pipeline import Foresight, Pipeline, pipeline
from eval.xquad import Task, all_questions, load_task
from index.backends import AUTO, CHOICES
from index.encoder import load_encoder
from index.protocols import Encoder

PAIRS = (("de", "de"), ("en", "de"), ("en", "en"), ("de", "en"))
K = 10


def evaluate(opened: Pipeline, task: Task) -> float:
    """Mean nDCG@10 over the task's questions."""
    scores = [
        ndcg(opened.ranking(text, K, task.question_language), task.qrels[question_id], K)
        for question_id, text in task.questions.items()
    ]
    return sum(scores) / len(scores)


def table(folder: Path, work: Path, encoder: Encoder) -> str:
    """Measure every pair and say so in Markdown."""
    rows = ["| questions - paragraphs | documents | questions | nDCG@10 |", "|---|---|---|---|"]
    for language in ("de", "en"):
        documents = load_task(folder, language, language).documents
        with pipeline(work / language, {d: (t, language) for d, t in documents.items()}, encoder) as opened:
            for asked in ("de", "en"):
                task = load_task(folder, asked, language)
                score = evaluate(opened, task)
                rows.append(f"| {task.name} | {len(task.documents)} | {len(task.questions)} | {100 * score:.2f} |")
    return "\n".join(rows)


def mixed(folder: Path, work: Path, encoder: Encoder) -> str:
    """Ask a corpus that holds every paragraph twice, once in each language."""
    documents = {
        f"{language}-{doc_id}": (text, language)
        for language in ("de", "en")
        for doc_id, text in load_task(folder, language, language).documents.items()
    }
    rows = ["| questions | nDCG@10, either language counts | own language first |", "|---|---|---|"]
    with pipeline(work / "mixed", documents, encoder) as opened:
        for asked in ("de", "en"):
            task = load_task(folder, asked, "de")
            gains, own = 0.0, 0
            for question_id, text in task.questions.items():
                ranking = opened.ranking(text, 2 * K, asked)
                twins = list(dict.fromkeys(doc_id[3:] for doc_id in ranking))
                gains += ndcg(twins, task.qrels[question_id], K)
                own += ranking[:1] != [] and ranking[0].startswith(asked)
            count = len(task.questions)
            rows.append(f"| {asked} | {100 * gains / count:.2f} | {100 * own / count:.1f} % |")
    return "\n".join(rows)


def main() -> None:
    """Parse, measure, print."""
    parser = argparse.ArgumentParser(prog="python -m eval.retrieval", description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="holds xquad.de.json and xquad.en.json")
    parser.add_argument("--work", type=Path, help="where stores and indexes are kept for the next run")
    parser.add_argument("--mixed", action="store_true", help="measure the bilingual corpus as well")
    parser.add_argument("--backend", choices=CHOICES, default=AUTO, help="what runs the encoder (default: auto)")
    chosen = parser.parse_args()
    encoder = Foresight(load_encoder(backend=chosen.backend), all_questions(chosen.folder))
    with tempfile.TemporaryDirectory() as temporary:
        work = chosen.work or Path(temporary)
        print(table(chosen.folder, work, encoder))
        if chosen.mixed:
            print()
            print(mixed(chosen.folder, work, encoder))


if __name__ == "__main__":
    main()
