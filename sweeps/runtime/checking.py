"""What will be done for a sweep, found out before its first training: kept with the sweep, shown by `check`."""

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import optuna

from regsearch.data import DataDescription, data_notices, describe_data, load
from regsearch.data.rows_digest import digest_of_test_rows
from regsearch.engine_choice import EngineChoice
from regsearch.layout import Layout, describe_layout, layout_of
from regsearch.notices import Notice
from regsearch.seeds import repeat_seed
from regsearch.spec import Configuration
from regsearch.spec.plain import to_plain
from regsearch.trainers.proof import Proof
from sweeps.config import SweepConfig
from sweeps.search.strategies import strategy


@dataclass(frozen=True, kw_only=True)
class SweepCheck:
    """What will be done for a sweep.

    Args:
        data: its columns, classes and subsets.
        test_digest: which rows it is confirmed on; empty for none.
        layout: its model's layers, and which weights each target penalizes.
        constant_score: the mean validation score of the best constant prediction, over the search's repeats.
        proof: whether the program trains the model as Keras' `fit` does; else `fit` trains.
        engine: with which engine all workers train, and why.
        notices: what a reader of the answer should know.
    """

    data: DataDescription
    test_digest: str
    layout: Layout
    constant_score: float
    proof: Proof
    engine: EngineChoice
    notices: tuple[Notice, ...]

    def summary(self) -> tuple[str, ...]:
        """Return what is penalized and the notices, a line each."""
        notices = (f"warning ({notice.code}): {notice.message}" for notice in self.notices)
        return (*describe_layout(self.layout), *notices)

    def stored(self) -> Mapping[str, Any]:
        """Return what is kept in rs_sweeps.checks."""
        plain = to_plain(self)
        constant = self.constant_score if np.isfinite(self.constant_score) else None
        kept = {name: plain[name] for name in ("layout", "proof", "engine", "notices", "test_digest")}
        return kept | {"constant_score": constant, "subsets": dict(self.data.subsets)}


def expected_seconds(config: SweepConfig) -> tuple[int, float]:
    """Return how many trainings a sweep's search takes at most, and about how long they take on all CPUs.

    Trains for a moment. Stages that are not decided yet count as the most they can have.
    """
    from regsearch.trial import evaluator

    trainings, spec = most_trainings(config), config.trial_spec(Configuration())
    return trainings, trainings * evaluator(spec).training_seconds(spec) / (os.cpu_count() or 1)


def most_trainings(config: SweepConfig) -> int:
    """Return how many trainings a sweep's search takes at most."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return config.evaluation.repeats * strategy(config).extent(optuna.create_study()).total


def check_sweep(config: SweepConfig, *, stopwatch: Callable[[], float] = time.perf_counter) -> SweepCheck:
    """Find out what will be done for a sweep; loads TensorFlow, writes nothing.

    Args:
        config: the sweep.
        stopwatch: seconds since some moment; it times the steps of the engines.

    Raises:
        InputError: its data, model, metric and targets do not fit each other.
    """
    from regsearch.trial import decide, evaluator

    found = evaluator(config.trial_spec(Configuration()), log=False)
    data, repeats = load(config.data_spec), range(config.evaluation.repeats if config.varied_rows else 1)
    splits = [found.split(i, repeat_seed(config.seed, "search", i)) for i in repeats]
    engine = decide(config.trial_spec(Configuration()), trainings=most_trainings(config), stopwatch=stopwatch)
    proof = found.prove()
    return SweepCheck(
        data=describe_data(config.data_spec, data, splits[0], found.trainer.input_uses),
        test_digest=digest_of_test_rows(config.data_spec, splits[0]),
        layout=layout_of(found.trainer.weights, config.targets if config.search.penalties else ()),
        constant_score=float(np.mean([found.constant_score(split) for split in splits])),
        proof=proof,
        engine=engine,
        notices=(*data_notices(data, splits[0], metric=config.metric), *found.notices),
    )
