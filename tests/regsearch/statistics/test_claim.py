"""What may be said of a difference."""

from dataclasses import dataclass

import pytest

from regsearch.errors import InputError
from regsearch.statistics.claim import Rules, claims
from regsearch.statistics.scope import Scope

SCOPE = Scope(drawn="seeds", train_rows=30, pool_rows=100)


@dataclass(frozen=True)
class Found:
    difference: float
    variance: float | None = 1.0
    df: float | None = 1e9


def finding(*differences, refused=None, **rules):
    found = [Found(d) for d in differences]
    return [c.finding for c in claims(found, [refused] * len(found), Rules(scope=SCOPE, **rules))]


def test_better_worse_and_not_shown():
    assert finding(2.0) == ["better"] and finding(-2.0) == ["worse"] and finding(1.9) == ["not shown"]


def test_of_a_loss_less_is_better():
    assert finding(2.0, greater_is_better=False) == ["worse"]
    assert finding(-2.0, greater_is_better=False) == ["better"]


def test_several_claims_share_one_error():
    """p of 2.2 is 0.0278: alone below 0.05, twice that is not; 3 is shown first, and then 2.2 is the only one left."""
    assert finding(2.2, 2.2) == ["not shown", "not shown"]
    assert finding(2.2, 3.0) == ["better", "better"]
    assert finding(2.2, 1.0) == ["not shown", "not shown"]


def test_a_search_over_the_pool_is_paid_for():
    assert finding(2.9, searched=20) == ["not shown"] and finding(3.1, searched=20) == ["better"]


def test_a_margin_tells_no_gain_from_unknown():
    assert finding(0.1, margin=2.0) == ["equivalent"]  # 0.1 + 1.645 < 2
    assert finding(0.1, margin=1.5) == ["not shown"]
    with pytest.raises(InputError, match="margin: 0 is no difference"):
        finding(0.1, margin=0.0)


def test_a_refusal_leaves_the_difference_alone():
    (found,) = claims([Found(3.0, None, None)], ["of one repeat"], Rules(scope=SCOPE))
    assert (found.finding, found.reason, found.interval, found.p_value) == ("no claim", "of one repeat", None, None)
    assert (found.difference, found.scope) == (3.0, SCOPE)


def test_what_is_refused_takes_no_share_of_the_error():
    found = claims([Found(2.2), Found(9.0)], [None, "too few"], Rules(scope=SCOPE))
    assert [c.finding for c in found] == ["better", "no claim"]


def test_no_difference_at_all_is_not_shown_and_within_any_margin():
    nothing = Found(0.0, 0.0, None)
    assert claims([nothing], [None], Rules(scope=SCOPE))[0].finding == "not shown"
    assert claims([nothing], [None], Rules(scope=SCOPE, margin=1e-3))[0].finding == "equivalent"
