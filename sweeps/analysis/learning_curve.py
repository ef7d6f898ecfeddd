"""What fewer rows to train on would have given: the winner, the best λ of its regularizer and no regularization.

Each is scored on the same rows: the test rows where there are some, by repeats that took no part in choosing, else the
validation rows. All differences are paired by seed and by row. Between the sizes that were trained, the scores without
regularization are taken to change along a straight line over the logarithm of the rows.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from regsearch.errors import RegsearchError
from regsearch.results import ScoredSubset
from regsearch.scoring import Summary, summarize
from regsearch.spec import Configuration
from regsearch.spec.plain import to_plain
from regsearch.statistics.paired_error import PairedError
from regsearch.statistics.worth import Worth, worth
from sweeps.analysis.candidates import Candidate
from sweeps.analysis.comparisons import ClaimedComparison, error_between, judged
from sweeps.analysis.selection import best_regularized
from sweeps.analysis.snapshot import SweepSnapshot

STEPS = 24  # between two sizes, at which no regularization is held against the penalty


@dataclass(frozen=True, kw_only=True)
class LearningPoint:
    """What was found with one number of rows to train on.

    Args:
        rows: how many.
        none: the scores of no regularization.
        winner: those of the sweep's winner.
        gain: the winner against no regularization.
        best: the configuration of the winner's regularizer that the validation rows choose with so few rows.
        best_gain: that against no regularization.
    """

    rows: int
    none: Summary
    winner: Summary
    gain: ClaimedComparison
    best: Configuration
    best_gain: ClaimedComparison

    def to_dict(self) -> dict[str, Any]:
        """Return it ready for JSON."""
        return {
            "rows": self.rows,
            "none": to_plain(self.none),
            "winner": to_plain(self.winner),
            "gain": self.gain.to_dict(),
            "best": str(self.best),
            "best_lambda": self.best.lambda_,
            "best_gain": self.best_gain.to_dict(),
        }


@dataclass(frozen=True, kw_only=True)
class LearningCurve:
    """How scores and the penalty's gain change with the rows to train on.

    Args:
        sweep: the sweep's name.
        metric: what is scored by.
        winner: its winner, or the best that regularizes.
        subset: which rows were scored.
        points: by rising number of rows; the last is all of them.
        worths: what the winner is worth in rows, at each number but the last.
        with_more: how much better the winner did on all rows than on half of them.
        without_more: likewise of no regularization.

    Example:
        >>> with regsearch.create_sweep("small.toml", Path("learning.db")) as sweep:
        ...     regsearch.work(sweep, progress=False)
        ...     curve = regsearch.learn(sweep, progress=False)
        >>> curve.metric, curve.subset, len(curve.worths)
        ('accuracy', 'test', 2)
    """

    sweep: str
    metric: str
    winner: Configuration
    subset: ScoredSubset
    points: tuple[LearningPoint, ...]
    worths: tuple[Worth, ...]
    with_more: ClaimedComparison
    without_more: ClaimedComparison

    def to_dict(self) -> dict[str, Any]:
        """Return it ready for JSON."""
        return {
            "sweep": self.sweep,
            "metric": self.metric,
            "winner": str(self.winner),
            "subset": self.subset,
            "points": [point.to_dict() for point in self.points],
            "worths": [to_plain(each) for each in self.worths],
            "with_more": self.with_more.to_dict(),
            "without_more": self.without_more.to_dict(),
        }


@dataclass(frozen=True, kw_only=True, eq=False)
class _Trained:
    """What was trained on one number of rows: none, the winner's configuration, and the best of its regularizer."""

    snapshot: SweepSnapshot
    rows: int
    none: Candidate
    winner: Candidate
    best: Candidate

    def scores(self, candidate: Candidate, subset: ScoredSubset) -> Summary:
        if subset == "test":
            return summarize(self.snapshot.details_of(candidate).test_scores)
        return Summary(n=candidate.n, mean=candidate.mean, std=candidate.std, se=candidate.se)


