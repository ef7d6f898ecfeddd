"""A server in a thread, and clients of its that do as they please."""

import http.client
import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from threading import Thread
from typing import Any

from sweeps.runtime.dashboard.server import Limits, Server

PATIENCE_S = 30


@contextmanager
def running(app: Any, limits: Limits) -> Iterator[int]:
    """Give the port of a server that runs an app."""
    with server_running(app, limits) as server:
        yield server.port


@contextmanager
def server_running(app: Any, limits: Limits) -> Iterator[Server]:
    """Give a server that runs an app."""
    server = Server(app, socket.create_server(("127.0.0.1", 0), backlog=1024), limits)
    thread = Thread(target=server.run)
    thread.start()
    try:
        yield server
    finally:
        server.stop()
        thread.join(PATIENCE_S)
    assert not thread.is_alive()


def client(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)


def raw(port: int, request: bytes) -> int:
    """Send bytes as they are, and return the status of the answer; 0 where there is none."""
    with client(port) as connection:
        connection.sendall(request)
        first = connection.makefile("rb").readline()
    return int(first.split()[1]) if first else 0


def ask(
    port: int, method: str, path: str, body: str | None = None, **headers: str
) -> tuple[int, dict[str, str], bytes]:
    """Return status, headers and body; headers are sent as given, and what is not given is not sent."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)) as connection:
        own = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.putrequest(method, path, skip_host="Host" in own, skip_accept_encoding=True)
        for name, value in own.items():
            connection.putheader(name, value)
        if body is not None:
            connection.putheader("Content-Length", str(len(body.encode())))
        connection.endheaders(None if body is None else body.encode())
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()
