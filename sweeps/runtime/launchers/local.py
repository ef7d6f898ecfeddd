"""Workers as processes on this machine, under a supervisor: who dies is started again, nobody outlives it."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from types import TracebackType

from optuna.exceptions import StorageInternalError

from regsearch.errors import RegsearchError, in_one_line
from sweeps.runtime.deaths import has_died, how_it_ended, overdue, record_death
from sweeps.runtime.sweep import open_sweep

STOP_S = 10  # for a worker to stop when it is asked to, before it is killed
WAIT_S = 0.1  # between two looks at who has ended
HANGS_S = 10.0  # between two searches for who hangs
RESTARTS = 10  # of each worker
LEFT_S = 3  # for a worker to stop once its supervisor is gone

Died = Callable[[int, int, str], str]  # (process id, exit code or minus the signal, why it was ended) -> what it did
Hangs = Callable[[int], str]  # process id -> why it is to be ended, empty where it is not


class LocalWorkers(AbstractContextManager["LocalWorkers"]):
    """Worker processes on one sweep, with so many threads each; leaving the `with` statement early stops them."""

    def __init__(
        self, name: str, url: str, *, count: int, threads: int, died: Died, hangs: Hangs, say: Callable[[str], None]
    ) -> None:
        """Start them.

        Args:
            name: the sweep's.
            url: of its database.
            count: how many.
            threads: trainings at once in each.
            died: called for each that died, before another takes its place; empty where it was doing nothing.
            hangs: called now and then for each.
            say: told of deaths and restarts, a line each.
        """
        self._command = [sys.executable, "-m", "sweeps", "worker", name, "--quiet", "--threads", str(threads)]
        self._environment = os.environ | {"REGSEARCH_STORAGE": url}  # not an argument: others may see those
        self._died, self._hangs, self._say = died, hangs, say
        self._ended: dict[int, str] = {}  # by process id, why this supervisor ended it
        self._stopping, self._failed = threading.Event(), 0
        self._error: Exception | None = None  # that ended the supervisor
        self._processes = [self._started() for _ in range(count)]
        self._restarts = [0] * count
        self._supervisor = threading.Thread(target=self._supervise, name="supervisor", daemon=True)
        self._supervisor.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stopping.set()
        self._supervisor.join()
        for process in self._processes:
            if process.poll() is None:
                process.terminate()
        for process in self._processes:
            try:
                process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            if process.stdin is not None:
                process.stdin.close()

    @property
    def pids(self) -> list[int]:
        """Their process ids."""
        return [process.pid for process in self._processes]

    def wait(self) -> None:
        """Wait until all have ended.

        Raises:
            RegsearchError: one ended with an error, which it has printed, or died too often.
        """
        self._supervisor.join()
        if self._error is not None:
            raise RegsearchError(f"workers are not looked after any more: {in_one_line(self._error)}") from self._error
        if self._failed:
            count = len(self._processes)
            raise RegsearchError(f"{self._failed} of {count} workers failed; what they found is recorded")

    def _supervise(self) -> None:
        """Look after every worker until all have ended, or this is to stop."""
        left, looked_s = set(range(len(self._processes))), time.monotonic()
        try:
            while left and not self._stopping.wait(WAIT_S):
                if time.monotonic() >= looked_s + HANGS_S:
                    self._end_who_hangs(left)
                    looked_s = time.monotonic()
                for place in sorted(left):
                    code = self._processes[place].poll()
                    if code is not None and not self._replaced(place, code):
                        left.discard(place)
        except Exception as error:  # as of a machine without memory for another process: `wait` tells
            self._error = error

    def _end_who_hangs(self, places: Iterable[int]) -> None:
        for process in (self._processes[place] for place in places):
            if process.poll() is None and (why := self._hangs(process.pid)):
                self._ended[process.pid] = why
                process.kill()  # it may hold up signals, too

    def _replaced(self, place: int, code: int) -> bool:
        """Return whether another process took the place of one that has ended."""
        process = self._processes[place]
        why = self._ended.pop(process.pid, "")
        doing = self._died(process.pid, code, why) if code == 0 or has_died(code) else ""
        if not has_died(code) and not doing:
            self._failed += code != 0
            return False
        what = f"worker {process.pid} {how_it_ended(code)}" + (f" in {doing}" if doing else "")
        what += f": {why}" if why else ""
        if self._restarts[place] == RESTARTS:
            self._say(f"{what}; it was started again {RESTARTS} times already")
            self._failed += 1
            return False
        self._restarts[place] += 1
        if process.stdin is not None:
            process.stdin.close()
        self._processes[place] = self._started()
        self._say(f"{what}; started again as {self._processes[place].pid}")
        return True

    def _started(self) -> "subprocess.Popen[bytes]":
        """Start a worker; its stdin is a pipe that closes when this process is gone, however it goes."""
        return subprocess.Popen([*self._command, "--supervised"], env=self._environment, stdin=subprocess.PIPE)


def supervised_workers(name: str, url: str, *, count: int, threads: int, say: Callable[[str], None]) -> LocalWorkers:
    """Start workers, and record of each that dies which configuration it died in; see LocalWorkers."""

    def hangs(pid: int) -> str:
        try:
            with open_sweep(name, url) as sweep:
                return overdue(sweep, pid)
        except (RegsearchError, StorageInternalError):  # the next look may get through
            return ""

    def died(pid: int, code: int, why: str) -> str:
        try:
            with open_sweep(name, url) as sweep:
                return record_death(sweep, pid, code, why)
        except (
            RegsearchError,
            StorageInternalError,
        ) as error:  # others free it later
            say(f"what worker {pid} was in is not known: {error}")
            return ""

    return LocalWorkers(name, url, count=count, threads=threads, died=died, hangs=hangs, say=say)


def end_with_supervisor() -> None:
    """Stop this process as SIGTERM does once its stdin is closed: who started it is gone."""

    def wait() -> None:
        while os.read(0, 1):
            pass
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(LEFT_S)
        os._exit(128 + signal.SIGTERM)

    threading.Thread(target=wait, name="end with supervisor", daemon=True).start()
