"""What one trial is: train a configuration once per seed, and score each training."""

import logging
import os
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import replace

from regsearch.constant_prediction import constant_score
from regsearch.data import DataSet, Split, load
from regsearch.engine_choice import EngineChoice
from regsearch.errors import RAISED, RegsearchError, TrainingFailed, TrainingStopped, in_one_line
from regsearch.in_memory import is_in_memory
from regsearch.loading import is_reference, place_of
from regsearch.losses import check_fit
from regsearch.measurements import Measurements
from regsearch.model_checks import inactivity_notices
from regsearch.notices import Notice
from regsearch.own_metrics import own_metric
from regsearch.penalties import coefficients
from regsearch.recent import Recent
from regsearch.repeat_splits import RepeatSplits
from regsearch.results import Repeat
from regsearch.scoring import Metric, check_metric, metric_named
from regsearch.spec import TrialSpec
from regsearch.target_scaling import last_layer, scales_target, target_notices
from regsearch.trainers.base import Trained, Trainer, TrainerPhase
from regsearch.trainers.choice import TrainerChoice
from regsearch.trainers.duration import training_seconds
from regsearch.trainers.optimizers import check_training
from regsearch.trainers.problem import Problem
from regsearch.trainers.proof import Proof
from regsearch.trainers.starts import notice_of
from regsearch.trainers.time_limit import Stop, TimeLimit
from regsearch.trainers.timing import Stopwatch, Work

KEPT_EVALUATORS = 3

_log = logging.getLogger(__name__)
_evaluators: Recent["Evaluator"] = Recent(KEPT_EVALUATORS)


def evaluate(
    spec: TrialSpec, seeds: Mapping[int, int], *, test: bool = False, threads: int | None = None
) -> Iterator[Repeat]:
    """Train a configuration once per seed and yield each repeat as it ends.

    What configurations share (data, compiled program, initial weights) is kept between calls. Closing the iterator, or
    an exception such as KeyboardInterrupt where it is consumed, stops the trainings that still run.

    Args:
        spec: what to train.
        seeds: the seed of each repeat, by the repeat's index.
        test: whether to score the test rows, which only a confirmation may look at.
        threads: trainings at once; None for one per CPU. Scores do not depend on it.

    Raises:
        InputError: the spec asks for something that does not exist or does not fit.
        TrainingFailed: a training raised; the others are stopped.

    Example:
        >>> spec = regsearch.TrialSpec(
        ...     data=regsearch.DataSpec(source="iris"), metric="accuracy", training=regsearch.TrainingSpec(epochs=5)
        ... )
        >>> sorted(repeat.status for repeat in regsearch.evaluate(spec, {0: 11, 1: 12}))
        ['ok', 'ok']
    """
    yield from evaluator(spec).evaluate(spec, seeds, test=test, threads=threads)


def evaluator(spec: TrialSpec, *, log: bool = True) -> "Evaluator":
    """Return the evaluator for a spec's data, model and training; configurations of one sweep share it.

    Args:
        spec: what to train.
        log: whether a new one logs its notices; False for who reads them.
    """
    return _evaluators.get(_shared_key(spec), lambda: Evaluator(spec, log=log))


def decide(spec: TrialSpec, *, trainings: int, stopwatch: Stopwatch = time.perf_counter) -> EngineChoice:
    """Decide on the engine for a whole search, by rule or by the time that a few steps take.

    Args:
        spec: what to train, in any of the search's configurations.
        trainings: how many the search takes, at most.
        stopwatch: seconds since some moment.

    Raises:
        InputError: the spec asks for something that does not exist or does not fit.
    """
    found = evaluator(spec, log=False)
    choice = found.decide(spec, trainings=trainings, stopwatch=stopwatch)
    _evaluators.get(_shared_key(spec.trained_by(choice.engine)), lambda: found)  # what is compiled serves that too
    return choice


def _shared_key(spec: TrialSpec) -> str:
    """Return what is the same for configurations that share an evaluator."""
    return replace(spec, penalties=(), phases=(), weight_decay=0.0).key()


def prove(spec: TrialSpec) -> Proof:
    """Compare the compiled training of a spec's model with Keras' `fit`, and return whether they are equal.

    Trainings do so themselves before the first; what was found is kept with the evaluator.

    Raises:
        InputError: the spec asks for something that does not exist or does not fit.
    """
    return evaluator(spec).prove()


