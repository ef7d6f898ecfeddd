import pytest

from sweeps.plots import curves
from sweeps.plots.pictures import figure_of
from tests.sweeps.plots.conftest import CURVE
from tests.sweeps.tiny import NONE, OUTPUT, config, repeat, tied


def test_collects_no_regularization_and_the_best(l2):
    none, best = curves.collect(l2.snapshot()).learnings

    assert [none.title, best.title] == ["No regularization", "Best: L2, λ = 1e-3"]
    assert list(best.mean.index) == [5, 10, 15]
    assert best.mean["validation_loss"].tolist() == pytest.approx([0.6, 0.3, 0.5])
    assert best.std["validation_loss"].tolist() == pytest.approx([0.1 * 2**0.5, 0.0, 0.1 * 2**0.5])
    assert none.mean["validation_loss"].tolist() == pytest.approx([0.5, 0.3, 0.4])
    assert best.turn == 10


def test_averages_up_to_where_the_first_repeat_stopped(sweep):
    tiny = sweep(config())
    stopped = {name: values[:2] for name, values in CURVE.items()} | {"epochs": [5, 8]}  # between two points
    tiny.add(tied("l2", 1e-2), repeat(0, 0.9, curve=CURVE), repeat(1, 0.9, curve=stopped))

    (best,) = curves.collect(tiny.snapshot()).learnings

    assert list(best.mean.index) == [5]


def test_draws_loss_above_score_with_bands(l2):
    figure = figure_of(curves, l2.snapshot())
    _, loss, none_score, score = figure.axes

    train, validation, turn = loss.lines
    assert list(validation.get_xdata()) == [5, 10, 15]
    assert validation.get_ydata() == pytest.approx([0.6, 0.3, 0.5])
    assert train.get_ydata() == pytest.approx([0.4, 0.2, 0.1])
    assert (turn.get_xdata()[0], turn.get_ydata()[0]) == pytest.approx((10, 0.3))
    band = loss.collections[1].get_paths()[0].vertices  # around the mean at 5 epochs: 0.6 ± 0.1·√2
    assert sorted(set(band[band[:, 0] == 5, 1])) == pytest.approx([0.6 - 0.1 * 2**0.5, 0.6 + 0.1 * 2**0.5])
    assert score.lines[1].get_ydata() == pytest.approx([0.7, 0.9, 0.8])
    assert (none_score.get_xlabel(), none_score.get_ylabel()) == ("Epochs", "Accuracy")
    assert figure.axes[0].get_ylabel() == "Loss without penalty"
    assert figure.axes[0].get_ylim() == loss.get_ylim()
    entries = [text.get_text() for text in figure.legends[0].get_texts()]
    assert entries == ["Train", "Validation", "Lowest validation loss"]


def test_a_single_repeat_has_no_band(sweep):
    tiny = sweep(config())
    tiny.add(tied("l2", 1e-2), repeat(0, 0.9, curve=CURVE))
    figure = figure_of(curves, tiny.snapshot())

    assert [len(axes.collections) for axes in figure.axes] == [0, 0]
    assert not any("deviation" in text.get_text() for text in figure.texts)


def test_one_column_where_no_regularization_is_best(sweep):
    tiny = sweep(config())
    tiny.add(NONE, repeat(0, 0.95, curve=CURVE))
    tiny.add(tied("l2", 1e-2), repeat(0, 0.9, curve=CURVE))

    assert [one.title for one in curves.collect(tiny.snapshot()).learnings] == ["No regularization"]


def test_names_the_target_where_there_are_several(sweep):
    tiny = sweep(config(search={"targets": [{"layers": "hidden"}, {"layers": "output"}]}))
    tiny.add(tied("l1", 1e-2, OUTPUT), repeat(0, 0.9, curve=CURVE))

    (best,) = curves.collect(tiny.snapshot()).learnings
    assert best.title == "Best: L1 on output kernel, λ = 1e-2"


@pytest.mark.parametrize(("highest", "scale"), [(5.0, "linear"), (50.0, "log")])
def test_losses_are_on_a_log_axis_where_validation_spans_much(sweep, highest, scale):
    tiny = sweep(config())
    tiny.add(NONE, repeat(0, 0.9, curve=CURVE | {"validation_loss": [highest, 2.0, 1.0], "train_loss": [9, 1, 1e-3]}))
    figure = figure_of(curves, tiny.snapshot())

    assert figure.axes[0].get_yscale() == scale
    assert figure.axes[1].get_yscale() == "linear"


def test_nothing_to_draw_without_curves(sweep):
    tiny = sweep(config())
    tiny.add(NONE, repeat(0, 0.9))

    assert figure_of(curves, tiny.snapshot()) is None


def test_a_metric_that_is_not_known_along_the_way_is_told(sweep):
    tiny, unknown = sweep(config()), [float("nan")] * 3
    curve = CURVE | {"train_score": unknown, "validation_score": unknown}
    tiny.add(tied("l2", 1e-2), repeat(0, 0.9, curve=curve))
    loss, score = figure_of(curves, tiny.snapshot()).axes

    assert [text.get_text() for text in score.texts] == ["a metric of your own has no curve"]
    assert not loss.texts
