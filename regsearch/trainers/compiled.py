"""Trains by one program, of XLA's or a graph of TensorFlow's, called again for about a quarter of a second each."""

import re
import threading
import time
from collections.abc import Callable
from functools import cached_property
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from regsearch.backend import load_tensorflow
from regsearch.compilation_cache import forget_compilations
from regsearch.data import Split
from regsearch.errors import RAISED, InputError, TrainingStopped, in_one_line
from regsearch.recent import Recent
from regsearch.trainers.base import CACHED_BYTES, Phases, Trained, Trainer, TrainerPhase
from regsearch.trainers.epochs import CURVE_POINTS, curve_epochs, curve_from, permutations
from regsearch.trainers.problem import Problem
from regsearch.trainers.program import LoopEngine, Program
from regsearch.trainers.state import Data, Regularization, State
from regsearch.trainers.tensors import Model, Tensor
from regsearch.trainers.time_limit import Stop

CALL_S = 0.25  # aimed-at length of one call of the program: how long Ctrl-C may wait
SHUFFLED_AT_ONCE = 1_000_000  # row numbers handed to the program together, at most (but for one epoch at least)


UNSUPPORTED = re.compile(r"(\w+) \(No registered .*?\{\{node (\S+?)\}\}")  # as TensorFlow words it


KEPT_BADLY = re.compile("Read less bytes|[Ss]erialized|[Pp]ersist|parse|cache key")  # words of a damaged file's errors


class CannotCompile(Exception):
    """The training of this model is no program; the message says which layer and why."""


class CompiledTrainer(Trainer):
    """Trains by one program; raises CannotCompile for a model that there is none for."""

    def __init__(self, problem: Problem, *, engine: LoopEngine = "xla", like: Trainer | None = None) -> None:
        """Prepare the program; it is compiled by the first training.

        That raises CannotCompile, or ModelError where the model draws numbers that no seed decides.

        Args:
            problem: what to train.
            engine: what runs the program: XLA's code, or TensorFlow's own kernels.
            like: a trainer to share the model with; see Trainer.
        """
        super().__init__(problem, like=like)
        self.engine: LoopEngine = engine
        self._compiling, self._compiled = threading.Lock(), set[tuple[tuple[int, ...], ...]]()
        self._refused: str | None = None  # why it cannot be compiled
        self._step_s: float | None = None  # how long a step took last time
        self._data: Recent[tuple[Split, Data]] = Recent(CACHED_BYTES, lambda kept: kept[0].nbytes)

    def train_phases(self, split: Split, *, seed: int, phases: Phases, stop: Stop = None) -> tuple[Trained, ...]:
        """Train once, phase by phase; see Trainer.train_phases."""
        before, variables = self.initial(seed)
        run = Run(self, split, seed, curve_epochs(phases, split))
        state = self.program.start(before, variables)
        self.compile(run, state, phases[0])
        found, end, started = [], 0, time.perf_counter()
        for phase in phases:
            end += phase.epochs * run.batches
            state = self._advance(run, state, phase, end, stop)
            seconds = time.perf_counter() - started
            after, others = self.program.result(state)
            found.append(
                Trained(
                    before=before,
                    after=after,
                    state=others,
                    curve=curve_from(state.points.numpy()[: int(state.recorded)]),
                    epochs=int(state.core.step) // run.batches,
                    seconds=seconds,
                    diverged=not bool(state.finite),
                )
            )
            if _ended(state):
                break
        return tuple(found)

    @cached_property
    def program(self) -> Program:
        """The program; made when it is first asked for, because not every model has one."""
        try:
            return Program(self, self.engine)
        except RAISED as error:  # of an optimizer of the user's own
            raise CannotCompile(in_one_line(error)) from error

    @property
    def step_s(self) -> float:
        """Seconds that a step took in the last call of the program; 0 before the first."""
        return self._step_s or 0.0

    def data(self, split: Split) -> Data:
        """Return a split as tensors; those of the last ones are kept, for they come again and again."""
        return self._data.get(id(split), lambda: (split, self.program.data(split)))[1]

    def forget_data(self) -> None:
        """Let go of the splits that were trained on; trainings that still run keep theirs."""
        self._data.clear()

    def compile(self, run: "Run", state: State, phase: TrainerPhase) -> None:
        """Compile the program for these shapes, once: by a call that takes no step."""
        shapes = tuple(part.shape for part in load_tensorflow().nest.flatten((run.data, run.permutation_table(0)[1])))
        with self._compiling:
            if self._refused is not None:  # other threads may have waited
                raise CannotCompile(self._refused)
            if shapes not in self._compiled:
                try:
                    self._compile(run, state, phase)
                except InputError:
                    raise
                except RAISED as error:
                    self._refused = _reason(error, self.model)
                    raise CannotCompile(self._refused) from error
                self._compiled.add(shapes)

    def _compile(self, run: "Run", state: State, phase: TrainerPhase) -> None:
        try:
            self._call(run, state, phase, 0)
        except RAISED as error:
            if not KEPT_BADLY.search(str(error)) or not forget_compilations():
                raise
            del self.program  # it remembers that it failed
            self._call(run, state, phase, 0)

    def steps(self, split: Split, phase: TrainerPhase, count: int) -> Callable[[], int]:
        """Return what takes the first steps of a training, at most so many, by one call, and returns how many.

        Raises:
            CannotCompile: there is no program.
        """
        run = Run(self, split, 0, curve_epochs([phase], split))
        state = self.program.start(*self.initial(0))
        self.compile(run, state, phase)
        limit = min(count, phase.epochs * run.batches, run.last_step(0))
        return lambda: int(self._call(run, state, phase, limit).core.step)

    def _advance(self, run: "Run", state: State, phase: TrainerPhase, end: int, stop: Stop) -> State:
        """Take steps up to `end`. How many a call takes depends on the clock; their results do not."""
        step = int(state.core.step)
        while step < end and not _ended(state):
            if stop is not None and stop.is_set():
                raise TrainingStopped("the training was stopped")
            steps = 1 if self._step_s is None else max(1, int(CALL_S / self._step_s))
            started = time.perf_counter()
            state = self._call(run, state, phase, min(end, step + steps, run.last_step(step)))
            done = int(state.core.step)  # waits for the program
            self._step_s = (time.perf_counter() - started) / max(1, done - step)
            step = done
        return state

    def _call(self, run: "Run", state: State, phase: TrainerPhase, limit: int) -> State:
        first_epoch, table = run.permutation_table(int(state.core.step))
        regularization = Regularization(phase.coefficients, np.float32(phase.weight_decay))
        state = self.program.advance(
            state, run.data, regularization, table, np.int32(first_epoch), run.curve_steps, np.int32(limit)
        )
        return state


