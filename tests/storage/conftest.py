"""A database with the schema, and a sweep to write into."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

import storage
from regsearch.spec import Configuration, Target
from tests.postgres import PostgresServer
from tests.storage.builders import KEY


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "schema.db"
    _upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres_server: PostgresServer) -> str:
    name = postgres_server.new_database()
    _upgrade(postgres_server.url(name))
    return name


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database with the schema and no rows, on each kind in turn."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "results.db")
        yield f"sqlite:///{tmp_path}/results.db"
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    name = server.new_database(request.getfixturevalue("postgres_template"))
    yield server.url(name)
    server.drop_database(name)


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    engine = storage.connect(url, write=True)
    yield engine
    engine.dispose()


@pytest.fixture
def postgres_engine(postgres_url: str) -> Iterator[Engine]:
    """An engine on an empty Postgres database."""
    engine = storage.connect(postgres_url, write=True)
    yield engine
    engine.dispose()


@pytest.fixture
def records(engine: Engine) -> storage.Records:
    return storage.Records(engine, pauses_s=())


@pytest.fixture
def results(url: str, records: storage.Records) -> Iterator[storage.Results]:
    with storage.open(url) as results:
        yield results


@pytest.fixture
def sweep(records: storage.Records) -> int:
    return records.register_sweep(name="moons", config={"seed": 0}, config_hash="a", versions={"keras": "3.15"})


@pytest.fixture
def configuration(records: storage.Records, sweep: int) -> int:
    tied = Configuration.tied("l2", 1e-3, Target())
    return records.register_configuration(sweep, tied, key=KEY, stage="coarse")


def _upgrade(url: str) -> None:
    engine = storage.connect(url, write=True)
    storage.upgrade(engine)
    engine.dispose()
