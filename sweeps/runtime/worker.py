"""One worker: ask for a configuration, evaluate it, record each repeat, tell Optuna; until nothing is left."""

import os
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from inspect import unwrap

from optuna import Trial
from optuna.exceptions import StorageInternalError, UpdateFinishedTrialError
from optuna.storages import fail_stale_trials
from optuna.trial import FixedTrial, TrialState

from regsearch.errors import InputError, RegsearchError, StorageError, TrainingFailed, in_one_line
from regsearch.results import Repeat
from regsearch.scoring import Summary, summarize
from regsearch.seeds import repeat_seed
from regsearch.spec import Configuration, Purpose
from storage.liveness import HEARTBEAT_S, Process
from storage.progress import read_progress
from storage.recorder import Recorder
from storage.records import Begun
from sweeps.analysis.candidates import CONTROL, Candidate
from sweeps.analysis.uncertainty import uncertainty
from sweeps.runtime.optuna_storage import PROCESS, keep_alive, worker_marks, worker_name
from sweeps.runtime.progress import Progress, Silent, searched
from sweeps.runtime.sweep import Sweep
from sweeps.runtime.time_budget import Clock, TimeUp, clock
from sweeps.samplers.coarse_to_fine import STANDARD_ERROR, NothingLeft, Poll, release
from sweeps.search.space import suggest

Evaluate = Callable[..., Iterator[Repeat]]  # as `regsearch.trial.evaluate`: gives each repeat as it ends

WAIT_S = 0.5  # between polls while other workers finish a stage
MAX_FAILED = 3  # configurations in a row, before a worker ends: one may be bad, three hint at something else
MAX_FAILURES = 12  # likewise of trials, for where the same configuration comes again and again


@dataclass(frozen=True, kw_only=True)
class How:
    """How to train."""

    threads: int | None = None  # trainings at once; None for one per CPU
    progress: Progress = field(default_factory=Silent)
    evaluate: Evaluate | None = None  # what trains; None for `regsearch.trial.evaluate`
    clock: Clock = field(default_factory=Clock)  # says when no further repeat is waited for


def work(
    sweep: Sweep,
    *,
    threads: int | None = None,
    progress: Progress | None = None,
    evaluate: Evaluate | None = None,
) -> None:
    """Work on a sweep until nothing is left to search, or its time is up.

    Args:
        sweep: what to work on; any number of workers may, on any machine that reaches the database.
        threads: trainings at once; None for one per CPU.
        progress: told what happens.
        evaluate: what trains; None for `regsearch.trial.evaluate`.

    Raises:
        InputError: the data or the model cannot be used.
        RegsearchError: configurations failed again and again.
        KeyboardInterrupt: the work was stopped; what was trained is recorded, and the configuration is free again.
    """
    how = How(threads=threads, progress=progress or Silent(), evaluate=evaluate)
    better = sweep.config.greater_is_better
    read = partial(read_progress, sweep.results.engine, sweep.id, greater_is_better=better, control=CONTROL)
    with _Worker.at_work(sweep, how) as worker, how.progress.watching(sweep.config, read):
        take_over_dead(sweep)
        worker.tell_extent()
        while not worker.how.clock.is_up and (step := sweep.strategy.poll(sweep.study)) is not Poll.DONE:
            if step is Poll.CELL:
                worker.take()
            else:
                worker.pause()
        worker.tell_extent()
    for params in sweep.strategy.abandoned(sweep.study):
        configuration = suggest(FixedTrial(dict(params)), sweep.config)
        sweep.records.set_state(sweep.register(configuration, sweep.strategy.name), "failed")
        how.progress.note(f"abandoned after repeated failures: {configuration} (their reasons are in rs_failures)")


