"""What the dashboard's figures draw equals what the database holds."""

import json
from typing import Any

import pytest

from sweeps.analysis.snapshot_loader import load_snapshot
from sweeps.plots import comparison
from sweeps.plots.interactive import lambda_curves
from sweeps.plots.interactive.figures import interactive_figures
from sweeps.plots.interactive.plotly_figure import PlotlyFigure, axis
from tests.sweeps.tiny import NONE, config, repeat, tied


def figures(tiny) -> dict[str, Any]:
    """Return each figure as the dashboard reads it."""
    with tiny.results.at_one_moment(tiny.config.name) as reader:
        end_times = reader.end_times()
    found = interactive_figures(load_snapshot(tiny.results, tiny.config.name), end_times)
    return {name: json.loads(figure.to_json()) for name, figure in found.items()}


def traces(figure) -> dict[str, Any]:
    return {trace["name"]: trace for trace in figure["data"]}


def test_the_lambda_curves_are_the_leaderboard(l2):
    found = traces(figures(l2)["lambda-curves"])
    board = l2.results.leaderboard("tiny", where="regularizer = 'l2' AND state = 'complete'", sort="lambda")

    assert found["L2"]["x"] == board["lambda"].tolist()
    assert found["L2"]["y"] == pytest.approx(board["mean"].tolist(), abs=1e-6)
    assert found["L2"]["error_y"]["array"] == pytest.approx(board["std"].tolist(), abs=1e-6)
    assert found["L2, train rows"]["y"] == pytest.approx(board["train_mean"].tolist(), abs=1e-6)
    assert found["No regularization"]["y"] == [0.99, 0.99]
    assert (found["Best"]["x"], found["1 SE: largest λ within one SE of best"]["x"]) == ([1e-3], [1e-2])


def test_the_differences_are_those_of_the_row_scores(l2):
    figure = figures(l2)["paired-differences"]
    (trace,) = figure["data"]
    (one,) = comparison.collect(l2.snapshot()).compared
    interval = one.validation.claim.interval

    assert figure["layout"]["yaxis"]["ticktext"] == ["L2, λ = 1e-3 (best)"]
    assert trace["x"] == pytest.approx([0.94 - 0.99], abs=1e-6)
    assert trace["error_x"]["array"] == pytest.approx([interval.high + 0.05], rel=1e-4)
    assert trace["error_x"]["arrayminus"] == pytest.approx([-0.05 - interval.low], rel=1e-4)
    assert trace["name"] == "Validation rows (served to choose), not shown"


def test_the_norms_are_those_of_the_penalized_weights(l2):
    found = traces(figures(l2)["weight-norms"])

    assert found["L2"]["y"] == pytest.approx([7.0, 4.0, 2.0])  # of 6 and 8, 3 and 5, 1 and 3
    assert found["No regularization"]["y"] == [10.0, 10.0] and found["Before training"]["y"] == [2.0, 2.0]


def test_the_losses_are_means_of_the_learning_curves(l2):
    found = traces(figures(l2)["learning-curves"])
    stored = l2.results.curves("tiny", where='"lambda" = 0.001')
    means = stored.groupby("epoch")[["train_loss", "validation_loss"]].mean()

    names = ["No regularization, train", "No regularization, validation"]
    assert list(found) == [*names, "Best: L2, λ = 1e-3, train", "Best: L2, λ = 1e-3, validation"]
    for subset in ("train", "validation"):
        trace = found[f"Best: L2, λ = 1e-3, {subset}"]
        assert trace["x"] == means.index.tolist()
        assert trace["y"] == pytest.approx(means[f"{subset}_loss"].tolist(), rel=1e-5)


def test_every_repeat_is_a_point(l2):
    figure = figures(l2)["repeats"]
    found, names = traces(figure), figure["layout"]["yaxis"]["ticktext"]
    rows = l2.results.repeats("tiny", "search", where="status = 'ok' AND state = 'complete'")

    assert names == ["No regularization", "L2, λ = 1e-3 (best)", "L2, λ = 1e-2", "L2, λ = 1e-1"]
    shown = [(round(y), x) for y, x in zip(found["Repeat"]["y"], found["Repeat"]["x"], strict=True)]
    assert shown == [(1, 0.92), (1, 0.96), (2, 0.93), (2, 0.93), (3, 0.80), (3, 0.90)]
    assert len(shown) + len(found["Repeat, no regularization"]["x"]) == len(rows)


def test_progress_counts_what_is_over_in_each_stage(l2):
    l2.add(tied("l2", 3e-2), repeat(0, 0.9, norms={("hidden_1", "kernel"): (1.0, 2.0)}), stage="fine")
    l2.add(tied("l2", 5e-2), repeat(0, 0.9), stage="fine", state="open")
    found = traces(figures(l2)["progress"])

    assert list(found) == ["coarse (4)", "control (1)", "fine (1)"]  # one of the first diverged
    assert found["coarse (4)"]["y"] == [1, 2, 3, 4]
    ended = l2.results.repeats("tiny", where='"lambda" = 0.03')["finished_at"].iloc[0]
    assert found["fine (1)"]["x"] == [ended.strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]]


def test_titles_and_axes_are_named(l2):
    found = figures(l2)
    titles = {name: figure["layout"]["title"]["text"] for name, figure in found.items()}

    assert titles == {
        "paired-differences": "Paired differences to no regularization, 95 %",
        "lambda-curves": "Score against λ: accuracy on validation rows",
        "learning-curves": "Learning curves: loss without penalty, mean over repeats",
        "repeats": "Every repeat of the best configurations",
        "weight-norms": "Weight norms against λ, after training",
        "progress": "Progress: configurations done in each stage",
    }
    assert found["lambda-curves"]["layout"]["xaxis"]["type"] == "log"
    assert found["lambda-curves"]["layout"]["yaxis"]["title"]["text"] == "Accuracy"


def test_of_very_many_points_the_best_are_drawn(sweep, monkeypatch):
    monkeypatch.setattr(lambda_curves, "MOST", 5)
    tiny = sweep(config(search={"regularizers": ["l2"]}))
    for i in range(8):
        tiny.add(tied("l2", 1e-3 + i * 1e-6), repeat(0, 0.5 + i / 1e4))
    shown = traces(figures(tiny)["lambda-curves"])["L2"]

    assert len(shown["x"]) == 5 and min(shown["y"]) == pytest.approx(0.5 + 3e-4)


def test_there_is_nothing_to_show_of_nothing(sweep):
    tiny = sweep(config())
    assert figures(tiny) == {}
    tiny.add(NONE, repeat(0, 0.9))
    assert list(figures(tiny)) == ["progress"]


def test_markup_stays_text_and_what_is_not_finite_is_null():
    trace = {"x": [1 / 3, float("nan"), float("inf")], "y": (1, 2, 3)}
    figure = PlotlyFigure(title="<b>a & b</b>", traces=(trace,), x=axis("<i>"), y={})
    found = json.loads(figure.to_json())

    assert found["data"] == [{"x": [0.333333, None, None], "y": [1, 2, 3]}]
    assert found["layout"]["title"]["text"] == "&lt;b&gt;a &amp; b&lt;/b&gt;"
    assert found["layout"]["xaxis"]["title"]["text"] == "&lt;i&gt;"
