"""Stage logic as pure functions: which cells there are, which is best, what lies around it."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution

from sweeps.samplers.coarse_to_fine.cell_space import Conditions
from sweeps.samplers.coarse_to_fine.grid import Grid
from sweeps.samplers.coarse_to_fine.values import snap
from tests.sweeps.samplers.coarse_to_fine.spaces import log_ranges

REGULARIZERS = ("none", "l2", "l1", "l1_l2")
DECADES = [1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1]
CONDITIONS: Conditions = {"lambda": ("regularizer", ("l1", "l2", "l1_l2"))}
NONE, L2, L1, L1_L2 = range(4)  # a category's key is its index


def moons_space(low: float = 1e-6, high: float = 1e-1) -> dict[str, BaseDistribution]:
    return {
        "regularizer": CategoricalDistribution(REGULARIZERS),
        "lambda": FloatDistribution(low, high, log=True),
    }


def moons(low: float = 1e-6, high: float = 1e-1, **options) -> Grid:
    return Grid(moons_space(low, high), CONDITIONS, **options)


def test_case_study_has_nineteen_coarse_cells():
    assert moons().coarse() == [(NONE, None), *((r, d) for r in (L2, L1, L1_L2) for d in DECADES)]


def test_around_an_inner_decade_there_are_eight_new_cells():
    # 10^(-3.8), 10^(-3.6) … 10^(-2.2), without 10^-3 itself
    expected = [1.585e-4, 2.512e-4, 3.981e-4, 6.31e-4, 1.585e-3, 2.512e-3, 3.981e-3, 6.31e-3]
    assert moons().refined((L2, 1e-3), moons().coarse()) == [(L2, value) for value in expected]


@pytest.mark.parametrize(("edge", "low", "high"), [(1e-1, 1e-2, 1e-1), (1e-6, 1e-6, 1e-5)])
def test_on_an_edge_nine_cells_lie_between_the_neighbour_and_the_edge(edge, low, high):
    values = [value for _, value in moons().refined((L1, edge), moons().coarse())]
    assert len(values) == 9
    assert values == [pytest.approx(low * 10 ** (k / 10), rel=5e-4) for k in range(1, 10)]
    assert all(low < value < high for value in values)


def test_none_has_nothing_to_refine():
    assert moons().refined((NONE, None), moons().coarse()) == []


def test_within_fills_the_best_decade_with_its_digits():
    grid = moons(fine="within")
    assert grid.refined((L2, 1e-3), grid.coarse()) == [(L2, float(f"{digit}e-3")) for digit in range(2, 10)]


def test_after_within_the_next_stage_lies_between_neighbouring_digits():
    grid = moons(fine="within", points=3)
    fine = grid.refined((L2, 1e-3), grid.coarse())
    assert [v for _, v in grid.refined((L2, 3e-3), [*grid.coarse(), *fine])] == [2.378e-3, 2.828e-3, 3.364e-3]


def test_a_second_fine_stage_lies_between_the_neighbours_of_the_first():
    coarse = moons().coarse()
    fine = moons().refined((L2, 1e-3), coarse)
    values = [v for _, v in moons().refined((L2, 1.585e-3), [*coarse, *fine])]
    assert len(values) == 8
    assert all(1e-3 < v < 2.512e-3 for v in values)


def test_a_best_cell_that_stays_best_is_not_visited_again_by_rounding():
    # the middle of 3.162e-4 and 3.162e-3 is 9.999e-4, which is 1e-3 but for rounding
    grid = moons(points=3)
    planned = [*grid.coarse(), *grid.refined((L2, 1e-3), grid.coarse())]
    assert [v for _, v in grid.refined((L2, 1e-3), planned)] == [5.623e-4, 1.778e-3]


def test_two_floats_are_refined_together():
    unit = FloatDistribution(1e-3, 1e-1, log=True)
    grid = Grid({"a": unit, "b": unit}, {}, points=3)
    # around (1e-2, 1e-2): 10^-2.5, 10^-2, 10^-1.5 each way, without the centre
    assert len(grid.refined((1e-2, 1e-2), grid.coarse())) == 8
    assert len(grid.refined((1e-1, 1e-2), grid.coarse())) == 4 * 3 - 1  # on an edge the edge itself stays in
    assert grid.most_refined((1e-2, 1e-2)) == 4 * 4 - 1


@pytest.mark.parametrize("maximize", [True, False])
def test_best_is_the_largest_or_smallest_value(maximize):
    results = {(L2, 1e-3): 1.0, (L1, 1e-2): 2.0, (NONE, None): 1.5}
    assert moons().best(results, maximize) == ((L1, 1e-2) if maximize else (L2, 1e-3))


def test_ties_go_to_the_larger_float_then_to_the_earlier_category():
    results = {(NONE, None): 0.9, (L1, 1e-3): 0.9, (L2, 1e-3): 0.9 * (1 + 1e-13), (L2, 1e-4): 0.9}
    assert moons().best(results, maximize=True) == (L2, 1e-3)
    assert moons().best({**results, (L1_L2, 1e-2): 0.9}, maximize=True) == (L1_L2, 1e-2)


def test_infinite_values_can_be_compared():
    assert moons().best({(L2, 1e-3): -math.inf, (L1, 1e-3): -math.inf}, maximize=True) == (L2, 1e-3)


@pytest.mark.parametrize(
    ("space", "conditions", "options", "message"),
    [
        ({}, {}, {}, "space needs"),
        ({"x": FloatDistribution(1e-6, 1e-1)}, {}, {}, r"space\['x'\]: 1e-06 to 0.1 spans orders.*log=True"),
        ({"x": IntDistribution(0, 1000)}, {}, {}, r"space\['x'\]: more than 100 values"),
        ({"x": "low"}, {}, {}, r"space\['x'\]: 'low' is not"),
        (moons_space(), {}, {"fine": "finest"}, "fine is one of around, within, none, not 'finest'"),
        (moons_space(), {}, {"points": 0}, "points is at least 1, not 0"),
        (moons_space(), {"mu": ("regularizer", ("l1",))}, {}, r"conditions\['mu'\]: 'mu' is not in the space"),
        (moons_space(), {"lambda": ("reg", ("l1",))}, {}, r"conditions\['lambda'\]: 'reg' is not in the space"),
        (moons_space(), {"lambda": ("regularizer", ("l3",))}, {}, r"conditions\['lambda'\]: .* are not values of"),
        (moons_space(), {"lambda": ("regularizer", ())}, {}, r"conditions\['lambda'\]: .* are not values of"),
        (moons_space(), {"regularizer": ("lambda", (1e-3,))}, {}, r"conditions\['regularizer'\]: 'lambda' is a float"),
        (moons_space(), {"regularizer": ("regularizer", ("l1",))}, {}, "goes round in a circle"),
    ],
)
def test_bad_arguments_are_named(space, conditions, options, message):
    with pytest.raises(ValueError, match=message):
        Grid(space, conditions, **options)


def test_nested_conditions_hold_in_any_order_of_the_space():
    space = {
        "c": CategoricalDistribution(("x", "y")),
        "b": CategoricalDistribution(("on", "off")),
        "a": CategoricalDistribution(("on", "off")),
    }
    grid = Grid(space, {"c": ("b", ("on",)), "b": ("a", ("on",))})
    assert [grid.space.params(key) for key in grid.coarse()] == [
        {"c": "x", "b": "on", "a": "on"},
        {"c": "y", "b": "on", "a": "on"},
        {"b": "off", "a": "on"},
        {"a": "off"},
    ]


@given(log_ranges, st.sampled_from(["around", "within"]), st.integers(1, 12), st.data())
def test_cells_of_all_stages_are_distinct_and_inside_the_range(distribution, fine, points, data):
    grid = Grid({"r": CategoricalDistribution(("none", "l2")), "x": distribution}, {"x": ("r", ("l2",))}, fine, points)
    planned = grid.coarse()
    for _ in range(4):
        planned += grid.refined(data.draw(st.sampled_from(planned)), planned)
    assert len(set(planned)) == len(planned)
    values = [value for _, value in planned if value is not None]
    assert all(distribution.low <= value <= distribution.high for value in values)
    assert all(grid.space.key(grid.space.params(key)) == key for key in planned)
    assert len({snap(distribution, value) for value in values}) == len(values)


@given(log_ranges, st.sampled_from(["around", "within"]), st.integers(1, 12), st.data())
def test_the_bound_of_a_stage_holds(distribution, fine, points, data):
    grid = Grid({"x": distribution}, {}, fine, points)
    best = data.draw(st.sampled_from(grid.coarse()))
    assert len(grid.refined(best, grid.coarse())) <= grid.most_refined(best)
