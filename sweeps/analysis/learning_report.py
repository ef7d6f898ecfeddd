"""What fewer rows would have given, as a table and in words."""

from collections.abc import Iterator

from rich.console import Console
from rich.table import Table

from regsearch.scoring import Summary
from regsearch.spec import Configuration, format_lambda
from regsearch.statistics.worth import Worth
from sweeps.analysis.comparisons import ClaimedComparison
from sweeps.analysis.learning_curve import LearningCurve
from sweeps.analysis.report import stdout
from sweeps.analysis.verdicts import describe_interval


def show_learning(found: LearningCurve, console: Console | None = None) -> None:
    """Print how scores and gain change with the rows to train on.

    Args:
        found: how.
        console: where to; None for stdout.
    """
    console = console or stdout()
    console.print(f"Mean {found.subset} {found.metric} by rows to train on", highlight=False)
    console.print(_table(found))
    for line in describe_learning(found):
        console.print(line, highlight=False, markup=False)


def describe_learning(found: LearningCurve) -> Iterator[str]:
    """Yield what more data would bring, and what the penalty is worth in rows; a sentence or two each."""
    before, last = found.points[-2].rows, found.points[-1].rows
    on = f"Scored on {found.points[-1].gain.comparison.rows:,} {found.subset} rows"
    yield on + (", which also served to choose." if found.subset == "validation" else ", paired by seed and row.")
    yield (
        f"From {before:,} to {last:,} rows the mean {found.metric} changed by {_difference(found.with_more)} with "
        f"{found.winner}, by {_difference(found.without_more)} without."
    )
    for worth in found.worths:
        yield _worth(found.winner, worth)


def _table(found: LearningCurve) -> Table:
    table = Table(box=None, pad_edge=False, header_style="", padding=(0, 2, 0, 0))
    for name in ("rows", "none ± std", f"{found.winner} ± std", "gain (95 %)", "best λ", "its gain (95 %)"):
        table.add_column(name, justify="right")
    for point in found.points:
        table.add_row(
            f"{point.rows:,}",
            _scores(point.none),
            _scores(point.winner),
            _difference(point.gain),
            "-" if point.best.lambda_ is None else format_lambda(point.best.lambda_),
            _difference(point.best_gain),
        )
    return table


def _scores(scores: Summary) -> str:
    return f"{scores.mean:.4f}" + ("" if scores.std is None else f" ± {scores.std:.4f}")


def _difference(found: ClaimedComparison) -> str:
    interval = found.claim.interval
    ends = "no interval" if interval is None else describe_interval(interval)
    return f"{found.comparison.difference:+.4f} ({ends})"


def _worth(winner: Configuration, found: Worth) -> str:
    start = f"With {found.rows:,} rows, {winner}"
    if found.low <= 0:
        return f"{start} is not shown to be worth any more rows."
    if found.more is None or found.high is None:
        return f"{start} is worth at least {found.low:,.0f} more rows (95 %); how many at most lies beyond these data."
    return f"{start} is worth about {found.more:,.0f} more rows (95 %: {found.low:,.0f} to {found.high:,.0f})."
