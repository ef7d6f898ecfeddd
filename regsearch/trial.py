"""What one trial is: train a configuration once per seed, and score each training."""

import logging
import os
import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regsearch.data import Split, Subset, load, make_split
from regsearch.errors import InputError, RegsearchError, TrainingFailed, chosen, in_one_line
from regsearch.losses import check_fit
from regsearch.penalties import coefficients, l1_norm, l2_norm
from regsearch.recent import Recent
from regsearch.results import PhaseResult, Repeat, RowScores, Scores, WeightNorm
from regsearch.scoring import METRICS
from regsearch.seeds import derived_seed
from regsearch.spec import TrialSpec, round_lambda
from regsearch.surfaces import surface_of
from regsearch.trainers.base import Leg, Problem, Stop, Trained, Trainer
from regsearch.trainers.compiled import CannotCompile, CompiledTrainer
from regsearch.trainers.fit import FitTrainer
from regsearch.trainers.optimizers import check_training

TRAINERS: dict[str, type[Trainer]] = {"compiled": CompiledTrainer, "fit": FitTrainer}
MAX_ROWS = {"validation": 2_000, "test": 10_000}  # scored row by row
KEPT_EVALUATORS = 2
CACHED_BYTES = 512 * 2**20  # of splits

_log = logging.getLogger(__name__)
_evaluators: OrderedDict[str, "Evaluator"] = OrderedDict()
_making = threading.Lock()


def evaluate(
    spec: TrialSpec, seeds: Mapping[int, int], *, test: bool = False, threads: int | None = None
) -> Iterator[Repeat]:
    """Train a configuration once per seed and yield each repeat as it ends.

    What configurations share (data, compiled program, initial weights) is kept between calls. Closing the iterator, or
    an exception such as KeyboardInterrupt where it is consumed, stops the trainings that still run.

    Args:
        spec: what to train.
        seeds: the seed of each repeat, by the repeat's index.
        test: whether to score the test part, which only a confirmation may look at.
        threads: trainings at once; None for one a CPU. Scores do not depend on it.

    Raises:
        InputError: the spec asks for something that does not exist or does not fit.
        TrainingFailed: a training raised; the others are stopped.
    """
    yield from evaluator(spec).evaluate(spec, seeds, test=test, threads=threads)


def evaluator(spec: TrialSpec) -> "Evaluator":
    """Return the evaluator for a spec's data, model and training; configurations of one sweep share it."""
    key = replace(spec, penalties=(), phases=(), weight_decay=0.0).key()
    with _making:
        if key not in _evaluators:
            _evaluators[key] = Evaluator(spec)
        _evaluators.move_to_end(key)
        while len(_evaluators) > KEPT_EVALUATORS:
            _evaluators.popitem(last=False)
        return _evaluators[key]


