"""Distillation: a German sentence, and the English one it translates, move to the teacher's vector of the English one.

Reimers and Gurevych, "Making Monolingual Sentence Embeddings Multilingual using Knowledge Distillation", EMNLP 2020,
with an in-batch contrastive term. Runs on a CPU (bfloat16 where the processor has it) and, unchanged, on one GPU.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from index.training.examples import Batch, Stream, padded
from index.training.plan import Plan, batch_for
from index.training.sources import Pair
from index.training.student import Array, Network, Reader
from index.training.weights import AVERAGE, CHECKPOINT, TABLE

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_SHARPNESS = 30.0  # of the contrastive term
_SAME_MEANING = 0.95  # cosine of two goals above which one is no wrong answer to the other


class RowAdam:
    """Adam (Kingma and Ba, 2015) for a table of which a step touches few rows; the others are left as they are."""

    def __init__(self, table: Tensor) -> None:
        self.table = table
        self.mean = torch.zeros_like(table)
        self.square = torch.zeros_like(table)
        self.count = torch.zeros(len(table), dtype=torch.int32, device=table.device)

    @torch.no_grad()
    def step(self, rows: Tensor, gradient: Tensor, rate: float) -> None:
        """Move ``rows`` against ``gradient``, (rows, width)."""
        self.count[rows] += 1
        age = self.count[rows, None].float()
        mean = self.mean[rows].lerp_(gradient, 0.1)
        square = self.square[rows].lerp_(gradient**2, 0.01)
        self.mean[rows], self.square[rows] = mean, square
        mean, square = mean / (1 - 0.9**age), square / (1 - 0.99**age)
        self.table[rows] -= rate * mean / (square.sqrt() + 1e-8)


class Texts:
    """Texts to the piece numbers and masks of a batch."""

    def __init__(self, tokenizer: Tokenizer, device: torch.device) -> None:
        self._tokenizer = tokenizer
        self._device = device

    def __call__(self, texts: Sequence[str]) -> tuple[Tensor, Tensor]:
        """(texts, length) numbers of pieces, and where they are pieces and not padding."""
        tokens = [encoding.ids for encoding in self._tokenizer.encode_batch_fast(list(texts))]
        ids = np.zeros((len(tokens), padded(max(map(len, tokens)))), dtype=np.int64)
        for row, numbers in zip(ids, tokens, strict=True):
            row[: len(numbers)] = numbers
        found = torch.from_numpy(ids).to(self._device)
        return found, found != 0


class Training:
    """The student, its teacher and the state of the training; ``step`` does one batch."""

    def __init__(
        self,
        teacher: Network,
        english: Tokenizer,
        student: Network,
        tokenizer: Tokenizer,
        table: Array,
        plan: Plan,
        *,
        dtype: torch.dtype = torch.bfloat16,
    ) -> None:
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.plan = plan
        self.done = 0
        self.seconds = 0.0
        self._english, self._texts = Texts(english, self.device), Texts(tokenizer, self.device)
        self._teacher = Reader(teacher, dtype=dtype).to(self.device).eval()
        self._teacher_table = teacher.embeddings.word_embeddings.weight.data.to(self.device)
        self.reader = Reader(student, dtype=dtype).to(self.device)
        self.rows = RowAdam(torch.from_numpy(table).clone().to(self.device))
        self._weights = {n: p for n, p in student.named_parameters() if "word_embeddings" not in n}
        self._average: dict[str, Tensor] = {}  # of the weights and the table, once it has begun
        self.adam = torch.optim.AdamW(self._weights.values(), lr=plan.rate, weight_decay=0.01, fused=True)

    @property
    def progress(self) -> float:
        """0 at the start, 1 when the steps or the minutes are used up."""
        return max(self.done / self.plan.steps, self.seconds / 60 / self.plan.minutes)

    def step(self, batch: Batch) -> float:
        """Learn from one batch; gives the mean squared distance to the teacher."""
        began = time.monotonic()
        rate = min(1.0, (self.done + 1) / self.plan.warm_up) * max(0.02, 1 - self.progress)
        goal = self.goals(batch.english)
        some = max(2, int(len(batch.english) * self.plan.english_share))
        rows, gathered, parts = self._gather([batch.german, batch.english[:some]])
        german, same = (self.reader(gathered[inverse], mask) for inverse, mask in parts)
        distance = (2 - 2 * (german * goal).sum(1)).mean()
        anchored = (2 - 2 * (same * goal[:some]).sum(1)).mean()
        loss = distance + self.plan.anchor * anchored + self.plan.contrast * _contrast(german, goal)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self._weights.values(), 1.0)
        for group in self.adam.param_groups:
            group["lr"] = self.plan.rate * rate
        self.adam.step()
        self.adam.zero_grad(set_to_none=True)
        assert gathered.grad is not None  # noqa: S101 - for the type checker
        self.rows.step(rows, gathered.grad, self.plan.table_rate * rate)
        self.done += 1
        self._take_up()
        self.seconds += time.monotonic() - began
        return float(distance.detach())

    @torch.no_grad()
    def _take_up(self) -> None:
        """Bring the average of the weights up to this step, where the plan wants it."""
        kept = self.plan.kept(self.done)
        if kept is None:
            return
        for name, tensor in self._learned().items():
            if name in self._average:
                self._average[name].lerp_(tensor, 1 - kept)
            else:
                self._average[name] = tensor.clone()

    @torch.no_grad()
    def become(self, weights: Mapping[str, Array]) -> None:
        """Take over weights as they are saved, to see how near they are to the teacher."""
        for name, tensor in self._learned().items():
            tensor.copy_(torch.from_numpy(weights[TABLE if name == "table" else name]))

    def _learned(self) -> dict[str, Tensor]:
        return {"table": self.rows.table} | {name: weight.data for name, weight in self._weights.items()}

    def goals(self, english: Sequence[str]) -> Tensor:
        """(texts, hidden): the teacher's unit vectors of English texts."""
        ids, mask = self._english(english)
        with torch.no_grad():
            found: Tensor = self._teacher(self._teacher_table[ids], mask)
        return found

    def distance(self, pairs: Sequence[Pair]) -> float:
        """Mean squared distance between the student's vectors of German texts and the teacher's of the English ones."""
        goals = np.concatenate([self.goals([pair[0]]).cpu().numpy() for pair in pairs])
        found = self.vectors([german for _, german in pairs])
        return float((2 - 2 * (found * goals).sum(axis=1)).mean())

    def vectors(self, texts: Sequence[str], *, most: int = 32) -> Array:
        """(texts, hidden): the student's unit vectors as they are now."""
        order = sorted(range(len(texts)), key=lambda row: len(texts[row]))
        found = np.zeros((len(texts), self.rows.table.shape[1]), dtype=np.float32)
        with torch.no_grad():
            for start in range(0, len(order), most):
                part = order[start : start + most]
                ids, mask = self._texts([texts[row] for row in part])
                found[part] = self.reader(self.rows.table[ids], mask).cpu().numpy()
        return found

    def _gather(self, sides: Sequence[Sequence[str]]) -> tuple[Tensor, Tensor, list[tuple[Tensor, Tensor]]]:
        """The table's rows that the texts need, as a leaf, and where each text finds its pieces among them."""
        read = [self._texts(side) for side in sides]
        rows, inverse = torch.unique(torch.cat([ids.flatten() for ids, _ in read]), return_inverse=True)
        parts = inverse.split([ids.numel() for ids, _ in read])
        shaped = [(part.view_as(ids), mask) for part, (ids, mask) in zip(parts, read, strict=True)]
        return rows, self.rows.table[rows].requires_grad_(), shaped

    def save(self, folder: Path) -> None:
        """Write a checkpoint; the last one stays until this one is whole."""
        from safetensors.torch import save_file

        folder.mkdir(parents=True, exist_ok=True)
        fresh = folder / f"{CHECKPOINT}.part"
        save_file(self._tensors(), fresh, {"state": json.dumps(self._numbers())})
        fresh.replace(folder / CHECKPOINT)

    def load(self, folder: Path) -> bool:
        """Go on from ``folder``'s checkpoint; False where there is none.

        The clock may be set anew. Raises ValueError where it is damaged, or where the rest of its plan or its word
        pieces are others.
        """
        from safetensors import SafetensorError, safe_open

        path = folder / CHECKPOINT
        if not path.is_file():
            return False
        try:
            with safe_open(path, "pt") as held:
                numbers = json.loads(held.metadata()["state"])
                tensors = {name: held.get_tensor(name) for name in held.keys()}  # noqa: SIM118
        except (SafetensorError, KeyError, TypeError, ValueError) as damaged:
            raise ValueError(f"{path} is damaged ({damaged}); remove it to begin anew") from damaged
        for name, ours in self._numbers().items():
            if name not in ("done", "seconds", "minutes") and numbers.get(name, ours) != ours:
                raise ValueError(f"{path} was begun with {name} {numbers[name]}, not {ours}")
        if any(name.startswith(AVERAGE) for name in tensors):
            self._average = {name: tensor.clone() for name, tensor in self._learned().items()}
        own = self._tensors()
        odd = [name for name, tensor in own.items() if name not in tensors or tensors[name].shape != tensor.shape]
        if odd:
            raise ValueError(f"{path} is of another vocabulary or network: {odd[0]} does not fit")
        with torch.no_grad():
            for name, tensor in own.items():
                tensor.copy_(tensors[name])
        self.done, self.seconds = numbers["done"], numbers["seconds"]
        return True

    def _numbers(self) -> dict[str, Any]:
        return {"done": self.done, "seconds": self.seconds, **asdict(self.plan), "minutes": str(self.plan.minutes)}

    def _tensors(self) -> dict[str, Tensor]:
        rows = self.rows
        tensors = {"table.mean": rows.mean, "table.square": rows.square, "table.count": rows.count}
        tensors |= self._learned() | {f"{AVERAGE}{name}": tensor for name, tensor in self._average.items()}
        for name, weight in self._weights.items():
            state = self.adam.state[weight]
            if not state:  # as AdamW would begin
                state["step"] = torch.zeros((), device=weight.device)
                state |= {part: torch.zeros_like(weight) for part in ("exp_avg", "exp_avg_sq")}
            tensors |= {f"{name}/{part}": state[part] for part in ("step", "exp_avg", "exp_avg_sq")}
        return tensors


