"""One worker: take a configuration, evaluate it, record each repeat and what came of it; until nothing is left."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import partial

from optuna.exceptions import StorageInternalError
from optuna.trial import FixedTrial

from regsearch.errors import InputError, RegsearchError, StorageError, TrainingFailed, in_one_line
from regsearch.results import Repeat
from regsearch.scoring import Summary, summarize
from regsearch.seeds import repeat_seed
from regsearch.spec import Configuration, Purpose
from storage.configurations import Begun
from storage.liveness import HEARTBEAT_S, Process
from storage.progress import read_progress
from storage.recorder import Recorder
from sweeps.analysis.candidates import CONTROL
from sweeps.runtime.optuna_storage import worker_name
from sweeps.runtime.progress import Progress, Silent, searched
from sweeps.runtime.sweep import Sweep
from sweeps.runtime.time_budget import Clock, TimeUp, clock
from sweeps.runtime.trial_source import Job, TakenOver, TrialSource
from sweeps.runtime.trial_sources import source_of
from sweeps.samplers.coarse_to_fine import Poll
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
        worker.source.free_dead()
        worker.tell_extent()
        while not worker.how.clock.is_up and (job := worker.source.next()) is not Poll.DONE:
            if isinstance(job, Job):
                worker.take(job)
            else:
                worker.pause()
        worker.tell_extent()
        abandoned = worker.source.abandoned()
    for params in abandoned:
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
    all_repeats = sweep.config.evaluation.repeats
    wanted = range(repeats or all_repeats)
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
    scores = list(sweep.records.settle(begun.configuration_id, purpose, repeats=all_repeats).values())
    known = [score for score in scores if score is not None]
    return summarize(known) if len(known) == len(scores) else None


def _evaluate() -> Evaluate:
    from regsearch.trial import evaluate  # only now is TensorFlow needed

    return evaluate


@dataclass
class _Worker:
    """A worker's state; `doing` is what its heartbeat tells."""

    sweep: Sweep
    how: How
    id: int
    source: TrialSource
    doing: str | None = None
    job: Job | None = None
    failures: list[int] = field(default_factory=list)  # since the last success: which configurations
    stopping: threading.Event = field(default_factory=threading.Event)

    @classmethod
    @contextmanager
    def at_work(cls, sweep: Sweep, how: How) -> Iterator["_Worker"]:
        worker_id = sweep.records.join(sweep.id, Process.this())
        own = clock(sweep.config.search.stop_after_s, sweep.results.workers(sweep.name))
        source = source_of(sweep, worker_id, say=how.progress.note)
        worker = cls(sweep=sweep, how=replace(how, clock=own), id=worker_id, source=source)
        heart = threading.Thread(target=worker._beat, name="heartbeat", daemon=True)
        heart.start()
        try:
            yield worker
            source.close()
        finally:
            worker.stopping.set()
            heart.join()
            sweep.records.leave(worker_id)

    def pause(self) -> None:
        self.doing = "waiting for other workers"
        self.stopping.wait(WAIT_S)
        self.source.free_dead()
        self.tell_extent()

    def tell_extent(self) -> None:
        self.how.progress.reached(self.source.extent())

    def take(self, job: Job) -> None:
        """Evaluate a configuration, unless others take it over on the way."""
        self.job, self.doing = job, job.label
        try:
            found = evaluate_missing(
                self.sweep, job.configuration, job.begun, "search", name=job.label, how=self.how, repeats=job.repeats
            )
            self.source.end(job, found)
        except (KeyboardInterrupt, InputError):
            self.source.release(job)
            raise
        except TimeUp:  # the repeats that ended are kept: whoever goes on has the rest to train
            self.source.release(job)
            return
        except TakenOver:
            self.how.progress.note(f"{job.label} was taken over by another worker")
            return
        except Exception as error:
            self._failed(job, error)
            return
        finally:
            self.job = None
        self.failures.clear()
        id_ = job.begun.configuration_id
        candidate = None if found is None else searched(id_, job.configuration, job.stage, found)
        self.how.progress.ended(job.label, candidate, self.source.extent())

    def _failed(self, job: Job, error: Exception) -> None:
        self.failures.append(job.begun.configuration_id)
        reason = in_one_line(error)
        self.how.progress.note(f"{job.label} failed: {reason}")
        repeat = error.repeat if isinstance(error, TrainingFailed) else job.next_repeat
        self.sweep.records.add_failure(
            job.begun.configuration_id, "search", repeat, reason=reason, worker=worker_name()
        )
        with suppress(TakenOver):
            self.source.fail(job, reason)
        failed = len(set(self.failures))
        if failed >= MAX_FAILED or len(self.failures) >= MAX_FAILURES:
            raise RegsearchError(f"{failed} configuration(s) failed in a row, the last with {reason}") from error

    def _beat(self) -> None:
        while not self.stopping.wait(HEARTBEAT_S):
            try:
                self.sweep.records.beat(self.id, self.doing)
                if (job := self.job) is not None:
                    self.source.beat(job)
            except (StorageError, StorageInternalError) as error:  # the next beat may get through
                self.how.progress.note(f"no heartbeat: {error}")
