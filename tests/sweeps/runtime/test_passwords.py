"""A database's password comes from where it may be kept, and shows nowhere."""

import io
import logging
import re
import time
import traceback
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import optuna
import pytest

import storage
from regsearch.errors import StorageURLError
from sweeps.runtime.launchers.local import supervised_workers
from sweeps.runtime.sweep import register
from tests.acceptance.command import started
from tests.postgres import PASSWORD, USER
from tests.sweeps.small import small


@pytest.fixture
def without(postgres_url: str) -> str:
    """The URL of an empty Postgres database, without the password that it wants."""
    return postgres_url.replace(f":{PASSWORD}@", "@")


@pytest.fixture
def password_file(tmp_path: Path) -> Path:
    file = tmp_path / "passwords"
    file.write_text(f"*:*:*:{USER}:{PASSWORD}\n")
    file.chmod(0o600)
    return file


def work_on(url: str) -> list[str]:
    """Register a sweep through our tables and Optuna's, and return what Optuna's know of it."""
    with register(small(), storage.resolve_url(url)) as sweep:
        sweep.ask()
        return optuna.get_all_study_names(sweep.study._storage)


def test_a_password_file_serves_our_connections_and_optunas(
    without: str, password_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PGPASSFILE", raising=False)
    with pytest.raises(StorageURLError, match="Postgres wants a password; put it into the URL or into a file named by"):
        storage.connect(storage.resolve_url(without), write=True)
    assert work_on(f"{without}?passfile={password_file}") == ["small"]
    monkeypatch.setenv("PGPASSFILE", str(password_file))
    assert work_on(without) == ["small"]


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """All that Optuna, SQLAlchemy and psycopg log; Optuna's level is to be set once more where our code has set it."""
    said = io.StringIO()
    handler, names = logging.StreamHandler(said), ("optuna", "sqlalchemy", "psycopg")
    before = {name: logging.getLogger(name).level for name in names}
    logging.getLogger().addHandler(handler)
    optuna.logging.enable_propagation()
    for name in names:
        logging.getLogger(name).setLevel(logging.DEBUG)
    yield said
    logging.getLogger().removeHandler(handler)
    optuna.logging.disable_propagation()
    for name, level in before.items():
        logging.getLogger(name).setLevel(level)


@pytest.mark.parametrize("place", ["before the @", "in an option"])
def test_no_repr_and_no_log_shows_it(
    postgres_url: str, without: str, place: str, log: io.StringIO, capfd: pytest.CaptureFixture[str]
) -> None:
    url = postgres_url if place == "before the @" else f"{without}?password={PASSWORD}"
    with register(small(), storage.resolve_url(url)) as sweep:
        optuna.logging.set_verbosity(logging.DEBUG)
        sweep.ask()
        optuna.create_study(study_name="another", storage=sweep.study._storage)
        for thing in (sweep, sweep.study, sweep.study._storage, sweep.records.engine, sweep.results.engine.pool):
            assert PASSWORD not in f"{thing} {thing!r}"
    assert "INSERT INTO rs_sweeps" in log.getvalue() and "A new study created in RDB" in log.getvalue()
    said = capfd.readouterr()
    assert PASSWORD not in log.getvalue() + said.out + said.err


def test_no_page_of_the_dashboard_shows_it(postgres_url: str, tmp_path: Path) -> None:
    work_on(postgres_url)
    with started("dashboard", "--port", "0", cwd=tmp_path, REGSEARCH_STORAGE=postgres_url) as process:
        assert process.stderr is not None
        ready = process.stderr.readline()
        address = re.findall(r"http://[\d.:]+", ready)[0]
        paths = ("/dashboard/", "/api/meta", "/api/studies", "/api/studies/1", "/nothing")
        pages = [page(f"{address}{path}") for path in paths]
        process.kill()
        said = ready + "".join(process.communicate())
    assert "small" in pages[2]
    assert PASSWORD not in "".join([said, *pages])


def page(address: str) -> str:
    """What the dashboard answers, headers and all."""
    try:
        with urllib.request.urlopen(address, timeout=30) as answer:
            return f"{answer.headers} {answer.read().decode()}"
    except urllib.error.HTTPError as error:
        with error:
            return f"{error.headers} {error.read().decode()}"


def test_no_traceback_shows_it(postgres_url: str) -> None:
    wrong = postgres_url.replace(PASSWORD, "wr0ng-secret")
    for url in (wrong, wrong.partition("@")[0] + "@127.0.0.1:1/d", f"{wrong}?no_such_option=1", f"{wrong}?sslmode=x"):
        with pytest.raises(StorageURLError) as caught:
            storage.connect(storage.resolve_url(url), write=True)
        whole = "".join(traceback.format_exception(caught.value))
        assert "OperationalError" in whole or "ProgrammingError" in whole
        assert "wr0ng" not in whole


def test_no_list_of_processes_shows_it(without: str) -> None:
    url = without.replace("@", f":{PASSWORD}@").replace("127.0.0.1", "127.0.0.9")  # where nobody answers
    with supervised_workers("small", url, count=1, threads=1, say=print) as workers:
        (pid,), arguments, deadline = workers.pids, b"", time.monotonic() + 10
        while not arguments and time.monotonic() < deadline:  # it may be between two programs
            arguments = Path(f"/proc/{pid}/cmdline").read_bytes()
    assert b"worker" in arguments and PASSWORD.encode() not in arguments and b"postgresql" not in arguments
