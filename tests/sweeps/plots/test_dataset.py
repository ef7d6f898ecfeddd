import numpy as np
import pytest

from regsearch.data import make_split
from regsearch.seeds import repeat_seed, split_seed
from sweeps.plots import dataset
from sweeps.plots.pictures import figure_of
from tests.sweeps.tiny import config


def test_collects_the_rows_that_trainings_see(sweep):
    tiny = sweep(config())
    picture = dataset.collect(tiny.snapshot())

    assert (len(picture.train.x), len(picture.validation.x)) == (30, 70)
    assert (picture.source, picture.classes, picture.one_of_many) == ("moons", [0, 1], False)


def test_shows_the_first_repeats_split_where_each_has_its_own(sweep):
    tiny = sweep(config(seed=7, data={"source": "circles"}))
    picture = dataset.collect(tiny.snapshot())

    first = make_split(tiny.config.data.spec(), seed=split_seed(repeat_seed(7, "search", 0)))
    assert np.array_equal(picture.train.rows, first.train.rows)
    assert picture.one_of_many
    assert "first repeat" in figure_of(dataset, tiny.snapshot()).get_suptitle()


def test_draws_every_row_with_class_and_part_told_apart(sweep):
    tiny = sweep(config())
    picture = dataset.collect(tiny.snapshot())
    figure = figure_of(dataset, tiny.snapshot())
    (axes,) = figure.axes

    looks = {(line.get_marker(), line.get_color(), line.get_markerfacecolor()) for line in axes.lines}
    assert len(looks) == len(axes.lines) == 4
    drawn = np.concatenate([line.get_xydata() for line in axes.lines])
    expected = np.concatenate([picture.train.x, picture.validation.x])
    assert np.allclose(np.sort(drawn, axis=0), np.sort(expected, axis=0))
    last = axes.lines[-1]  # filled: the train rows of class 1, above all others
    assert np.allclose(last.get_xydata(), picture.train.x[picture.train.y[:, 0] == 1])
    assert last.get_markerfacecolor() != "none"
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("x1", "x2")
    first = int((picture.train.y == 0).sum())
    assert figure.legends[0].get_texts()[0].get_text() == f"Class 0, train ({first} rows)"


@pytest.mark.parametrize("source", ["diabetes", "iris"])
def test_nothing_to_draw_where_the_data_are_not_classes_in_a_plane(sweep, source):
    tiny = sweep(config(data={"source": source}))

    assert figure_of(dataset, tiny.snapshot()) is None
