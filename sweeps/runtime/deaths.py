"""A worker that died: how, in which configuration, and whether that counts against the configuration.

A process that ends by a signal which it brings upon itself, as by a segmentation fault, or by an exit code of its own,
counts a failure for what it was training; one that was killed from outside does not.
"""

import signal
from dataclasses import replace

from storage.liveness import Process
from sweeps.runtime.sweep import Sweep
from sweeps.runtime.trial_sources import source_of

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


def record_death(sweep: Sweep, pid: int, code: int) -> str:
    """Free what a process of this machine was training, and count a failure where it brought that upon itself.

    Args:
        sweep: an open one.
        pid: of the process, which has ended.
        code: its exit code, or minus the signal that it ended by.

    Returns:
        The configuration that it was in; empty for none.
    """
    found = ""
    source, worker = source_of(sweep), replace(Process.this(), pid=pid).name
    for job in source.left_by(pid):
        found = str(job.configuration)
        if code < 0 and -code not in OWN_SIGNALS:
            source.release(job)
            continue
        reason, repeat = f"its process {how_it_ended(code)}", job.next_repeat  # the first that it may have died in
        sweep.records.add_failure(job.begun.configuration_id, "search", repeat, reason=reason, worker=worker)
        source.fail(job, reason)
    source.free_dead()
    source.close()
    return found
