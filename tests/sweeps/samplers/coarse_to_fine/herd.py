"""Processes that share 200 cells and are killed and stopped at random: `python -m ….herd URL ours|optuna`.

One parent imports Optuna once and forks the workers; it opens no database itself. A worker that was killed is replaced.
"""

import contextlib
import os
import random
import signal
import sys
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field

import optuna
import psycopg  # noqa: F401  loaded before the forks
from optuna.distributions import CategoricalDistribution, FloatDistribution
from optuna.exceptions import ExperimentalWarning, UpdateFinishedTrialError
from optuna.samplers import BaseSampler, GridSampler
from optuna.storages import RDBStorage
from sqlalchemy import event

from sweeps.samplers.coarse_to_fine import CoarseToFineSampler

KINDS = ("none", *(f"l{i}" for i in range(1, 20)))
DECADES = tuple(float(f"1e{k}") for k in range(-10, 0))
LAMBDA = FloatDistribution(DECADES[0], DECADES[-1], log=True)
COARSE = [{"kind": "none"}, *({"kind": kind, "lambda": value} for kind in KINDS[1:] for value in DECADES)]
FINE = 9  # the best cell lies on an edge
CELLS = len(COARSE) + FINE
FULL = [{"kind": kind, "lambda": value} for kind in KINDS for value in DECADES]  # GridSampler knows no conditions

WORKERS, KILLS, STOPS = 8, 16, 2
HEARTBEAT_S, GRACE_S = 1, 2
SILENCE_S = 1.0  # of a trial that has no cell yet
STOPPED_S = 1.5 * GRACE_S
LONGEST_DELAY_S = 0.05  # of an objective
LIMIT_S = 120.0
OVERTAKEN = ("Cannot tell a FAIL trial.", "Should not reach.")  # what Optuna raises where others failed a trial


@contextlib.contextmanager
def opened(url: str, *, new: bool = False) -> Iterator[RDBStorage]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ExperimentalWarning)  # heartbeat_interval
        checks = {} if new else {"skip_table_creation": True, "skip_compatibility_check": True}  # which take long
        storage = RDBStorage(url, heartbeat_interval=HEARTBEAT_S, grace_period=GRACE_S, **checks)
    if url.startswith("sqlite"):
        event.listen(storage.engine, "connect", _on_connect)
        event.listen(storage.engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
        storage.engine.dispose()  # of connections made before the listeners
    yield storage
    storage.remove_session()
    storage.engine.dispose()


def _on_connect(connection, _record) -> None:
    connection.isolation_level = None
    for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "busy_timeout = 60000"):
        connection.execute(f"PRAGMA {pragma}")


def sampler(whose: str) -> BaseSampler:
    if whose == "optuna":
        return GridSampler({"kind": KINDS, "lambda": DECADES})
    space = {"kind": CategoricalDistribution(KINDS), "lambda": LAMBDA}
    conditions = {"lambda": ("kind", KINDS[1:])}
    return CoarseToFineSampler(space, conditions=conditions, max_failures=KILLS + STOPS + 1, grace_s=SILENCE_S)


def work(url: str, whose: str, begun: int) -> None:
    """Work on the study until nothing is left; write to a pipe when a trial begins."""
    random.seed()  # not as the parent's, which the others have too

    def objective(trial: optuna.Trial) -> float:
        os.write(begun, b".")
        kind = trial.suggest_categorical("kind", KINDS)
        time.sleep(random.uniform(0, LONGEST_DELAY_S))
        if kind == "none" and whose == "ours":
            return float(len(KINDS))  # the best is at the end of a range, around which nine cells lie
        return KINDS.index(kind) + trial.suggest_float("lambda", LAMBDA.low, LAMBDA.high, log=True)

    with opened(url) as storage:
        study = optuna.load_study(study_name="herd", storage=storage, sampler=sampler(whose))
        while True:
            try:
                return study.optimize(objective)
            except (UpdateFinishedTrialError, ValueError, AssertionError) as error:
                if str(error) not in OVERTAKEN and not isinstance(error, UpdateFinishedTrialError):
                    raise


@dataclass
class Herd:
    """The workers by their pids, and when those that are stopped go on."""

    url: str
    whose: str
    workers: set[int] = field(default_factory=set)
    stopped: dict[int, float] = field(default_factory=dict)
    crashed: int = 0
    pipe: tuple[int, int] = field(default_factory=os.pipe)

    def fork(self) -> None:
        pid = os.fork()
        if pid:
            self.workers.add(pid)
            return
        status = 1
        try:
            work(self.url, self.whose, self.pipe[1])
            status = 0
        except BaseException as error:
            print(f"{os.getpid()}: {error!r}", file=sys.stderr)
        finally:
            os._exit(status)  # not through what the parent would clean up

    def kill(self, pid: int) -> None:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        self.workers.discard(pid)
        self.stopped.pop(pid, None)
        self.fork()

    def stop(self, pid: int) -> None:
        os.kill(pid, signal.SIGSTOP)
        self.stopped[pid] = time.monotonic() + STOPPED_S

    def tend(self) -> None:
        """Wake who was stopped long enough, and bury who has ended."""
        for pid in [pid for pid, until_s in self.stopped.items() if time.monotonic() > until_s]:
            os.kill(pid, signal.SIGCONT)
            del self.stopped[pid]
        for pid in list(self.workers):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                self.workers.discard(pid)
                self.crashed += status != 0

    def drive(self) -> None:
        """Let them work, and let faults fall on them, in any order and at any trials, until all have ended."""
        faults = random.sample([self.kill] * KILLS + [self.stop] * STOPS, KILLS + STOPS)
        due = sorted(random.sample(range(CELLS - WORKERS), len(faults)))
        os.set_blocking(self.pipe[0], False)
        start_s, begun = time.monotonic(), 0
        for _ in range(WORKERS):
            self.fork()
        while self.workers:
            self.tend()
            awake = [pid for pid in self.workers if pid not in self.stopped]
            with contextlib.suppress(BlockingIOError):
                begun += len(os.read(self.pipe[0], 4096))
            if faults and awake and begun > due[0]:
                due.pop(0)
                faults.pop()(random.choice(awake))
            if time.monotonic() - start_s > LIMIT_S:
                for pid in self.workers:
                    os.kill(pid, signal.SIGKILL)
                raise TimeoutError(f"{len(self.workers)} workers still at work after {LIMIT_S} s")
            time.sleep(0.01)
        print(f"{len(faults)} faults left, {self.crashed} workers crashed")


if __name__ == "__main__":
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    Herd(*sys.argv[1:]).drive()
