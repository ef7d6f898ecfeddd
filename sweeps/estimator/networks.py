"""Networks that were prepared for training: those last used are kept, so that fits share what is compiled.

What is compiled depends on the network, the settings and the shapes alone. Penalties, labels and rows are its inputs.
Nested cross-validation fits the same network on hundreds of subsets, and compiling would take most of its time.
"""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regsearch.data import DataSet, Split, prepared_split
from regsearch.data.preparation import Preparation
from regsearch.forward_graph import forward_graph
from regsearch.input_slices import ModelInputs
from regsearch.input_use import check_integers
from regsearch.losses import check_fit
from regsearch.penalties import coefficients
from regsearch.recent import Recent
from regsearch.scoring import metric_named
from regsearch.spec import DataSpec, TrialSpec, content_hash
from regsearch.target_scaling import last_layer, scales_target
from regsearch.trainers.base import Trained, TrainerPhase
from regsearch.trainers.choice import TrainerChoice
from regsearch.trainers.compiled import CompiledTrainer
from regsearch.trainers.optimizers import check_training
from regsearch.trainers.problem import Problem
from regsearch.weights import Weight

KEPT = 4  # networks: each may hold 256 MiB of initial weights
TRIED = 64  # rows that a network is tried on

_networks: Recent["Network"] = Recent(KEPT)

Rows = NDArray[np.int64]


def network_for(spec: TrialSpec, data: DataSet) -> "Network":
    """Return the network of a spec, prepared for data of this kind.

    Raises:
        InputError: it cannot be built, or does not fit the data.
    """
    kind = [spec.model, spec.training, spec.metric, data.task, data.n_outputs, data.x.shape[1:], str(data.x.dtype)]
    kind += [(each.name, each.shape) for each in data.inputs]
    network = _networks.get(content_hash(kind), lambda: Network(spec, data))
    network.check(data)
    return network


class Network:
    """A network that any number of fits may train, from any number of threads."""

    def __init__(self, spec: TrialSpec, data: DataSet) -> None:
        """Build it once, to know its weights.

        Raises:
            InputError: it cannot be built, or does not fit the data.
        """
        check_training(spec.training)
        check_fit(spec.training, data.task)
        some = replace(data, x=data.x[:TRIED], y=data.y[:TRIED], weights=None, groups=None)
        problem = Problem(data=some, model=spec.model, training=spec.training, metric=metric_named(spec.metric))
        self._choice = TrainerChoice(problem)
        self._stops_early = spec.training.early_stopping is not None
        loss, last = self._choice.trainer.compilation.loss_name, last_layer(self.model, self.weights)
        self._scales_target = scales_target(spec.data.scale_target, data.task, loss, last)

    @property
    def model(self) -> Any:
        """The network, as it was built to know its weights."""
        return self._choice.trainer.model

    @property
    def weights(self) -> tuple[Weight, ...]:
        """Its trainable weights."""
        return self._choice.trainer.weights

    @property
    def inputs(self) -> ModelInputs:
        """How it takes rows."""
        return self._choice.trainer.inputs

    def check(self, data: DataSet) -> None:
        """Refuse integers that the network looks up and does not have.

        Raises:
            ModelError: there is one.
        """
        trainer = self._choice.trainer
        if any(use.token_layer is not None for use in trainer.input_uses):
            check_integers(self.model, data.x, forward_graph(self.model, data.x.shape[1:], inputs=self.inputs))

    def preparation(self, spec: DataSpec, data: DataSet, train: Rows) -> Preparation:
        """Return what is done to rows before the network sees them, by what those to train on say."""
        return Preparation(spec, data, self._choice.trainer.input_uses, train, scale_target=self._scales_target)

    def split(self, data: DataSet, train: Rows, validation: Rows, prepare: Preparation) -> Split:
        """Return the rows to train on and to validate on, as the network takes them."""
        return prepared_split(data, train, validation, prepare)

    def train(self, spec: TrialSpec, split: Split, *, seed: int, shown: int) -> Trained:
        """Train once.

        Args:
            spec: with which penalties.
            split: what on.
            seed: of initial weights, permutations and random layers.
            shown: how many of the validation rows the training looks at, but to stop early it looks at all: where that
                is the same for all folds, they share one program.

        Raises:
            InputError: a penalty matches no weight.
        """
        table = coefficients(self.weights, spec.penalties)
        phase = TrainerPhase(epochs=spec.training.epochs, coefficients=table, weight_decay=spec.weight_decay)
        if not self._stops_early:
            seen = slice(0, shown)
            some = split.validation
            split = replace(split, validation=replace(some, x=some.x[seen], y=some.y[seen], rows=some.rows[seen],
                            own_y=None if some.own_y is None else some.own_y[seen]))  # fmt: skip
        return self._choice.train_phases(split, seed=seed, phases=[phase])[-1]

    def outputs(self, trained: Trained, split: Split) -> NDArray[Any]:
        """Return (rows, outputs) what it gives for the validation rows, in the labels' own units."""
        rows = split.validation
        found, _ = self._choice.trainer.outputs(trained.after, trained.state, rows.x, rows.y, split.unit)
        return split.in_own_units(found)

    def forget_rows(self) -> None:
        """Let go of the rows of a fit that has ended."""
        trainer = self._choice.trainer
        if isinstance(trainer, CompiledTrainer):
            trainer.forget_data()