def evaluate_first(
    sweep: Sweep,
    begun: Mapping[Configuration, Begun],
    *,
    threads: int | None = None,
    progress: Progress | None = None,
    evaluate: Evaluate | None = None,
) -> None:
    """Evaluate configurations ahead of the search, as a worker, until the sweep's time is up; see `work`.

    A trial that comes to one of them later finds its repeats recorded.
    """
    how = How(threads=threads, progress=progress or Silent(), evaluate=evaluate)
    with _Worker.at_work(sweep, how) as worker, suppress(TimeUp):
        for configuration, found in begun.items():
            worker.doing = f"diagnosis {configuration}"
            if not worker.how.clock.is_up:
                evaluate_missing(sweep, configuration, found, "search", name=worker.doing, how=worker.how)


def evaluate_missing(
    sweep: Sweep,
    configuration: Configuration,
    begun: Begun,
    purpose: Purpose,
    *,
    name: str,
    how: How,
    repeats: int | None = None,
) -> Summary | None:
    """Train what is not recorded yet of a configuration's repeats, and record each as it ends.

    There shall be as many `repeats` as the sweep file says, unless that is given; `begun` says what is there already.

    Returns:
        The summary of all repeats' validation scores; None where one diverged.

    Raises:
        TimeUp: the time was up before the last of them ended. Those that had ended are recorded.
    """
    wanted = range(repeats or sweep.config.evaluation.repeats)
    missing = {i: repeat_seed(sweep.config.seed, purpose, i) for i in wanted if i not in begun.recorded}
    how.progress.started(name, len(wanted), len(wanted) - len(missing))
    if missing:
        evaluate = how.evaluate or _evaluate()
        spec, threads = sweep.trial_spec(configuration), how.threads or (1 if sweep.one_at_a_time else None)
        add = partial(sweep.records.add_repeats, begun.configuration_id, purpose, worker=worker_name())
        with Recorder(add) as recorder:
            for count, repeat in enumerate(evaluate(spec, missing, test=purpose == "confirm", threads=threads), 1):
                recorder.add(repeat)
                how.progress.repeated()
                if count < len(missing) and how.clock.is_up:
                    raise TimeUp
    scores = list(sweep.records.settle(begun.configuration_id, purpose).values())
    known = [score for score in scores if score is not None]
    return summarize(known) if len(known) == len(scores) else None


def take_over_dead(sweep: Sweep) -> None:
    """Free at once the configurations of this machine's workers that are gone; those of others once they are silent."""
    unwrap(fail_stale_trials)(sweep.study)  # unwrapped: it warns that it is experimental, in every process
    for trial in sweep.study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
        process = Process.parse(trial.user_attrs.get(PROCESS, ""))
        if process is not None and process.has_ended():
            _release(sweep, trial.number)


def _evaluate() -> Evaluate:
    from regsearch.trial import evaluate  # only now is TensorFlow needed

    return evaluate


def _taken_over(trial: Trial, error: Exception) -> bool:
    """Return whether an error says that others failed the trial; Optuna may say so by a ValueError of `tell`."""
    said = isinstance(error, UpdateFinishedTrialError | ValueError)
    return said and trial.storage.get_trial(trial._trial_id).state.is_finished()


def _release(sweep: Sweep, number: int) -> None:
    with suppress(UpdateFinishedTrialError):  # others were quicker
        release(sweep.study, number)


