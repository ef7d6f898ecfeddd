"""A worker that died: how, in which configuration, and whether that counts against the configuration.

A process that ends by a signal which it brings upon itself, as by a segmentation fault, or by an exit code of its own,
counts a failure for what it was training; one that was killed from outside does not. One that hangs in code of the
user's, which nothing within the process can end, is killed by its supervisor, and that counts again.
"""

import signal
from datetime import datetime, timedelta
from itertools import count

from optuna.trial import FixedTrial, FrozenTrial, TrialState

from regsearch.spec import Configuration
from storage.liveness import Process
from sweeps.runtime.optuna_storage import PROCESS
from sweeps.runtime.sweep import Sweep
from sweeps.samplers.coarse_to_fine import release
from sweeps.search.space import suggest

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
    latest = (now or datetime.now()) - timedelta(seconds=START_S + limit_s * repeats)  # local time, as Optuna has it
    for trial in sweep.study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
        process, begun = Process.parse(trial.user_attrs.get(PROCESS, "")), trial.datetime_start
        if process is None or process.pid != pid or not process.is_here() or process.has_ended():
            continue
        if begun is not None and begun < latest:
            return f"its {repeats} trainings have not ended, each within training.timeout, {limit_s:g} s"
    return ""


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
    for trial in sweep.study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
        process = Process.parse(trial.user_attrs.get(PROCESS, ""))
        if process is None or process.pid != pid or not process.has_ended():
            continue
        configuration = _configuration(sweep, trial)
        found = "" if configuration is None else str(configuration)
        if configuration is None or (not why and code < 0 and -code not in OWN_SIGNALS):
            release(sweep.study, trial.number)
            continue
        id_ = sweep.register(configuration, sweep.strategy.name)
        recorded = sweep.records.begun(id_, "search").recorded
        repeat = next(i for i in count() if i not in recorded)  # the first that it may have died in
        reason = why or f"its process {how_it_ended(code)}"
        sweep.records.add_failure(id_, "search", repeat, reason=reason, worker=process.name)
        sweep.study.tell(trial.number, state=TrialState.FAIL, skip_if_finished=True)
    return found


def _configuration(sweep: Sweep, trial: FrozenTrial) -> Configuration | None:
    """Return what a trial was evaluating; None where it died before that was drawn."""
    try:
        return suggest(FixedTrial(trial.params), sweep.config)
    except ValueError:
        return None
