"""When a worker is taken for dead: one rule for configurations, for the time that was worked, and for who is shown.

Whoever shares a worker's kernel and its process namespace can see at once whether it has ended; all others wait until
it has been silent for `SILENT_S`. A number alone does not name a process: it is given out again after a restart, and
containers with one host name each begin with 1.
"""

import os
import socket
from dataclasses import astuple, dataclass, fields
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

from sqlalchemy import ColumnElement

from storage.tables import Workers

HEARTBEAT_S = 10  # between two heartbeats
SILENT_S = 60  # since the last one: then others take over

UNKNOWN = "-"  # in a process's text, for what the system does not tell

_PROC = Path("/proc")
_AFTER_NAME = 2  # the fields of /proc/PID/stat before the state; the second, a name, may hold anything but ends in ")"
_STARTED = 22 - 1 - _AFTER_NAME  # the time of start among those that follow, in ticks since the machine started
_ENDED_STATES = "ZX"  # zombie: it has ended, and whoever started it has not asked yet


def is_alive() -> ColumnElement[bool]:
    """Return whether a row of rs_workers is that of a live worker."""
    since = datetime.now(UTC) - timedelta(seconds=SILENT_S)
    return Workers.ended_at.is_(None) & (Workers.heartbeat_at > since)


@dataclass(frozen=True)
class Process:
    """Which process, among those of all machines that share a database; its text is kept there."""

    host: str
    boot: str  # the kernel's run; empty where the system does not tell, like what follows but pid
    namespace: str
    pid: int
    started: str

    @classmethod
    def this(cls) -> Self:
        """Return this process."""
        return cls.of(os.getpid())

    @classmethod
    def of(cls, pid: int) -> Self:
        """Return the process of a number that runs on this machine, in this process namespace."""
        namespace = _link(_PROC / "self/ns/pid").removeprefix("pid:").strip("[]")
        return cls(socket.gethostname(), _text(_PROC / "sys/kernel/random/boot_id"), namespace, pid, _stat(pid)[1])

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Return the process of a text; None where it names none."""
        parts = ["" if part == UNKNOWN else part for part in text.split(" ")]
        if len(parts) != len(fields(cls)) or not parts[3].isdecimal():
            return None
        host, boot, namespace, pid, started = parts
        return cls(host, boot, namespace, int(pid), started)

    def __str__(self) -> str:
        return " ".join(str(part) or UNKNOWN for part in astuple(self))

    @property
    def name(self) -> str:
        """The process as people read it: host:pid."""
        return f"{self.host}:{self.pid}"

    def has_ended(self) -> bool:
        """Return whether it is sure that it has ended; False for one that cannot be seen from here."""
        here = Process.this()
        if (self.host, self.boot, self.namespace) != (here.host, here.boot, here.namespace):
            return False
        state, started = _stat(self.pid)
        if state:
            return state in _ENDED_STATES or (bool(self.started) and started != self.started)
        return not _exists(self.pid)


def _stat(pid: int) -> tuple[str, str]:
    """Return the state of a process and when it started; empty where the system does not tell."""
    if _link(_PROC / "self") != str(os.getpid()):
        return "", ""  # a /proc of another process namespace, or none: its numbers are not ours
    told = _text(_PROC / str(pid) / "stat").rpartition(")")[2].split()
    return (told[0], told[_STARTED]) if len(told) > _STARTED else ("", "")


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        pass
    return True


def _text(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError:
        return ""


def _link(path: Path) -> str:
    try:
        return os.readlink(path)
    except OSError:
        return ""
