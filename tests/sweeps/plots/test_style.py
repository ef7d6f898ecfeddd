import matplotlib
import pytest

from regsearch.scoring import METRICS
from sweeps.plots import style


def test_a_log_axis_is_for_positive_values_that_span_much():
    assert style.is_wide([1.0, 21.0])
    assert not style.is_wide([1.0, 19.0])
    assert not style.is_wide([0.0, 21.0])
    assert not style.is_wide([])


def test_saving_leaves_nothing_behind(tmp_path):
    import matplotlib._pylab_helpers as pylab

    before = dict(matplotlib.rcParams)
    style.save(style.new_figure(), tmp_path / "new" / "folder", "empty")

    assert sorted(path.name for path in (tmp_path / "new" / "folder").iterdir()) == ["empty.png", "empty.svg"]
    assert dict(matplotlib.rcParams) == before
    assert not pylab.Gcf.figs


def test_a_picture_that_fails_to_be_written_leaves_the_older_one(tmp_path, monkeypatch):
    old = tmp_path / "empty.png"
    old.write_bytes(b"old")

    def full(*_: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr("os.replace", full)
    with pytest.raises(OSError, match="no space"):
        style.save(style.new_figure(), tmp_path, "empty")
    assert [path.name for path in tmp_path.iterdir()] == ["empty.png"]
    assert old.read_bytes() == b"old"


def test_line_styles_differ_in_more_than_colour():
    for styles in ([style.TRAIN, style.VALIDATION], list(style.REGULARIZERS.values())):
        assert len({one.linestyle for one in styles}) == len({one.marker for one in styles}) == len(styles)


def test_every_metric_has_a_name_on_its_axis():
    assert set(style.METRIC_NAMES) == {*METRICS, "top_k"}
    assert style.metric_name("top_5") == "Top-5 accuracy"
    assert style.metric_name("my_metrics.py:score") == "score"


def test_a_long_title_is_wrapped_within_the_figure_and_is_one_line_in_files():
    figure = style.new_figure()
    title = "breast-cancer-with-wide-network: how far train and validation rows lie apart"
    style.panels(figure, 1, 1, title=title, height=3, header=0.5)
    figure.canvas.draw()
    box = figure._suptitle.get_window_extent()
    assert box.x1 <= figure.bbox.x1 and box.y1 <= figure.bbox.y1 and "\n" in figure.get_suptitle()
    assert style.title_of(figure) == title