class Run:
    """What stays the same through one training, and the permutations of its rows, some epochs at a time."""

    def __init__(self, trainer: CompiledTrainer, split: Split, seed: int, points: NDArray[np.int32]) -> None:
        """Begin with the permutations of the first epochs; `points` are epochs, those of the learning curve."""
        self.data = trainer.data(split)
        self._rows, batch = len(split.train.x), trainer.problem.training.batch_size
        self.batches = -(-self._rows // batch)
        self.curve_steps = np.full(CURVE_POINTS, np.iinfo(np.int32).max, np.int32)
        self.curve_steps[: len(points)] = points * self.batches
        self._permutations = permutations(seed, self._rows)
        self._table_epochs = max(1, min(SHUFFLED_AT_ONCE // self._rows, int(points[-1])))
        self._first, self._table = -self._table_epochs, load_tensorflow().zeros(1, "int32")

    def permutation_table(self, step: int) -> tuple[int, Tensor]:
        """Return the first epoch of the table with this step's permutation, and the table: (epochs · rows,) int32."""
        if self.batches > 1 and step >= self.last_step(self._first * self.batches):
            self._first += self._table_epochs
            table = np.concatenate(list(islice(self._permutations, self._table_epochs)))  # (epochs · rows,)
            self._table = load_tensorflow().constant(table)
        return max(0, self._first), self._table

    def last_step(self, step: int) -> int:
        """Return how many steps are done when the table of this step's permutation is used up."""
        if self.batches == 1:
            return int(np.iinfo(np.int32).max)
        epochs = self._table_epochs
        return (step // self.batches // epochs + 1) * epochs * self.batches


def _ended(state: State) -> bool:
    return bool(state.stopped) or not bool(state.finite)


def _reason(error: BaseException, model: Model) -> str:
    """Return which layer of the model XLA cannot compile, and why, in one line."""
    found = UNSUPPORTED.search(str(error))
    if found is None:
        return in_one_line(error)
    operation, scopes = found[1], found[2].split("/")
    names = {layer.name for layer in model._flatten_layers(include_self=False)}
    layers = [scope for scope in (re.sub(r"_\d+$", "", s) if s not in names else s for s in scopes) if scope in names]
    return f"XLA has no {operation}" + (f", which layer {layers[-1]!r} uses" if layers else "")
