"""Report and pictures that are made from the database when they are opened."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from optuna.artifacts import FileSystemArtifactStore
from optuna.artifacts.exceptions import ArtifactNotFound
from optuna_dashboard.artifact._backend import list_study_artifacts

from sweeps.runtime.sweep import Sweep, create, open_sweep
from sweeps.runtime.transfer import copy_sweep, rename_sweep
from sweeps.runtime.worker import How, evaluate_missing, work
from sweeps.study_page import DrawnArtifacts, drawn_artifacts, publish
from tests.sweeps.made_up import Trainer
from tests.sweeps.small import small
from tests.sweeps.tiny import tied


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/a.db"


@pytest.fixture
def sweep(url: str) -> Iterator[Sweep]:
    """A sweep with made-up results, published."""
    with create(small(search={"strategy": "grid"}), url) as opened:
        work(opened, evaluate=Trainer())
        publish(opened)
        yield opened


def files(sweep: Sweep) -> dict[str, str]:
    """Return the ids of the study's artifacts by their names, as the dashboard lists them."""
    attributes = sweep.study._storage.get_study_system_attrs(sweep.study._study_id)
    return {each["filename"]: each["artifact_id"] for each in list_study_artifacts(attributes)}


def test_what_there_is_to_show_is_announced_once_and_made_when_opened(sweep: Sweep, url: str) -> None:
    found, store = files(sweep), DrawnArtifacts(url)
    assert set(found) == {"report.html", "comparison.png", "lambda.png"}  # made-up trainings have no learning curves
    report = store.open_reader(found["report.html"]).read().decode()
    assert "Winner: l2 1e-2" in report and report.startswith("<!doctype html>")
    assert store.open_reader(found["lambda.png"]).read().startswith(b"\x89PNG")
    publish(sweep)
    assert files(sweep) == found


def test_it_is_made_again_when_there_are_new_rows_alone(
    sweep: Sweep, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = list[str]()
    one = {"report.html": lambda snapshot: made.append(snapshot.name) or str(len(snapshot.finished)).encode()}
    monkeypatch.setattr(drawn_artifacts, "FILES", one)
    store, id_ = DrawnArtifacts(url), files(sweep)["report.html"]
    before = [store.open_reader(id_).read() for _ in range(3)]
    assert len(set(before)) == 1 and made == ["small"]
    configuration = tied("l1", 1e-2)
    begun = sweep.records.begun(sweep.register(configuration, "control"), "search")
    evaluate_missing(sweep, configuration, begun, "search", name="", how=How(evaluate=Trainer()))
    assert int(store.open_reader(id_).read()) == int(before[0]) + 1


def test_it_goes_with_a_sweep_that_is_renamed_or_copied(sweep: Sweep, url: str, tmp_path: Path) -> None:
    found, there = files(sweep)["report.html"], f"sqlite:///{tmp_path}/b.db"
    rename_sweep("small", "other", url)
    copy_sweep("other", url, there)
    assert b"other: which regularization" in DrawnArtifacts(url).open_reader(found).read()
    with open_sweep("other", there) as copied:
        publish(copied)
        assert files(copied)["report.html"] == found
    assert b"other: which regularization" in DrawnArtifacts(there).open_reader(found).read()


def test_files_of_people_are_elsewhere_or_nowhere(sweep: Sweep, url: str, tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    store = DrawnArtifacts(url, FileSystemArtifactStore(tmp_path / "files"))
    store.write("mine", io.BytesIO(b"theirs"))
    with store.open_reader("mine") as file:
        assert file.read() == b"theirs" == (tmp_path / "files" / "mine").read_bytes()
    store.remove(files(sweep)["report.html"])  # nothing that is kept anywhere
    store.remove("mine")
    for id_ in ("mine", "nobody's"):
        with pytest.raises(ArtifactNotFound):
            store.open_reader(id_)
    with pytest.raises(ArtifactNotFound, match="--artifacts FOLDER"):
        DrawnArtifacts(url).write("mine", io.BytesIO(b""))
