"""Single steps of the compiled program: the very program that trainings call, for a look at what a step does."""

import numpy as np

from regsearch.backend import load_tensorflow
from regsearch.data import Split
from regsearch.trainers.base import TrainerPhase
from regsearch.trainers.compiled import CompiledTrainer, Run
from regsearch.trainers.epochs import curve_epochs
from regsearch.trainers.state import Regularization
from regsearch.trainers.tensors import Array, Arrays, Tensor


class Stepper:
    """Takes single steps of the compiled program, at any point of a training; its weights can be set between them."""

    def __init__(self, trainer: CompiledTrainer, split: Split, seed: int, phase: TrainerPhase) -> None:
        """Compile the program for the split, as a training does.

        Raises:
            CannotCompile: it cannot be compiled.
        """
        self._trainer, self._phase = trainer, phase
        self._run = Run(trainer, split, seed, curve_epochs([phase], split))
        self._state = trainer.program.start(*trainer.initial(seed))
        trainer.compile(self._run, self._state, phase)
        self._table = self._run.permutation_table(0)[1].numpy()  # (epochs · rows,)
        self.batches = self._run.batches
        self._train_rows, self._batch = len(split.train.x), trainer.problem.training.batch_size

    def rows(self, number: int) -> Array:
        """Return which train rows the step sees that comes after so many."""
        if self.batches == 1:
            return np.arange(self._train_rows)
        first = number % self.batches * self._batch
        found: Array = self._table[: self._train_rows][first : first + self._batch]
        return found

    def step(self, number: int) -> None:
        """Take the step that comes after so many, its epoch in the order of the first."""
        core, update = self._state.core, self._trainer.program.update
        self._state = self._trainer.program.advance(
            self._state._replace(
                core=core._replace(step=_int(number), slots=update.at(core.slots, number)),
                recorded=_int(int(np.searchsorted(self._run.curve_steps, number, side="right"))),
                finite=load_tensorflow().constant(True),  # a loss that is not may leave finite weights
                stopped=load_tensorflow().constant(False),
            ),
            self._run.data,
            Regularization(self._phase.coefficients, np.float32(self._phase.weight_decay)),
            self._run.permutation_table(0)[1],
            np.int32(number // self.batches),
            self._run.curve_steps,
            np.int32(number + 1),
        )

    def values(self) -> tuple[Arrays, Arrays]:
        """Return the trainable weights and the other variables."""
        core = self._state.core
        return [w.numpy() for w in self._trainer.program.update.unpack(core.weights)], [
            v.numpy() for v in core.variables
        ]

    def set(self, weights: Arrays) -> None:
        """Set the trainable weights."""
        packed = self._trainer.program.update.pack([load_tensorflow().constant(w) for w in weights])
        self._state = self._state._replace(core=self._state.core._replace(weights=packed))


def _int(number: int) -> Tensor:
    return load_tensorflow().constant(number)
