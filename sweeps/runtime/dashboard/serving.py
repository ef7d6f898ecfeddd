"""Serve optuna-dashboard over the sweeps' database until interrupted."""

import socket
import warnings
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from optuna.exceptions import ExperimentalWarning
from optuna.storages import RDBStorage, get_storage

import storage
from regsearch.errors import InputError
from storage.database import connect, tune_sqlite
from sweeps.runtime.dashboard.guard import App, Guard
from sweeps.runtime.dashboard.hosts import allowed_names, is_loopback, is_wildcard
from sweeps.runtime.dashboard.logins import Logins
from sweeps.runtime.dashboard.page import Page
from sweeps.runtime.dashboard.passwords import read_password
from sweeps.runtime.dashboard.server import Limits, Server

LARGEST_BODY, LARGEST_UPLOAD = 2**16, 2**23  # bytes of a request, where nothing can be written and where it can


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Where the dashboard listens, and who may do what.

    Args:
        host: the address to listen on; one that others can reach needs a password.
        port: the port to listen on; 0 for a free one.
        allowed_hosts: names by which browsers may ask for it, beside `host` and those of this machine's loopback.
        password_file: a file whose first line is the password or its hash.
        allow_writes: whether notes, tags and artifacts may be changed.
        uploads: whether files may be uploaded: there is where to keep them.
    """

    host: str = "127.0.0.1"
    port: int = 8080
    allowed_hosts: tuple[str, ...] = ()
    password_file: Path | None = None
    allow_writes: bool = False
    uploads: bool = False


def serve(
    url: str | None,
    settings: Settings,
    *,
    artifacts: Any = None,
    ready: Callable[[str], None] = lambda address: None,
    log: Callable[[str], None] = lambda line: None,
) -> None:
    """Serve the dashboard until interrupted (Ctrl-C).

    Args:
        url: the database; None for $REGSEARCH_STORAGE, else sqlite:///regsearch.db.
        settings: where it listens, and who may do what.
        artifacts: an artifact store of optuna's; None for none.
        ready: called with the address once it listens.
        log: called with a line for each failed login.

    Raises:
        InputError: the database, the address or the password file cannot be used.
    """
    names = allowed_names(settings.host, settings.allowed_hosts)
    password = None if settings.password_file is None else read_password(settings.password_file)
    if password is None and not is_loopback(settings.host):
        raise InputError("--host", f"others can reach {settings.host}: give --password-file, or a loopback address")
    guard = Guard(
        app=Page(
            app=_dashboard(storage.resolve_url(url), artifacts),
            allow_writes=settings.allow_writes,
            uploads=settings.uploads,
        ),
        names=names,
        logins=None if password is None else Logins(password, log),
        allow_writes=settings.allow_writes,
        uploads=settings.uploads,
    )
    limits = Limits(body_bytes=LARGEST_UPLOAD if settings.allow_writes else LARGEST_BODY)
    server = Server(guard, _listening(settings.host, settings.port), limits)
    ready(f"http://{_shown(settings.host)}:{server.port}/dashboard/")
    with suppress(KeyboardInterrupt):
        server.run()


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=1024)
    except (OSError, OverflowError) as error:
        said = getattr(error, "strerror", None) or str(error)
        reason = said.partition(" (while attempting")[0]  # what Python adds to it
        raise InputError("--port", f"cannot listen on {host}:{port}: {reason}") from None


def _shown(host: str) -> str:
    if is_wildcard(host):
        return "127.0.0.1" if ":" not in host else "[::1]"
    return f"[{host}]" if ":" in host else host


def _dashboard(url: str, artifacts: Any) -> App:
    from optuna_dashboard import wsgi

    with storage.open(url):  # says in the user's words what is wrong with it
        pass
    connect(url, write=True).dispose()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ExperimentalWarning)
        backend = RDBStorage(url)
    tune_sqlite(backend.engine, immediate=False)  # readers must not wait for the workers
    app: App = wsgi(get_storage(backend), artifacts)
    return app
