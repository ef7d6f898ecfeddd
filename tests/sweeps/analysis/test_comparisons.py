"""One configuration against another, from a snapshot."""

from dataclasses import replace

import numpy as np
import pytest

from regsearch.comparison import Dependence
from regsearch.errors import InputError
from sweeps.analysis.comparisons import claimed_comparisons, compare_candidates, error_of
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
    """Gains of 1 on 2 of 70 rows: sd √(2·68/70/69), variance sd²/70 + 1/70² for a row not seen: se_rows 0.0246."""
    snapshot = tiny.snapshot()
    found = compare_candidates(snapshot, snapshot.candidates[0], snapshot.baseline, "validation")
    assert found.difference == pytest.approx(2 / 70)
    assert found.se_seed == pytest.approx(0.0, abs=1e-15)
    assert found.se_rows == pytest.approx((2 * 68 / 70 / 69 / 70 + 1 / 70**2) ** 0.5)


def test_nothing_to_compare_before_both_are_confirmed(tiny):
    snapshot = tiny.snapshot()
    assert compare_candidates(snapshot, snapshot.candidates[0], snapshot.baseline, "test") is None
    tiny.add(NONE, repeat(0, 0.9, test_rows=[1, 0, 0]), purpose="confirm")
    snapshot = tiny.snapshot()
    assert compare_candidates(snapshot, snapshot.candidates[0], snapshot.baseline, "test").difference == pytest.approx(
        1 / 3
    )


def test_a_claim_needs_more_than_one_repeat(tiny):
    tiny.add(NONE, repeat(0, 0.9, test_rows=[1, 0, 0]), purpose="confirm")
    snapshot = tiny.snapshot()
    (found,) = claimed_comparisons(snapshot, snapshot.candidates[:1], snapshot.baseline, "test")
    assert (found.claim.finding, found.claim.interval) == ("no claim", None)
    assert "of one repeat" in found.claim.reason and not found.separates


def test_two_rows_are_not_shown_and_say_how_many_would_be(tiny):
    """70 rows, d = 2/70, se_rows 0.0246: 70·(2.8·0.0246/0.0286)² = 407."""
    snapshot = tiny.snapshot()
    (found,) = claimed_comparisons(snapshot, snapshot.candidates[:1], snapshot.baseline, "validation")
    assert (found.claim.finding, found.separates) == ("not shown", False)
    assert found.rows_needed == pytest.approx(407, abs=2)
    assert found.claim.interval.holds(0) and str(found.claim.scope) == "for this training set"


def test_a_margin_tells_equal_from_unknown(tiny):
    snapshot = tiny.snapshot()
    how = (snapshot, snapshot.candidates[:1], snapshot.baseline, "validation")
    assert claimed_comparisons(*how, margin=0.08)[0].claim.finding == "equivalent"
    assert claimed_comparisons(*how, margin=0.01)[0].claim.finding == "not shown"
    with pytest.raises(InputError, match="margin: -1 is no difference"):
        claimed_comparisons(*how, margin=-1.0)


def confirmed(sweep, shifts):
    """Configurations confirmed on 400 test rows, each right on so many more than none; rows are all independent."""
    tiny = sweep(config())
    for configuration, more in [(NONE, 0), *((tied("l2", 10.0**-i), more) for i, more in enumerate(shifts, 1))]:
        tiny.add(configuration, *(repeat(i, 0.5 + more / 1000) for i in range(2)))
        rows = [1] * (200 + more) + [0] * (200 - more)
        tiny.add(configuration, *(repeat(i, 0.5, test_rows=rows) for i in range(2)), purpose="confirm")
    snapshot = tiny.snapshot(*(c.id for c in tiny.snapshot().finished))
    regularized = [c for c in snapshot.candidates if not c.is_baseline]
    return claimed_comparisons(snapshot, regularized, snapshot.baseline, "test")


def test_several_claims_hold_together(sweep):
    """6 of 400 rows: d 0.015, se √(6·394/400/399 + 1/400)/20 = 0.0066, p = 0.023: shown where it is the only one."""
    assert [c.claim.finding for c in confirmed(sweep, [6])] == ["better"]


def test_and_with_others_less_is_shown(sweep):
    assert [c.claim.finding for c in confirmed(sweep, [6, 1, 1])] == ["not shown"] * 3


def test_rows_that_belong_together_are_counted_by_groups(tiny):
    snapshot = replace(tiny.snapshot(), dependence=Dependence(groups=np.arange(70) // 10))
    assert error_of(snapshot, snapshot.candidates[0], snapshot.baseline, "validation").groups == 7


def test_where_groups_are_not_known_there_is_no_claim(tiny):
    snapshot = replace(tiny.snapshot(), dependence=None)
    (found,) = claimed_comparisons(snapshot, snapshot.candidates[:1], snapshot.baseline, "validation")
    assert found.claim.finding == "no claim" and "the data cannot be read from here" in found.claim.reason


def test_training_sets_that_are_drawn_anew_are_what_a_claim_is_about(tiny):
    redrawn = config(data={"source": "moons", "split": {"train": 30, "validation": 70, "redraw": True}})
    assert redrawn.resample and redrawn.varied_rows
    snapshot = replace(tiny.snapshot(), config=redrawn, checks={"subsets": {"train": 30, "validation": 70}})
    assert str(snapshot.scope) == "for new training sets of 30 rows"


def test_the_scope_counts_rows_where_the_check_did(tiny):
    resampled = config(data={"source": "moons", "split": {"validation": 0.3}})
    snapshot = replace(tiny.snapshot(), config=resampled, checks={"subsets": {"train": 49, "validation": 21}})
    assert str(snapshot.scope) == "for networks trained on 49 of these 70 rows"
