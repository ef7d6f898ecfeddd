"""What fewer rows would have given, of made-up rows: every figure can be worked out by hand."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from regsearch.errors import RegsearchError
from sweeps.analysis.learning_curve import LearningCurve, learning_curve
from sweeps.analysis.snapshot import SweepSnapshot
from tests.sweeps.analysis.conftest import right
from tests.sweeps.small import small
from tests.sweeps.tiny import NONE, Tiny, tied

WINNER, OTHER = tied("l2", 1e-2), tied("l2", 1e-1)


def made(folder: Path, rows: int, test_right: dict[object, int], **tables: object) -> SweepSnapshot:
    """A sweep on so many rows whose configurations get so many of 100 test rows right, in two repeats."""
    tiny = Tiny(f"sqlite:///{folder}/{rows}.db", small(name=f"small-{rows}", **tables))
    tiny.records.add_checks(tiny.id, {"subsets": {"train": rows}})
    for configuration, n in test_right.items():
        tiny.add(configuration, *(right(i, n) for i in range(2)))
        tiny.add(configuration, *(right(i, 0, n) for i in range(2)), purpose="confirm")
    snapshot = tiny.snapshot(*(candidate.id for candidate in tiny.snapshot().finished))
    tiny.close()
    return snapshot


@pytest.fixture
def curve(tmp_path: Path) -> Iterator[LearningCurve]:
    """None gets 40, 60 and 80 right on 10, 20 and 40 rows; the winner 60, 70 and 85."""
    sizes = {10: (40, 60, 65), 20: (60, 70, 50), 40: (80, 85, 30)}
    snapshots = [
        made(tmp_path, rows, {NONE: none, WINNER: winner, OTHER: other})
        for rows, (none, winner, other) in sizes.items()
    ]
    yield learning_curve(snapshots, WINNER, has_test=True)


def test_scores_and_gains_by_rows(curve: LearningCurve) -> None:
    assert [point.rows for point in curve.points] == [10, 20, 40]
    assert [point.none.mean for point in curve.points] == pytest.approx([0.4, 0.6, 0.8])
    assert [point.gain.comparison.difference for point in curve.points] == pytest.approx([0.2, 0.1, 0.05])
    assert [point.best for point in curve.points] == [OTHER, WINNER, WINNER]  # on ten rows the stronger one
    assert curve.points[0].best_gain.comparison.difference == pytest.approx(0.25)
    assert curve.with_more.comparison.difference == pytest.approx(0.15)
    assert curve.without_more.comparison.difference == pytest.approx(0.2)


def test_what_the_winner_is_worth_in_rows(curve: LearningCurve) -> None:
    """On 10 rows it scores what none does on 20; on 20 what none does half way to 40, on a logarithmic scale."""
    ten, twenty = curve.worths
    assert ten.more == pytest.approx(10) and twenty.more == pytest.approx(20 * 2**0.5 - 20, abs=0.05)
    assert ten.high is not None
    assert 0 < ten.low < 10 < ten.high and twenty.low < 20 * 2**0.5 - 20


def test_less_of_a_metric_may_be_better(tmp_path: Path) -> None:
    """The same rows as errors: none makes fewer of them the more it trains on."""
    brier = {"evaluation": {"metric": "brier"}}
    sizes = {10: (60, 40), 20: (40, 30), 40: (20, 15)}
    snapshots = [made(tmp_path, rows, {NONE: none, WINNER: won}, **brier) for rows, (none, won) in sizes.items()]
    ten, twenty = learning_curve(snapshots, WINNER, has_test=True).worths
    assert ten.more == pytest.approx(10) and twenty.more == pytest.approx(20 * 2**0.5 - 20, abs=0.05)


def test_a_training_that_diverged_is_named(tmp_path: Path) -> None:
    snapshots = [made(tmp_path, 10, {NONE: 40}), made(tmp_path, 20, {NONE: 60, WINNER: 70})]
    with pytest.raises(RegsearchError, match="a training of l2 1e-2 diverged on 10 rows"):
        learning_curve(snapshots, WINNER, has_test=True)
