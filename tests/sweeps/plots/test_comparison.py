import pytest

from sweeps.plots import comparison, lambdas
from sweeps.plots.pictures import draw_picture, figure_of
from tests.sweeps.tiny import NONE, config, repeat, tied

WORSE = tied("l1", 1e-2)
WINNER = tied("l2", 1e-3)


@pytest.fixture(scope="module")
def confirmed(tmp_path_factory):
    """Of 400 rows none gets 200 right, L1 190, and L2 210 in one repeat and 214 in the other; L2 is confirmed."""
    from tests.sweeps.tiny import Tiny

    tiny = Tiny(f"sqlite:///{tmp_path_factory.mktemp('db') / 'a.db'}", config())
    for configuration, right in ((NONE, (200, 200)), (WORSE, (190, 190)), (WINNER, (210, 214))):
        rows = [[1] * count + [0] * (400 - count) for count in right]
        tiny.add(configuration, *(repeat(i, count / 400, rows=rows[i]) for i, count in enumerate(right)))
        if configuration != WORSE:
            tested = (repeat(i, 0.5, test_rows=rows[i]) for i in range(2))
            tiny.add(configuration, *tested, purpose="confirm")
    yield tiny
    tiny.close()


@pytest.fixture(scope="module")
def snapshot(confirmed):
    return confirmed.snapshot()


def segments(axes, y):
    """The ends of the lines that lie at this height."""
    lines = [line for line in axes.lines if len(line.get_ydata()) == 2 and set(line.get_ydata()) == {y}]
    return [tuple(line.get_xdata()) for line in lines]


def test_collects_the_winner_first_and_what_the_rows_say(snapshot):
    picture = comparison.collect(snapshot)

    assert [one.candidate.configuration for one in picture.compared] == [WINNER, WORSE]
    assert picture.subsets == ["validation", "test"]
    assert [one.validation.comparison.difference for one in picture.compared] == pytest.approx([12 / 400, -10 / 400])
    assert picture.compared[0].test.comparison.difference == pytest.approx(12 / 400)
    assert picture.compared[1].test is None


def test_draws_differences_intervals_and_both_parts(snapshot):
    picture = comparison.collect(snapshot)
    validation, test = figure_of(comparison, snapshot).axes

    for axes, subset in ((validation, "validation"), (test, "test")):
        assert [line.get_xdata()[0] for line in axes.lines if list(line.get_ydata()) == [0, 1]] == [0.0]
        for place, one in enumerate(picture.compared):
            if (found := one.on(subset)) is None:
                assert not segments(axes, place)
                assert [text.get_text() for text in axes.texts] == ["not confirmed"]
                continue
            d, interval = found.comparison.difference, found.claim.interval
            assert segments(axes, place) == [(interval.low, interval.high)]
            se_seed, se_rows = found.comparison.se_seed, found.comparison.se_rows
            assert segments(axes, place + comparison.SEEDS) == [pytest.approx((d - se_seed, d + se_seed))]
            assert segments(axes, place + comparison.ROWS) == [pytest.approx((d - se_rows, d + se_rows))]
            assert [list(line.get_xdata()) for line in axes.lines if list(line.get_ydata()) == [place]] == [[d]]


def test_the_winners_intervals_are_in_the_picture_whatever_their_length(sweep):
    """Two repeats that differ by far: the interval of t with one degree of freedom is many differences long."""
    tiny = sweep(config())
    for configuration, right in ((NONE, (200, 200)), (WORSE, (199, 199)), (WINNER, (200, 210))):
        rows = [[1] * count + [0] * (400 - count) for count in right]
        tiny.add(configuration, *(repeat(i, count / 400, rows=rows[i]) for i, count in enumerate(right)))
    snapshot = tiny.snapshot()
    interval = comparison.collect(snapshot).compared[0].validation.claim.interval
    (axes,) = figure_of(comparison, snapshot).axes
    assert interval.high - interval.low > 0.15
    assert axes.get_xlim()[0] < interval.low and interval.high < axes.get_xlim()[1]


def test_names_configurations_rows_and_units(snapshot):
    figure = figure_of(comparison, snapshot)
    validation, test = figure.axes

    assert figure.get_suptitle() == "tiny: what regularization changes in accuracy"
    assert [text.get_text() for text in validation.get_yticklabels()] == ["L2, λ = 1e-3 (best)", "L1, λ = 1e-2"]
    assert validation.get_title(loc="left") == "Validation rows (served to choose)"
    assert test.get_title(loc="left") == "Test rows (untouched)"
    assert {axes.get_xlabel() for axes in figure.axes} == {"Difference in accuracy"}
    assert validation.get_xlim() == test.get_xlim()


def test_test_rows_have_no_panel_before_a_confirmation(l2):
    (axes,) = figure_of(comparison, l2.snapshot()).axes
    assert axes.get_title(loc="left") == "Validation rows (served to choose)"


def test_nothing_to_compare_without_no_regularization(sweep):
    tiny = sweep(config(search={"regularizers": ["l2"]}))
    tiny.add(tied("l2", 1e-3), repeat(0, 0.9, rows=[1, 0]))
    assert comparison.collect(tiny.snapshot()) is None


def test_one_collapsed_configuration_does_not_hide_what_the_others_gain(sweep):
    """R² of 0.39 to 0.47, and -2.0 once: the axis holds the first, and a triangle at its end tells of the other."""
    tiny = sweep(config(evaluation={"metric": "r2"}, data={"source": "diabetes"}))
    tiny.add(NONE, repeat(0, 0.39, 0.60))
    for regularizer, value, score in [
        ("l1", 1e-4, 0.40),
        ("l1", 1e-3, 0.44),
        ("l2", 1e-4, 0.41),
        ("l2", 1e-3, 0.47),
        ("l2", 1e-2, 0.43),
        ("l1", 1e-1, -2.0),
    ]:
        tiny.add(tied(regularizer, value), repeat(0, score, min(score + 0.15, 0.6)))
    figure = draw_picture(tiny.snapshot(), "lambda")
    shown = [axes for axes in figure.axes if axes.get_visible()]

    assert figure.get_suptitle() == "tiny: R² against λ"
    assert figure.get_suptitle() == "tiny: R² against λ"
    limits = {axes.get_ylim() for axes in shown}
    ((low, high),) = limits
    assert 0.0 < low < 0.39 and 0.6 < high < 1.0
    marks = [line for axes in shown for line in axes.lines if line.get_marker() == "v"]
    assert [(line.get_xdata()[0], line.get_ydata()[0]) for line in marks] == [(1e-1, low), (1e-1, low)]
    assert "Below the axis, down to -2" in [text.get_text() for text in figure.legends[0].get_texts()]


def test_an_axis_holds_everything_where_nothing_lies_far_out(l2):
    picture = lambdas.collect(l2.snapshot())
    low, high = lambdas.limits_of(picture)
    assert low < 0.85 - 0.05 * 2**0.5 and high > 1.0


def test_a_picture_carries_its_title_and_its_text(confirmed, tmp_path):
    from sweeps.plots import style

    _, svg = style.save(figure_of(comparison, confirmed.snapshot()), tmp_path, "comparison")
    text = svg.read_text()
    assert "<dc:title>tiny: what regularization changes in accuracy</dc:title>" in text
    assert ">Difference in accuracy</text>" in text
