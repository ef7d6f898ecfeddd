"""A function's fingerprint changes with all that it refers to, and with nothing else."""

import functools
import math

import numpy as np

from regsearch.fingerprint import fingerprint
from regsearch.in_memory import keep_function, kept

SIZE = 3
TABLE = {"a": np.arange(3)}


def helper() -> int:
    return SIZE


def direct(x: float) -> float:
    return math.floor(x) * helper() + TABLE["a"].sum()


class Called:
    def __init__(self, size: int) -> None:
        self.size = size

    def __call__(self, x: float) -> float:
        return direct(x) * self.size


def closed(size: object):
    def inside(x: float) -> object:
        return x, size

    return inside


def test_it_is_the_same_for_the_same() -> None:
    assert fingerprint(direct) == fingerprint(direct) is not None
    assert fingerprint(closed(3)) == fingerprint(closed(3)) is not None
    assert fingerprint(Called(2)) == fingerprint(Called(2)) is not None
    assert fingerprint(functools.partial(direct, 1)) == fingerprint(functools.partial(direct, 1)) is not None


def test_it_changes_with_what_is_closed_over_and_named(monkeypatch) -> None:
    before = fingerprint(direct), fingerprint(Called(2))
    assert len({fingerprint(closed(value)) for value in (3, 4, "3", [3], (3,), {"a": 3}, np.arange(3))}) == 7
    assert fingerprint(functools.partial(direct, 1)) != fingerprint(functools.partial(direct, 2))
    assert fingerprint(Called(2)) != fingerprint(Called(3))
    monkeypatch.setattr(f"{__name__}.SIZE", 4)  # named by a helper
    assert fingerprint(direct) != before[0] and fingerprint(Called(2)) != before[1]
    monkeypatch.undo()
    assert fingerprint(direct) == before[0]
    monkeypatch.setitem(TABLE, "a", np.arange(4))
    assert fingerprint(direct) != before[0]


def test_an_attribute_is_no_global_of_that_name(monkeypatch) -> None:
    before = fingerprint(direct)
    for name in ("floor", "sum"):  # of math, and of an array
        monkeypatch.setattr(f"{__name__}.{name}", 3, raising=False)
    assert fingerprint(direct) == before


def test_what_a_function_inside_names_counts(monkeypatch) -> None:
    def outer():
        return [SIZE for _ in range(3)], lambda: SIZE

    before = fingerprint(outer)
    monkeypatch.setattr(f"{__name__}.SIZE", 5)
    assert fingerprint(outer) != before


def test_of_functions_without_a_file_the_code_is_compared() -> None:
    texts = ["def f(n):\n    return [a + {0} for a in range(n)]", "f = lambda n: (lambda: n + {0})"]
    for text in texts:
        one, same, other = (_made(text.format(value)) for value in (1, 1, 2))
        assert fingerprint(one) == fingerprint(same) != fingerprint(other)


def _made(text: str):
    names: dict = {}
    exec(text, names)
    return names["f"]


def test_what_cannot_be_told_is_not_guessed() -> None:
    assert fingerprint(closed(object())) is None
    assert fingerprint(closed(np.random.default_rng(0))) is None
    function = closed(object())
    first, second = keep_function(function), keep_function(function)
    assert first.name != second.name and first.name.startswith("memory:inside-")
    first.require_unchanged()


def test_what_is_kept_goes_with_its_holder() -> None:
    held = keep_function(direct)
    assert keep_function(direct) is held and kept(held.name, field="f") is direct
    name = held.name
    del held
    try:
        kept(name, field="model.builder")
    except Exception as error:
        assert str(error).startswith(f"model.builder: '{name}' lives in the memory of the process")
    else:
        raise AssertionError(name)
