"""The proof that the compiled program trains a model as Keras' `fit` does, on the model and the data themselves.

From the same initial weights both take the same few steps, the last, smaller batch of an epoch and some steps in the
middle of the training among them, with penalties on all weights and weight decay; then each tensor is compared. Layers
that draw random numbers draw the same ones in both.

A number is compared as closely as its gradient is known. Where that is rounding noise, as of a bias before batch
normalization, Adam moves it by the noise's sign: such numbers are set alike after each step, and judged by what the
model predicts with the one and the other.
"""

import math
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from regsearch.data import Split
from regsearch.errors import RAISED, in_one_line
from regsearch.spec import Engine
from regsearch.trainers.base import TrainerPhase
from regsearch.trainers.calls import predicted
from regsearch.trainers.compiled import CompiledTrainer
from regsearch.trainers.differences import MOST, Difference, difference, gradient_error
from regsearch.trainers.fit import FitTrainer
from regsearch.trainers.reference import Masks, Reference, Stepped, same_masks
from regsearch.trainers.stepper import Stepper
from regsearch.trainers.suspects import suspect
from regsearch.trainers.tensors import Array

FIRST, MIDDLE = 2, 4  # steps at the end of the first epoch, and from the middle of the training on
FEWEST, ENOUGH_S = 3, 1.0  # steps where they take long, and for how many seconds of CPU they may
PROGRAMS = {"xla": "the compiled program", "graph": "the graph of TensorFlow's kernels"}
DECAY = 0.01  # weight decay meanwhile


@dataclass(frozen=True, kw_only=True)
class Proof:
    """Whether the compiled program trains as Keras' `fit` does.

    Args:
        equal: whether it was tried and does.
        engine: what trains after it.
        steps: steps compared; 0 where nothing was.
        largest_difference: ‖a - b‖ / ‖b‖ of the tensor that is furthest from its reference.
        tensors: those that differ by more than rounding explains, with this quotient, the largest first.
        reason: why `fit` trains, where it does and that is known.
        seconds: what it took, beside compiling the program.
    """

    equal: bool
    engine: Engine
    steps: int = 0
    largest_difference: float = 0.0
    tensors: tuple[tuple[str, float], ...] = ()
    reason: str | None = None
    seconds: float = 0.0

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values, ready for JSON."""
        return asdict(self) | {"tensors": [list(pair) for pair in self.tensors]}

    def __str__(self) -> str:
        """Return it in one line."""
        if self.equal:
            return f"{PROGRAMS[self.engine]} trains as Keras' fit does: {self.steps} steps compared"
        if not self.tensors:
            return str(self.reason)
        listed = ", ".join(name for name, _ in self.tensors[:MOST])
        more = f" and {len(self.tensors) - MOST} more" if len(self.tensors) > MOST else ""
        why = f": {self.reason}" if self.reason else ""
        return f"the compiled program moves {listed}{more} otherwise than Keras' fit{why}"


def prove(ours: CompiledTrainer, split: Split, seed: int, numbers: Iterable[int] | None = None) -> Proof:
    """Compare the compiled program with Keras' own steps on the train rows of a split.

    Args:
        ours: trains by the program.
        split: its train rows are taken.
        seed: of initial weights, permutations and random layers.
        numbers: how many steps are taken for done before each that is compared; None for `step_numbers`, and fewer of
            them where they take long.

    Raises:
        CannotCompile: the program cannot be compiled.
    """
    phase = TrainerPhase(epochs=ours.problem.training.epochs, coefficients=_coefficients(ours), weight_decay=DECAY)
    stepper = Stepper(ours, split, seed, phase)  # compiles
    started = time.perf_counter()
    enough = time.process_time() + ENOUGH_S if numbers is None else math.inf
    numbers = step_numbers(stepper.batches, phase.epochs) if numbers is None else numbers
    masks: Masks = same_masks if ours.engine == "xla" else nullcontext  # a graph draws what Keras draws by itself
    reference = Reference(FitTrainer(ours.problem, like=ours), seed, phase, masks)
    try:
        theirs = _reference_steps(reference, stepper, split, numbers, enough)
    except RAISED as error:  # of the user's own model, which `fit` will tell
        return Proof(equal=False, engine="fit", reason=f"a step of Keras' own fails: {in_one_line(error)}")
    found = _compared(ours, stepper, theirs, split.train.x, masks) if theirs else []
    apart = sorted((d for d in found if d.apart), key=lambda d: -d.multiple)
    return Proof(
        equal=not apart,
        engine="fit" if apart else ours.engine,
        steps=len(theirs),
        largest_difference=max((d.relative for d in found), default=0.0),
        tensors=tuple((d.name, d.relative) for d in apart),
        reason=suspect(ours.model, [d.name for d in apart]) if apart else None,
        seconds=time.perf_counter() - started,
    )


def step_numbers(batches: int, epochs: int) -> Iterator[int]:
    """Yield how many steps are taken for done before each that is compared."""
    first, middle = max(0, batches - FIRST), epochs // 2 * batches
    yield from range(first, first + FIRST)
    yield from range(middle, middle + MIDDLE)


def _coefficients(ours: CompiledTrainer) -> Array:
    """Return (weights, 2) l1 and l2 of each weight, others for each, so that none can be taken for another's."""
    table = [(1e-3 * (1 + i % 3), 1e-2 * (1 + i % 4)) if w.role else (0, 0) for i, w in enumerate(ours.weights)]
    return np.array(table, np.float32).reshape(-1, 2)


