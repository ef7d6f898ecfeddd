"""Options of what is chosen by name: which values fit, and what an error says."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regsearch.errors import InputError
from regsearch.options import Choice, Option, bind, require

CHOICES = {
    "plain": Choice(),
    "full": Choice(
        options={
            "share": Option(low=0, below=1, default=0.5),
            "steps": Option(kind=int, low=1),
            "fast": Option(kind=bool, default=False),
            "points": Option(above=0, high=9, many=True, default=(1.0,)),
        },
        problem=lambda options: "steps must be even" if options["steps"] % 2 else None,
    ),
}


@pytest.mark.parametrize(
    ("option", "described"),
    [
        (Option(), "a number"),
        (Option(kind=int), "an integer"),
        (Option(kind=int, low=1), "an integer of at least 1"),
        (Option(low=0, below=1), "a number of at least 0 and below 1"),
        (Option(above=0, high=0.5), "a number above 0 and at most 0.5"),
        (Option(kind=bool), "true or false"),
        (Option(above=0, many=True), "a list, each a number above 0"),
    ],
)
def test_what_it_may_be(option, described):
    assert option.may_be == described


@pytest.mark.parametrize(
    ("option", "fitting", "others"),
    [
        (Option(), [0, -1.5, 1e308], [math.nan, math.inf, -math.inf, True, "1", None, 10**400, [1]]),
        (Option(kind=int), [0, -3, 10**6], [1.0, True, math.nan, "1", 10**400]),
        (Option(kind=bool), [True, False], [0, 1, "true", None]),
        (Option(low=0, below=1), [0, 0.999], [-1e-9, 1, 1.5]),
        (Option(above=0, high=2), [1e-9, 2], [0, 2.001]),
        (Option(low=0, many=True), [[0], (1, 2.5)], [[], 1, [1, -1], [1, "2"], "12", [True]]),
    ],
)
def test_what_fits(option, fitting, others):
    assert [value for value in fitting if not option.fits(value)] == []
    assert [value for value in others if option.fits(value)] == []


@given(st.floats(allow_nan=False, allow_infinity=False), st.floats(-10, 10), st.floats(-10, 10))
def test_limits_are_kept(value, low, high):
    assert Option(low=low, high=high).fits(value) == (low <= value <= high)
    assert Option(above=low, below=high).fits(value) == (low < value < high)


def test_defaults_are_filled_in_and_numbers_become_their_kind():
    choice, bound = bind("key", "full", {"steps": 4, "points": [1, 2]}, CHOICES)
    assert choice is CHOICES["full"]
    assert bound == {"share": 0.5, "steps": 4, "fast": False, "points": (1.0, 2.0)}
    _, bound = bind("key", "full", {"steps": 4, "share": 0}, CHOICES)
    assert type(bound["share"]) is float
    assert bind("key", "plain", {}, CHOICES) == (CHOICES["plain"], {})


@pytest.mark.parametrize(
    ("name", "given", "message"),
    [
        ("ful", {}, "key: 'ful' is not one of plain, full (did you mean 'full'?)"),
        ("plain", {"a": 1}, "key: plain has no option 'a'; known: none"),
        (
            "full",
            {"setps": 1},
            "key: full has no option 'setps' (did you mean 'steps'?); known: share, steps, fast, po",
        ),
        ("full", {}, "key: full needs steps, an integer of at least 1"),
        ("full", {"steps": 0}, "key: steps of full must be an integer of at least 1, got 0"),
        ("full", {"steps": 2, "points": 3}, "key: points of full must be a list, each a number above 0 and at most 9,"),
        ("full", {"steps": 3}, "key: steps must be even for full"),
    ],
)
def test_a_mistake_is_one_line_that_names_it(name, given, message):
    with pytest.raises(InputError) as caught:
        bind("key", name, given, CHOICES)
    assert str(caught.value).startswith(message)


def test_required_values():
    require("key", 1, Option(kind=int, low=1))
    with pytest.raises(InputError, match="key: must be an integer of at least 1, got 0"):
        require("key", 0, Option(kind=int, low=1))
