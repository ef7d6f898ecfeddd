"""Values to write."""

from typing import Any

import numpy as np

from regsearch.results import Curve, Repeat, RowScores, Scores, WeightNorm

KEY = "0" * 64


def repeat(index: int = 0, score: float = 0.9, train_score: float = 1.0, **changes: Any) -> Repeat:
    values: dict[str, Any] = {
        "repeat": index,
        "seed": 1000 + index,
        "status": "ok",
        "epochs": 4000,
        "seconds": 0.25,
        "train": Scores(score=train_score, loss=0.01),
        "validation": Scores(score=score, loss=0.3),
    }
    return Repeat(**(values | changes))


def diverged(index: int = 0) -> Repeat:
    return repeat(index, status="diverged", train=None, validation=None, reason="the loss became NaN in epoch 3")


def curve(points: int = 3) -> Curve:
    series = {name: np.linspace(0, 1, points, dtype=np.float32) + i for i, name in enumerate(SERIES)}
    return Curve(epochs=np.arange(1, points + 1, dtype=np.int32), **series)


SERIES = ("train_loss", "train_score", "validation_loss", "validation_score")


def rows(*scores: float, first: int = 30) -> RowScores:
    numbers = np.arange(first, first + len(scores), dtype=np.uint32)
    return RowScores(rows=numbers, scores=np.array(scores, dtype=np.float32))


def norm(layer: str = "hidden", weight: str = "kernel", after: float = 2.0) -> WeightNorm:
    numbers = {"l1_before": 8.0, "l2_before": 4.0, "l1_after": after, "l2_after": after / 2}
    return WeightNorm(layer=layer, weight=weight, unit=0, kinds=("Dense",), **numbers)
