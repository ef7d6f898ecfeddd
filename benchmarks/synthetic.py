"""Repeats as trainings give them, made up."""

import numpy as np

from regsearch.results import Curve, Repeat, RowScores, Scores, WeightNorm
from storage.packing import SERIES

NAME = "benchmark"  # of the sweep
REPEATS, POINTS = 10, 200


def repeat(number: int, index: int) -> Repeat:
    """Return what a training on 70 validation rows of a network of two layers gives."""
    rng = np.random.default_rng((number, index))
    scores = Scores(score=float(rng.integers(50, 70)) / 70, loss=float(rng.random()))
    norms = [float(norm) for norm in rng.random(4)]
    names = ("l1_before", "l2_before", "l1_after", "l2_after")
    return Repeat(
        repeat=index,
        seed=index,
        status="ok",
        epochs=4000,
        seconds=0.1,
        train=scores,
        validation=scores,
        curve=curve(int(rng.integers(1_000))),
        weight_norms=tuple(
            WeightNorm(layer=layer, weight=weight, unit=unit, kinds=("Dense",), **dict(zip(names, norms, strict=True)))
            for unit, layer in enumerate(("hidden", "output"))
            for weight in ("kernel", "bias")
        ),
        validation_rows=RowScores(rows=np.arange(30, 100, dtype=np.uint32), scores=rng.random(70, np.float32).round()),
    )


def curve(seed: int) -> Curve:
    """Return a learning curve that falls and wavers, as one does; its numbers repeat nowhere."""
    rng = np.random.default_rng(seed)
    epochs = np.linspace(1, 4000, POINTS).astype(np.int32)
    series = {name: (1 / np.sqrt(epochs) + 0.01 * rng.random(POINTS)).astype(np.float32) for name in SERIES}
    return Curve(epochs=epochs, **series)