class Evaluator:
    """Evaluates configurations that differ in their penalties and weight decay only."""

    def __init__(self, spec: TrialSpec, *, log: bool = True) -> None:
        """Load the data and prepare the trainer, and log its notices.

        Raises:
            InputError: the spec asks for something that does not exist or does not fit.
        """
        data = load(spec.data)
        check_training(spec.training)
        check_fit(spec.training, data.task)
        self._metric = _metric(spec, data)
        self._choice = TrainerChoice(Problem(data=data, model=spec.model, training=spec.training, metric=self._metric))
        target = (spec.data.scale_target, data.task, self.trainer.compilation.loss_name)
        last = last_layer(self.trainer.model, self.trainer.weights)
        self._splits = RepeatSplits(
            spec.data, resample=spec.resample, uses=self.trainer.input_uses, scale_target=scales_target(*target, last)
        )
        self._own_splits = spec.resample or bool(spec.data.split.folds or spec.data.split.keep)
        self._data = data
        self._model_notices = (*target_notices(*target, last), *inactivity_notices(self.trainer.model))
        for notice in self.notices if log else ():
            _log.warning("%s", notice.message)

    @property
    def trainer(self) -> Trainer:
        """What trains."""
        return self._choice.trainer

    @property
    def notices(self) -> tuple[Notice, ...]:
        """What a user should know about how the model is trained; all of it once something was trained or proved."""
        notices, trainer = (*self._model_notices, *self._choice.notices), self.trainer
        if trainer.starts == "apart":
            return notices
        batches = -(-len(self.split(0, 0).train.x) // trainer.problem.training.batch_size)
        return (*notices, notice_of(trainer.starts, trainer.model, batches=batches, own_splits=self._own_splits))

    @property
    def metric(self) -> Metric:
        """What repeats are scored by."""
        return self._metric

    @property
    def data(self) -> DataSet:
        """All rows."""
        return self._data

    def prove(self) -> Proof:
        """Decide how to train, as the first training does, and return why so."""
        return self._choice.prove(self.split(0, 0), seed=0)

    def decide(self, spec: TrialSpec, *, trainings: int, stopwatch: Stopwatch) -> EngineChoice:
        """Decide with which engine to train from now on; see `decide`."""
        work = Work(trainings=trainings, phase=self.phases(spec)[0], clock=stopwatch)
        return self._choice.decide(self.split(0, 0), work, seed=0)

    def split(self, repeat: int, seed: int) -> Split:
        """Return the split of a repeat; see `repeat_split`."""
        return self._splits.get(repeat, seed)

    def training_seconds(self, spec: TrialSpec) -> float:
        """Return about how long one training takes, while no other runs beside it."""
        return training_seconds(self.trainer, self.split(0, 0), self.phases(spec)[0])

    def constant_score(self, split: Split) -> float:
        """Return the validation score of the best constant prediction."""
        return constant_score(self._metric, self._data.task, self._data.n_outputs, split)

    def phases(self, spec: TrialSpec) -> tuple[TrainerPhase, ...]:
        """Return how long to train with which coefficients.

        Raises:
            InputError: a penalty matches no weight of the model.
        """
        parts = [(phase.epochs, phase.penalties) for phase in spec.phases] or [(spec.training.epochs, spec.penalties)]
        return tuple(
            TrainerPhase(
                epochs=epochs,
                coefficients=coefficients(self.trainer.weights, penalties),
                weight_decay=spec.weight_decay,
            )
            for epochs, penalties in parts
        )

    def evaluate(
        self, spec: TrialSpec, seeds: Mapping[int, int], *, test: bool, threads: int | None
    ) -> Iterator[Repeat]:
        """Yield each repeat as it ends; see `evaluate`."""
        phases, timeout_s = self.phases(spec), spec.training.timeout_s
        stop = threading.Event()
        with ThreadPoolExecutor(threads or os.cpu_count() or 1, "training") as pool:
            futures = {pool.submit(self._repeat, i, seed, phases, test, stop, timeout_s) for i, seed in seeds.items()}
            try:
                yield from _as_they_end(futures)
            finally:
                stop.set()
                pool.shutdown(cancel_futures=True)

    def train(
        self,
        repeat: int,
        seed: int,
        phases: Sequence[TrainerPhase],
        *,
        split: Split | None = None,
        test: bool,
        stop: Stop = None,
    ) -> tuple[Repeat, Trained]:
        """Train once and score; return the repeat, and the weights that it ended with.

        Args:
            repeat: its index.
            seed: its seed.
            phases: how long to train with which coefficients.
            split: what to train on; None for the repeat's own.
            test: whether to score the test rows.
            stop: set from another thread to end it early.

        Raises:
            TrainingFailed: the training raised.
            TrainingStopped: `stop` was set.
        """
        try:
            split = split or self.split(repeat, seed)
            stages = self._choice.train_phases(split, seed=seed, phases=phases, stop=stop)
            trained, measure = stages[-1], Measurements(trainer=self.trainer, metric=self._metric, split=split)
            found = Repeat(
                repeat=repeat,
                seed=seed,
                status="diverged" if trained.diverged else "ok",
                epochs=trained.epochs,
                seconds=trained.seconds,
                curve=trained.curve,
                phases=measure.phases(phases, stages, with_surface=repeat == 0) if len(phases) > 1 else (),
                reason=f"the loss is not finite after {trained.epochs} epochs" if trained.diverged else None,
            )
            return found if trained.diverged else measure.scored(found, trained, test=test), trained
        except RegsearchError:
            raise
        except RAISED as error:  # of TensorFlow, or of the user's own model
            raise TrainingFailed(repeat, in_one_line(error) + place_of(error)) from error

    def _repeat(
        self,
        index: int,
        seed: int,
        phases: Sequence[TrainerPhase],
        test: bool,
        stop: threading.Event,
        timeout_s: float | None,
    ) -> Repeat:
        limit = None if timeout_s is None else TimeLimit(timeout_s, stop)
        try:
            return self.train(index, seed, phases, test=test, stop=limit or stop)[0]
        except TrainingStopped:
            if limit is None or not limit.passed:
                raise
            raise TrainingFailed(index, f"it took longer than training.timeout, {limit.timeout_s:g} s") from None


def _metric(spec: TrialSpec, data: DataSet) -> Metric:
    """Return the metric of that name, or of the user's file.

    Raises:
        InputError: there is none, or it does not fit the labels.
    """
    if is_reference(spec.metric) or is_in_memory(spec.metric):
        return own_metric(spec.metric, spec.metric_folder, digest=spec.metric_digest)
    metric = metric_named(spec.metric)
    check_metric(metric, data.task, data.n_outputs)
    return metric


def _as_they_end(futures: set[Future[Repeat]]) -> Iterator[Repeat]:
    while futures:
        done, futures = wait(futures, return_when=FIRST_COMPLETED)
        for future in done:
            yield future.result()
