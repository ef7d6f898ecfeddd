"""Which engine trains a problem: a program that is proved to do as Keras' `fit` does, and else `fit` itself.

The program is XLA's, or a graph of TensorFlow's own kernels where XLA has no fast code or none at all. For a whole
search both are timed, on the problem itself; what is found there is kept with the sweep.
"""

import logging
import threading
from collections.abc import Callable

from regsearch.data import Split
from regsearch.engine_choice import EngineChoice
from regsearch.errors import RAISED, ModelError, chosen, in_one_line
from regsearch.loading import place_of
from regsearch.notices import Notice
from regsearch.spec import Engine
from regsearch.trainers.base import Phases, Trained, Trainer
from regsearch.trainers.compiled import CannotCompile, CompiledTrainer
from regsearch.trainers.duration import fit_step_seconds
from regsearch.trainers.fit import FitTrainer
from regsearch.trainers.overrides import overridden, why_fit
from regsearch.trainers.problem import Problem
from regsearch.trainers.proof import Proof, prove
from regsearch.trainers.reference import penalties_act
from regsearch.trainers.time_limit import Stop
from regsearch.trainers.timing import LONG_S, QUICK_S, SHORT_S, TIMES, Timed, Work, timed
from regsearch.trainers.unsuited import unsuited_to_xla

ENGINES: dict[str, Engine] = {"auto": "xla", "xla": "xla", "graph": "graph", "fit": "fit"}
INSTEAD = {"graph": "as a graph of TensorFlow's kernels", "fit": "with Keras' fit instead, far slower"}

_log = logging.getLogger("regsearch.trial")


