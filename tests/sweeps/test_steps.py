"""What the commands do, step by step from Python."""

from pathlib import Path

import pytest

import regsearch
from regsearch.errors import InputError, UnknownSweep
from sweeps.runtime.progress import Progress
from sweeps.steps import database_url
from tests.sweeps.small import TOML


class Told(Progress):
    """Keeps what it was told."""

    def __init__(self) -> None:
        self.repeats, self.labels = 0, []

    def repeated(self) -> None:
        self.repeats += 1

    def started(self, label: str, repeats: int, done: int) -> None:
        self.labels.append(label)


@pytest.fixture(scope="module")
def storage(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("steps") / "what?100%.db"


@pytest.fixture(scope="module")
def file(storage: Path) -> Path:
    file = storage.parent / "small.toml"
    file.write_text(TOML.replace("[search]", '[search]\nstrategy = "grid"').replace('["none", "l2"]', '["l2"]'))
    return file


def test_from_a_file_to_an_answer(file: Path, storage: Path, capsys) -> None:
    told = Told()
    with regsearch.create_sweep(str(file), storage) as sweep:
        assert repr(sweep).startswith("Sweep 'small' in sqlite:///") and storage.exists()
        regsearch.work(sweep, progress=told)
        assert told.repeats == 3 * 3 and len(told.labels) == 3
        assert regsearch.answer(sweep).against is None
        regsearch.work(sweep, progress=False)  # nothing is left
    assert capsys.readouterr().err == ""
    confirmed = regsearch.confirm("small", storage, top=2)
    assert confirmed.against is not None and len(confirmed.against.confirmed) == 2
    assert "confirm" not in capsys.readouterr().out
    found = regsearch.load_result("small", storage, rule="one-se")
    assert found.best.id == regsearch.answer("small", rule="one-se", storage=storage).winner.id
    assert found.answer.against is not None


def test_progress_is_told_on_stderr_unless_it_is_not_wanted(file: Path, tmp_path: Path, capsys) -> None:
    regsearch.create_sweep(file, tmp_path / "b.db").close()
    regsearch.work("small", tmp_path / "b.db")
    printed = capsys.readouterr()
    assert printed.out == "" and "[3/3] grid l2 1e-" in printed.err


def test_a_sweep_that_is_not_there_is_said(file: Path, storage: Path) -> None:
    for call in (regsearch.open_sweep, regsearch.load_result, regsearch.work, regsearch.confirm):
        with pytest.raises(UnknownSweep, match="smal"):
            call("smal", storage)
    with pytest.raises(InputError, match=r"no_such\.db"):
        regsearch.answer("small", storage=storage.with_name("no_such.db"))


def test_a_path_becomes_a_url() -> None:
    assert database_url(Path("a?b%.db")) == "sqlite:///a%3Fb%25.db"
    assert database_url("sqlite:///a.db") == "sqlite:///a.db" and database_url(None) is None


def test_the_version_is_known() -> None:
    assert regsearch.__version__.count(".") == 2
