"""nDCG@10 of an encoder alone on XQuAD: cosines with every paragraph, no lexical leg, no passages cut.

    python -m eval.dense FOLDER_WITH_XQUAD [--encoder NAME]

Prints a Markdown table. NAME is as for FUNDSTELLE_ENCODER: "bundled", a folder, or a model of the hub.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from eval.measures import ndcg
from eval.retrieval import PAIRS, K
from eval.xquad import Task, load_task
from index.encoder import load_encoder
from index.model_folder import BUNDLED
from index.protocols import Encoder, Vectors


def score(task: Task, questions: Vectors, documents: Vectors) -> float:
    """Mean nDCG@10, given (questions, dimension) and (documents, dimension) vectors in the task's order."""
    names = list(task.documents)
    gains = []
    for question_id, cosines in zip(task.questions, questions @ documents.T, strict=True):
        ranking = [names[row] for row in np.argsort(-cosines, kind="stable")[:K]]
        gains.append(ndcg(ranking, task.qrels[question_id], K))
    return float(np.mean(gains))


def measure(folder: Path, encoder: Encoder) -> dict[str, float]:
    """The score of every pair of languages, each text encoded once."""
    tasks = [load_task(folder, asked, held) for asked, held in PAIRS]
    questions = {task.question_language: task for task in tasks}
    documents = {task.document_language: task for task in tasks}
    asked = {name: encoder.encode_questions(list(task.questions.values())) for name, task in questions.items()}
    held = {name: encoder.encode_passages(list(task.documents.values())) for name, task in documents.items()}
    return {task.name: score(task, asked[task.question_language], held[task.document_language]) for task in tasks}


def table(scores: dict[str, float]) -> str:
    """The scores in Markdown."""
    heads, values = " | ".join(scores), " | ".join(f"{100 * value:.2f}" for value in scores.values())
    return f"| questions - paragraphs | {heads} |\n|---|{'---|' * len(scores)}\n| the encoder alone | {values} |"


def main() -> None:
    """Parse, measure, print."""
    parser = argparse.ArgumentParser(prog="python -m eval.dense", description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="holds xquad.de.json and xquad.en.json")
    parser.add_argument("--encoder", default=BUNDLED, help="bundled, a folder, or a model of the hub")
    chosen = parser.parse_args()
    print(table(measure(chosen.folder, load_encoder(chosen.encoder))))


if __name__ == "__main__":
    main()
