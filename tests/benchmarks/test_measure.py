"""Contenders in turn, on a clock of the test's own."""

import pytest

from benchmarks.measure import Contender, Figure, Ratio, round_robin, times


class Machine:
    """A clock that contenders move, on a machine that is half as fast every other round."""

    def __init__(self):
        self.wall = self.cpu = 0.0
        self.calls = []

    def contender(self, name, *, seconds, cores=1.0, units=1.0):
        def work():
            slowed = seconds * (1 + self.calls.count(name) % 2)
            self.calls.append(name)
            self.wall += slowed
            self.cpu += cores * slowed

        return Contender(name=name, units=units, work=work)

    def run(self, *contenders, rounds):
        return round_robin(contenders, rounds, wall=lambda: self.wall, cpu=lambda: self.cpu)


def test_every_contender_runs_once_a_round_and_the_first_round_is_not_counted():
    machine = Machine()
    found = machine.run(machine.contender("a", seconds=1.0), machine.contender("b", seconds=3.0), rounds=3)
    assert machine.calls == ["a", "b"] * 4
    assert found["a"].seconds == (2.0, 1.0, 2.0)
    assert found["b"].seconds == (6.0, 3.0, 6.0)


def test_seconds_are_of_a_unit_and_cores_of_the_wall_clock():
    machine = Machine()
    found = machine.run(machine.contender("a", seconds=3.0, cores=1.5, units=10), rounds=2)["a"]
    assert found.seconds == pytest.approx((0.6, 0.3))
    assert found.cores == pytest.approx((1.5, 1.5))


def test_the_figure_is_the_median_over_rounds():
    assert Figure(name="a", seconds=(9.0, 1.0, 2.0), cores=(1.0,) * 3).median == 2.0


def test_ratios_are_taken_within_a_round():
    slow = Figure(name="slow", seconds=(3.0, 30.0, 8.0), cores=(1.0,) * 3)
    fast = Figure(name="fast", seconds=(1.0, 10.0, 2.0), cores=(1.0,) * 3)
    assert times(slow, fast) == 3.0  # of 3, 3 and 4; that of the medians is 4


@pytest.mark.parametrize(
    ("bars", "value", "passed"),
    [
        ({}, 1.0, None),
        ({"at_least": 2.0}, 2.0, True),
        ({"at_least": 2.0}, 1.99, False),
        ({"at_most": 3.0}, 3.0, True),
        ({"at_most": 3.0}, 3.01, False),
        ({"at_least": 2.0}, float("nan"), False),
        ({"at_most": 3.0}, float("nan"), False),
    ],
)
def test_a_ratio_meets_its_bar_or_not(bars, value, passed):
    assert Ratio(name="r", value=value, **bars).passed is passed
