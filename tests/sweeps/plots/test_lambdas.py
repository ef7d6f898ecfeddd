from dataclasses import replace

import numpy as np
import pytest

from regsearch.spec import Schedule
from sweeps.analysis.selection import choose
from sweeps.plots import lambdas, style
from sweeps.plots.pictures import figure_of
from tests.sweeps.tiny import NONE, OUTPUT, config, repeat, tied


def drawn(tiny):
    found = figure_of(lambdas, tiny.snapshot())
    assert found is not None
    return found


def entries(figure):
    return [text.get_text() for text in figure.legends[0].get_texts()]


def uprights(axes):
    """The x of lines from the lower to the upper edge."""
    return [line.get_xdata()[0] for line in axes.lines if list(line.get_ydata()) == [0, 1]]


def levels(axes):
    """The y of lines from the left to the right edge."""
    return [line.get_ydata()[0] for line in axes.lines if list(line.get_xdata()) == [0, 1]]


def test_collects_points_by_rising_lambda_without_those_that_diverged(l2):
    picture = lambdas.collect(l2.snapshot())

    (line,) = picture.lines
    assert line.family == ("l2", "hidden kernel", "")
    assert line.lambdas == [1e-3, 1e-2, 1e-1]
    assert [p.mean for p in line.points] == pytest.approx([0.94, 0.93, 0.85])
    assert [p.std for p in line.points] == pytest.approx([0.02 * 2**0.5, 0.0, 0.05 * 2**0.5])
    assert [p.train_mean for p in line.points] == pytest.approx([0.98] * 3)


def test_the_control_is_shown_but_never_chosen(l2):
    picture = lambdas.collect(l2.snapshot())

    assert picture.none.mean == pytest.approx(0.99)
    assert picture.best.lambda_ == 1e-3
    assert picture.largest.lambda_ == 1e-2  # behind by 0.01 ± 0.02, and 1e-1 by 0.09 ± 0.03


def test_coarse_and_fine_points_are_on_one_line(sweep):
    tiny = sweep(config())
    for value, stage in ((1e-3, "coarse"), (1e-1, "coarse"), (1e-2, "fine")):
        tiny.add(tied("l1", value), repeat(0, 0.9), stage=stage)

    (line,) = lambdas.collect(tiny.snapshot()).lines
    assert line.lambdas == [1e-3, 1e-2, 1e-1]


def test_draws_lines_with_bars_on_a_log_axis(l2):
    figure = drawn(l2)
    (axes,) = figure.axes

    assert axes.get_xscale() == "log"
    train, validation = (bars[0] for bars in axes.containers)
    assert list(validation.get_xdata()) == [1e-3, 1e-2, 1e-1]
    assert validation.get_ydata() == pytest.approx([0.94, 0.93, 0.85])
    assert train.get_ydata() == pytest.approx([0.98] * 3)
    assert validation.get_color() != train.get_color()
    assert validation.get_linestyle() != train.get_linestyle()
    bars = axes.containers[1].lines[2][0].get_segments()
    assert bars[0][:, 1] == pytest.approx([0.94 - 0.02 * 2**0.5, 0.94 + 0.02 * 2**0.5])
    assert levels(axes) == pytest.approx([1.0, 0.99])


def test_upright_lines_mark_the_best_and_the_largest_within_one_standard_error(l2):
    figure = drawn(l2)
    (axes,) = figure.axes

    assert uprights(axes) == [1e-3, 1e-2]
    assert [(t.get_text().strip(), t.xy[0]) for t in axes.texts] == [("best", 1e-3), ("1 SE", 1e-2)]
    assert entries(figure) == [
        "Validation",
        "Train",
        "Validation, no regularization",
        "Train, no regularization",
        "Bar of the one-SE rule",
        "Best: λ = 1e-3",
        "1 SE: λ = 1e-2",
    ]


def test_the_bar_of_the_one_se_rule_is_the_one_that_chose(l2):
    snapshot = l2.snapshot()
    (axes,) = drawn(l2).axes
    (bar,) = [line for line in axes.lines if line.get_marker() == "_" and line.get_color() == style.BLACK]
    bars = dict(zip(bar.get_xdata(), bar.get_ydata(), strict=True))
    means = {c.lambda_: c.mean for c in snapshot.candidates}

    seeds, unseen = {1e-2: 0.02, 1e-1: 0.03}, 1 / 100  # standard errors of the differences, 0.01 and 0.09
    assert bars == pytest.approx({value: 0.94 - np.hypot(se, unseen) for value, se in seeds.items()})
    taken = [value for value in bars if means[value] >= bars[value]]
    assert max(taken) == choose(snapshot, "one-se").lambda_ == 1e-2


def test_names_what_is_on_the_axes_and_what_bars_mean(l2):
    figure = drawn(l2)
    (axes,) = figure.axes

    assert (axes.get_xlabel(), axes.get_ylabel()) == ("λ (log scale)", "Accuracy")
    assert axes.get_title(loc="left") == "L2"
    assert figure.get_suptitle() == "tiny: accuracy against λ"
    captions = [text.get_text() for text in figure.texts]
    assert "Bars: ± 1 standard deviation over 2 repeats; 1 SE: largest λ within one SE of best" in captions


