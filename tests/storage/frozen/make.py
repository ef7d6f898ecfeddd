"""Make the frozen databases of one schema: `python -m tests.storage.frozen.make 0004`, once, when it is released.

A database is made by the scripts up to that schema, filled by plain SQL, and dumped as SQL text, for SQLite and for
Postgres. Once committed a file is never made again: it shows what users have.
"""

import os
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, text

import storage
from regsearch.results import Curve, RowScores, Surface
from storage.packing import SERIES, pack_curve, pack_rows, pack_surface
from tests.postgres import PASSWORD, PostgresServer, find_binaries, free_port

FOLDER = Path(__file__).parent
AT = "2026-11-20 12:00:00.000000"  # in UTC
NAME = "moons"
TARGET = '{"layers": "hidden", "weights": ["kernel"]}'
L2 = f'{{"regularizer": "l2", "lambda_l1": 0.0, "lambda_l2": 0.001, "target": {TARGET}}}'
NONE = '{"regularizer": "none", "lambda_l1": 0.0, "lambda_l2": 0.0, "target": null}'


def curve() -> Curve:
    """Three points, of numbers that are exact in 32 bits."""
    series = {name: np.array([0.5, 0.25, i], np.float32) for i, name in enumerate(SERIES)}
    return Curve(epochs=np.array([1, 2, 4], np.int32), **series)


def rows() -> RowScores:
    """Three rows."""
    return RowScores(rows=np.array([30, 31, 40], np.uint32), scores=np.array([1, 0, 1], np.float32))


def surface() -> Surface:
    """Two by one values."""
    x1, x2, values = (np.array(numbers, np.float32) for numbers in ([0, 1], [2], [[0.5, 1]]))
    return Surface(x1=x1, x2=x2, values=values)


def fill(connection: Connection, version: str) -> None:
    """Write a sweep of two configurations: l2 with two repeats and a confirmation, none with one that diverged."""

    def insert(table: str, **values: object) -> None:
        names, places = ", ".join(values), ", ".join(f":{name}" for name in values)
        connection.execute(text(f"INSERT INTO rs_{table} ({names}) VALUES ({places})"), values)

    at = AT if connection.dialect.name == "sqlite" else f"{AT}+00"
    insert(
        "sweeps", id=3, name=NAME, config='{"name": "moons", "seed": 7}', config_hash="hash", created_at=at,
        regsearch_version="0.1.0", keras_version="3.15", tensorflow_version="2.21", versions='{"keras": "3.15"}',
    )  # fmt: skip
    common = {"sweep_id": 3, "lambda_l1": 0.0, "stage": "coarse"}
    l2 = {"regularizer": "l2", "lambda_l2": 1e-3, "target": "hidden kernel", "params": L2, "state": "complete"}
    none = {"regularizer": "none", "lambda_l2": 0.0, "target": None, "params": NONE, "state": "diverged"}
    insert("configurations", id=5, key="a", **l2, **common)
    insert("configurations", id=6, key="b", **none, **common)
    for number, configuration in ((0, 5), (1, 6)):
        insert("trials", sweep_id=3, number=number, configuration_id=configuration)
    ran = {"epochs": 4000, "seconds": 0.25, "worker": "host:1", "finished_at": at}
    scores = {"train_score": 1.0, "train_loss": 0.01, "validation_loss": 0.3}
    arrays = {"curve": pack_curve(curve()), "validation_rows": pack_rows(rows())}
    for i, score in enumerate((0.9, 0.8)):
        one = {"purpose": "search", "repeat": i, "seed": 2**40 + i, "status": "ok", "validation_score": score}
        insert("repeats", id=8 + i, configuration_id=5, **one, **scores, **arrays, **ran)
    one = {"purpose": "confirm", "repeat": 0, "seed": 1, "status": "ok", "validation_score": 0.7}
    tested = {"test_score": 0.6, "test_loss": 1.0, "test_rows": pack_rows(rows())}
    insert("repeats", id=10, configuration_id=5, **one, **tested, **scores, **arrays, **ran)
    one = {"purpose": "search", "repeat": 0, "seed": 1, "status": "diverged", "reason": "the loss is not finite"}
    insert("repeats", id=11, configuration_id=6, **one, **ran)
    norms = {"l1_before": 8.0, "l2_before": 4.0, "l1_after": 2.0, "l2_after": None}
    later = {"unit": 0, "kinds": "Dense"} if version >= "0003" else {}
    insert("weight_norms", repeat_id=8, layer="hidden", weight="kernel", **norms, **later)
    insert("failures", id=2, configuration_id=6, purpose="search", repeat=1, reason="no room", worker="host:1", at=at)
    insert("workers", id=4, sweep_id=3, name="host:1", host="host", pid=1, started_at=at, heartbeat_at=at, ended_at=at)
    insert(
        "comparisons", id=1, sweep_id=3, part="validation", configuration_id=5, baseline_id=6, repeats=2, rows=3,
        difference=0.1, se_seed=0.01, se_rows=None, se=0.01, made_at=at,
    )  # fmt: skip
    if version >= "0003":
        level = {"level": 0, "epochs": 1200, "strength": 1e-3, "validation_score": 0.9, "weight_norms": "[]"}
        insert("levels", repeat_id=8, surface=pack_surface(surface()), **level, **scores)
    if version >= "0006":
        cell = {"sweep_id": 3, "stage": "coarse", "repeats": 2, "failures": 0, "state": "complete", "worker_id": 4}
        params = '{"lambda": 0.001, "regularizer": "l2"}'
        insert("cells", id=7, position=0, key=params, params=params, configuration_id=5, value=0.85, **cell)
        connection.execute(text("UPDATE rs_workers SET process = 'host boot 1 1 2'"))

    if connection.dialect.name == "postgresql":  # ids were given: let those to come begin after them
        for table in ("sweeps", "configurations", "repeats", "failures", "workers", "comparisons"):
            last = f"SELECT setval(pg_get_serial_sequence('rs_{table}', 'id'), max(id)) FROM rs_{table}"
            connection.execute(text(last))


