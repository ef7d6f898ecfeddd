import pytest

from sweeps.plots import layer_norms
from sweeps.plots.pictures import figure_of
from tests.sweeps.tiny import NONE, config, repeat, tied


def lines(axes):
    """The y values of each tensor's line, by its marker."""
    return {bars[0].get_marker(): list(bars[0].get_ydata()) for bars in axes.containers}


def test_a_line_for_each_tensor_with_the_norms_of_the_database(l2):
    figure = figure_of(layer_norms, l2.snapshot())
    (axes,) = figure.axes
    table = l2.results.weight_norms("tiny", columns=["lambda", "state", "layer", "weight", "l2_after"])
    table = table[(table["state"] == "complete") & table["lambda"].notna()]
    stored = table.groupby(["layer", "weight", "lambda"])["l2_after"].mean().unstack()

    entries = [text.get_text() for text in figure.legends[0].get_texts()]
    assert entries == [
        "hidden_1/bias, not penalized",
        "hidden_1/kernel",
        "output/kernel, not penalized",
        "Best: λ = 1e-3",
    ]
    assert list(lines(axes).values()) == [row.tolist() for _, row in stored.iterrows()]
    assert stored.loc[("hidden_1", "kernel")].tolist() == [7.0, 4.0, 2.0]
    dashes = [bars[0].get_linestyle() for bars in axes.containers]
    assert dashes == ["--", "-", "--"]


def test_the_winner_and_no_regularization_are_marked(l2):
    (axes,) = figure_of(layer_norms, l2.snapshot()).axes
    upright = [line.get_xdata()[0] for line in axes.lines if list(line.get_ydata()) == [0, 1]]
    ticks = [line.get_ydata()[0] for line in axes.lines if line.get_marker() == "_" and len(line.get_ydata()) == 1]

    assert upright == [1e-3]
    assert ticks == [9.0, 10.0, 8.0]


def test_of_many_tensors_the_penalized_and_the_largest_are_shown(sweep):
    tiny = sweep(config(search={"regularizers": ["l2"]}))
    norms = {(f"layer_{i:02}", "kernel"): (1.0, 10.0 + i) for i in range(12)} | {("hidden_1", "kernel"): (1.0, 0.5)}
    for value in (1e-3, 1e-2):
        tiny.add(tied("l2", value), repeat(0, 0.9, norms=norms))
    penalized = [{"target": "hidden kernel", "weights": ["hidden_1/kernel"]}]
    tiny.records.add_checks(tiny.id, {"layout": {"penalized": penalized}})
    shown = [path.weight for path in layer_norms.collect(tiny.snapshot()).paths]

    largest = [f"layer_{i:02}/kernel" for i in range(5, 12)]
    assert sorted(shown) == ["hidden_1/kernel", *largest] and len(shown) == layer_norms.MOST


def test_nothing_to_draw_of_one_lambda(sweep):
    tiny = sweep(config())
    norms = {("hidden_1", "kernel"): (1.0, 2.0), ("output", "kernel"): (1.0, 2.0)}
    tiny.add(NONE, repeat(0, 0.9, norms=norms))
    tiny.add(tied("l2", 1e-2), repeat(0, 0.95, norms=norms))
    assert figure_of(layer_norms, tiny.snapshot()) is None
    tiny.add(tied("l2", 1e-3), repeat(0, 0.93, norms=norms))
    assert layer_norms.collect(tiny.snapshot()).best.lambda_ == pytest.approx(1e-2)
