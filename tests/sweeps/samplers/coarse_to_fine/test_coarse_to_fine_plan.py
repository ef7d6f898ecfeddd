"""Which cells go on, how the coarse range grows, and what is said about it; as pure functions of results."""

import math
from itertools import pairwise

import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

from sweeps.samplers.coarse_to_fine.cell_space import Key
from sweeps.samplers.coarse_to_fine.coarse_to_fine_plan import CoarseToFinePlan
from sweeps.samplers.coarse_to_fine.grid import Grid
from sweeps.samplers.coarse_to_fine.plan import Score, Stage
from tests.sweeps.samplers.coarse_to_fine.moons import CONDITIONS, space

NONE, L2, L1, L1_L2 = range(4)  # a category's key is its index


def plan(promote="best", *, high=1e-1, grow=None, **options) -> CoarseToFinePlan:
    grid = {name: options.pop(name) for name in ("fine", "points") if name in options}
    return CoarseToFinePlan(Grid(space(1e-6, high), CONDITIONS, **grid, grow=grow), promote=promote, **options)


def scores(values: dict[Key, float], error: float | None = None) -> dict[Key, Score]:
    return {key: Score(value=value, standard_error=error) for key, value in values.items()}


LEADERS = {(NONE, None): 0.85, (L2, 1e-3): 0.95, (L1, 1e-2): 0.93, (L1_L2, 1e-4): 0.90}
RESULTS = LEADERS | {(L2, 1e-1): 0.5, (L1, 1e-3): 0.94 - 0.02, (L1_L2, 1e-1): 0.1}


@pytest.mark.parametrize(
    ("promote", "error", "expected"),
    [
        ("best", 1.0, [(L2, 1e-3)]),
        ("each", None, [(L2, 1e-3), (L1, 1e-2), (L1_L2, 1e-4), (NONE, None)]),
        (["regularizer"], None, [(L2, 1e-3), (L1, 1e-2), (L1_L2, 1e-4), (NONE, None)]),
        ("one-se", 0.021, [(L2, 1e-3), (L1, 1e-2)]),  # 0.95 - 0.021 < 0.93
        ("one-se", 0.019, [(L2, 1e-3)]),
        ("one-se", None, [(L2, 1e-3)]),
    ],
)
def test_promote_says_which_cells_go_on(promote, error, expected):
    the = plan(promote)
    assert the.promoted([the.first()], scores(RESULTS, error), maximize=True) == expected
    fine = the.after([the.first()], scores(RESULTS, error), maximize=True)[-1]
    assert {key[0] for key in fine.cells} == {key[0] for key in expected if key[1] is not None}
    assert len(fine.cells) == 8 * sum(key[1] is not None for key in expected)


def test_minimized_values_are_ranked_upwards():
    the = plan("each")
    found = the.promoted([the.first()], scores({key: -v for key, v in RESULTS.items()}), maximize=False)
    assert found == [(L2, 1e-3), (L1, 1e-2), (L1_L2, 1e-4), (NONE, None)]


def test_the_standard_error_is_that_of_the_best():
    the = plan("one-se")
    errors = {(L2, 1e-3): Score(value=0.95, standard_error=0.01), (L1, 1e-2): Score(value=0.93, standard_error=9.0)}
    assert the.promoted([the.first()], errors, maximize=True) == [(L2, 1e-3)]


def test_of_several_targets_the_best_of_each_regularizer_goes_on():
    targets = {**space(), "target": CategoricalDistribution(("kernel", "bias"))}
    the = CoarseToFinePlan(Grid(targets, CONDITIONS), promote=["regularizer"])
    values = {(L2, 1e-3, 0): 3.0, (L2, 1e-3, 1): 2.0, (L1, 1e-3, 0): 0.0, (L1, 1e-3, 1): 1.0}
    assert the.promoted([the.first()], scores(values), maximize=True) == [(L2, 1e-3, 0), (L1, 1e-3, 1)]


def test_infinite_scores_are_ranked_too():
    the = plan("one-se")
    values = {(L2, 1e-3): math.inf, (L1, 1e-3): math.inf, (L1, 1e-2): 1.0}
    assert the.promoted([the.first()], scores(values, 0.5), maximize=True) == [(L2, 1e-3), (L1, 1e-3)]