def upgrade_to(engine: Engine, version: str) -> None:
    """Run the scripts up to a schema."""
    with engine.begin() as connection:
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", "storage:migrations")
        command.upgrade(config, version)


def _make(url: str, version: str) -> None:
    engine = storage.connect(url, write=True)
    upgrade_to(engine, version)
    with engine.begin() as connection:
        fill(connection, version)
    engine.dispose()


def _dump_sqlite(version: str, folder: Path) -> str:
    _make(f"sqlite:///{folder}/frozen.db", version)
    connection = sqlite3.connect(folder / "frozen.db")
    dumped = "\n".join(connection.iterdump())
    connection.close()
    return dumped + "\n"


def _dump_postgres(version: str, server: PostgresServer) -> str:
    name = server.new_database()
    _make(server.url(name), version)
    command = [server.binaries / "pg_dump", "--inserts", "--no-owner", "--no-privileges", server.url(name)]
    environment = os.environ | {"PGPASSWORD": PASSWORD}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    left_out = ("--", "\\", "SET ", "SELECT pg_catalog.set_config")  # of the program and the server that dumped it
    return "\n".join(line for line in done.stdout.splitlines() if line and not line.startswith(left_out)) + "\n"


def main(version: str) -> None:
    """Write both files."""
    binaries = find_binaries()
    assert binaries is not None, "no Postgres server is installed"
    with tempfile.TemporaryDirectory() as folder:
        server = PostgresServer(binaries=binaries, folder=Path(tempfile.mkdtemp()), port=free_port())
        server.create()
        server.start()
        try:
            (FOLDER / f"{version}.postgresql.sql").write_text(_dump_postgres(version, server))
        finally:
            server.stop()
        (FOLDER / f"{version}.sqlite.sql").write_text(_dump_sqlite(version, Path(folder)))


if __name__ == "__main__":
    main(sys.argv[1])
