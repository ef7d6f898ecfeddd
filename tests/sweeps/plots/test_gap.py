import pytest

from sweeps.plots import gap
from sweeps.plots.pictures import figure_of
from tests.sweeps.tiny import NONE, OUTPUT, config, repeat, tied


def test_the_gap_is_train_less_validation_over_the_repeats(l2):
    (axes,) = figure_of(gap, l2.snapshot()).axes
    (bars,) = axes.containers
    table = l2.results.repeats("tiny", "search", where="regularizer = 'l2' AND state = 'complete'")
    gaps = (table["train_score"] - table["validation_score"]).groupby(table["lambda"])

    assert list(bars[0].get_xdata()) == list(gaps.groups)
    assert bars[0].get_ydata() == pytest.approx(gaps.mean().tolist())
    ends = [segment[:, 1] for segment in bars.lines[2][0].get_segments()]
    assert [(high - low) / 2 for low, high in ends] == pytest.approx(gaps.std().tolist())
    across = [line.get_ydata()[0] for line in axes.lines if list(line.get_xdata()) == [0, 1]]
    assert across == pytest.approx([0.0, 0.01])  # zero, and no regularization's 1.0 - 0.99
    ringed = [(x, y) for line in axes.lines if line.get_markerfacecolor() == "none" for x, y in [line.get_data()]]
    assert [(list(x), list(y)) for x, y in ringed] == [([1e-3], [pytest.approx(0.04)])]
    assert axes.get_ylabel() == "Train better by, accuracy"


def test_of_a_loss_less_on_train_rows_is_better_there(sweep):
    tiny = sweep(config(search={"regularizers": ["l2"]}, evaluation={"metric": "log_loss"}))
    tiny.add(tied("l2", 1e-2), repeat(0, 0.5, 0.2))
    (axes,) = figure_of(gap, tiny.snapshot()).axes

    assert axes.containers[0][0].get_ydata() == pytest.approx([0.3])
    assert not axes.containers[0].has_yerr


def test_a_line_for_each_regularizer_and_target(sweep):
    tiny = sweep(config(search={"targets": [{"layers": "hidden"}, {"layers": "output"}]}))
    for configuration in (NONE, tied("l1", 1e-3), tied("l1", 1e-2, OUTPUT), tied("l2", 1e-3)):
        tiny.add(configuration, repeat(0, 0.9))
    entries = [text.get_text() for text in figure_of(gap, tiny.snapshot()).legends[0].get_texts()]

    lines = ["L1 on hidden kernel", "L2 on hidden kernel", "L1 on output kernel"]
    assert entries == [*lines, "Best configuration", "No regularization"]


def test_nothing_to_draw_without_a_finished_lambda(sweep):
    tiny = sweep(config())
    tiny.add(NONE, repeat(0, 0.9))
    assert figure_of(gap, tiny.snapshot()) is None