@dataclass
class _Worker:
    """A worker's state; `doing` is what its heartbeat tells."""

    sweep: Sweep
    how: How
    id: int
    doing: str | None = None
    trial: Trial | None = None
    configuration_id: int | None = None
    failures: list[int] = field(default_factory=list)  # since the last success: which configurations
    stopping: threading.Event = field(default_factory=threading.Event)

    @classmethod
    @contextmanager
    def at_work(cls, sweep: Sweep, how: How) -> Iterator["_Worker"]:
        worker_id = sweep.records.join(sweep.id, worker_name(), socket.gethostname(), os.getpid())
        own = clock(sweep.config.search.stop_after_s, sweep.results.workers(sweep.name))
        worker = cls(sweep=sweep, how=replace(how, clock=own), id=worker_id)
        heart = threading.Thread(target=worker._beat, name="heartbeat", daemon=True)
        heart.start()
        try:
            yield worker
        finally:
            worker.stopping.set()
            heart.join()
            sweep.records.leave(worker_id)

    def pause(self) -> None:
        self.doing = "waiting for other workers"
        self.stopping.wait(WAIT_S)
        take_over_dead(self.sweep)
        self.tell_extent()

    def tell_extent(self) -> None:
        self.how.progress.reached(self.sweep.strategy.extent(self.sweep.study))

    def take(self) -> None:
        """Evaluate the next configuration, unless others take the trial over on the way, or all of it is taken."""
        try:
            self.trial = trial = self.sweep.ask()
        except NothingLeft:  # another worker was quicker
            return
        except UpdateFinishedTrialError:
            self.how.progress.note("a trial was taken over by another worker before it began")
            return
        try:
            if self.sweep.strategy.is_surplus(self.sweep.study, trial):
                _release(self.sweep, trial.number)
                return
            label, candidate = self._evaluate(trial)
        except (KeyboardInterrupt, InputError):
            _release(self.sweep, trial.number)
            raise
        except TimeUp:  # the repeats that ended are kept: whoever goes on has the rest to train
            _release(self.sweep, trial.number)
            return
        except Exception as error:
            if _taken_over(trial, error):
                self.how.progress.note(f"trial {trial.number} was taken over by another worker")
            else:
                self._failed(trial, error)
            return
        finally:
            self.trial = self.configuration_id = None
        self.failures.clear()
        self.how.progress.ended(label, candidate, self.sweep.strategy.extent(self.sweep.study))

    def _evaluate(self, trial: Trial) -> tuple[str, Candidate | None]:
        sweep = self.sweep
        if PROCESS not in trial.user_attrs:  # it was enqueued by somebody
            for mark, value in worker_marks().items():
                trial.set_user_attr(mark, value)
        configuration = suggest(trial, sweep.config)
        stage = sweep.strategy.stage(trial)
        begun = sweep.begin(trial.number, configuration, stage)
        self.configuration_id = begun.configuration_id
        self.doing = label = f"{stage} {configuration}"
        found = evaluate_missing(sweep, configuration, begun, "search", name=label, how=self.how)
        if found is None:
            trial.set_user_attr("reason", "a repeat diverged")
            sweep.study.tell(trial, state=TrialState.PRUNED)
            return label, None
        if sweep.config.search.promote == "one-se":
            rows = sweep.results.row_scores(begun.configuration_id, purpose="search", subset="validation")
            trial.set_user_attr(STANDARD_ERROR, uncertainty(rows, found.se).se)
        sweep.study.tell(trial, found.mean)
        return label, searched(begun.configuration_id, configuration, stage, found)

    def _failed(self, trial: Trial, error: Exception) -> None:
        self.failures.append(self.configuration_id or -trial.number)
        reason = in_one_line(error)
        self.how.progress.note(f"trial {trial.number} failed: {reason}")
        if isinstance(error, TrainingFailed) and self.configuration_id is not None:
            self.sweep.records.add_failure(
                self.configuration_id, "search", error.repeat, reason=reason, worker=worker_name()
            )
        with suppress(UpdateFinishedTrialError):  # taken over just now
            trial.set_user_attr("reason", reason)
            self.sweep.study.tell(trial, state=TrialState.FAIL)
        failed = len(set(self.failures))
        if failed >= MAX_FAILED or len(self.failures) >= MAX_FAILURES:
            raise RegsearchError(f"{failed} configuration(s) failed in a row, the last with {reason}") from error

    def _beat(self) -> None:
        while not self.stopping.wait(HEARTBEAT_S):
            try:
                self.sweep.records.beat(self.id, self.doing)
                if (trial := self.trial) is not None:
                    keep_alive(trial)
            except (StorageError, StorageInternalError) as error:  # the next beat may get through
                self.how.progress.note(f"no heartbeat: {error}")
