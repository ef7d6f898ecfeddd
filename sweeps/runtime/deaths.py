"""A worker that died: how, in which configuration, and whether that counts against the configuration.

A process that ends by a signal which it brings upon itself, as by a segmentation fault, or by an exit code of its own,
counts a failure for what it was training; one that was killed from outside does not. One that hangs in code of the
user's, which nothing within the process can end, is killed by its supervisor, and that counts again.
"""

import signal
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from storage.liveness import Process
from sweeps.runtime.sweep import Sweep
from sweeps.runtime.trial_sources import source_of

START_S = 120  # that a process has beside its trainings, to load and to compile

_NUMBERS = {one.name: int(one) for one in signal.Signals}  # Windows has few of those below
OWN_SIGNALS = [_NUMBERS[name] for name in ("SIGSEGV", "SIGABRT", "SIGBUS", "SIGILL", "SIGFPE") if name in _NUMBERS]
ASKED = [_NUMBERS[name] for name in ("SIGINT", "SIGTERM", "SIGHUP") if name in _NUMBERS]  # to end, by somebody
SAID = (0, 1, 2, *(128 + one for one in ASKED))  # exit codes of ours, whose reasons were printed


def has_died(code: int) -> bool:
    """Return whether an exit code, or minus the signal, is that of a worker that did not end of its own accord."""
    return code not in SAID and -code not in ASKED


def how_it_ended(code: int) -> str:
    """Return how a process ended, as in 'ended by SIGSEGV' and 'exited with code 7'."""
    if code >= 0:
        return f"exited with code {code}"
    try:
        return f"ended by {signal.Signals(-code).name}"
    except ValueError:  # of a real-time signal
        return f"ended by signal {-code}"


def overdue(sweep: Sweep, pid: int, now: datetime | None = None) -> str:
    """Return why what a process of this machine evaluates will not end; empty where it may still.

    Its trial has then taken longer than all repeats may, one after the other; any time without `training.timeout`.
    """
    limit_s, repeats = sweep.config.training_spec.timeout_s, sweep.config.evaluation.repeats
    if limit_s is None:
        return ""
    latest = (now or datetime.now(UTC)) - timedelta(seconds=START_S + limit_s * repeats)
    since = source_of(sweep).running_since(pid)
    if since is None or since >= latest:
        return ""
    return f"its {repeats} trainings have not ended, each within training.timeout, {limit_s:g} s"


def record_death(sweep: Sweep, pid: int, code: int, why: str = "") -> str:
    """Free what a process of this machine was training, and count a failure where it brought that upon itself.

    Args:
        sweep: an open one.
        pid: of the process, which has ended.
        code: its exit code, or minus the signal that it ended by.
        why: the reason for which its supervisor ended it, which counts against the configuration.

    Returns:
        The configuration that it was in; empty for none.
    """
    found = ""
    source, worker = source_of(sweep), replace(Process.this(), pid=pid).name
    for job in source.left_by(pid):
        found = str(job.configuration)
        if not why and code < 0 and -code not in OWN_SIGNALS:
            source.release(job)
            continue
        reason, repeat = why or f"its process {how_it_ended(code)}", job.next_repeat  # the first it may have died in
        sweep.records.add_failure(job.begun.configuration_id, "search", repeat, reason=reason, worker=worker)
        source.fail(job, reason)
    source.free_dead()
    source.close()
    return found
