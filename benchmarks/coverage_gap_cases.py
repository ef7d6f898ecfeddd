"""Gaps between train and validation scores whose truth is known, for benchmarks/coverage.py."""

from collections.abc import Callable, Iterator

import numpy as np

from benchmarks.coverage_cases import Case, Draw
from regsearch.statistics.gap import gap_error
from regsearch.statistics.paired_error import Floats

SETTINGS = ((3, 50), (10, 70), (10, 319))  # repeats, validation rows
Rows = Callable[[np.random.Generator, int], tuple[Floats, float]]  # how rows are scored: draws, and their mean over all


def gap_cases() -> Iterator[Case]:
    """Yield gaps of each kind of metric in their settings."""
    for repeats, rows in SETTINGS:
        for share in (0.02, 0.1, 0.3):
            yield _case("accuracy", f"{share:.0%} of rows unsure", repeats, rows, _accuracy(share))
        yield _case("r2", "normal errors", repeats, rows, _errors)


def loss_cases() -> Iterator[Case]:
    """Yield gaps of the log loss, whose lower end alone is given; see tests/benchmarks/test_coverage_gap.py."""
    for repeats, rows in SETTINGS:
        for spread in (1.0, 2.0):
            yield _case("log_loss", f"losses log-normal, σ {spread:g}", repeats, rows, _losses(spread))


def _case(metric: str, words: str, repeats: int, rows: int, scored: Callable[..., tuple[Floats, float]]) -> Case:
    greater = metric != "log_loss"

    def draw(rng: np.random.Generator) -> Draw:
        of_rows, truth = scored(rng, repeats, rows)  # (repeats, rows)
        train = (1.0 if greater else 0.01) + 0.002 * rng.normal(size=repeats)
        estimate = gap_error(metric, train, of_rows, greater_is_better=greater)
        return Draw(truth=1.0 - truth if greater else truth - 0.01, estimate=estimate)

    least = 0.92 if metric == "r2" else 0.93  # squares of normal errors are skewed
    return Case(kind=f"gap, {metric}", setting=f"{words}; {repeats} repeats, {rows} rows", draw=draw, least=least)


def _accuracy(share: float) -> Callable[..., tuple[Floats, float]]:
    """Rows that every network gets right, but for a share, each with a probability of its own."""

    def scored(rng: np.random.Generator, repeats: int, rows: int) -> tuple[Floats, float]:
        unsure = rng.random(rows) < share
        right = np.where(unsure, rng.beta(0.5, 0.5, rows), 1.0)
        return (rng.random((repeats, rows)) < right).astype(np.float64), 1.0 - share / 2

    return scored


def _errors(rng: np.random.Generator, repeats: int, rows: int) -> tuple[Floats, float]:
    """Squared errors, half of which a row has whatever the seed."""
    errors = 0.5 * rng.normal(size=rows) ** 2 + 0.1 * rng.normal(size=(repeats, rows)) ** 2
    return 1.0 - errors, 1.0 - 0.6


def _losses(spread: float) -> Callable[..., tuple[Floats, float]]:
    def scored(rng: np.random.Generator, repeats: int, rows: int) -> tuple[Floats, float]:
        of_row = rng.normal(size=rows) * spread + 0.3 * rng.normal(size=(repeats, rows))
        return 0.1 * np.exp(of_row), float(0.1 * np.exp((spread**2 + 0.09) / 2))

    return scored
