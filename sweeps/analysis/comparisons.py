"""One configuration against another, paired by repeat and by row, and what may be claimed of that."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import pandas as pd

from regsearch.comparison import INDEPENDENT, compared, difference_error
from regsearch.results import Comparison, ScoredSubset
from regsearch.spec.plain import to_plain
from regsearch.statistics.claim import Claim, Rules, claims
from regsearch.statistics.paired_error import PairedError
from regsearch.statistics.power import rows_needed
from regsearch.statistics.refusal import caution, refusal
from sweeps.analysis.candidates import Candidate
from sweeps.analysis.snapshot import SweepSnapshot

Pair = tuple[int, int, ScoredSubset]  # ids of two configurations, and on which rows

# What was worked out already, since an answer and most pictures ask for the same.
_errors: "WeakKeyDictionary[SweepSnapshot, dict[Pair, PairedError | None]]" = WeakKeyDictionary()


@dataclass(frozen=True, kw_only=True)
class ClaimedComparison:
    """A comparison, and what may be said of it.

    Args:
        comparison: as it is recorded.
        claim: what may be said; of validation rows, which also served to choose, only how far the data reach.
        caution: what to bear in mind of it; None where nothing.
    """

    comparison: Comparison
    claim: Claim
    caution: str | None

    @property
    def rows_needed(self) -> int | None:
        """How many rows would show a difference of this size with a power of 80 %; None where one is shown already."""
        found = self.comparison
        if self.separates or found.se_rows is None:
            return None
        return rows_needed(found.rows, found.difference, found.se_rows)

    @property
    def separates(self) -> bool:
        """Whether a difference is shown, at 95 %."""
        return self.claim.finding in ("better", "worse")

    def to_dict(self) -> dict[str, Any]:
        """Return it ready for JSON."""
        claim = self.claim
        return {
            **to_plain(self.comparison),
            "interval": None if claim.interval is None else [claim.interval.low, claim.interval.high],
            "p_value": claim.p_value,
            "finding": claim.finding,
            "scope": str(claim.scope),
            "reason": claim.reason,
            "caution": self.caution,
            "rows_needed": self.rows_needed,
            "separated": self.separates,
        }


def error_of(
    snapshot: SweepSnapshot, candidate: Candidate, other: Candidate, subset: ScoredSubset
) -> PairedError | None:
    """Return the difference of two configurations and its error, on validation rows of the search or on test rows.

    Returns:
        None where they share no repeat and row: before a confirmation, and where there are no test rows.
    """
    known, pair = _errors.setdefault(snapshot, {}), (candidate.id, other.id, subset)
    if pair not in known:
        scores, of_other = (snapshot.row_scores(one, subset) for one in (candidate, other))
        known[pair] = error_between(snapshot, scores, of_other)
    return known[pair]


def error_between(snapshot: SweepSnapshot, scores: pd.DataFrame, of_other: pd.DataFrame) -> PairedError | None:
    """Return the difference of two frames of row scores (repeat, row, score), which may be of another sweep's repeats.

    Returns:
        None where they share no repeat and row.
    """
    dependence = snapshot.dependence or INDEPENDENT
    return difference_error(scores, of_other, metric=snapshot.config.metric, dependence=dependence)


def compare_candidates(
    snapshot: SweepSnapshot, candidate: Candidate, baseline: Candidate, subset: ScoredSubset
) -> Comparison | None:
    """Compare two configurations as `error_of` does; None where that is."""
    error = error_of(snapshot, candidate, baseline, subset)
    return None if error is None else compared(error, subset)


def claimed_comparisons(
    snapshot: SweepSnapshot,
    candidates: Sequence[Candidate],
    baseline: Candidate,
    subset: ScoredSubset,
    margin: float | None = None,
) -> list[ClaimedComparison | None]:
    """Compare several configurations with one baseline; claims hold all together at 95 %.

    Args:
        snapshot: of the sweep.
        candidates: what is compared.
        baseline: what with.
        subset: on which rows.
        margin: a difference that does not matter, in the metric's unit; None where none was named.

    Returns:
        One per candidate, None where there is nothing to compare.

    Raises:
        InputError: the margin is not above 0.
    """
    errors = [error_of(snapshot, candidate, baseline, subset) for candidate in candidates]
    found = iter(judged(snapshot, [error for error in errors if error is not None], subset, margin))
    return [None if error is None else next(found) for error in errors]


def judged(
    snapshot: SweepSnapshot, errors: Sequence[PairedError], subset: ScoredSubset, margin: float | None = None
) -> list[ClaimedComparison]:
    """Return what may be said of several differences; see `claimed_comparisons`."""
    config = snapshot.config
    rules = Rules(scope=snapshot.scope, greater_is_better=config.greater_is_better, margin=margin)
    found = claims(errors, [refusal_of(snapshot, error) for error in errors], rules)
    return [
        ClaimedComparison(comparison=compared(error, subset), claim=claim, caution=caution(error, config.metric))
        for error, claim in zip(errors, found, strict=True)
    ]


def refusal_of(snapshot: SweepSnapshot, error: PairedError) -> str | None:
    """Return why a difference allows no claim; None where it does."""
    if snapshot.dependence is None:
        return "the data cannot be read from here, and their rows may belong together in groups or in time"
    return refusal(error, snapshot.config.metric, in_time=snapshot.dependence.times is not None)
