"""A worker that died: how, in which configuration, and whether that counts against the configuration.

A process that ends by a signal which it brings upon itself, as by a segmentation fault, or by an exit code of its own,
counts a failure for what it was training; one that was killed from outside does not.
"""

import signal
from itertools import count

from optuna.trial import FixedTrial, FrozenTrial, TrialState

from regsearch.spec import Configuration
from storage.liveness import Process
from sweeps.runtime.optuna_storage import PROCESS
from sweeps.runtime.sweep import Sweep
from sweeps.samplers.coarse_to_fine import release
from sweeps.search.space import suggest

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
    for trial in sweep.study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
        process = Process.parse(trial.user_attrs.get(PROCESS, ""))
        if process is None or process.pid != pid or not process.has_ended():
            continue
        configuration = _configuration(sweep, trial)
        found = "" if configuration is None else str(configuration)
        if configuration is None or (code < 0 and -code not in OWN_SIGNALS):
            release(sweep.study, trial.number)
            continue
        id_ = sweep.register(configuration, sweep.strategy.name)
        recorded = sweep.records.begun(id_, "search").recorded
        repeat = next(i for i in count() if i not in recorded)  # the first that it may have died in
        reason = f"its process {how_it_ended(code)}"
        sweep.records.add_failure(id_, "search", repeat, reason=reason, worker=process.name)
        sweep.study.tell(trial.number, state=TrialState.FAIL, skip_if_finished=True)
    return found


def _configuration(sweep: Sweep, trial: FrozenTrial) -> Configuration | None:
    """Return what a trial was evaluating; None where it died before that was drawn."""
    try:
        return suggest(FixedTrial(trial.params), sweep.config)
    except ValueError:
        return None
