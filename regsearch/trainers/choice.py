"""Which trainer trains: the one asked for, or Keras' `fit` where the model cannot be compiled."""

import logging
import threading

from regsearch.data import Split
from regsearch.errors import chosen
from regsearch.trainers.base import Phases, Stop, Trained, Trainer
from regsearch.trainers.compiled import CannotCompile, CompiledTrainer
from regsearch.trainers.fit import FitTrainer
from regsearch.trainers.problem import Problem

TRAINERS: dict[str, type[Trainer]] = {"compiled": CompiledTrainer, "fit": FitTrainer}

_log = logging.getLogger("regsearch.trial")


class TrainerChoice:
    """The trainer of a problem, which may change once: at the first training, when it turns out not to compile."""

    def __init__(self, problem: Problem) -> None:
        """Prepare the trainer that the training settings ask for.

        Raises:
            InputError: there is no such trainer, or the model cannot be trained on the data.
        """
        self.trainer = chosen("training.trainer", problem.training.trainer, TRAINERS)(problem)
        self._changing = threading.Lock()

    def train_phases(self, split: Split, *, seed: int, phases: Phases, stop: Stop = None) -> tuple[Trained, ...]:
        """Train once, phase by phase; see Trainer.train_phases."""
        try:
            return self.trainer.train_phases(split, seed=seed, phases=phases, stop=stop)
        except CannotCompile as error:
            self._fall_back(error)
            return self.trainer.train_phases(split, seed=seed, phases=phases, stop=stop)

    def _fall_back(self, error: CannotCompile) -> None:
        """Train with `fit` from now on, and say so once."""
        with self._changing:
            if isinstance(self.trainer, CompiledTrainer):
                _log.warning("cannot compile the training: %s; training with Keras' fit instead, far slower", error)
                self.trainer = FitTrainer(self.trainer.problem, jit_compile=False)
