"""Waitress, with time limits for clients that send or read slowly.

Waitress reads requests in one thread and hands those that are whole to a few others, so that a slow client costs a
connection and no thread. It closes idle connections itself; who sends a byte every few seconds is never idle.
"""

import logging
import socket
import threading
import time
from dataclasses import dataclass
from typing import Any

from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import TcpWSGIServer

TICK_S = 1.0  # between two looks at who is slow, where nothing else happens
TOO_SLOW = b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How much clients may ask of the server.

    Args:
        body_bytes: of a request, beside its headers.
        header_bytes: of a request.
        connections: open at once; further ones wait until one is closed.
        threads: in which answers are made.
        idle_s: between two requests, or until the first.
        request_s: from a request's first byte to its last.
        response_s: in which an answer must have been read.
    """

    body_bytes: int
    header_bytes: int = 2**15
    connections: int = 400  # a process may have 1,024 files open
    threads: int = 8
    idle_s: float = 20.0
    request_s: float = 20.0
    response_s: float = 300.0


class _Request(HTTPRequestParser):  # type: ignore[misc]
    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.began_s = time.time()


class _Channel(HTTPChannel):  # type: ignore[misc]
    parser_class = _Request
    sending_since_s: float | None = None

    def end_if_slow(self, now_s: float, limits: Limits) -> None:
        """Close the connection if its client took too long over what it sends or reads."""
        sending = self.total_outbufs_len > 0
        self.sending_since_s = (self.sending_since_s or now_s) if sending else None
        if self.sending_since_s is not None:
            slow = now_s - self.sending_since_s > limits.response_s
        else:  # while the answer to a request is being made, nobody is slow but we
            slow = self.request is not None and not self.requests and now_s - self.request.began_s > limits.request_s
        if slow:
            if not sending:
                self.send(TOO_SLOW)
            self.handle_close()  # not will_close, which waits until the client takes more


class Server(TcpWSGIServer):  # type: ignore[misc]
    """Serves a WSGI app until interrupted or stopped.

    Args:
        app: what answers.
        listening: the socket that clients connect to; it is closed in the end.
        limits: how much clients may ask.
    """

    channel_class = _Channel

    def __init__(self, app: Any, listening: socket.socket, limits: Limits) -> None:
        self.limits = limits
        self._stopped = threading.Event()
        for name, level in (("waitress", logging.WARNING), ("waitress.queue", logging.ERROR)):
            logging.getLogger(name).setLevel(level)  # the second tells of each moment with all threads busy
        super().__init__(
            app,
            _sock=listening,
            bind_socket=False,
            sockinfo=(listening.family, listening.type, listening.proto, listening.getsockname()),
            threads=limits.threads,
            connection_limit=limits.connections,
            channel_timeout=limits.idle_s,
            cleanup_interval=1,
            max_request_body_size=limits.body_bytes + 1,  # the first size that is refused
            max_request_header_size=limits.header_bytes,
            outbuf_high_watermark=2**30,  # an answer goes to a file, rather than its thread waiting for the client
            log_socket_errors=False,
            ident="regsearch",
        )

    @property
    def port(self) -> int:
        """The port that is listened on."""
        return int(self.effective_port)

    def maintenance(self, now: float) -> None:
        """Close connections that are idle or slow; Waitress calls this about once a second."""
        super().maintenance(now)
        for channel in list(self.active_channels.values()):
            channel.end_if_slow(now, self.limits)

    def run(self) -> None:
        """Serve until interrupted or stopped, and close all connections."""
        try:
            while not self._stopped.is_set():
                self.asyncore.loop(TICK_S, map=self._map, use_poll=True, count=1)  # select() knows 1,024 files
        finally:
            self.task_dispatcher.shutdown()
            for channel in list(self.active_channels.values()):
                channel.handle_close()  # and the files of answers that are not read yet, which close_all leaves open
            self.asyncore.close_all(self._map)

    def stop(self) -> None:
        """End `run` in another thread."""
        self._stopped.set()
        self.pull_trigger()
