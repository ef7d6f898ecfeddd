"""optuna-dashboard over the sweeps' database: read-only unless asked, behind a password where others can reach it."""

import base64
import hmac
import ipaddress
import warnings
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from optuna.exceptions import ExperimentalWarning
from optuna.storages import RDBStorage, get_storage

import storage
from regsearch.errors import InputError
from storage.database import connect, tune_sqlite

App = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
READING = ("GET", "HEAD", "OPTIONS")


@dataclass(frozen=True, kw_only=True)
class Guard:
    """Lets requests through to an app.

    Args:
        app: the WSGI app behind it.
        password: what a browser must send (any user name); None for no question.
        allow_writes: whether requests may change something.
    """

    app: App
    password: str | None
    allow_writes: bool

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one request."""
        if self.password is not None and not self._knows(environ.get("HTTP_AUTHORIZATION", "")):
            return _refuse(start, "401 Unauthorized", ("WWW-Authenticate", 'Basic realm="regsearch", charset="UTF-8"'))
        if not self.allow_writes and environ["REQUEST_METHOD"] not in READING:
            return _refuse(start, "403 Forbidden", ("X-Reason", "read-only; start it with --allow-writes"))
        return self.app(environ, start)

    def _knows(self, header: str) -> bool:
        kind, _, encoded = header.partition(" ")
        try:
            _, _, given = base64.b64decode(encoded, validate=True).partition(b":")
        except ValueError:
            return False
        return kind.lower() == "basic" and hmac.compare_digest(given, (self.password or "").encode())


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Log nothing for each request."""


def serve(
    url: str | None,
    *,
    host: str = "127.0.0.1",
    port: int = 8080,
    password_file: Path | None = None,
    allow_writes: bool = False,
    ready: Callable[[str], None] = lambda address: None,
) -> None:
    """Serve the dashboard until interrupted (Ctrl-C).

    Args:
        url: the database; None for $REGSEARCH_STORAGE, else sqlite:///regsearch.db.
        host: the address to listen on; one that others can reach needs a password.
        port: the port to listen on; 0 for a free one.
        password_file: a file whose first line is the password.
        allow_writes: whether the dashboard may change the database.
        ready: called with the address once it listens.

    Raises:
        InputError: the database, the address or the password file cannot be used.
    """
    password = _password(password_file)
    if password is None and not _is_loopback(host):
        raise InputError("--host", f"others can reach {host}: give --password-file, or a loopback address")
    guard = Guard(app=_dashboard(storage.resolve_url(url)), password=password, allow_writes=allow_writes)
    try:
        server = make_server(host, port, guard, server_class=_Server, handler_class=_Quiet)
    except (OSError, OverflowError) as error:
        raise InputError("--port", f"cannot listen on {host}:{port}: {error}") from None
    with server, suppress(KeyboardInterrupt):
        ready(f"http://{host}:{server.server_port}/dashboard/")
        server.serve_forever()


def _dashboard(url: str) -> App:
    from optuna_dashboard import wsgi

    with storage.open(url):  # says in the user's words what is wrong with it
        pass
    connect(url, write=True).dispose()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ExperimentalWarning)
        backend = RDBStorage(url)
    tune_sqlite(backend.engine, immediate=False)  # readers must not wait for the workers
    app: App = wsgi(get_storage(backend))
    return app


def _password(file: Path | None) -> str | None:
    if file is None:
        return None
    try:
        password = file.read_text("utf-8").partition("\n")[0].strip()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError("--password-file", f"{file} cannot be read: {error}") from None
    if not password:
        raise InputError("--password-file", f"the first line of {file} is empty; it must hold the password")
    return password


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _refuse(start: Callable[..., Any], status: str, *headers: tuple[str, str]) -> Iterable[bytes]:
    start(status, [("Content-Type", "text/plain; charset=utf-8"), *headers])
    return [f"{status}\n".encode()]
