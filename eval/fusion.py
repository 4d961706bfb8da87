"""The two legs alone and ways to fuse them, beside the pipeline, on XQuAD in all four pairs of languages.

    python -m eval.fusion FOLDER_WITH_XQUAD [--work DIR]

Every way ranks all passages and sees the same scores. Prints nDCG@10 as a Markdown table.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from eval.measures import ndcg
from eval.pipeline import Foresight, Pipeline, pipeline
from eval.retrieval import PAIRS, K, evaluate
from eval.xquad import Task, all_questions, load_task
from index.encoder import load_encoder
from index.plan import bundled_lexicon, plan

Scores = NDArray[np.float64]  # one a passage
Fusion = Callable[[Scores, Scores, float], Scores]  # cosines, BM25, the BM25 that could be reached


def standard(scores: Scores) -> Scores:
    """Zero mean and unit spread over all passages."""
    return np.asarray((scores - scores.mean()) / (scores.std() + 1e-9), dtype=np.float64)


def ranks(scores: Scores) -> Scores:
    """From 1 for the best; ties in the order of the passages."""
    order = np.argsort(-scores, kind="stable")
    placed = np.empty(len(scores), dtype=np.float64)
    placed[order] = np.arange(1, len(scores) + 1)
    return placed


WAYS: dict[str, Fusion] = {
    "dense leg alone": lambda dense, lexical, reach: dense,
    "lexical leg alone": lambda dense, lexical, reach: lexical,
    "reciprocal rank fusion (60)": lambda dense, lexical, reach: 1 / (60 + ranks(dense)) + 1 / (60 + ranks(lexical)),
    "standard scores, 0.6 dense": lambda dense, lexical, reach: 0.6 * standard(dense) + 0.4 * standard(lexical),
    "standard scores, 0.7 dense": lambda dense, lexical, reach: 0.7 * standard(dense) + 0.3 * standard(lexical),
    "coverage + cosine": lambda dense, lexical, reach: lexical / max(reach, 1e-9) + dense,
}


def legs(opened: Pipeline, question: str, asked: str, held: str) -> tuple[NDArray[np.int64], Scores, Scores, float]:
    """Passage ids, their cosines, their BM25 (0 where no term matches), and what BM25 could reach."""
    generation = opened.generation
    ids = generation.dense.ids
    dense = generation.dense.vectors(ids) @ opened.encoder.encode_questions([question])[0]
    planned = plan(question, asked, held, bundled_lexicon(), generation.lexical.near)
    found = {hit.passage_id: hit.score for hit in generation.lexical.search(planned, len(ids))}
    lexical = np.asarray([found.get(number, 0.0) for number in ids.tolist()], dtype=np.float64)
    return ids, np.asarray(dense, dtype=np.float64), lexical, sum(generation.lexical.weights(planned))


def compare(opened: Pipeline, task: Task) -> dict[str, float]:
    """Mean nDCG@10 of every way."""
    owners = {
        number: held.document.doc_id for number, held in opened.store.passages(opened.store.passage_ids()).items()
    }
    totals = dict.fromkeys(WAYS, 0.0)
    for question_id, text in task.questions.items():
        ids, dense, lexical, reach = legs(opened, text, task.question_language, task.document_language)
        for name, way in WAYS.items():
            order = ids[np.argsort(-way(dense, lexical, reach), kind="stable")]
            ranking = list(dict.fromkeys(owners[number] for number in order[: 3 * K].tolist()))
            totals[name] += ndcg(ranking, task.qrels[question_id], K)
    return {name: total / len(task.questions) for name, total in totals.items()}


def main() -> None:
    """Parse, measure, print."""
    parser = argparse.ArgumentParser(prog="python -m eval.fusion", description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="holds xquad.de.json and xquad.en.json")
    parser.add_argument("--work", type=Path, help="where stores and indexes are kept for the next run")
    chosen = parser.parse_args()
    encoder = Foresight(load_encoder(), all_questions(chosen.folder))
    measured: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as temporary:
        work = chosen.work or Path(temporary)
        for asked, held in PAIRS:
            task = load_task(chosen.folder, asked, held)
            documents = {doc_id: (text, held) for doc_id, text in task.documents.items()}
            with pipeline(work / held, documents, encoder) as opened:
                measured[task.name] = {**compare(opened, task), "the pipeline": evaluate(opened, task)}
    print(f"| | {' | '.join(measured)} |")
    print(f"|---|{'---|' * len(measured)}")
    for name in (*WAYS, "the pipeline"):
        print(f"| {name} | {' | '.join(f'{100 * scores[name]:.2f}' for scores in measured.values())} |")


if __name__ == "__main__":
    main()