class TrainerChoice:
    """The trainer of a problem; before the first training it is decided which one that is."""

    def __init__(self, problem: Problem) -> None:
        """Prepare the trainer that the training settings ask for.

        Raises:
            InputError: there is no such engine, or the model cannot be trained on the data.
        """
        training = problem.training
        engine = chosen("training.engine", training.engine, ENGINES)
        self.trainer: Trainer = FitTrainer(problem) if engine == "fit" else CompiledTrainer(problem, engine=engine)
        self._named = training.engine != "auto"
        self._unsuited = None if self._named else unsuited_to_xla(self.trainer.model, training.batch_size)
        if self._unsuited is not None:
            self.trainer = CompiledTrainer(self.trainer.problem, engine="graph", like=self.trainer)
        self._proof: Proof | None = None
        self._engine: EngineChoice | None = None
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
                    self._instead(Proof(equal=False, engine="fit", reason=_cannot(error)), split, seed, _log.warning)
            return self.trainer.train_phases(split, seed=seed, phases=phases, stop=stop)

    def prove(self, split: Split, *, seed: int, log: Callable[[str], None] | None = None) -> Proof:
        """Decide on the trainer, the first time; return why it is this one.

        Args:
            split: whose train rows are taken.
            seed: of the steps that are compared.
            log: told where another engine than the first trains, the first time.

        Raises:
            ModelError: no penalty acts on the model.
        """
        with self._changing:
            if self._proof is None:
                self._proof = self._decided(split, seed, log)
            return self._proof

    def decide(self, split: Split, work: Work, *, seed: int) -> EngineChoice:
        """Decide on the engine for a whole search, the first time: by rule, or by what a few steps take.

        Args:
            split: whose train rows are taken.
            work: what the search has to do.
            seed: of the steps that are compared.

        Raises:
            ModelError: no penalty acts on the model.
        """
        proof = self.prove(split, seed=seed)
        with self._changing:
            if self._engine is None:
                self._engine = self._timed(proof, split, work, seed)
            return self._engine

    def _decided(self, split: Split, seed: int, log: Callable[[str], None] | None) -> Proof:
        """Prove the first engine, and go on to others where it cannot train the model as `fit` does."""
        if not isinstance(self.trainer, CompiledTrainer):
            proof = Proof(equal=False, engine="fit", reason="the training settings ask for it")
        elif reason := why_fit(self.trainer.model, self.trainer.compilation):
            proof = Proof(equal=False, engine="fit", reason=reason)
        else:
            proof = _proved(self.trainer, split, seed)
            if proof.engine == "fit" and self.trainer.engine == "xla":
                graph = CompiledTrainer(self.trainer.problem, engine="graph", like=self.trainer)
                if (second := _proved(graph, split, seed)).equal:
                    self._notice(f"{proof}; training {INSTEAD['graph']}", "trained-by-graph", log)
                    self.trainer, proof = graph, second
        if proof.engine == "fit":
            self._instead(proof, split, seed, log)
        return proof

    def _timed(self, proof: Proof, split: Split, work: Work, seed: int) -> EngineChoice:
        first = self.trainer
        if not isinstance(first, CompiledTrainer):
            return EngineChoice(engine="fit", reason=str(proof))
        found: dict[Engine, Timed] = {first.engine: timed(first, split, work)}
        if self._named:
            return _choice(first.engine, "named in [training]", found)
        batch = first.problem.training.batch_size
        seconds = work.seconds(split, batch, found[first.engine].step_s)
        if first.engine == "graph":
            return _choice("graph", self._unsuited or self._notices[-1].message, found)
        if found["xla"].step_s < QUICK_S:
            return _choice("xla", "its steps are quick", found)
        if seconds < SHORT_S:
            return _choice("xla", "the search is short", found)
        graph = CompiledTrainer(first.problem, engine="graph", like=first)
        try:
            for trainer in (graph, first, graph):  # in turns, because the speed of a machine drifts
                taken = timed(trainer, split, work)
                found[trainer.engine] = min(taken, found.get(trainer.engine, taken), key=lambda each: each.step_s)
        except CannotCompile:
            return _choice("xla", "there is no graph of it", found)
        if found["xla"].step_s < QUICK_S:  # something else held it up at first
            return _choice("xla", "its steps are quick", found)
        fastest: Engine = "graph" if found["graph"].step_s * TIMES <= found["xla"].step_s else "xla"
        if seconds >= LONG_S:
            fit = FitTrainer(first.problem, jit_compile=False, like=first)
            step_s = fit_step_seconds(fit, split, work.phase, work.clock)
            found["fit"] = Timed(alone_s=step_s, together_s=step_s)
            if step_s * TIMES <= found[fastest].step_s:
                self.trainer = fit
                return _choice("fit", f"at least {TIMES} times as fast as a program", found)
        if fastest == "xla":
            return _choice("xla", f"no other engine is {TIMES} times as fast", found)
        second = _proved(graph, split, seed)
        if not second.equal:
            return _choice("xla", f"the graph would be faster, but {second}", found)
        self.trainer, self._proof = graph, second
        return _choice("graph", f"at least {TIMES} times as fast as XLA's code", found)

    def _instead(self, proof: Proof, split: Split, seed: int, log: Callable[[str], None] | None) -> None:
        """Train with `fit` from now on."""
        if isinstance(self.trainer, CompiledTrainer):
            self._notice(f"{proof}; training {INSTEAD['fit']}", "trained-by-fit", log)
            self.trainer = FitTrainer(self.trainer.problem, jit_compile=False, like=self.trainer)
        assert isinstance(self.trainer, FitTrainer)
        if overridden(self.trainer.model) and not _penalties_act(self.trainer, split, seed):
            self.trainer.penalties_by = "gradients"
            if not _penalties_act(self.trainer, split, seed):
                problem = "its train_step minimizes no self.losses and moves no weights by self.optimizer"
                raise ModelError("model.builder", f"no penalty acts on the model: {problem}")

    def _notice(self, message: str, code: str, log: Callable[[str], None] | None) -> None:
        if log is not None:
            log(message)
        self._notices = (*self._notices, Notice(code=code, message=message))


def _penalties_act(trainer: FitTrainer, split: Split, seed: int) -> bool:
    try:
        return penalties_act(trainer, split, seed)
    except RAISED as error:  # of the user's own train_step
        problem = f"a step of its train_step raised {in_one_line(error)}{place_of(error)}"
        raise ModelError("model.builder", problem) from error


def _proved(trainer: CompiledTrainer, split: Split, seed: int) -> Proof:
    """Prove a program; where there is none, say why."""
    try:
        return prove(trainer, split, seed)
    except CannotCompile as error:
        return Proof(equal=False, engine="fit", reason=_cannot(error))


def _choice(engine: Engine, reason: str, found: dict[Engine, Timed]) -> EngineChoice:
    times: dict[str, float] = {name: each.step_s for name, each in found.items()}
    return EngineChoice(engine=engine, reason=reason, step_s=times, one_at_a_time=found[engine].one_at_a_time)


def _cannot(error: CannotCompile) -> str:
    return f"cannot compile the training: {error}"
