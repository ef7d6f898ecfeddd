import pytest

from regsearch.spec import Target
from regsearch.weights import matching
from sweeps.plots import norms
from sweeps.plots.norms import Norm
from sweeps.plots.pictures import figure_of
from tests.sweeps.tiny import HIDDEN, NONE, OUTPUT, config, repeat, tied


def test_collects_the_penalized_weights_norm(l2):
    (panel,) = norms.collect(l2.snapshot()).panels

    (line,) = panel.lines
    assert panel.target == "hidden kernel"
    assert line.lambdas == [1e-3, 1e-2, 1e-1]
    found = [panel.norms[point.id] for point in line.points]
    assert [one.mean for one in found] == pytest.approx([7.0, 4.0, 2.0])  # of 6 and 8, 3 and 5, 1 and 3
    assert [one.std for one in found] == pytest.approx([2**0.5] * 3)
    assert panel.none is not None and panel.norms[panel.none.id] == Norm(mean=10.0, std=0.0)
    assert panel.initial == 2.0


@pytest.mark.parametrize(
    ("target", "before", "after"),
    [
        (Target(layers="hidden"), 3.0, 4.0),
        (Target(layers="output"), 4.0, 3.0),
        (Target(layers="#1"), 3.0, 4.0),
        (Target(layers="Dense"), 5.0, 5.0),
        (Target(layers="all"), 5.0, 5.0),  # √(3² + 4²)
        (Target(layers="hidden", weights=("kernel", "bias")), 3.0, (4.0**2 + 12.0**2) ** 0.5),
        (Target(layers="output", weights=("bias",)), 0.0, 7.0),
    ],
)
def test_squares_add_up_over_a_targets_weights(sweep, target, before, after):
    tiny = sweep(config())
    weights = {
        ("words", "kernel"): (3.0, 4.0),  # layers go from the input to the output, not by the alphabet
        ("words", "bias"): (0.0, 12.0),
        ("output", "kernel"): (4.0, 3.0),
        ("output", "bias"): (0.0, 7.0),
    }
    number = tiny.add(NONE, repeat(0, 0.9, norms=weights))
    found = tiny.snapshot().weight_norms
    table = norms.norms_of(found, {f"{w.layer}/{w.name}" for w in matching(norms.weights_of(found), target)})

    assert table.loc[(number, 0), "before"] == pytest.approx(before)
    assert table.loc[(number, 0), "after"] == pytest.approx(after)


def test_draws_a_line_with_bars_and_both_references(l2):
    figure = figure_of(norms, l2.snapshot())
    (axes,) = figure.axes

    assert axes.get_xscale() == "log"
    (bars,) = axes.containers
    assert list(bars[0].get_xdata()) == [1e-3, 1e-2, 1e-1]
    assert bars[0].get_ydata() == pytest.approx([7.0, 4.0, 2.0])
    assert bars.lines[2][0].get_segments()[0][:, 1] == pytest.approx([7 - 2**0.5, 7 + 2**0.5])
    levels = [line.get_ydata()[0] for line in axes.lines if list(line.get_xdata()) == [0, 1]]
    assert levels == pytest.approx([2.0, 10.0])
    marked = [line for line in axes.lines if line.get_markerfacecolor() == "none"]
    assert [(list(line.get_xdata()), list(line.get_ydata())) for line in marked] == [([1e-3], [pytest.approx(7.0)])]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("λ (log scale)", "Weight norm √Σw²")
    entries = [text.get_text() for text in figure.legends[0].get_texts()]
    assert entries == ["L2", "Best configuration", "No regularization", "Before training"]


def test_a_panel_for_each_target_that_has_points(sweep):
    targets = [{"layers": "hidden"}, {"layers": "output"}, {"layers": "all"}]
    tiny = sweep(config(search={"targets": targets}))
    weights = {("hidden_1", "kernel"): (3.0, 4.0), ("output", "kernel"): (4.0, 3.0)}
    tiny.add(tied("l1", 1e-3), repeat(0, 0.9, norms=weights))
    tiny.add(tied("l2", 1e-3, OUTPUT), repeat(0, 0.9, norms=weights))
    figure = figure_of(norms, tiny.snapshot())

    assert [axes.get_title(loc="left") for axes in figure.axes] == ["Weights: hidden kernel", "Weights: output kernel"]
    assert [axes.containers[0][0].get_ydata()[0] for axes in figure.axes] == pytest.approx([4.0, 3.0])
    assert not any(axes.containers[0].has_yerr for axes in figure.axes)


@pytest.mark.parametrize(("smallest", "scale"), [(1.0, "linear"), (0.01, "log")])
def test_norms_that_span_much_are_on_a_log_axis(sweep, smallest, scale):
    tiny = sweep(config())
    for value, norm in ((1e-3, 4.0), (1e-1, smallest)):
        weights = {("hidden_1", "kernel"): (3.0, norm), ("output", "kernel"): (4.0, 3.0)}
        tiny.add(tied("l2", value), repeat(0, 0.9, norms=weights))

    assert figure_of(norms, tiny.snapshot()).axes[0].get_yscale() == scale


def test_nothing_to_draw_without_a_finished_lambda(sweep):
    tiny = sweep(config())
    tiny.add(NONE, repeat(0, 0.9, norms={("hidden_1", "kernel"): (1.0, 2.0), ("output", "kernel"): (1.0, 2.0)}))

    assert figure_of(norms, tiny.snapshot()) is None


def test_a_target_has_the_weights_that_were_recorded_with_the_sweep(sweep):
    tiny = sweep(config(search={"regularizers": ["none", "l2"]}))
    tiny.add(NONE, repeat(0, 0.9, norms={("h", "w"): (3.0, 4.0), ("out", "w"): (1.0, 2.0)}))
    penalized = [{"target": "hidden kernel", "weights": ["h/w"]}]  # no names of roles: they say nothing here
    tiny.records.add_checks(tiny.id, {"layout": {"penalized": penalized}})
    assert norms.weights_of_target(tiny.snapshot(), HIDDEN) == {"h/w"}