def test_one_upright_line_where_the_best_is_the_largest(sweep):
    tiny = sweep(config(search={"regularizers": ["l2"]}))
    tiny.add(tied("l2", 1e-2), repeat(0, 0.9))
    figure = drawn(tiny)

    assert uprights(figure.axes[0]) == [1e-2]
    assert [t.get_text() for t in figure.axes[0].texts] == ["best = 1 SE"]
    assert entries(figure)[2:] == ["Best and 1 SE: λ = 1e-2"]


def test_a_single_repeat_has_no_bars(sweep):
    tiny = sweep(config(search={"regularizers": ["l2"]}))
    tiny.add(tied("l2", 1e-2), repeat(0, 0.9))
    figure = drawn(tiny)

    assert [bars.has_yerr for bars in figure.axes[0].containers] == [False, False]
    assert not any("deviation" in text.get_text() for text in figure.texts)


def test_no_upright_line_where_no_regularization_is_best(sweep):
    tiny = sweep(config())
    tiny.add(NONE, repeat(0, 0.95))
    tiny.add(tied("l2", 1e-2), repeat(0, 0.9))
    figure = drawn(tiny)

    assert uprights(figure.axes[0]) == []
    assert entries(figure)[2] == "Validation, no regularization (best)"


def test_a_panel_for_each_regularizer_and_target(sweep):
    targets = [{"layers": "hidden"}, {"layers": "output"}]
    tiny = sweep(config(search={"regularizers": ["l1", "l2"], "targets": targets}))
    tiny.add(tied("l1", 1e-3), repeat(0, 0.90))
    tiny.add(tied("l1", 1e-2, OUTPUT), repeat(0, 0.97))
    tiny.add(tied("l2", 1e-1), repeat(0, 0.92))
    axes = [one for one in drawn(tiny).axes if one.get_visible()]

    titles = ["L1 on hidden kernel", "L2 on hidden kernel", "L1 on output kernel"]
    assert [one.get_title(loc="left") for one in axes] == titles
    points = [[list(bars[0].get_xdata()) for bars in one.containers[1:]] for one in axes]
    assert points == [[[1e-3]], [[1e-1]], [[1e-2]]]
    assert [uprights(one) for one in axes] == [[], [], [1e-2]]  # the winner's panel alone
    assert axes[0].get_ylim() == axes[1].get_ylim()


def test_families_and_weight_decay_have_panels_of_their_own(sweep):
    tiny = sweep(config(training={"epochs": 10}, search={"regularizers": ["l2", "weight_decay"]}))
    tiny.add(tied("l2", 1e-3), repeat(0, 0.90))
    for ratio in (0.5, 0.1):
        tiny.add(replace(tied("l2", 1e-2), ratio=ratio), repeat(0, 0.91))
    tiny.add(tied("weight_decay", 1e-1), repeat(0, 0.92))
    tiny.add(replace(tied("l2", 1e-1), schedule=Schedule(name="rising", phases=((5, 0.0), (5, 0.1)))), repeat(0, 0.93))
    axes = [one for one in drawn(tiny).axes if one.get_visible()]

    titles = ["L2 on hidden kernel", "L2 on hidden kernel, decreasing", "Weight decay"]
    assert [one.get_title(loc="left") for one in axes] == titles
    points = [list(one.containers[-1][0].get_xdata()) for one in axes]
    assert points == [[1e-3], [1e-2, 1e-2], [1e-1]]
    assert [one.containers[-1][0].get_linestyle() for one in axes] == ["-", "None", "-"]


def test_less_is_better_for_a_loss(sweep):
    tiny = sweep(config(search={"regularizers": ["l2"]}, evaluation={"metric": "log_loss"}))
    for value, score in ((1e-3, 0.5), (1e-2, 0.2), (1e-1, 0.9)):
        tiny.add(tied("l2", value), repeat(0, score))
    figure = drawn(tiny)

    assert uprights(figure.axes[0]) == [1e-2]
    assert figure.axes[0].get_ylabel() == style.METRIC_NAMES["log_loss"] == "Log loss"


def test_nothing_to_draw_without_a_finished_lambda(sweep):
    tiny = sweep(config())
    tiny.add(NONE, repeat(0, 0.9))
    tiny.add(tied("l2", 1e-2), repeat(0, 0.9), state="open")

    assert figure_of(lambdas, tiny.snapshot()) is None


def test_every_order_of_magnitude_is_marked_in_three_panels(sweep):
    tiny = sweep(config())
    for regularizer in ("l1", "l2", "l1_l2"):
        for value in (1e-6, 1e-1):
            tiny.add(tied(regularizer, value), repeat(0, 0.9))
    axes = drawn(tiny).axes[0]

    low, high = axes.get_xlim()
    assert [x for x in axes.get_xticks() if low <= x <= high] == pytest.approx([1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1])


def test_marks_stay_on_the_page_at_either_end(sweep):
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    tiny = sweep(config(search={"regularizers": ["l1", "l2", "l1_l2"]}))
    for regularizer in ("l1", "l2", "l1_l2"):
        for value in np.logspace(-6, -1, 6):
            tiny.add(tied(regularizer, value), repeat(0, 0.95 if (regularizer, value) == ("l1_l2", 0.1) else 0.9))
    figure = drawn(tiny)
    FigureCanvasAgg(figure).draw()

    (mark,) = figure.axes[2].texts
    assert mark.get_window_extent().x1 <= figure.bbox.x1
    assert figure.legends[0].get_window_extent().x0 >= 0
    assert figure.legends[0].get_window_extent().x1 <= figure.bbox.x1