def test_later_stages_zoom_in_on_the_best_of_all_before():
    the = plan("each", stages=3, points=3)
    stages = the.after([the.first()], scores(LEADERS), maximize=True)
    better = LEADERS | {(L1, 1.778e-2): 0.99}  # the middle of 1e-2 and 3.162e-2 … in the fine stage
    assert (L1, 1.778e-2) not in stages[1].cells
    better = LEADERS | {(L1, 3.162e-2): 0.99}
    assert (L1, 3.162e-2) in stages[1].cells
    found = the.after(stages, scores(better), maximize=True)
    assert [stage.name for stage in found] == ["coarse", "fine", "fine-2"]
    assert [key for key in found[2].cells if key[0] == L1] == [(L1, 1.778e-2), (L1, 5.623e-2)]
    assert the.after(found, scores(better), maximize=True) is None


@pytest.mark.parametrize("count", [1, 2, 3, 19, 64, 100])
def test_every_beginning_of_a_stage_covers_it_evenly(count):
    """The k first of n places leave no gap of 4·n/k: halves come before quarters, quarters before eighths."""
    order = plan().in_order(range(count))
    assert sorted(order) == list(range(count)) and order[0] == 0
    for k in range(1, count + 1):
        places = [*sorted(order[:k]), count]
        assert max(b - a for a, b in pairwise(places)) <= 4 * count / k


def grown(the: CoarseToFinePlan, results: dict[Key, float]) -> list[Stage]:
    return the.after([the.first()], scores(results), maximize=True)


def test_the_range_grows_by_a_decade_while_the_best_cell_lies_on_its_upper_edge():
    the = plan(high=1e2, grow={"lambda": (1e-6, 1e-1)})
    assert len(the.first().cells) == 19
    stages = grown(the, {(L2, 1e-1): 1.0})
    assert [stage.name for stage in stages] == ["coarse"]
    assert stages[0].cells[19:] == ((L2, 1.0),)
    stages = the.after(stages, scores({(L2, 1e-1): 1.0, (L2, 1.0): 2.0}), maximize=True)
    assert stages[0].cells[19:] == ((L2, 1.0), (L2, 10.0))
    stages = the.after(stages, scores({(L2, 1e-1): 1.0, (L2, 1.0): 2.0, (L2, 10.0): 1.5}), maximize=True)
    assert [stage.name for stage in stages] == ["coarse", "fine"]
    assert all(1e-1 < value < 10 for _, value in stages[1].cells)


def test_it_grows_no_further_than_the_space():
    the = plan(high=5.0, grow={"lambda": (1e-6, 1e-1)})
    stages = the.after(grown(the, {(L2, 1e-1): 1.0}), scores({(L2, 1.0): 2.0}), maximize=True)
    assert [stage.name for stage in stages] == ["coarse", "fine"]
    assert all(1e-1 < value < 5 for _, value in stages[1].cells)


def test_it_never_grows_downward_and_stays_inside_the_range_it_began_with():
    the = plan(grow={"lambda": (1e-4, 1e-2)})
    stages = grown(the, {(L2, 1e-4): 1.0})
    assert [stage.name for stage in stages] == ["coarse", "fine"]
    assert all(1e-4 < value < 1e-3 for _, value in stages[1].cells)


def test_it_grows_only_for_families_that_would_go_on():
    on_edges = {(L2, 1e-1): 1.0, (L1, 1e-1): 0.5}
    ranges = {"high": 10.0, "grow": {"lambda": (1e-6, 1e-1)}}
    assert grown(plan(**ranges), on_edges)[0].cells[19:] == ((L2, 1.0),)
    assert grown(plan("each", **ranges), on_edges)[0].cells[19:] == ((L2, 1.0), (L1, 1.0))


def test_a_plain_grid_grows_too():
    the = plan(fine="none", high=10.0, grow={"lambda": (1e-6, 1e-1)})
    (grid,) = grown(the, {(L2, 1e-1): 1.0})
    assert (grid.name, grid.cells[19:]) == ("grid", ((L2, 1.0),))
    assert the.after([grid], scores({(L2, 1.0): 0.0, (L2, 1e-1): 1.0}), maximize=True) is None