def _contrast(found: Tensor, goal: Tensor) -> Tensor:
    """Cross entropy of finding the own goal among the batch's; goals that mean the same are no wrong answers."""
    alike = (goal @ goal.T > _SAME_MEANING).fill_diagonal_(False)
    scores = (_SHARPNESS * found @ goal.T).masked_fill(alike, -1e4)
    return functional.cross_entropy(scores, torch.arange(len(goal), device=goal.device))


def run(
    training: Training,
    streams: dict[str, Stream],
    folder: Path,
    *,
    report: Callable[[int, dict[str, float]], None],
    stopped: Callable[[], bool] = lambda: False,
    every: int = 50,
    keep_every: int = 400,
) -> None:
    """Train to the end of the plan or until ``stopped``, reporting and keeping checkpoints in ``folder``.

    ``report`` gets the steps done and, by kind of example, a running mean of the distance to the teacher.
    """
    distances: dict[str, float] = {}
    while training.progress < 1 and not stopped():
        batch = batch_for(training.done, streams, training.plan)
        distance = training.step(batch)
        distances[batch.kind] = 0.95 * distances.get(batch.kind, distance) + 0.05 * distance
        if training.done % every == 0:
            report(training.done, distances)
        if training.done % keep_every == 0:
            training.save(folder)
    training.save(folder)
