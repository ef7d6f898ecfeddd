"""What fewer rows would have given: trained beside the sweep, kept, compared, said and drawn."""

import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console

import regsearch
from regsearch.errors import InputError, RegsearchError
from regsearch.spec import Configuration, Target
from storage.queries import open as open_results
from sweeps.analysis.learning_curve import LearningCurve
from sweeps.analysis.learning_report import show_learning
from sweeps.analysis.snapshot_loader import load_snapshot
from sweeps.plots.style import new_figure
from sweeps.plots.training_rows import draw
from sweeps.run import run
from sweeps.runtime.learning import smaller
from sweeps.runtime.sweep import register
from tests.sweeps.small import small

HIDDEN = Target()


@pytest.fixture(scope="module")
def storage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    yield tmp_path_factory.mktemp("learning") / "sweeps.db"


@pytest.fixture(scope="module")
def curve(storage: Path) -> LearningCurve:
    quick = {"training": {"engine": "xla"}, "evaluation": {"repeats": 2}}
    run(small(search={"strategy": "grid"}, **quick), storage=storage, progress=False)
    return regsearch.learn("small", storage, progress=False)


def test_each_size_is_a_sweep_of_its_own(curve: LearningCurve, storage: Path) -> None:
    assert [point.rows for point in curve.points] == [7, 15, 30] and curve.subset == "test"
    with open_results(f"sqlite:///{storage}") as results:
        assert sorted(results.sweeps()["name"]) == ["small", "small-15-rows", "small-7-rows"]
        part = load_snapshot(results, "small-7-rows")
        trained = results.sql("SELECT count(*) AS n FROM rs_repeats")["n"][0]
    assert str(part.scope) == "for networks trained on 7 of these rows"
    means = {str(c.configuration): part.details_of(c).test_scores.mean() for c in part.confirmed}
    winner = str(curve.winner)
    assert curve.points[0].winner.mean == pytest.approx(means[winner])
    assert curve.points[0].gain.comparison.difference == pytest.approx(means[winner] - curve.points[0].none.mean)
    again = regsearch.learn("small", storage, progress=False)
    with open_results(f"sqlite:///{storage}") as results:
        assert results.sql("SELECT count(*) AS n FROM rs_repeats")["n"][0] == trained
    assert again.to_dict() == curve.to_dict()


def test_differences_are_of_the_same_rows_and_seeds(curve: LearningCurve) -> None:
    for point in curve.points:
        assert point.gain.comparison.difference == pytest.approx(point.winner.mean - point.none.mean)
        assert (point.gain.comparison.repeats, point.gain.comparison.rows) == (2, 200)
    grown = curve.points[-1].none.mean - curve.points[-2].none.mean
    assert curve.without_more.comparison.difference == pytest.approx(grown)
    assert [each.rows for each in curve.worths] == [7, 15]


def test_it_is_said_and_drawn(curve: LearningCurve) -> None:
    screen = io.StringIO()
    show_learning(curve, Console(file=screen, width=120))
    said = screen.getvalue()
    assert said.startswith("Mean test accuracy by rows to train on")
    assert f"{curve.points[0].none.mean:.4f} ± {curve.points[0].none.std:.4f}" in said
    assert "From 15 to 30 rows the mean accuracy changed by " in said and "With 7 rows, l2 " in said
    figure = new_figure()
    draw(curve, figure)
    scores, gains = figure.axes
    assert [line.get_ydata().tolist() for line in scores.lines[:1]] == [[point.none.mean for point in curve.points]]
    assert gains.lines[1].get_ydata().tolist() == [point.gain.comparison.difference for point in curve.points]
    assert json.loads(json.dumps(curve.to_dict()))["points"][2]["rows"] == 30


def test_what_is_searched_with_fewer_rows() -> None:
    whole = small(
        search={
            "regularizers": ["none", "l1", "l2"],
            "targets": [{"layers": "hidden"}, {"layers": "output"}],
            "trials": 3,
            "stop_after": "1h",
        },
        compare={"baselines": ["linear"]},
    )
    part = smaller(whole, Configuration.tied("l1", 1e-2, Target(layers="output")), 12)
    assert part.name == "small-12-rows" and part.data_spec.split.keep == 12
    assert part.search.regularizers == ("none", "l1") and part.search.strategy == "grid"
    assert part.targets == (Target(layers="output"),) and part.search.lambda_ == whole.search.lambda_
    assert (part.search.trials, part.search.stop_after, part.compare.baselines) == (None, None, ())
    assert (part.seed, part.resample, part.training) == (whole.seed, whole.resample, whole.training)


def test_a_schedule_is_kept_and_a_long_name_shortened() -> None:
    schedules = {"schedules": ["fixed", "rising"]}
    whole = small(name="n" * 64, search=schedules)
    rising = whole.schedules["rising"]
    part = smaller(whole, Configuration(regularizer="l2", lambda_l2=0.1, target=HIDDEN, schedule=rising), 7)
    assert part.search.schedules == ("rising",)
    assert len(part.name) == 64 and part.name.endswith("n-7-rows")


def test_too_few_rows_are_refused(tmp_path: Path) -> None:
    with register(small(), f"sqlite:///{tmp_path}/few.db", {"subsets": {"train": 19}}) as few:
        with pytest.raises(InputError, match=r"^data.split: leaves 19 rows to train on; .* at least 20$"):
            regsearch.learn(few, progress=False)
        assert list(few.results.sweeps()["name"]) == ["small"]


def test_before_anything_is_finished_it_says_so(tmp_path: Path) -> None:
    with (
        register(small(), f"sqlite:///{tmp_path}/none.db", {"subsets": {"train": 30}}) as fresh,
        pytest.raises(RegsearchError, match="no configuration of sweep 'small' that regularizes is finished yet"),
    ):
        regsearch.learn(fresh, progress=False)
