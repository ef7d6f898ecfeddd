"""Penalties that rise in the course of a training."""

import pytest

from regsearch.errors import SweepFileError
from regsearch.spec import Schedule
from sweeps.config.penalty_schedules import neural_smithing, rising


def test_the_published_schedule():
    found = neural_smithing(5500, 1e-6, 1e-1)
    assert found == Schedule(name="neural-smithing", phases=((1200, 0.0), (1300, 1e-5), (1500, 1e-4), (1500, 1e-3)))


@pytest.mark.parametrize("epochs", [11, 550, 4000, 12_345])
def test_the_published_schedule_in_proportion(epochs):
    phases = neural_smithing(epochs, 1e-6, 1e-1).phases
    assert sum(length for length, _ in phases) == epochs
    ends = [1200 * epochs / 5500, 2500 * epochs / 5500, 4000 * epochs / 5500]
    found = [sum(length for length, _ in phases[: i + 1]) for i in range(3)]
    assert found == pytest.approx(ends, abs=0.5)


def test_rising_goes_on_from_no_penalty_with_each_power_of_ten():
    found = rising(1000, 1e-3, 1e-1)
    assert found.phases == ((250, 0.0), (250, 1e-3), (250, 1e-2), (250, 1e-1))
    assert rising(1003, 1e-3, 1e-1).phases[0] == (253, 0.0)
    assert [value for _, value in rising(90, 2e-3, 5e-3).phases] == [0.0, 2e-3, 5e-3]


def test_too_few_epochs():
    with pytest.raises(SweepFileError, match=r"'rising' needs at least 7 epochs, training.epochs is 6"):
        rising(6, 1e-6, 1e-1)
    with pytest.raises(SweepFileError, match=r"'neural-smithing' needs at least"):
        neural_smithing(3, 1e-6, 1e-1)
