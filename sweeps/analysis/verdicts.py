"""What the statistics of an answer say, in sentences; every claim says which networks it is about."""

from collections.abc import Iterator

from regsearch.statistics.interval import Interval
from regsearch.statistics.optimism import Optimism
from sweeps.analysis.answer import Answer
from sweeps.analysis.candidates import Candidate
from sweeps.analysis.comparisons import ClaimedComparison
from sweeps.config import PREFERENCE, SweepConfig

VERDICTS = {"better": "beats", "worse": "loses to", "equivalent": "does as well as", "not shown": "not shown to differ"}


def describe_comparison(
    compared: ClaimedComparison, config: SweepConfig, name: str, other: str = "no regularization"
) -> str:
    """Return what a comparison says, and whether it can be trusted.

    Args:
        compared: on which rows, and how it came out.
        config: what was searched, and by which metric.
        name: what is compared.
        other: what it is compared with.
    """
    metric, comparison = config.metric, compared.comparison
    rows = f"{comparison.rows:,} {comparison.subset} rows"
    gain = f"{comparison.difference:+.4f} {metric}"
    same_rows = comparison.subset == "test" or not config.varied_rows  # in every repeat, so that they can be counted
    if metric == "accuracy" and same_rows:
        gain += f", {abs(comparison.difference) * comparison.rows:.1f} of {comparison.rows:,} rows"
    errors = f"±{_error(comparison.se_seed)} by the seeds, ±{_error(comparison.se_rows)} by which rows these are"
    lines = [f"On the {rows}: {gain}{_in_brackets(compared.claim.interval)}.", f"  Standard errors: {errors}."]
    return "\n".join([*lines, *(f"  {line}" for line in _verdict(compared, config, name, other))])


def describe_not_separable(answer: Answer) -> str:
    """Return which configurations the validation rows cannot tell from the winner; empty where all can be told."""
    alike = answer.not_separable
    known = len([*answer.coarse, *answer.fine, *answer.published])
    if len(alike) < 2:
        return ""
    none = next((c for c in alike if c.is_baseline), None)
    strongest = max(alike, key=lambda c: c.lambda_)
    simplest = min(alike, key=_simplicity)
    marked = f"the strongest penalty is {strongest.configuration}, "
    marked += "and the simplest" if simplest.id == strongest.id else f"the simplest {simplest.configuration}"
    among = "" if none is None or answer.winner.is_baseline else ", no regularization among them"
    return f"Not separable from it on the validation rows: {len(alike) - 1} of {known - 1} others{among}; {marked}."


def none_is_not_separable(answer: Answer) -> bool:
    """Return whether the validation rows cannot tell no regularization from a winner that does regularize."""
    return not answer.winner.is_baseline and any(c.is_baseline for c in answer.not_separable)


def describe_optimism(found: Optimism, config: SweepConfig) -> str:
    """Return how much of the gain that a winner was chosen by was confirmed."""
    fresh = "other training sets" if config.data_spec.split.redraw else "fresh seeds on the same rows"
    return (
        f"Gain in {config.metric} when chosen {found.chosen:+.4f}, with {fresh} "
        f"{found.fresh_seeds:+.4f}, on test rows {found.confirmed:+.4f}: the winner was chosen by the first."
    )


def describe_interval(interval: Interval | None) -> str:
    """Return an interval's ends, low to high; a dash where there is none."""
    return "-" if interval is None else f"{interval.low:+.4f} to {interval.high:+.4f}"


def _verdict(compared: ClaimedComparison, config: SweepConfig, name: str, other: str) -> Iterator[str]:
    claim = compared.claim
    if claim.finding == "no claim":
        yield f"No claim: {claim.reason}."
    elif claim.finding == "equivalent":
        yield f"{name} does as well as {other} within the margin, {claim.scope} (95 %)."
    elif claim.finding == "not shown" and compared.comparison.difference == 0:
        yield "They do equally well on these rows."
    elif claim.finding == "not shown":
        yield "Not shown: these rows cannot separate the two."
        yield from _rows_needed(compared, config)
    elif compared.comparison.subset == "validation":
        yield "Separated at 95 %, but these rows also served to choose: only test rows can tell."
    else:
        yield f"{name} {VERDICTS[claim.finding]} {other}, {claim.scope} (95 %)."
    if compared.caution and claim.finding != "no claim":
        yield f"{compared.caution}."


def _rows_needed(compared: ClaimedComparison, config: SweepConfig) -> Iterator[str]:
    comparison, needed = compared.comparison, compared.rows_needed
    if needed is not None and needed > comparison.rows:
        yield f"About {_rounded(needed):,} {comparison.subset} rows would show a gain of this size in 4 of 5 cases."


def _simplicity(candidate: Candidate) -> tuple[int, float]:
    return PREFERENCE.index(candidate.configuration.regularizer), -candidate.lambda_


def _rounded(rows: int) -> int:
    """Return a number of rows to two significant digits."""
    return round(rows, 2 - len(str(rows)))


def _in_brackets(interval: Interval | None) -> str:
    return "" if interval is None else f" (95 %: {describe_interval(interval)})"


def _error(error: float | None) -> str:
    return "?" if error is None else f"{error:.4f}"
