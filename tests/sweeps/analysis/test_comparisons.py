"""One configuration against another, from a snapshot."""

import pytest

from regsearch.results import Comparison
from sweeps.analysis.comparisons import compare_candidates, shown_comparison
from sweeps.analysis.uncertainty import separates
from tests.sweeps.tiny import NONE, config, repeat, tied


@pytest.fixture
def tiny(sweep):
    """Of 70 validation rows, l2 gets 66 right in each of 3 repeats, no regularization 64; l2 was confirmed."""
    tiny = sweep(config())
    for configuration, right in ((tied("l2", 1e-3), 66), (NONE, 64)):
        rows = [1] * right + [0] * (70 - right)
        tiny.add(configuration, *(repeat(i, right / 70, rows=rows) for i in range(3)))
    tiny.add(tied("l2", 1e-3), repeat(0, 0.9, test_rows=[1, 1, 0]), purpose="confirm")
    return tiny


def test_two_of_seventy_rows_separate_nothing_though_seeds_agree(tiny):
    """Gains of 1 on 2 of 70 rows: difference 2/70, sd √(2·68/70/69), se_rows = sd/√70 = 0.0200: 1.4 of it."""
    snapshot = tiny.snapshot()
    found = compare_candidates(snapshot, snapshot.candidates[0], snapshot.baseline, "validation")
    assert found.difference == pytest.approx(2 / 70)
    assert found.se_seed == pytest.approx(0.0, abs=1e-15)
    assert found.se_rows == pytest.approx((2 * 68 / 70 / 69) ** 0.5 / 70**0.5)
    assert not separates(found)


def test_nothing_to_compare_before_both_are_confirmed(tiny):
    snapshot = tiny.snapshot()
    assert compare_candidates(snapshot, snapshot.candidates[0], snapshot.baseline, "test") is None
    tiny.add(NONE, repeat(0, 0.9, test_rows=[1, 0, 0]), purpose="confirm")
    snapshot = tiny.snapshot()
    assert compare_candidates(snapshot, snapshot.candidates[0], snapshot.baseline, "test").difference == pytest.approx(
        1 / 3
    )


@pytest.mark.parametrize(("repeats", "is_shown"), [(3, True), (2, False)])
def test_a_comparison_that_was_recorded_of_as_many_repeats_is_the_one_shown(tiny, repeats, is_shown):
    told = {"subset": "validation", "rows": 70, "difference": 0.5, "se_seed": None, "se_rows": 0.1, "se": 0.1}
    recorded = Comparison(repeats=repeats, **told)
    best, baseline = tiny.snapshot().finished
    tiny.records.add_comparison(tiny.id, best.id, baseline.id, recorded)
    snapshot = tiny.snapshot()
    shown = shown_comparison(snapshot, best, baseline, "validation")
    assert (shown == recorded) is is_shown
    assert is_shown or shown == compare_candidates(snapshot, best, baseline, "validation")
