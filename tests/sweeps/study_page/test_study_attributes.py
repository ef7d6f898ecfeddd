"""Note and figures in the database, read as optuna-dashboard reads them."""

from collections.abc import Callable
from typing import Any

import optuna
import pytest
from optuna_dashboard import get_note
from optuna_dashboard._custom_plot_data import get_plotly_graph_objects
from optuna_dashboard.artifact._backend import list_study_artifacts
from sqlalchemy import Engine

import storage
from storage.database import connect
from sweeps.plots.interactive.plotly_figure import PlotlyFigure
from sweeps.runtime.optuna_storage import close_trials, open_trials
from sweeps.study_page.study_attributes import StudyPage, write_study


def figure(points: int) -> PlotlyFigure:
    return PlotlyFigure(title="points", traces=({"x": list(range(points))},), x={}, y={})


def page(note: Callable[[str], str], **figures: PlotlyFigure) -> StudyPage:
    return StudyPage(note=note, figures=figures, files=["report.html"], seed="s 2026")


def attributes(study: Any) -> dict[str, Any]:
    found: dict[str, Any] = study._storage.get_study_system_attrs(study._study_id)
    return found


@pytest.fixture
def study(database_url: str) -> Any:
    engine = connect(database_url, write=True)
    storage.upgrade(engine)
    engine.dispose()
    made = optuna.create_study(study_name="s", storage=open_trials(database_url))
    yield made
    close_trials(made)


@pytest.fixture
def engine(database_url: str, study: Any) -> Any:
    made = connect(database_url, write=True)
    yield made
    made.dispose()


def test_optuna_dashboard_reads_what_was_written_and_only_changes_are(study: Any, engine: Engine) -> None:
    number, long = study._study_id, "a line\n" * 1000
    assert write_study(engine, number, page(lambda before: f"{before}{long}", a=figure(3), b=figure(2000))) > 8
    assert get_note(study) == long
    found = get_plotly_graph_objects(attributes(study))
    assert found == {"a": figure(3).to_json(), "b": figure(2000).to_json()}

    (file,) = list_study_artifacts(attributes(study))
    assert (file["filename"], file["mimetype"]) == ("report.html", "text/html")

    assert write_study(engine, number, page(lambda before: before, a=figure(3), b=figure(2000))) == 0

    written = write_study(engine, number, page(lambda before: "short", a=figure(3), b=figure(5)))
    assert written == len(long) // 2045 + 2 + len(figure(2000).to_json()) // 2045 + 1  # the rest is emptied
    assert get_note(study) == "short"
    assert get_plotly_graph_objects(attributes(study)) == {"a": figure(3).to_json(), "b": figure(5).to_json()}


def test_a_note_that_people_edited_since_is_seen(study: Any, engine: Engine) -> None:
    from optuna_dashboard import save_note

    write_study(engine, study._study_id, page(lambda before: "ours"))
    save_note(study, "ours and theirs")
    write_study(engine, study._study_id, page(lambda before: before.replace("ours", "newer")))
    assert get_note(study) == "newer and theirs"
    assert attributes(study)["dashboard:note_ver"] == 3
