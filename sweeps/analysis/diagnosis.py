"""What a network needs before any λ is looked for: does it overfit, underfit, or was it not trained to the end?

It overfits where the gap between train and validation scores without regularization is shown to be above 0; see
regsearch.statistics.gap. Else the curves of the train loss say whether the optimizer was done.
"""

import math
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import pandas as pd

from regsearch.comparison import INDEPENDENT
from regsearch.spec import Configuration
from regsearch.spec.plain import to_plain
from regsearch.statistics.gap import gap_error
from regsearch.statistics.interval import Interval, t_interval
from regsearch.statistics.paired_error import PairedError
from regsearch.statistics.refusal import refusal
from sweeps.analysis.candidates import Candidate
from sweeps.analysis.comparisons import claimed_comparisons
from sweeps.analysis.ladder import ladder
from sweeps.analysis.snapshot import SweepSnapshot

Finding = Literal["overfitting", "nothing overfits", "underfitting", "not converged", "not settled", "diverged"]

LAST_PART = 0.25  # of the epochs, in which a training that has converged changes little
FALLING = 0.05  # of the train loss, in that part: less is converged
UNSETTLED = 1.25  # times its least, where a train loss ends: more is an optimizer that jumps


@dataclass(frozen=True, kw_only=True)
class Fit:
    """How well one configuration fits, in the mean over its repeats.

    Args:
        configuration: what was trained.
        train: its mean train score.
        validation: its mean validation score.
    """

    configuration: Configuration
    train: float
    validation: float


@dataclass(frozen=True, kw_only=True)
class Diagnosis:
    """What a network needs.

    Args:
        finding: in a word.
        none: how well no regularization fits; None where every training of it diverged.
        gap: train minus validation score of no regularization, above 0 where it overfits; None likewise.
        interval: its 95 % interval; None where repeats or rows are too few for one. Of the log loss, which a few rows
            decide, the upper end is infinite.
        rows: validation rows that it was estimated from.
        fall: by which share the train loss fell in the last quarter of the epochs; None where no curve is known.
        middling: how well a middling λ fits; None where none was trained.
        strongest: how well the strongest λ fits; likewise.
        scope: the networks that it is about.
    """

    finding: Finding
    none: Fit | None
    gap: float | None
    interval: Interval | None
    rows: int
    fall: float | None
    middling: Fit | None
    strongest: Fit | None
    scope: str

    def to_dict(self) -> dict[str, Any]:
        """Return it ready for JSON."""
        fits = {name: _fit_to_dict(getattr(self, name)) for name in ("none", "middling", "strongest")}
        ends = None if self.interval is None else (self.interval.low, self.interval.high)
        interval = None if ends is None else [end if math.isfinite(end) else None for end in ends]
        return {**to_plain(self), **fits, "interval": interval}


def diagnosis(snapshot: SweepSnapshot) -> Diagnosis | None:
    """Return what a sweep's network needs, as far as it is trained; None before no regularization is."""
    none = snapshot.baseline
    if none is None:
        return _diverged(snapshot) if Configuration() in snapshot.diverged else None
    error = _gap(snapshot, none)
    interval = None if error is None else _interval(snapshot, error)
    middle, strongest = _rungs(snapshot)
    fall, rise = _last_part(snapshot.details_of(none).curves)
    finding = _finding(snapshot, none, interval, middle=middle, fall=fall, rise=rise)
    sign = 1 if snapshot.config.greater_is_better else -1
    return Diagnosis(
        finding=finding,
        none=_fit(none),
        gap=sign * (none.train_mean - none.mean) if error is None else error.difference,
        interval=interval,
        rows=0 if error is None else error.rows,
        fall=fall,
        middling=None if middle is None else _fit(middle),
        strongest=None if strongest is None else _fit(strongest),
        scope=str(snapshot.scope),
    )


def middling(snapshot: SweepSnapshot) -> Candidate | None:
    """Return the configuration of a middling λ, whose row scores a diagnosis compares; None where none is finished."""
    return _rungs(snapshot)[0]


