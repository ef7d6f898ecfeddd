"""Slow clients, many clients and large requests cost connections, and neither threads nor memory."""

import gc
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import pytest

from sweeps.runtime.dashboard.server import Limits
from tests.sweeps.runtime.dashboard.running import PATIENCE_S, ask, client, raw, running, server_running

HALF = b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Half: "
LARGE = b"x" * 2**25


def app(environ: dict[str, Any], start: Any) -> list[bytes]:
    start("200 OK", [("Content-Type", "text/plain")])
    return [LARGE if environ["PATH_INFO"] == "/large" else environ["wsgi.input"].read()]


def left(connection: socket.socket) -> bytes:
    """What a connection gives until the server closes it."""
    found = b""
    try:
        while part := connection.recv(2**16):
            found += part
    except ConnectionResetError:
        pass
    return found


def test_300_half_open_requests_hold_no_thread_and_nobody_up() -> None:
    with running(app, Limits(body_bytes=1000)) as port, ExitStack() as open_ones:
        before = threading.active_count()
        half = [open_ones.enter_context(client(port)) for _ in range(300)]
        for connection in half:
            connection.sendall(HALF)
        assert ask(port, "GET", "/")[0] == 200
        assert threading.active_count() == before


def test_200_connections_at_once_are_all_answered() -> None:
    with running(app, Limits(body_bytes=1000)) as port:
        before = threading.active_count()
        with ExitStack() as open_ones:
            connections = [open_ones.enter_context(client(port)) for _ in range(200)]
            for connection in connections:
                connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            assert all(left(connection).startswith(b"HTTP/1.1 200 OK") for connection in connections)
        assert threading.active_count() == before
        with ThreadPoolExecutor(20) as pool:
            assert {*pool.map(lambda _: ask(port, "GET", "/")[0], range(200))} == {200}


def test_connections_beyond_the_limit_wait_for_a_place() -> None:
    with running(app, Limits(body_bytes=1000, connections=10, request_s=1)) as port, ExitStack() as open_ones:
        for _ in range(30):
            open_ones.enter_context(client(port)).sendall(HALF)
        assert ask(port, "GET", "/")[0] == 200  # once the slow ones are gone


@pytest.mark.parametrize("sent", [HALF, b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900\r\n\r\nabc"])
def test_a_request_that_takes_too_long_is_ended(sent: bytes) -> None:
    limits = Limits(body_bytes=1000, request_s=1)
    with running(app, limits) as port, client(port) as connection, ThreadPoolExecutor(1) as pool:
        connection.sendall(sent)
        answer = pool.submit(left, connection)
        while not answer.done():  # a byte now and then: never idle
            try:
                connection.sendall(b"x")
            except OSError:
                break
            threading.Event().wait(0.05)
        assert answer.result(PATIENCE_S).startswith(b"HTTP/1.1 408 Request Timeout")


def test_an_idle_connection_is_closed() -> None:
    with running(app, Limits(body_bytes=1000, idle_s=1)) as port, client(port) as connection:
        assert left(connection) == b""


def test_an_answer_that_is_not_read_is_given_up_and_holds_no_thread() -> None:
    limits = Limits(body_bytes=1000, threads=1, response_s=1, idle_s=100)
    with server_running(app, limits) as server, client(server.port) as slow:
        slow.sendall(b"GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert slow.recv(1) == b"H"
        assert ask(server.port, "GET", "/")[0] == 200  # the only thread is free
        deadline = time.monotonic() + PATIENCE_S
        while server.active_channels and time.monotonic() < deadline:
            threading.Event().wait(0.05)
        assert len(left(slow)) < len(LARGE)
        assert len(ask(server.port, "GET", "/large")[2]) == len(LARGE)


def test_a_server_that_ends_closes_the_files_of_answers_that_were_not_read() -> None:
    with running(app, Limits(body_bytes=1000)) as port, client(port) as slow:
        slow.sendall(b"GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert slow.recv(1) == b"H"
    gc.collect()  # a file that is left open is a warning, and warnings are errors


def test_requests_that_are_too_large_are_refused() -> None:
    with running(app, Limits(body_bytes=1000, header_bytes=4096)) as port:
        assert ask(port, "POST", "/", body="x" * 1000)[::2] == (200, b"x" * 1000)
        assert ask(port, "POST", "/", body="x" * 1001)[0] == 413
        chunked = b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
        assert raw(port, chunked + b"7d0\r\n" + b"x" * 2000 + b"\r\n0\r\n\r\n") == 413
        assert raw(port, b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 5000 + b"\r\n\r\n") == 431
        assert raw(port, b"nonsense\r\n\r\n") == 400
        assert raw(port, b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n") == 400
        assert ask(port, "GET", "/")[0] == 200
