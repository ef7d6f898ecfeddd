"""Single steps by Keras itself, run eagerly: what the compiled program is held against."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from regsearch.backend import load_tensorflow
from regsearch.data import Split
from regsearch.trainers.base import BUILDING, TrainerPhase, values
from regsearch.trainers.fit import FitTrainer
from regsearch.trainers.rewrites import replaced
from regsearch.trainers.tensors import Array, Arrays, Model, Tensor, Variable
from regsearch.trainers.updates import own_decay

Masks = Callable[[], AbstractContextManager[None]]

DRAWS = ("stateless_uniform", "stateless_normal", "stateless_truncated_normal")


@dataclass(frozen=True, kw_only=True, eq=False)
class Stepped:
    """Where Keras stands after a step.

    Args:
        weights: the trainable weights.
        state: the model's other variables.
        gradients: of each weight in the step, penalties among them; None where there was none.
        finite: whether the loss and the weights are.
    """

    weights: Arrays
    state: Arrays
    gradients: list[Array | None]
    finite: bool


class Reference:
    """A model that Keras' own train_step trains, batch by batch, on the masks that the program draws."""

    def __init__(self, trainer: FitTrainer, seed: int, phase: TrainerPhase, masks: Masks = nullcontext) -> None:
        """Build the model and compile it as `fit` has it, but for a graph.

        Args:
            trainer: sets the penalties.
            seed: of the initial weights.
            phase: penalties and weight decay.
            masks: makes the context in which random layers draw what the program draws.
        """
        self.trainer, self._masks = trainer, masks
        with BUILDING:
            self.model: Model = trainer.fresh_model(seed)
        self._optimizer = trainer.compilation.new_optimizer()
        for name, own in own_decay(self._optimizer).items():
            setattr(self._optimizer, name, (own + phase.weight_decay) or None)
        trainer.compile(self.model, self._optimizer, phase.coefficients, run_eagerly=True)
        self._seen: dict[int, Array] = {}
        self._optimizer.build(self.model.trainable_variables)
        self._optimizer.apply = self._recording(self._optimizer.apply)

    def step(self, number: int, x: Array, y: Array, row_weights: Array | None) -> Stepped:
        """Take the step that comes after so many, on these rows."""
        self._optimizer.iterations.assign(number)
        with self._masks():
            logs = self.model.train_on_batch(self.trainer.inputs.of(x), y, sample_weight=row_weights)
        variables = self.model.trainable_variables
        weights = values(variables)
        return Stepped(
            weights=weights,
            state=values(self.model.non_trainable_variables),
            gradients=[self._seen.get(id(v)) for v in variables],
            finite=all(np.isfinite(array).all() for array in [np.asarray(logs), *weights]),
        )

    def _recording(self, apply: Callable[..., None]) -> Callable[..., None]:
        def recorded(grads: Sequence[Tensor], trainable_variables: Sequence[Variable]) -> None:
            pairs = [
                (g, v) for g, v in zip(grads, trainable_variables, strict=True) if g is not None
            ]  # Keras would warn
            self._seen = {id(v): load_tensorflow().convert_to_tensor(g).numpy() for g, v in pairs}
            apply([g for g, _ in pairs], [v for _, v in pairs])

        return recorded


@contextmanager
def same_masks() -> Iterator[None]:
    """Let what draws random numbers in this thread draw what it draws in a compiled program: by Threefry, in XLA."""
    tf = load_tensorflow()
    places = [*((tf.random, name) for name in DRAWS), (tf.nn.experimental, "stateless_dropout")]
    with replaced({place: _by_xla(getattr(*place), place[1]) for place in places}):
        yield


@cache
def _by_xla(original: Callable[..., Tensor], name: str) -> Callable[..., Tensor]:
    tf = load_tensorflow()
    algorithm = {"rng_alg" if name == "stateless_dropout" else "alg": "threefry"}

    @tf.function(jit_compile=True, autograph=False)  # type: ignore[untyped-decorator]
    def drawn(tensors: dict[str, Tensor], **options: Any) -> Tensor:
        return original(**tensors, **options, **algorithm)

    def call(*args: Any, **options: Any) -> Tensor:
        names = ("shape", "seed") if name in DRAWS else ("x", "rate", "seed")
        options = dict(zip(names, args, strict=False)) | options
        options = {key: _fixed(value) if "shape" in key else value for key, value in options.items()}
        tensors = {key: value for key, value in options.items() if tf.is_tensor(value) or key == "seed"}
        return drawn(tensors, **{key: value for key, value in options.items() if key not in tensors})

    return call


def _fixed(shape: Any) -> Any:
    """Return a shape as numbers, which XLA needs."""
    if shape is None:
        return None
    if load_tensorflow().is_tensor(shape):
        return tuple(int(n) for n in shape.numpy())
    return tuple(int(n) for n in shape)


def penalties_act(trainer: FitTrainer, split: Split, seed: int) -> bool:
    """Whether a step of the model, by its own train_step if it has one, depends on the penalties."""
    rows = slice(trainer.problem.training.batch_size)
    row_weights = trainer.problem.row_weights(split.train)
    after = []
    for size in (0.0, 1.0):
        table = np.array([(0.0, size if w.role else 0.0) for w in trainer.weights], np.float32)
        reference = Reference(trainer, seed, TrainerPhase(epochs=1, coefficients=table))
        weights = None if row_weights is None else row_weights[rows]
        after.append(reference.step(0, split.train.x[rows], split.train.y[rows], weights).weights)
    return not all(np.array_equal(a, b) for a, b in zip(*after, strict=True))