def _rungs(snapshot: SweepSnapshot) -> tuple[Candidate | None, Candidate | None]:
    """Return the middling and the strongest candidate of a ladder, None where there is none."""
    whole = [c for c in snapshot.eliminated if c.n >= snapshot.config.evaluation.repeats]  # trained before the race
    found = {c.configuration: c for c in (*snapshot.finished, *whole)}
    rungs = [found[configuration] for configuration in ladder(found, snapshot.config)]
    return (rungs[0] if len(rungs) > 1 else None), (rungs[-1] if rungs else None)


def _gap(snapshot: SweepSnapshot, none: Candidate) -> PairedError | None:
    details, config = snapshot.details_of(none), snapshot.config
    rows = details.validation_rows.pivot(index="repeat", columns="row", values="score")
    train = details.train_scores.set_index("repeat")["train_score"].reindex(rows.index)
    if rows.empty or train.isna().any():
        return None
    scores = rows.to_numpy(np.float64)  # (repeats, rows)
    values = train.to_numpy(np.float64)
    gains = values[:, None] - scores if config.greater_is_better else scores - values[:, None]
    groups = (snapshot.dependence or INDEPENDENT).groups_of(rows.columns.to_numpy(), np.nanmean(gains, axis=0))
    return gap_error(config.metric, values, scores, greater_is_better=config.greater_is_better, groups=groups)


def _interval(snapshot: SweepSnapshot, error: PairedError) -> Interval | None:
    dependence = snapshot.dependence
    if dependence is None or error.variance is None:
        return None
    if refusal(error, "", in_time=dependence.times is not None):
        return None
    found = t_interval(error.difference, error.variance, error.df)
    return replace(found, high=math.inf) if snapshot.config.metric == "log_loss" else found


def _last_part(curves: pd.DataFrame) -> tuple[float | None, float | None]:
    """Return by which share the train loss fell in the last part, and how many times its least it is at the end.

    Both are medians over repeats; None where no curve has two points there.
    """
    falls, rises = [], []
    for _, curve in curves.groupby("repeat"):
        epochs, loss = (curve[name].to_numpy(np.float64) for name in ("epoch", "train_loss"))
        if len(epochs) < 4 or not np.isfinite(loss).all() or loss.min() < 0:
            continue
        before = float(np.interp(epochs[-1] * (1 - LAST_PART), epochs, loss))
        falls.append(1 - _ratio(loss[-1], before))
        rises.append(_ratio(loss[-1], loss.min()))
    return (float(np.median(falls)), float(np.median(rises))) if falls else (None, None)


def _ratio(loss: float, least: float) -> float:
    tiny = np.finfo(np.float32).tiny
    return float((loss + tiny) / (least + tiny))


def _finding(
    snapshot: SweepSnapshot,
    none: Candidate,
    interval: Interval | None,
    *,
    middle: Candidate | None,
    fall: float | None,
    rise: float | None,
) -> Finding:
    if interval is not None and interval.low > 0:
        return "overfitting"
    if rise is not None and rise > UNSETTLED:
        return "not settled"
    if fall is not None and fall > FALLING:
        return "not converged"
    return "underfitting" if _underfits(snapshot, none, middle) else "nothing overfits"


def _underfits(snapshot: SweepSnapshot, none: Candidate, middle: Candidate | None) -> bool:
    """Return whether it does no better than a constant, or a middling penalty already costs validation score."""
    constant, sign = snapshot.checks.get("constant_score"), 1 if snapshot.config.greater_is_better else -1
    if constant is not None and sign * (none.mean - constant) <= 0:
        return True
    if middle is None or middle.id not in snapshot.details:
        return False
    (found,) = claimed_comparisons(snapshot, [middle], none, "validation")
    return found is not None and found.claim.finding == "worse"


def _diverged(snapshot: SweepSnapshot) -> Diagnosis:
    middle, strongest = _rungs(snapshot)
    return Diagnosis(
        finding="diverged",
        none=None,
        gap=None,
        interval=None,
        rows=0,
        fall=None,
        middling=None if middle is None else _fit(middle),
        strongest=None if strongest is None else _fit(strongest),
        scope=str(snapshot.scope),
    )


def _fit(candidate: Candidate) -> Fit:
    return Fit(configuration=candidate.configuration, train=candidate.train_mean, validation=candidate.mean)


def _fit_to_dict(fit: Fit | None) -> dict[str, Any] | None:
    if fit is None:
        return None
    return {"configuration": str(fit.configuration), "train": fit.train, "validation": fit.validation}
