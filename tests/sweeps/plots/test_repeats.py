import pytest

from sweeps.plots import repeats
from sweeps.plots.pictures import figure_of
from tests.sweeps.tiny import NONE, config, repeat, tied


def rows(axes):
    """The score of every point that is a repeat, by the row it is nearest to."""
    points = [line for line in axes.lines if line.get_marker() == "o"]
    return {
        round(sum(line.get_ydata()) / len(line.get_ydata())): [float(x) for x in line.get_xdata()] for line in points
    }


def test_every_repeat_of_the_database_is_a_point(l2):
    (axes,) = figure_of(repeats, l2.snapshot()).axes
    names = ["No regularization", "L2, λ = 1e-3 (best)", "L2, λ = 1e-2", "L2, λ = 1e-1"]
    table = l2.results.repeats("tiny", "search", where="status = 'ok' AND state = 'complete'")
    table["lambda"] = table["lambda"].fillna(0.0)
    stored = {value: list(own["validation_score"]) for value, own in table.groupby("lambda")}

    assert [label.get_text() for label in axes.get_yticklabels()] == names
    assert list(rows(axes).values()) == [stored[value] for value in (0.0, 1e-3, 1e-2, 1e-1)]
    means = [float(line.get_xdata()[0]) for line in axes.lines if line.get_marker() == "|"]
    assert means == pytest.approx([0.99, 0.94, 0.93, 0.85])


def test_points_of_a_row_are_in_the_order_of_their_repeats(l2):
    (axes,) = figure_of(repeats, l2.snapshot()).axes
    line = next(line for line in axes.lines if list(line.get_xdata()) == [0.92, 0.96])
    assert list(line.get_ydata()) == pytest.approx([1 - repeats.SPREAD, 1 + repeats.SPREAD])


def test_the_best_and_no_regularization_are_among_very_many(sweep):
    tiny = sweep(config(search={"regularizers": ["none", "l2"]}, evaluation={"repeats": 2}))
    tiny.add(NONE, repeat(0, 0.1), repeat(1, 0.2))
    for i in range(repeats.MOST + 3):
        tiny.add(tied("l2", 1e-3 * (1 + i)), repeat(0, 0.5 + i / 100), repeat(1, 0.5 + i / 100))
    picture = repeats.collect(tiny.snapshot())

    assert len(picture.strips) == repeats.MOST
    assert picture.strips[0].candidate.id == picture.best.id and picture.strips[-1].candidate.is_baseline
    caption = figure_of(repeats, tiny.snapshot()).texts[-1].get_text()
    assert caption.endswith("; 2 far outside drawn at the edge")


def test_single_repeats_have_no_spread_to_show(sweep):
    tiny = sweep(config())
    tiny.add(NONE, repeat(0, 0.9))
    assert repeats.collect(tiny.snapshot()) is None
