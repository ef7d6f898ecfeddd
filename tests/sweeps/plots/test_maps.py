"""Scores over a plane: both coefficients of L1 + L2, and targets by lambda."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from regsearch.spec import Configuration
from sweeps.plots import coefficient_map, target_map
from sweeps.plots.pictures import figure_of
from tests.sweeps.tiny import HIDDEN, NONE, OUTPUT, config, repeat, tied

INDEPENDENT = {"regularizers": ["l1_l2"], "l1_l2": "independent"}
TARGETS = {"regularizers": ["l1", "l2"], "targets": [{"layers": "hidden"}, {"layers": "output"}]}


def both(l1: float, l2: float) -> Configuration:
    return replace(tied("l1_l2", 1e-2), lambda_l1=l1, lambda_l2=l2)


def mesh(axes):
    (found,) = [each for each in axes.collections if hasattr(each, "get_coordinates")]
    return found


@pytest.fixture
def independent(sweep):
    """A grid of three by two, one of which diverged, and one point between its decades, the best."""
    tiny = sweep(config(search=INDEPENDENT))
    for l1, l2 in product((1e-3, 1e-2, 1e-1), (1e-4, 1e-3)):
        state = "diverged" if (l1, l2) == (1e-1, 1e-3) else "complete"
        tiny.add(both(l1, l2), repeat(0, 0.8 + l1 + 10 * l2), state=state)
    tiny.add(both(2e-3, 5e-4), repeat(0, 0.95), stage="fine")
    return tiny


def test_tiles_of_both_coefficients_are_the_leaderboard(independent):
    axes = figure_of(coefficient_map, independent.snapshot()).axes[0]
    board = independent.results.leaderboard("tiny", where="stage = 'coarse' AND state = 'complete'")
    table = board.pivot(index="lambda_l2", columns="lambda_l1", values="mean")
    tiles = mesh(axes)

    np.testing.assert_allclose(np.ma.filled(tiles.get_array(), np.nan), table.to_numpy())
    edges = np.asarray(tiles.get_coordinates())
    assert edges[0, :, 0] == pytest.approx(10.0 ** np.array([-3.5, -2.5, -1.5, -0.5]))
    assert edges[:, 0, 1] == pytest.approx(10.0 ** np.array([-4.5, -3.5, -2.5]))
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("L1's λ (log scale)", "L2's λ (log scale)")


def test_points_between_the_decades_are_circles_and_the_best_is_ringed(independent):
    axes = figure_of(coefficient_map, independent.snapshot()).axes[0]
    (circles,) = [each for each in axes.collections if not hasattr(each, "get_coordinates")]

    assert circles.get_offsets().tolist() == [[2e-3, 5e-4]] and circles.get_array().tolist() == [0.95]
    (ring,) = axes.lines
    assert (ring.get_xdata()[0], ring.get_ydata()[0]) == (2e-3, 5e-4)
    written = {text.get_text() for text in axes.texts}
    assert written == {"0.802", "0.82", "0.811", "0.901"}  # 1e-3 and 1e-3 has a circle on it


def test_coefficients_off_any_grid_are_circles(sweep):
    tiny = sweep(config(search=INDEPENDENT | {"strategy": "random", "trials": 9}))
    for i in range(1, 6):
        tiny.add(both(1e-3 * i, 7e-4 * i), repeat(0, 0.8 + i / 100), stage="random")
    (circles,) = figure_of(coefficient_map, tiny.snapshot()).axes[0].collections
    assert circles.get_array().tolist() == pytest.approx([0.85, 0.84, 0.83, 0.82, 0.81])


def test_tied_coefficients_have_no_plane(sweep):
    tiny = sweep(config())
    tiny.add(tied("l1_l2", 1e-2), repeat(0, 0.9))
    tiny.add(tied("l1_l2", 1e-3), repeat(0, 0.8))
    assert figure_of(coefficient_map, tiny.snapshot()) is None


@pytest.mark.parametrize("metric", ["accuracy", "log_loss"])
def test_rows_are_targets_and_columns_lambdas(sweep, metric):
    tiny = sweep(config(search=TARGETS, evaluation={"metric": metric}))
    tiny.add(NONE, repeat(0, 0.5))
    scores = {(t, r, v): 0.6 + 0.01 * i for i, (t, r, v) in enumerate(product("ho", ("l1", "l2"), (1e-3, 1e-2)))}
    for (target, regularizer, value), score in scores.items():
        tiny.add(tied(regularizer, value, HIDDEN if target == "h" else OUTPUT), repeat(0, score))
    figure = figure_of(target_map, tiny.snapshot())
    panels = figure.axes[:2]

    assert [axes.get_title(loc="left") for axes in panels] == ["L1", "L2"]
    assert [label.get_text() for label in panels[0].get_yticklabels()] == ["hidden kernel", "output kernel"]
    for axes, regularizer in zip(panels, ("l1", "l2"), strict=True):
        wanted = [[scores[t, regularizer, v] for v in (1e-3, 1e-2)] for t in "ho"]
        np.testing.assert_allclose(mesh(axes).get_array(), wanted)
    ringed = [len(axes.lines) for axes in panels]
    assert ringed == ([0, 1] if metric == "accuracy" else [0, 0])  # of the losses no regularization's is the least
    brighter = mesh(panels[0]).get_cmap().name
    assert brighter == ("viridis" if metric == "accuracy" else "viridis_r")


def test_one_target_has_no_rows_to_compare(sweep):
    tiny = sweep(config(search=TARGETS))
    tiny.add(tied("l1", 1e-3), repeat(0, 0.9))
    assert figure_of(target_map, tiny.snapshot()) is None
