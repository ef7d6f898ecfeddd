"""Train and score configurations on the folds of a cross-validation."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regsearch.data import DataSet, Split
from regsearch.data.preparation import Preparation
from regsearch.errors import RAISED, RegsearchError, TrainingFailed, in_one_line
from regsearch.penalties import coefficients
from regsearch.seeds import repeat_seed
from regsearch.spec import Configuration, DataSpec, TrialSpec
from regsearch.trainers.base import Trained
from sweeps.config import SweepConfig
from sweeps.estimator.fitted_network import FittedNetwork
from sweeps.estimator.networks import Network, Rows, network_for
from sweeps.estimator.tried import Staged, Tried

Scorer = Callable[[Any, Any, Any], float]


@dataclass(frozen=True, kw_only=True, eq=False)
class Fold:
    """The rows to train on and to score on."""

    train: Rows
    test: Rows


@dataclass(frozen=True, kw_only=True, eq=False)
class Trainings:
    """Trains and scores on the folds of one fit.

    Args:
        config: what a sweep would say.
        spec: of the rows.
        data: all rows.
        X: the rows as they were given.  # (rows, *shape of one row)
        y: likewise.  # (rows,) or (rows, targets)
        classes: as they were given; None of a regression.
        build_fn: what builds the network.
        folds: of the cross-validation.
        scorer: (estimator, X, y) -> score, greater is better.
        error_score: of a training that diverged.
        threads: trainings at once.
    """

    config: SweepConfig
    spec: DataSpec
    data: DataSet
    X: Any
    y: Any
    classes: NDArray[Any] | None
    build_fn: Any
    folds: Sequence[Fold]
    scorer: Scorer
    error_score: float
    threads: int

    def try_all(self, staged: Sequence[Staged]) -> list[Tried]:
        """Return how configurations do, in their order.

        Raises:
            InputError: the network cannot be built, or a penalty matches no weight.
            TrainingFailed: a training raised.
        """
        repeats = self.config.evaluation.repeats
        tasks = [(c, s, r) for c, _ in staged for s in range(len(self.folds)) for r in range(repeats)]
        for configuration, _ in staged:
            coefficients(self.network(configuration).weights, configuration.penalties)
        if self.threads == 1:
            found = [self._scored(*task) for task in tasks]
        else:
            with ThreadPoolExecutor(self.threads, "training") as pool:
                futures = [pool.submit(self._scored, *task) for task in tasks]
                try:
                    found = [future.result() for future in futures]
                finally:
                    pool.shutdown(cancel_futures=True)
        table = np.array(found).reshape(len(staged), len(self.folds), repeats, 4)
        return [
            Tried(
                configuration=configuration,
                stage=stage,
                scores=of_one[..., 0],
                fit_s=of_one[..., 1].sum(axis=1),
                score_s=of_one[..., 2].sum(axis=1),
                epochs=of_one[..., 3].astype(int),
            )
            for (configuration, stage), of_one in zip(staged, table, strict=True)
        ]

    def refit(self, configuration: Configuration, *, seed: int, epochs: int | None) -> FittedNetwork:
        """Return a network that is trained on all rows.

        Args:
            configuration: its penalties.
            seed: of initial weights and permutations.
            epochs: instead of those of the settings, where it is to stop early and there is nothing to tell by when.

        Raises:
            TrainingFailed: the training raised, or diverged.
        """
        spec = self._trial_spec(configuration)
        if epochs is not None:
            spec = replace(spec, training=replace(spec.training, early_stopping=None, epochs=epochs))
        network, rows = network_for(spec, self.data), np.arange(len(self.data.x))
        prepare = network.preparation(self.spec, self.data, rows)
        trained = self._trained(network, spec, network.split(self.data, rows, rows[: self._shown], prepare), seed)
        if trained.diverged:
            raise TrainingFailed(0, f"the training on all rows diverged after {trained.epochs} epochs")
        network.forget_rows()
        return self._fitted(network, spec, prepare, trained, seed)

    def network(self, configuration: Configuration) -> Network:
        """Return the network that a configuration trains."""
        return network_for(self._trial_spec(configuration), self.data)

    def _scored(self, configuration: Configuration, fold: int, repeat: int) -> tuple[float, float, float, int]:
        """Return a training's score, its seconds, those of scoring, and its epochs."""
        spec, network = self._trial_spec(configuration), self.network(configuration)
        prepare, split = self._splits(network)[fold]
        seed = repeat_seed(self.config.seed, "search", fold * self.config.evaluation.repeats + repeat)
        trained = self._trained(network, spec, split, seed)
        if trained.diverged:
            return self.error_score, trained.seconds, 0.0, trained.epochs
        started, rows = time.perf_counter(), self.folds[fold].test
        fitted, X = self._fitted(network, spec, prepare, trained, seed), self.X[rows]
        fitted.known = (X, network.outputs(trained, split))
        score = float(self.scorer(fitted, X, self.y[rows]))
        return score, trained.seconds, time.perf_counter() - started, trained.epochs

    def _trained(self, network: Network, spec: TrialSpec, split: Split, seed: int) -> Trained:
        try:
            return network.train(spec, split, seed=seed, shown=self._shown)
        except RegsearchError:
            raise
        except RAISED as error:  # of TensorFlow, or of the user's own model
            raise TrainingFailed(0, in_one_line(error)) from error

    def _fitted(
        self, network: Network, spec: TrialSpec, prepare: Preparation, trained: Trained, seed: int
    ) -> FittedNetwork:
        nothing = replace(self.data, x=self.data.x[:0], y=self.data.y[:0], weights=None)
        return FittedNetwork(
            self.build_fn,
            spec=spec.model,
            data=nothing,
            preparation=prepare,
            inputs=network.inputs,
            weights=network.weights,
            penalties=coefficients(network.weights, spec.penalties),
            trained=trained,
            seed=seed,
            classes=self.classes,
        )

    def _trial_spec(self, configuration: Configuration) -> TrialSpec:
        return replace(self.config.trial_spec(configuration), data=self.spec)

    @cached_property
    def _shown(self) -> int:
        """How many rows of each validation part a training looks at: a power of two that all of them have."""
        return 1 << (min(len(fold.test) for fold in self.folds).bit_length() - 1)

    def _splits(self, network: Network) -> list[tuple[Preparation, Split]]:
        """Return the folds as a network takes them."""
        if id(network) not in self._kept:
            found = []
            for fold in self.folds:
                prepare = network.preparation(self.spec, self.data, fold.train)
                found.append((prepare, network.split(self.data, fold.train, fold.test, prepare)))
            self._kept[id(network)] = (network, found)
        return self._kept[id(network)][1]

    @cached_property
    def _kept(self) -> dict[int, tuple[Network, list[tuple[Preparation, Split]]]]:
        """Folds by network; it is held, so that no other gets its number."""
        return {}
