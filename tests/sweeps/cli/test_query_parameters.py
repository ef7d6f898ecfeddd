from typing import Any

import pytest

from regsearch.errors import InputError
from sweeps.cli.query_parameters import parameters


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("7", 7),
        ("-7", -7),
        ("1e-3", 1e-3),
        (".5", 0.5),
        ("2.", 2.0),
        ("moons", "moons"),
        ("1e", "1e"),
        ("nan", "nan"),
        ("inf", "inf"),
        ("", ""),
        ("1_000", "1_000"),
        ("١", "١"),
        ("a=b", "a=b"),
        ("9" * 19, 1e19),
    ],
)
def test_what_looks_like_a_number_is_one(text: str, value: Any) -> None:
    (positional,) = parameters([text], [])
    named = parameters([], [f"x={text}"])
    assert positional == value and type(positional) is type(value)
    assert named == {"x": value}


@pytest.mark.parametrize("pairs", [["moons"], ["=1"], ["a b=1"], ["x=1", "x=2"]])
def test_what_is_no_pair_is_refused(pairs: list[str]) -> None:
    with pytest.raises(InputError, match=rf"--param: '{pairs[-1]}' is no new NAME=VALUE; it may be as in"):
        parameters([], pairs)


def test_both_kinds_are_too_many() -> None:
    with pytest.raises(InputError, match=r"--param: a query has values for \? or NAME=VALUE for :NAME, not both"):
        parameters(["1"], ["x=1"])
