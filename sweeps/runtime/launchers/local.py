"""Workers as processes on this machine."""

import os
import subprocess
import sys
from contextlib import AbstractContextManager
from types import TracebackType

from regsearch.errors import RegsearchError

STOP_S = 10  # for a worker to stop when it is asked to, before it is killed


class LocalWorkers(AbstractContextManager["LocalWorkers"]):
    """Worker processes on one sweep, with so many threads each; leaving the `with` statement early stops them."""

    def __init__(self, name: str, url: str, *, count: int, threads: int) -> None:
        command = [sys.executable, "-m", "sweeps", "worker", name, "--quiet", "--threads", str(threads)]
        environment = os.environ | {"REGSEARCH_STORAGE": url}  # not an argument: others may see those
        self._processes = [subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL) for _ in range(count)]

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for process in self._processes:
            if process.poll() is None:
                process.terminate()
        for process in self._processes:
            try:
                process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    @property
    def pids(self) -> list[int]:
        """Their process ids."""
        return [process.pid for process in self._processes]

    def wait(self) -> None:
        """Wait until all have ended; raise a RegsearchError where one ended with an error, which it has printed."""
        codes = [process.wait() for process in self._processes]
        if any(codes):
            raise RegsearchError(f"{sum(map(bool, codes))} of {len(codes)} workers failed; what they found is recorded")
