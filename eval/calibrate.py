"""Fit and judge abstention on XQuAD with the last paragraph of every article taken out of the corpus.

    python -m eval.calibrate FOLDER_WITH_XQUAD [--work DIR] [--write]

Questions whose only answer was in a paragraph taken out should be abstained from. Each pair of languages gets a
logistic model; its AUROC is measured on articles it was not fitted on (six folds, by article). ``--write`` replaces
service/abstention.json by the models fitted on all articles.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from eval.measures import auroc
from eval.pipeline import Foresight, Pipeline, pipeline
from eval.xquad import Task, all_questions, load_task, without_last_paragraphs
from index.encoder import load_encoder
from index.evidence import examine_all
from index.protocols import Encoder
from service.abstention import MODEL_FILE, signals
from service.extractive import EXAMINED

FOLDS = 6
K = 10
THRESHOLD = 0.5  # answers where an answer is likelier than none, with both kinds weighted alike
Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Sample:
    """Signals (questions, signals) of one pair of languages; whether each has an answer, and its article."""

    pair: str
    names: tuple[str, ...]
    values: Matrix
    answerable: NDArray[np.bool_]
    articles: NDArray[np.int64]


def collect(opened: Pipeline, task: Task, lost: frozenset[str]) -> Sample:
    """Ask every question of the reduced corpus and note the signals."""
    rows: list[list[float]] = []
    names: tuple[str, ...] = ()
    for text in task.questions.values():
        found = opened.retriever.retrieve(opened.generation, text, k=K, language=task.question_language)
        noted = signals(examine_all(found, EXAMINED), found.coverages)
        names = tuple(noted)
        rows.append(list(noted.values()))
    return Sample(
        task.name,
        names,
        np.asarray(rows, dtype=np.float64),
        np.asarray([question not in lost for question in task.questions]),
        np.asarray([task.articles[min(task.qrels[question])] for question in task.questions]),
    )


def fit(values: Matrix, answerable: NDArray[np.bool_]) -> tuple[float, Matrix]:
    """Bias and weights of a logistic model on the raw signals, both classes weighted alike."""
    from sklearn.linear_model import LogisticRegression

    center, scale = values.mean(axis=0), values.std(axis=0) + 1e-9
    model = LogisticRegression(class_weight="balanced", max_iter=1000).fit((values - center) / scale, answerable)
    weights = np.asarray(model.coef_[0] / scale, dtype=np.float64)
    return float(model.intercept_[0] - weights @ center), weights


def held_out(sample: Sample) -> Matrix:
    """Each question's probability by a model that never saw its article."""
    scores = np.zeros(len(sample.answerable))
    for fold in range(FOLDS):
        test = sample.articles % FOLDS == fold
        bias, weights = fit(sample.values[~test], sample.answerable[~test])
        scores[test] = 1 / (1 + np.exp(-(bias + sample.values[test] @ weights)))
    return scores


def judge(sample: Sample) -> dict[str, float]:
    """Held-out AUROC, and at the threshold: false answers and lost answers, as shares."""
    scores = held_out(sample)
    answered = scores >= THRESHOLD
    return {
        "auroc": auroc(list(scores[sample.answerable]), list(scores[~sample.answerable])),
        "false_answers": float(answered[~sample.answerable].mean()),
        "lost_answers": float((~answered[sample.answerable]).mean()),
        "questions": len(scores),
        "unanswerable": int((~sample.answerable).sum()),
    }


def collect_all(folder: Path, work: Path, encoder: Encoder) -> list[Sample]:
    """The four pairs of languages."""
    samples = []
    for language in ("de", "en"):
        reduced, _ = without_last_paragraphs(load_task(folder, language, language))
        documents = {doc_id: (text, language) for doc_id, text in reduced.documents.items()}
        with pipeline(work / f"reduced-{language}", documents, encoder) as opened:
            for asked in ("de", "en"):
                samples.append(collect(opened, *without_last_paragraphs(load_task(folder, asked, language))))
    return samples


def write(samples: list[Sample], judged: dict[str, dict[str, float]], fingerprint: str) -> None:
    """Fit on all articles and replace the model that ships."""
    everything = np.concatenate([sample.values for sample in samples])
    answerable = np.concatenate([sample.answerable for sample in samples])
    fitted = {sample.pair: fit(sample.values, sample.answerable) for sample in samples}
    fitted["any"] = fit(everything, answerable)
    names = samples[0].names
    model = {
        "about": "Made by `python -m eval.calibrate`; held_out judges on articles the model was not fitted on.",
        "encoder": fingerprint,
        "threshold": THRESHOLD,
        "calibrations": {
            pair: {
                "bias": round(bias, 4),
                "weights": {name: round(float(weight), 4) for name, weight in zip(names, weights, strict=True)},
            }
            for pair, (bias, weights) in fitted.items()
        },
        "held_out": {pair: {k: round(v, 4) for k, v in row.items()} for pair, row in judged.items()},
    }
    MODEL_FILE.write_text(json.dumps(model, indent=2) + "\n", encoding="utf-8")


def main() -> None:
    """Parse, collect, judge, print; write where asked to."""
    parser = argparse.ArgumentParser(prog="python -m eval.calibrate", description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="holds xquad.de.json and xquad.en.json")
    parser.add_argument("--work", type=Path, help="where stores and indexes are kept for the next run")
    parser.add_argument("--write", action="store_true", help="replace service/abstention.json")
    chosen = parser.parse_args()
    encoder = Foresight(load_encoder(), all_questions(chosen.folder))
    with tempfile.TemporaryDirectory() as temporary:
        samples = collect_all(chosen.folder, chosen.work or Path(temporary), encoder)
    judged = {sample.pair: judge(sample) for sample in samples}
    print("| questions - paragraphs | AUROC | false answers | lost answers | questions | without answer |")
    print("|---|---|---|---|---|---|")
    for pair, row in judged.items():
        shares = f"{row['auroc']:.3f} | {row['false_answers']:.3f} | {row['lost_answers']:.3f}"
        print(f"| {pair} | {shares} | {row['questions']:.0f} | {row['unanswerable']:.0f} |")
    if chosen.write:
        write(samples, judged, encoder.fingerprint)


if __name__ == "__main__":
    main()