def test_two_floats_grow_together_and_keep_a_full_product():
    unit = FloatDistribution(1e-2, 1e1, log=True)
    the = CoarseToFinePlan(Grid({"a": unit, "b": unit}, grow={"a": (1e-2, 1e-1), "b": (1e-2, 1e-1)}))
    (coarse,) = grown(the, {(1e-1, 1e-1): 1.0})
    assert set(coarse.cells) == {(a, b) for a in (1e-2, 1e-1, 1.0) for b in (1e-2, 1e-1, 1.0)}
    (only_b,) = grown(the, {(1e-2, 1e-1): 1.0})
    assert set(only_b.cells) == {(a, b) for a in (1e-2, 1e-1) for b in (1e-2, 1e-1, 1.0)}


def test_an_end_that_is_no_power_of_ten_is_followed_by_the_next_one():
    the = plan(high=10.0, grow={"lambda": (2e-4, 5e-4)})
    assert [v for k, v in the.first().cells if k == L2] == [2e-4, 5e-4]
    assert grown(the, {(L2, 5e-4): 1.0})[0].cells[-1] == (L2, 1e-3)


@pytest.mark.parametrize(
    ("key", "edges"),
    [((L2, 1e-6), {"lambda": "low"}), ((L2, 1e-1), {"lambda": "high"}), ((L2, 1e-3), {}), ((NONE, None), {})],
)
def test_a_best_cell_on_an_edge_is_warned_of(key, edges):
    the = plan()
    assert the.edges([key], [the.first()]) == {key: edges}
    warnings = the.warnings([the.first()], scores({key: 1.0}), maximize=True)
    assert len(warnings) == len(edges)
    assert all(f"at the {edge} end of the range of {name}" in warnings[0] for name, edge in edges.items())


def test_ints_have_edges_and_single_values_have_none():
    the = CoarseToFinePlan(Grid({"layers": IntDistribution(1, 3), "width": IntDistribution(5, 5)}))
    edges = the.edges([(1, 5), (2, 5), (3, 5)], [the.first()])
    assert list(edges.values()) == [{"layers": "low"}, {}, {"layers": "high"}]


def test_a_missing_standard_error_is_warned_of():
    the = plan("one-se")
    (warning,) = the.warnings([the.first()], scores({(L2, 1e-3): 1.0}), maximize=True)
    assert "no standard error" in warning
    assert the.warnings([the.first()], scores({(L2, 1e-3): 1.0}, 0.1), maximize=True) == []


def test_undecided_counts_what_may_still_come():
    the = plan("each", high=1e1, grow={"lambda": (1e-6, 1e-1)}, stages=3)
    assert the.undecided([the.first()]) == [("coarse", 6), ("fine", 27), ("fine-2", 27)]  # 3 families with a lambda
    assert plan().undecided([plan().first()]) == [("fine", 9)]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"stages": 0}, "^stages is at least 1, not 0$"),
        ({"promote": "all"}, "^promote is one of best, each, one-se, or a list of parameters, not 'all'$"),
        ({"promote": ["reg"]}, r"^promote: 'reg' is not in the space \(regularizer, lambda\)$"),
        ({"promote": ["lambda"]}, "^promote: 'lambda' is a float; only categories and ints"),
        ({"grow": True}, r"^grow is \{parameter: \(low, high\)\}, not True$"),
        ({"grow": {"lambda": 1e-1}}, r"^grow\['lambda'\] is a pair, \(low, high\), not 0.1$"),
        ({"grow": {"mu": (1, 2)}}, r"^grow\['mu'\]: only log-scaled floats of the space grow"),
        ({"grow": {"regularizer": (1, 2)}}, r"^grow\['regularizer'\]: only log-scaled floats of the space grow"),
        ({"grow": {"lambda": (1e-6, 1.0)}}, r"^grow\['lambda'\]: 1e-06 to 1 is no range inside .*, 1e-06 to 0.1$"),
        ({"grow": {"lambda": (0, 1e-2)}}, r"^grow\['lambda'\]: 0 to 0.01 is no range inside"),
        ({"grow": {"lambda": (1e-2, 1e-3)}}, r"^grow\['lambda'\]: 0.01 to 0.001 is no range inside"),
    ],
)
def test_bad_arguments_are_named(options, message):
    with pytest.raises(ValueError, match=message):
        plan(**options)
