"""Which λs tell what a network needs."""

from regsearch.spec import Configuration, EarlyStopping
from sweeps.analysis.ladder import ladder
from tests.sweeps.tiny import HIDDEN, NONE, OUTPUT, config, scheduled, tied


def test_the_middle_of_six_decades_is_the_stronger_of_two() -> None:
    decades = [tied("l2", 10.0**-i) for i in range(1, 7)]  # the middle of 1e-6 and 1e-1 is 10^-3.5
    assert ladder([NONE, *decades], config()) == (tied("l2", 1e-3), tied("l2", 1e-1))
    finer = [tied("l2", 3.162e-4), tied("l2", 5e-1)]
    assert ladder([*finer, *decades], config()) == (tied("l2", 1e-3), tied("l2", 1e-1))


def test_l2_on_the_first_target_comes_first() -> None:
    targets = {"targets": [{"layers": "hidden"}, {"layers": "output"}]}
    found = [tied("l1", 1e-2), tied("l2", 1e-1, OUTPUT), tied("l2", 1e-3), scheduled("late", 1e-2)]
    assert ladder(found, config(search=targets)) == (tied("l2", 1e-3),)
    assert ladder([tied("l1", 1e-4), tied("l1_l2", 1e-1)], config()) == (tied("l1", 1e-4),)


def test_values_that_are_no_decades_serve_where_there_are_no_others() -> None:
    assert ladder([tied("l2", v, HIDDEN) for v in (2e-5, 3e-3, 5e-2)], config()) == (tied("l2", 3e-3), tied("l2", 5e-2))


def test_weight_decay_has_a_ladder_and_what_has_no_strength_has_none() -> None:
    decay = [Configuration(regularizer="weight_decay", weight_decay=v) for v in (1e-3, 1e-2, 1e-1)]
    assert ladder(decay, config()) == (decay[1], decay[2])
    stopped = Configuration(regularizer="early_stopping", early_stopping=EarlyStopping(patience=5))
    assert ladder([NONE, stopped], config()) == ()
