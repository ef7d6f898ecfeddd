"""Two sweeps have one digest where they confirm on the same rows, whatever they train on."""

from dataclasses import replace

from regsearch.data import make_split
from regsearch.data.rows_digest import digest_of_test_rows
from regsearch.spec import DataSpec, SplitSpec

DIGITS = DataSpec(source="digits", split=SplitSpec(train=200, validation=300, test=400))


def digest(spec, **how):
    return digest_of_test_rows(spec, make_split(spec, **how))


def test_the_rows_decide_and_not_what_trains_or_how_they_are_scaled():
    found = digest(DIGITS)
    assert len(found) == 64
    assert digest(DIGITS, seed=3) == found
    assert digest(replace(DIGITS, split=replace(DIGITS.split, train=100), scale="standard")) == found
    assert digest(replace(DIGITS, split=replace(DIGITS.split, keep=50))) == found
    others = [replace(DIGITS, random_state=2), replace(DIGITS, split=replace(DIGITS.split, test=300))]
    assert len({found, *map(digest, others)}) == 3


def test_generated_rows_are_known_by_their_generator():
    moons = DataSpec(source="moons", split=SplitSpec(train=30, validation=70), fresh_test=20)
    assert digest(moons) == digest(replace(moons, split=SplitSpec(train=50, validation=50)))
    assert len({digest(replace(moons, **change)) for change in ({}, {"noise": 0.3}, {"random_state": 5})}) == 3


def test_without_test_rows_there_is_none():
    assert digest(replace(DIGITS, split=SplitSpec(train=200, validation=300))) == ""