class Evaluator:
    """Evaluates configurations that differ in their penalties and weight decay only."""

    def __init__(self, spec: TrialSpec) -> None:
        """Load the data and prepare the trainer.

        Raises:
            InputError: the spec asks for something that does not exist or does not fit.
        """
        data = load(spec.data)
        metric = chosen("evaluation.metric", spec.metric, METRICS)
        trainer = chosen("training.trainer", spec.training.trainer, TRAINERS)
        check_training(spec.training)
        check_fit(spec.training, data.task)
        if data.task not in metric.tasks:
            fitting = ", ".join(m.name for m in METRICS.values() if data.task in m.tasks)
            raise InputError("evaluation.metric", f"{spec.metric!r} does not fit a {data.task} target; use {fitting}")
        self.metric = metric
        self.trainer = trainer(Problem(data=data, model=spec.model, training=spec.training, metric=metric))
        self._falling_back = threading.Lock()
        self._data, self._resample = spec.data, spec.resample
        self._splits: Recent[Split] = Recent(CACHED_BYTES, lambda split: split.nbytes)
        if not spec.resample:
            self.split(0, 0)  # what cannot be divided is told before anything is trained

    def split(self, repeat: int, seed: int) -> Split:
        """Return the split of a repeat: drawn by its seed, or its fold, or the one that all share."""
        if self._resample:
            return self._splits.get(seed, lambda: make_split(self._data, seed=derived_seed(seed, 2)))
        own = repeat if self._data.split.folds else 0
        return self._splits.get(own, lambda: make_split(self._data, repeat=own))

    def evaluate(
        self, spec: TrialSpec, seeds: Mapping[int, int], *, test: bool, threads: int | None
    ) -> Iterator[Repeat]:
        """Yield each repeat as it ends; see `evaluate`."""
        legs = self.legs(spec)
        stop = threading.Event()
        with ThreadPoolExecutor(threads or os.cpu_count() or 1, "training") as pool:
            futures = {pool.submit(self.repeat, i, seed, legs, test, stop) for i, seed in seeds.items()}
            try:
                yield from _as_they_end(futures)
            finally:
                stop.set()
                pool.shutdown(cancel_futures=True)

    def legs(self, spec: TrialSpec) -> tuple[Leg, ...]:
        """Return how long to train with which coefficients.

        Raises:
            InputError: a penalty matches no weight of the model.
        """
        parts = [(phase.epochs, phase.penalties) for phase in spec.phases] or [(spec.training.epochs, spec.penalties)]
        return tuple(
            Leg(
                epochs=epochs,
                coefficients=coefficients(self.trainer.weights, penalties),
                weight_decay=spec.weight_decay,
            )
            for epochs, penalties in parts
        )

    def repeat(self, index: int, seed: int, legs: Sequence[Leg], test: bool, stop: Stop = None) -> Repeat:
        """Train once and score.

        Args:
            index: which repeat this is.
            seed: its seed.
            legs: how long to train with which coefficients.
            test: whether to score the test part.
            stop: set from another thread to give up.

        Raises:
            TrainingFailed: the training raised.
            TrainingStopped: `stop` was set.
        """
        try:
            return self._repeat(index, seed, legs, test, stop)
        except RegsearchError:
            raise
        except Exception as error:  # of TensorFlow, or of the user's own model
            raise TrainingFailed(index, in_one_line(error)) from error

    def _repeat(self, index: int, seed: int, legs: Sequence[Leg], test: bool, stop: Stop) -> Repeat:
        split = self.split(index, seed)
        stages = self._train(split, seed, legs, stop)
        trained = stages[-1]
        repeat = Repeat(
            repeat=index,
            seed=seed,
            status="diverged" if trained.diverged else "ok",
            epochs=trained.epochs,
            seconds=trained.seconds,
            curve=trained.curve,
            reason=f"the loss is not finite after {trained.epochs} epochs" if trained.diverged else None,
        )
        if len(legs) > 1:
            repeat = replace(repeat, phases=self._phases(legs, stages, split, with_surface=index == 0))
        return repeat if trained.diverged else self._scored(repeat, trained, split, test)

    def _train(self, split: Split, seed: int, legs: Sequence[Leg], stop: Stop) -> tuple[Trained, ...]:
        try:
            return self.trainer.train_legs(split, seed=seed, legs=legs, stop=stop)
        except CannotCompile as error:
            self._fall_back(error)
            return self.trainer.train_legs(split, seed=seed, legs=legs, stop=stop)

    def _fall_back(self, error: CannotCompile) -> None:
        """Train with `fit` from now on, and say so once."""
        with self._falling_back:
            if isinstance(self.trainer, CompiledTrainer):
                _log.warning("cannot compile the training: %s; training with Keras' fit instead, far slower", error)
                self.trainer = FitTrainer(self.trainer.problem, jit_compile=False)

    def _phases(
        self, legs: Sequence[Leg], stages: Sequence[Trained], split: Split, *, with_surface: bool
    ) -> tuple[PhaseResult, ...]:
        return tuple(
            PhaseResult(
                phase=phase,
                epochs=trained.epochs,
                coefficient=round_lambda(float(legs[phase].coefficients.max(initial=0.0))),
                train=self._score(trained, split.train, 0)[0],
                validation=self._score(trained, split.validation, 0)[0],
                weight_norms=self._norms(trained),
                surface=surface_of(self.trainer, trained, split) if with_surface else None,
            )
            for phase, trained in enumerate(stages)
            if not trained.diverged
        )

    def _scored(self, repeat: Repeat, trained: Trained, split: Split, test: bool) -> Repeat:
        train, _ = self._score(trained, split.train, 0)
        validation, validation_rows = self._score(trained, split.validation, MAX_ROWS["validation"])
        repeat = replace(
            repeat,
            train=train,
            validation=validation,
            validation_rows=validation_rows,
            weight_norms=self._norms(trained),
        )
        if not test or split.test is None:
            return repeat
        scores, rows = self._score(trained, split.test, MAX_ROWS["test"])
        return replace(repeat, test=scores, test_rows=rows)

    def _score(self, trained: Trained, part: Subset, most_rows: int) -> tuple[Scores, RowScores]:
        prediction, loss = self.trainer.outputs(trained.after, trained.state, part.x, part.y)
        rows = np.asarray(self.metric.rows(np, part.y, prediction), np.float64)
        kept = _spread(len(rows), most_rows)
        row_scores = RowScores(rows=part.rows[kept], scores=rows[kept].astype(np.float32))
        return Scores(score=float(rows.mean()), loss=loss), row_scores

    def _norms(self, trained: Trained) -> tuple[WeightNorm, ...]:
        return tuple(
            WeightNorm(
                layer=weight.layer,
                weight=weight.name,
                unit=weight.unit,
                kinds=tuple(sorted(weight.kinds)),
                l1_before=l1_norm(before),
                l2_before=l2_norm(before),
                l1_after=l1_norm(after),
                l2_after=l2_norm(after),
            )
            for weight, before, after in zip(self.trainer.weights, trained.before, trained.after, strict=True)
        )


def _as_they_end(futures: set[Future[Repeat]]) -> Iterator[Repeat]:
    while futures:
        done, futures = wait(futures, return_when=FIRST_COMPLETED)
        for future in done:
            yield future.result()


def _spread(rows: int, most: int) -> NDArray[Any]:
    """Return at most `most` row positions, evenly spread: the same for every configuration."""
    return np.arange(rows) if rows <= most else np.linspace(0, rows - 1, most).round().astype(int)
