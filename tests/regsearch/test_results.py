"""Results are frozen values with every field named."""

from dataclasses import FrozenInstanceError

import pytest

from regsearch.results import Comparison, Repeat, Scores


def test_a_repeat_is_frozen_and_has_no_scores_until_given():
    repeat = Repeat(repeat=0, seed=1, status="diverged", epochs=3, seconds=0.1)
    assert (repeat.train, repeat.validation, repeat.test, repeat.curve, repeat.weight_norms) == (None,) * 4 + ((),)
    with pytest.raises(FrozenInstanceError):
        repeat.seed = 2


def test_fields_go_by_name_only():
    with pytest.raises(TypeError):
        Scores(1.0, 0.0)
    with pytest.raises(TypeError):
        Comparison("test", 1, 1, 0.0, None, None, None)
