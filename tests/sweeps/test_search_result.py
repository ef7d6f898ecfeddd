"""A result goes on from a finished sweep: tables, pictures, models; and says itself in a few lines."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure

from regsearch.data import load
from regsearch.errors import DataError, InputError, SweepFileError
from regsearch.fitted import fit_model
from regsearch.seeds import refit_seed, repeat_seed
from regsearch.spec import Configuration, EarlyStopping
from sweeps.analysis.answer import answer
from sweeps.run import run
from sweeps.search_result import SearchResult
from tests.sweeps.small import small
from tests.sweeps.tiny import NONE, config, repeat, tied

NORMS = {("hidden_1", "kernel"): (1.0, 2.0)}
X = np.array([[0.0, 0.5], [1.0, -0.5], [2.0, 0.2]])


@pytest.fixture(scope="module")
def found(tmp_path_factory) -> SearchResult:
    storage = tmp_path_factory.mktemp("result") / "a.db"
    return run(small(search={"strategy": "grid"}), storage=storage, progress=False)


def test_the_table_has_the_best_first_and_every_configuration(found: SearchResult) -> None:
    table = found.table
    assert table["configuration_id"][0] == found.best.id and len(table) == len(found.snapshot.finished) == 4
    assert table["mean"].is_monotonic_decreasing
    assert table.set_index("regularizer").loc["none", ["lambda", "lambda_l2", "target"]].tolist()[1:] == [0.0, ""]
    assert table["lambda"].isna().sum() == 1 and set(table["n"]) == {3}
    one = next(c for c in found.snapshot.finished if c.id == table["configuration_id"][2])
    assert (table["mean"][2], table["std"][2], table["train_mean"][2]) == (one.mean, one.std, one.train_mean)


def test_curves_and_norms_are_those_of_the_trainings(found: SearchResult) -> None:
    curves = found.curves()
    assert curves.groupby(["configuration_id", "repeat"]).ngroups == 4 * 3 and curves["epoch"].max() == 60
    last = curves[(curves["configuration_id"] == found.best.id) & (curves["epoch"] == 60)]["validation_score"]
    assert float(last.mean()) == pytest.approx(found.best.mean, abs=1e-6)
    assert set(found.weight_norms()["layer"]) == {"hidden_1", "output"}


def test_a_picture_is_a_figure_that_can_be_changed(found: SearchResult, tmp_path: Path) -> None:
    figure = found.plot("lambda")
    assert isinstance(figure, Figure) and "λ" in figure.axes[0].get_xlabel()
    assert found.plot() is not figure
    with pytest.raises(InputError, match=r"picture: .lamda. is not one of comparison, .* .did you mean .lambda."):
        found.plot("lamda")
    with pytest.raises(InputError, match="picture: 'surfaces' has nothing to show of 'small'"):
        found.plot("surfaces")
    assert {path.name for path in found.plots(str(tmp_path))} >= {"lambda.png", "data.svg"}


def test_the_model_is_trained_with_a_seed_that_no_repeat_had(found: SearchResult) -> None:
    fitted, seed = found.fit(), found.snapshot.config.seed
    scored = {repeat_seed(seed, purpose, i) for purpose in ("search", "confirm") for i in range(3)}
    assert fitted.repeat.seed == refit_seed(seed) not in scored and found.fit() is fitted
    spec = found.snapshot.config.trial_spec(found.best.configuration)
    again = fit_model(spec, seed=refit_seed(seed))
    assert again.outputs(X).tobytes() == fitted.outputs(X).tobytes()
    assert found.model() is fitted.model and found.predict(X).tolist() == fitted.predict(X).tolist()
    assert fitted.repeat.validation is not None and found.fit(seed=5).repeat.seed == 5


def test_refit_on_all_rows_and_ensembles(found: SearchResult) -> None:
    everything, data = found.fit(refit="all"), load(found.snapshot.config.data_spec)
    assert everything.repeat.validation is None and everything is not found.fit()
    ensemble = found.ensemble(3)
    members = np.stack([each.outputs(data.x) for each in ensemble.members])  # (members, rows, 1)
    assert len({each.repeat.seed for each in ensemble.members}) == 3 and ensemble.members[0] is found.fit()
    assert ensemble.outputs(data.x) == pytest.approx(members.mean(axis=0))
    assert ensemble.spread(data.x) == pytest.approx(members.std(axis=0, ddof=1))
    assert ensemble.predict(data.x).tolist() == (members.mean(axis=0)[:, 0] > 0.5).astype(int).tolist()
    assert np.isnan(found.ensemble(1).spread(X)).all()
    with pytest.raises(InputError, match="n: must be at least 1, got 0"):
        found.ensemble(0)
    with pytest.raises(InputError, match="refit: may be 'train' or 'all', got 'both'"):
        found.fit(refit="both")
    with pytest.raises(DataError, match=r"x: must have shape \(rows, 2\), got \(1, 3\)"):
        found.predict([[1, 2, 3]])


def test_regularizers_are_arguments_of_layers(found: SearchResult) -> None:
    given = found.regularizers()
    assert list(given) == ["hidden_1"] and list(given["hidden_1"]) == ["kernel_regularizer"]
    penalty = given["hidden_1"]["kernel_regularizer"]
    assert (type(penalty).__name__, penalty.get_config()) == ("L1L2", {"l1": 0.0, "l2": found.best.lambda_})


def test_it_is_written_where_it_is_wanted(found: SearchResult, tmp_path: Path) -> None:
    assert json.loads(found.export(str(tmp_path / "best.json")).read_text())["mean"] == found.best.mean
    assert found.report(str(tmp_path / "a" / "report.txt")).read_text() == found.summary()
    assert "Winner: " in found.summary() and "\x1b" not in found.summary()


def test_it_says_itself_in_ten_lines(found: SearchResult) -> None:
    for shown in (found, found.answer, found.snapshot, found.best, found.fit(), found.ensemble(2)):
        text = repr(shown)
        assert len(text.splitlines()) <= 10 and len(text) < 1000, text
    assert repr(found.best.configuration.target) not in repr(found.best)
    assert f"Winner: {found.best.configuration}" in repr(found) and "no regularization" in repr(found.answer)


def test_a_notebook_shows_verdict_table_and_picture(found: SearchResult) -> None:
    html = found._repr_html_()
    assert re.search(r"<div>Winner: l2 \S+ on hidden kernel", html) and "data:image/png;base64,iVBOR" in html
    assert html.count("<tr") == 1 + 4 and "configuration_id" not in html


def test_without_a_winner_there_is_no_model(sweep) -> None:
    filled = sweep(config())
    filled.add(tied("l2", 1e-3), repeat(0, 0.4, norms=NORMS))
    filled.add(NONE, repeat(0, 0.3, norms=NORMS))
    filled.records.add_checks(filled.id, {"constant_score": 0.5})
    found = SearchResult(snapshot=filled.snapshot(), answer=answer(filled.snapshot()))
    assert repr(found).splitlines()[1].startswith("No winner: the best, l2 1e-3, has mean validation accuracy 0.4000")
    with pytest.raises(InputError, match="name: 'tiny' has no winner: no configuration predicts better"):
        found.model()


def test_a_winner_that_stops_early_trains_on_all_rows_for_the_median_of_its_best_epochs(sweep) -> None:
    searched = config(training={"epochs": 400}, search={"regularizers": ["none", "early_stopping"]})
    stops = Configuration(regularizer="early_stopping", early_stopping=EarlyStopping(patience=3))
    filled = sweep(searched)
    ends = [(13, 0.9), (400, 0.9), (23, 0.9)]  # at their best after 10, at least 397, and 20 epochs
    filled.add(stops, *(repeat(i, score, norms=NORMS, curve=_curve(end)) for i, (end, score) in enumerate(ends)))
    found = SearchResult(snapshot=filled.snapshot(), answer=answer(filled.snapshot()))
    assert found._spec("train").training.early_stopping == EarlyStopping(patience=3)
    trained = found._spec("all").training
    assert (trained.epochs, trained.early_stopping) == (20, None)


def test_a_sweep_file_that_is_not_there_is_named() -> None:
    with pytest.raises(SweepFileError, match=r"no_such\.toml: no such sweep file"):
        run(Path("no_such.toml"))


def _curve(end: int) -> dict[str, list[float]]:
    names = ("train_loss", "train_score", "validation_loss", "validation_score")
    return {"epochs": [1, end]} | {name: [0.5, 0.5] for name in names}