def learning_curve(snapshots: Sequence[SweepSnapshot], winner: Configuration, *, has_test: bool) -> LearningCurve:
    """Return how scores change with the rows to train on.

    Args:
        snapshots: of the sweeps on a part of the train rows, by rising number of rows, and of the sweep itself; each
            with the details of no regularization, the winner's configuration and its own best.
        winner: the configuration that won, or the best that regularizes.
        has_test: whether there are test rows.

    Raises:
        RegsearchError: a training of no regularization or of the winner diverged.
    """
    subset: ScoredSubset = "test" if has_test else "validation"
    trained = [_trained(snapshot, winner) for snapshot in snapshots]
    whole, last, before = snapshots[-1], trained[-1], trained[-2]
    errors = [
        _error(whole, _rows(one, candidate, subset), _rows(one, one.none, subset))
        for one in trained
        for candidate in (one.winner, one.best)
    ]
    gains = judged(whole, errors, subset)
    more = judged(
        whole,
        [
            _error(whole, _rows(last, a, subset), _rows(before, b, subset))
            for a, b in ((last.winner, before.winner), (last.none, before.none))
        ],
        subset,
    )
    return LearningCurve(
        sweep=whole.name,
        metric=whole.config.metric,
        winner=winner,
        subset=subset,
        points=tuple(
            LearningPoint(
                rows=one.rows,
                none=one.scores(one.none, subset),
                winner=one.scores(one.winner, subset),
                gain=gains[2 * i],
                best=one.best.configuration,
                best_gain=gains[2 * i + 1],
            )
            for i, one in enumerate(trained)
        ),
        worths=tuple(_worth(whole, trained[i:], subset) for i in range(len(trained) - 1)),
        with_more=more[0],
        without_more=more[1],
    )


def best_of_its_regularizer(snapshot: SweepSnapshot, winner: Configuration) -> Candidate:
    """Return the best configuration of the winner's regularizer; the winner's own where that was searched elsewhere."""
    ranked = best_regularized(snapshot, len(snapshot.finished))
    return next((c for c in ranked if c.configuration.regularizer == winner.regularizer), _found(snapshot, winner))


def _trained(snapshot: SweepSnapshot, winner: Configuration) -> _Trained:
    if snapshot.baseline is None:
        raise RegsearchError("a training without regularization diverged: there is nothing to compare with")
    return _Trained(
        snapshot=snapshot,
        rows=snapshot.checks["subsets"]["train"],
        none=snapshot.baseline,
        winner=_found(snapshot, winner),
        best=best_of_its_regularizer(snapshot, winner),
    )


def _found(snapshot: SweepSnapshot, configuration: Configuration) -> Candidate:
    found = next((c for c in snapshot.finished if c.configuration == configuration), None)
    if found is None:
        raise RegsearchError(f"a training of {configuration} diverged on {snapshot.checks['subsets']['train']} rows")
    return found


def _rows(one: _Trained, candidate: Candidate, subset: ScoredSubset) -> pd.DataFrame:
    return one.snapshot.row_scores(candidate, subset)


def _error(snapshot: SweepSnapshot, scores: pd.DataFrame, of_other: pd.DataFrame) -> PairedError:
    error = error_between(snapshot, scores, of_other)
    if error is None:
        raise RegsearchError("the trainings share no repeat and no row of which scores are kept")
    return error


def _worth(snapshot: SweepSnapshot, trained: Sequence[_Trained], subset: ScoredSubset) -> Worth:
    """Return what the winner on the first of these numbers of rows is worth, by none on all of them."""
    with_penalty, sign = _rows(trained[0], trained[0].winner, subset), 1 if snapshot.config.greater_is_better else -1
    others, errors = list[float](), list[PairedError]()
    for few, many in pairwise(trained):
        for share in np.linspace(0, 1, STEPS + 1)[bool(others) :]:
            between = _between(_rows(few, few.none, subset), _rows(many, many.none, subset), float(share))
            error = _error(snapshot, with_penalty, between)
            errors.append(replace(error, difference=sign * error.difference))
            others.append(math.exp((1 - share) * math.log(few.rows) + share * math.log(many.rows)))
    return worth(trained[0].rows, others, errors)


def _between(few: pd.DataFrame, many: pd.DataFrame, share: float) -> pd.DataFrame:
    """Return row scores on the straight line from those with few rows to those with many."""
    keys = ["repeat", "row"]
    both = few.merge(many, on=keys, suffixes=("", "_many"))
    return both[keys].assign(score=(1 - share) * both["score"] + share * both["score_many"])
