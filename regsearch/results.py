"""What one training gives back: frozen values that cross package borders."""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Status = Literal["ok", "diverged", "failed"]
ScoredSubset = Literal["validation", "test"]  # what a configuration is chosen by, and what it is judged by


@dataclass(frozen=True, kw_only=True)
class Scores:
    """How a trained model does on one subset of the data.

    Args:
        score: the metric.
        loss: the mean loss, without penalties, so that it can be compared across lambdas.
    """

    score: float
    loss: float


@dataclass(frozen=True, kw_only=True, eq=False)
class RowScores:
    """What each row contributes: the metric is the mean of `scores`.

    Args:
        rows: (rows,) uint32, which row of the data set, so that configurations can be paired.
        scores: (rows,) float32.
    """

    rows: NDArray[np.uint32]
    scores: NDArray[np.float32]


@dataclass(frozen=True, kw_only=True, eq=False)
class Curve:
    """A learning curve at a few epochs; losses are without penalties.

    Args:
        epochs: (points,) int32, epochs trained so far.
        train_loss: (points,) float32, likewise the other three.
    """

    epochs: NDArray[np.int32]
    train_loss: NDArray[np.float32]
    train_score: NDArray[np.float32]
    validation_loss: NDArray[np.float32]
    validation_score: NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class WeightNorm:
    """Σ|w| and √Σw² of one weight tensor, before and after training; unit and kinds are those of penalties.Weight."""

    layer: str
    weight: str
    unit: int
    kinds: tuple[str, ...]
    l1_before: float
    l2_before: float
    l1_after: float
    l2_after: float


@dataclass(frozen=True, kw_only=True, eq=False)
class Surface:
    """What a model of two features predicts, on a grid over the data.

    Args:
        x1: (n,) float32, values of the first feature, as the model sees it.
        x2: (m,) float32, of the second.
        values: (m, n) float32, the model's first output; for two classes the probability of the second.
    """

    x1: NDArray[np.float32]
    x2: NDArray[np.float32]
    values: NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class PhaseResult:
    """How a training on a penalty schedule stood at the end of one phase.

    Args:
        phase: its index.
        epochs: epochs trained so far, all phases together.
        coefficient: the largest of the phase; 0 without a penalty.
        train: scores on the train rows.
        validation: scores on the validation rows.
        weight_norms: one entry per weight tensor; before the first phase, and after this one.
        surface: what it predicts; of repeat 0 alone, and where there are two features.
    """

    phase: int
    epochs: int
    coefficient: float
    train: Scores
    validation: Scores
    weight_norms: tuple[WeightNorm, ...]
    surface: Surface | None = None


@dataclass(frozen=True, kw_only=True)
class Repeat:
    """One training of a configuration with its own seed.

    Args:
        repeat: its index; the same index has the same seed in every configuration of a sweep.
        seed: what initial weights, permutations and splits were drawn from.
        status: `ok`; `diverged` where the loss became NaN or infinite, and then there are no scores.
        epochs: epochs trained.
        seconds: wall-clock time of the training alone.
        train: scores on the train rows.
        validation: scores on the validation rows.
        test: scores on the test rows; only a confirmation looks at it.
        curve: its learning curve.
        weight_norms: one entry per weight tensor.
        validation_rows: scores row by row on the validation rows, at most 2,000 rows.
        test_rows: the same on the test rows, at most 10,000 rows.
        phases: how it stood at the end of each phase; empty where penalties are on no schedule.
        reason: why it is not ok, in one line.
    """

    repeat: int
    seed: int
    status: Status
    epochs: int
    seconds: float
    train: Scores | None = None
    validation: Scores | None = None
    test: Scores | None = None
    curve: Curve | None = None
    weight_norms: tuple[WeightNorm, ...] = ()
    validation_rows: RowScores | None = None
    test_rows: RowScores | None = None
    phases: tuple[PhaseResult, ...] = ()
    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """How much better one configuration is than a baseline, paired repeat by repeat and row by row.

    Args:
        subset: which rows of the data both were scored on.
        repeats: repeats that both have.
        rows: rows that both were scored on.
        difference: mean score minus the baseline's.
        se_seed: standard error from the spread over repeats; None with fewer than two.
        se_rows: standard error from which rows happened to be in that subset; None where rows cannot be paired.
        se: both together; None where neither is known.
    """

    subset: ScoredSubset = field(metadata={"stored": "part"})
    repeats: int
    rows: int
    difference: float
    se_seed: float | None
    se_rows: float | None
    se: float | None