def _reference_steps(
    reference: Reference, stepper: Stepper, split: Split, numbers: Iterable[int], enough: float
) -> list[tuple[int, Stepped]]:
    """Return Keras' own steps by their numbers: fewer where they take long, or where the loss is not finite."""
    row_weights, found = reference.trainer.problem.row_weights(split.train), list[tuple[int, Stepped]]()
    for number in numbers:
        rows = stepper.rows(number)
        weights = None if row_weights is None else row_weights[rows]
        stepped = reference.step(number, split.train.x[rows], split.train.y[rows], weights)
        if not stepped.finite:  # from there on both are noise
            break
        found.append((number, stepped))
        if len(found) >= FEWEST and time.process_time() > enough:
            break
    return found


def _compared(
    ours: CompiledTrainer, stepper: Stepper, theirs: Sequence[tuple[int, Stepped]], x: Array, masks: Masks
) -> list[Difference]:
    """Return how far each tensor is from the reference's after the same steps, and what is noise by the predictions."""
    before = stepper.values()
    errors = [np.max(e, axis=0) for e in zip(*(gradient_error(s.gradients, before[0]) for _, s in theirs), strict=True)]
    noisy = [error >= 1 for error in errors]
    for number, stepped in theirs:
        stepper.step(number)
        after = stepper.values()
        mine = [np.where(n, b, a) for a, b, n in zip(after[0], stepped.weights, noisy, strict=True)]
        stepper.set(mine)
    names = [f"{w.layer}/{w.name}" if w.layer else w.name for w in ours.weights]
    names += [v.path.removeprefix(f"{ours.model.name}/") for v in ours.model.non_trainable_variables]
    errors += [0.0] * len(before[1])
    groups = (names, [*before[0], *before[1]], [*mine, *after[1]], [*stepped.weights, *stepped.state], errors)
    found = [difference(*each) for each in zip(*groups, strict=True)]
    if not any(n.any() for n in noisy):
        return found
    rows = ours.inputs.of(x[stepper.rows(number)])
    with masks():  # (rows, outputs) before the steps, with our noise, and without
        predictions = [
            predicted(ours.model, weights, stepped.state, rows, training=True).numpy()
            for weights in (before[0], after[0], mine)
        ]
    judged = " and ".join(name for name, n in zip(names, noisy, strict=False) if n.any())
    return [*found, difference(f"predictions by {judged}", *predictions)]
