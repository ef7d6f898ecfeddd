"""Errors: one tree, one line each, an exit code each."""

import pytest

from regsearch import errors
from regsearch.errors import InputError, RegsearchError, TrainingStopped, chosen, in_one_line, nearest, shortened

EVERY = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, Exception)]


def test_all_are_in_the_tree_at_the_top_of_the_file():
    assert all(issubclass(kind, RegsearchError) for kind in EVERY)
    assert all(kind.__name__ in (errors.__doc__ or "") for kind in EVERY)


def test_exit_codes():
    assert {kind.exit_code for kind in EVERY if issubclass(kind, InputError)} == {2}
    assert {kind.exit_code for kind in EVERY if not issubclass(kind, InputError)} == {1}
    assert TrainingStopped().exit_code == 1


def test_input_errors_name_their_field():
    error = InputError("data.source", "is required")
    assert (str(error), error.field, error.problem) == ("data.source: is required", "data.source", "is required")
    assert str(InputError("", "alone")) == "alone"


def test_one_line_holds_nothing_that_a_terminal_would_act_on():
    assert in_one_line(ValueError("bad \x1b]0;title\x07 \x00row\nmore")) == "ValueError: bad �]0;title� �row"


def test_a_line_that_ends_in_a_colon_goes_on_and_one_that_says_nothing_is_a_type():
    assert in_one_line(ValueError("it failed. Why:\n\n  no rows\nmore")) == "ValueError: it failed. Why: no rows"
    wrapped = "Exception encountered when calling Own.call().\n\nError encountered:\n\nno rows\nArguments: x"
    assert in_one_line(ValueError(wrapped)) == "ValueError: Own.call(): Error encountered: no rows"
    assert in_one_line(ValueError("why:")) == "ValueError: why:"
    assert in_one_line(AssertionError()) == "AssertionError"


def test_long_values_are_cut_in_the_middle_and_what_may_be_stays():
    error = InputError("a" * 100_000, f"no sweep {'b' * 100_000}; known: moons")
    cut = f"no sweep {'b' * 150}…{'b' * 49}; known: moons"
    assert (str(error), error.problem) == (f"{'a' * 150}…{'a' * 50}: {cut}", cut)
    words = f"{'of words ' * 10_000}; known: moons"
    assert len(shortened(words)) < 2000 and shortened(words).endswith("; known: moons")
    assert len(in_one_line(ValueError("c" * 100_000))) < 300
    assert shortened("a" * 299) == "a" * 299 and len(shortened("a " * 1000)) == 2000


def test_nearest():
    assert nearest("mons", ["moons", "iris"]) == " (did you mean 'moons'?)"
    assert nearest("xyz", ["moons", "iris"]) == nearest("mons", []) == ""


def test_chosen():
    assert chosen("model", "a", {"a": 1}) == 1
    with pytest.raises(InputError, match=r"^model: 'bb' is not one of a, b \(did you mean 'b'\?\)$"):
        chosen("model", "bb", {"a": 1, "b": 2})
