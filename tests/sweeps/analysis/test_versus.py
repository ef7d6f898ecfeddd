"""Two sweeps on the same rows: how their winners compare, and when that is refused."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from regsearch.errors import InputError, RegsearchError
from sweeps.analysis.snapshot import SweepSnapshot
from sweeps.analysis.versus import compare_sweeps
from sweeps.analysis.versus_report import show_versus
from tests.sweeps.analysis.conftest import right
from tests.sweeps.small import small
from tests.sweeps.tiny import NONE, Tiny, tied


@pytest.fixture
def swept(tmp_path: Path) -> Iterator[Any]:
    """Return a function that makes a sweep whose one configuration gets rows right, {search}, {confirmation}."""
    made: list[Tiny] = []

    def make(name: str, search: list[int], test: list[int], **tables: Any) -> SweepSnapshot:
        tiny = Tiny(f"sqlite:///{tmp_path}/{name}.db", small(name=name, **tables))
        made.append(tiny)
        winner = tied("l2", 1e-2)
        tiny.add(winner, *(right(i, rows) for i, rows in enumerate(search)))
        tiny.add(winner, *(right(i, 0, rows) for i, rows in enumerate(test)), purpose="confirm")
        return tiny.snapshot()

    yield make
    for tiny in made:
        tiny.close()


def said(found: Any, snapshot: SweepSnapshot) -> str:
    screen = io.StringIO()
    show_versus(found, snapshot, Console(file=screen, width=100))
    return " ".join(screen.getvalue().split())


def test_winners_are_paired_by_seed_and_row(swept: Any) -> None:
    a, b = swept("large", [92, 92], [80, 80]), swept("tiny", [90, 90], [50, 50], model={"hidden": [4]})
    found = compare_sweeps(a, b)
    assert found.test is not None and found.test.comparison.difference == pytest.approx(0.3)
    # As in test_report: 30 of 100 rows, se 0.0471.
    assert found.test.comparison.se_rows == pytest.approx((0.3 * 0.7 / 99 + 1 / 100**2) ** 0.5)
    text = said(found, a)
    assert text.startswith("large: l2 1e-2, mean validation accuracy 0.9200 ± 0.0000 (std, n=2) tiny: l2 1e-2, mean")
    assert "large (l2 1e-2) beats tiny (l2 1e-2), for this training set (95 %)." in text
    assert found.to_dict()["test"]["finding"] == "better"
    assert compare_sweeps(b, a).to_dict()["test"]["finding"] == "worse"


def test_a_margin_tells_no_difference_from_unknown(swept: Any) -> None:
    a, b = swept("a", [90, 90], [80, 80]), swept("b", [90, 90], [80, 80])
    assert compare_sweeps(a, b).to_dict()["test"]["finding"] == "not shown"
    found = compare_sweeps(a, b, margin=0.03)
    assert "a (l2 1e-2) does as well as b (l2 1e-2) within the margin, for this training set (95 %)." in said(found, a)
    with pytest.raises(InputError, match="margin"):
        compare_sweeps(a, b, margin=0.0)


def test_without_a_confirmation_it_says_so(swept: Any) -> None:
    a, b = swept("a", [90, 90], [80, 80]), swept("b", [95, 95], [])
    found = compare_sweeps(a, b)
    assert found.test is None and found.to_dict()["test"] is None
    assert said(found, a).endswith("Not both are confirmed on test rows: `regsearch confirm a`, `regsearch confirm b`.")


@pytest.mark.parametrize(
    ("other", "message"),
    [
        ({"seed": 4}, r"^seed: must be the same .* 'a' has 3, 'b' has 4$"),
        ({"data": {"source": "circles"}}, r"^data.source: must be .*: 'a' has 'moons', 'b' has 'circles'$"),
        ({"data": {"split": {"train": 40, "validation": 60}}}, r"^data.split: .* train = 30.* train = 40"),
        ({"data": {"noise": 0.3}}, r"^data.noise: must be the same"),
        ({"evaluation": {"metric": "auc"}}, r"^evaluation.metric: .* 'a' has 'accuracy', 'b' has 'auc'$"),
        ({"evaluation": {"resample": True}}, r"^evaluation.resample: .* 'a' has False, 'b' has True$"),
    ],
)
def test_sweeps_whose_repeats_are_no_pairs_are_refused(other: Any, message: str, swept: Any) -> None:
    a, b = swept("a", [90], []), swept("b", [90], [], **other)
    with pytest.raises(InputError, match=message):
        compare_sweeps(a, b)


def test_what_a_network_sees_of_a_row_may_differ(swept: Any) -> None:
    scaled = swept("b", [90, 90], [], data={"scale": "standard"}, training={"epochs": 70})
    assert compare_sweeps(swept("a", [90, 90], []), scaled).validation is not None


def test_a_sweep_is_not_compared_with_itself_nor_with_one_that_found_nothing(swept: Any, sweep: Any) -> None:
    a = swept("a", [90], [])
    with pytest.raises(InputError, match="B: must be another sweep than A, got 'a' twice"):
        compare_sweeps(a, a)
    empty = sweep(small(name="empty"))
    empty.add(NONE, state="open")
    with pytest.raises(RegsearchError, match="no configuration of sweep 'empty' is finished yet"):
        compare_sweeps(a, empty.snapshot())
