"""Which trainer trains: the compiled one where it is proved to do as Keras' `fit` does, and else `fit` itself."""

import logging
import threading
from collections.abc import Callable

from regsearch.data import Split
from regsearch.errors import ModelError, chosen
from regsearch.notices import Notice
from regsearch.trainers.base import Phases, Stop, Trained, Trainer
from regsearch.trainers.compiled import CannotCompile, CompiledTrainer
from regsearch.trainers.fit import FitTrainer
from regsearch.trainers.overrides import overridden, why_fit
from regsearch.trainers.problem import Problem
from regsearch.trainers.proof import Proof, prove
from regsearch.trainers.reference import penalties_act

TRAINERS: dict[str, type[Trainer]] = {"compiled": CompiledTrainer, "fit": FitTrainer}

_log = logging.getLogger("regsearch.trial")


class TrainerChoice:
    """The trainer of a problem; before the first training it is decided which one that is."""

    def __init__(self, problem: Problem) -> None:
        """Prepare the trainer that the training settings ask for.

        Raises:
            InputError: there is no such trainer, or the model cannot be trained on the data.
        """
        self.trainer = chosen("training.trainer", problem.training.trainer, TRAINERS)(problem)
        self._proof: Proof | None = None
        self._changing = threading.Lock()
        self._notices = self.trainer.compilation.notices

    @property
    def notices(self) -> tuple[Notice, ...]:
        """What a user should know about how the model is trained."""
        return self._notices

    def train_phases(self, split: Split, *, seed: int, phases: Phases, stop: Stop = None) -> tuple[Trained, ...]:
        """Train once, phase by phase; see Trainer.train_phases."""
        self.prove(split, seed=seed, log=_log.warning)  # whoever asked before has read the notices
        try:
            return self.trainer.train_phases(split, seed=seed, phases=phases, stop=stop)
        except CannotCompile as error:  # for a split of other sizes than the first
            with self._changing:
                if isinstance(self.trainer, CompiledTrainer):
                    proof = Proof(equal=False, trainer="fit", reason=_cannot(error))
                    _log.warning("%s", _by_fit(proof))
                    self._fall_back(proof, split, seed)
            return self.trainer.train_phases(split, seed=seed, phases=phases, stop=stop)

    def prove(self, split: Split, *, seed: int, log: Callable[[str], None] | None = None) -> Proof:
        """Decide on the trainer, the first time; return why it is this one.

        Args:
            split: whose train rows are taken.
            seed: of the steps that are compared.
            log: told where it is `fit`, the first time.

        Raises:
            ModelError: no penalty acts on the model.
        """
        with self._changing:
            if self._proof is None:
                proof = self._decided(split, seed)
                if proof.trainer == "fit":
                    if log is not None and isinstance(self.trainer, CompiledTrainer):
                        log(_by_fit(proof))
                    self._fall_back(proof, split, seed)
                self._proof = proof
            return self._proof

    def _decided(self, split: Split, seed: int) -> Proof:
        if not isinstance(self.trainer, CompiledTrainer):
            return Proof(equal=False, trainer="fit", reason="the training settings ask for it")
        if reason := why_fit(self.trainer.model, self.trainer.compilation):
            return Proof(equal=False, trainer="fit", reason=reason)
        try:
            return prove(self.trainer, split, seed)
        except CannotCompile as error:
            return Proof(equal=False, trainer="fit", reason=_cannot(error))

    def _fall_back(self, proof: Proof, split: Split, seed: int) -> None:
        """Train with `fit` from now on."""
        if isinstance(self.trainer, CompiledTrainer):
            self._notices = (*self._notices, Notice(code="trained-by-fit", message=_by_fit(proof)))
            self.trainer = FitTrainer(self.trainer.problem, jit_compile=False, like=self.trainer)
        assert isinstance(self.trainer, FitTrainer)
        if overridden(self.trainer.model) and not penalties_act(self.trainer, split, seed):
            self.trainer.penalties_by = "gradients"
            if not penalties_act(self.trainer, split, seed):
                problem = "its train_step minimizes no self.losses and moves no weights by self.optimizer"
                raise ModelError("model.builder", f"no penalty acts on the model: {problem}")


def _by_fit(proof: Proof) -> str:
    return f"{proof}; training with Keras' fit instead, far slower"


def _cannot(error: CannotCompile) -> str:
    return f"cannot compile the training: {error}"
