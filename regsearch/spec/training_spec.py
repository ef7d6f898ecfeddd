"""How to train."""

from dataclasses import dataclass, field
from typing import Any, Literal

from regsearch.errors import InputError
from regsearch.options import Option, require
from regsearch.spec.hashing import UNHASHED, frozen

Options = tuple[tuple[str, Any], ...]  # sorted pairs
Engine = Literal["xla", "graph", "fit"]
ClassWeight = Literal["balanced"] | tuple[float, ...] | None

_COUNT = Option(kind=int, low=1)
_POSITIVE = Option(above=0)
_NOT_NEGATIVE = Option(low=0)
_WEIGHTS = Option(low=0, many=True)


def sorted_options(options: Options) -> Options:
    """Return options in the one order that equal options have; lists in them become tuples."""
    return tuple(sorted(((name, frozen(value)) for name, value in options), key=lambda pair: pair[0]))


@dataclass(frozen=True, kw_only=True)
class Named:
    """Something of Keras by name, with the options that its constructor takes, as sorted pairs.

    Example:
        >>> regsearch.Named(name="huber", options=(("delta", 0.5),)).options
        (('delta', 0.5),)
    """

    name: str
    options: Options = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "options", sorted_options(self.options))


@dataclass(frozen=True, kw_only=True)
class EarlyStopping:
    """When to stop before the last epoch, as keras.callbacks.EarlyStopping does on val_loss.

    A training ends once the validation loss, without penalties, has not fallen by more than `min_delta` below the
    best so far for `patience` epochs; the weights of the best epoch are restored.

    Raises:
        InputError: a number is out of its range.

    Example:
        >>> regsearch.EarlyStopping(patience=20).min_delta
        0.0
    """

    patience: int
    min_delta: float = 0.0

    def __post_init__(self) -> None:
        require("training.early_stopping.patience", self.patience, _COUNT)
        require("training.early_stopping.min_delta", self.min_delta, _NOT_NEGATIVE)


@dataclass(frozen=True, kw_only=True)
class TrainingSpec:
    """How to train.

    Args:
        epochs: passes over the train rows.
        batch_size: rows per step.
        optimizer: Keras' name of it.
        learning_rate: of the first step, and of every step where there is no schedule.
        engine: `xla` for one program that XLA compiles, `graph` for the same as a graph of TensorFlow's kernels, `fit`
            for Keras' own loop; `auto` for that which the layers' shapes speak for, and a sweep has timed.
        optimizer_options: what else the optimizer's constructor takes, as sorted pairs.
        schedule: how the learning rate changes, by steps.
        loss: what is minimized; None for the loss that follows from the target.
        class_weight: what a row counts in the loss: one number per class, in order; `balanced` for rows/(classes · rows
            of the class), counted on the train rows; None for 1.
        early_stopping: when to stop before the last epoch; None for never.
        given: names of fields that were asked for although they have their defaults; what is not asked for is taken
            over from a builder that compiles its model. No part of the content.
        timeout_s: seconds that one training may take, built and compiled; more is a failure. None for any number. No
            part of the content.

    Raises:
        InputError: a number is out of its range. Names and their options are checked by who knows them.

    Example:
        >>> regsearch.TrainingSpec(epochs=200, optimizer="sgd", learning_rate=0.01).batch_size
        32
    """

    epochs: int = 1000
    batch_size: int = 32
    optimizer: str = "adam"
    learning_rate: float = 1e-3
    engine: str = field(default="auto", metadata={"stored": "trainer"})
    optimizer_options: Options = ()
    schedule: Named | None = None
    loss: Named | None = None
    class_weight: ClassWeight = None
    early_stopping: EarlyStopping | None = None
    given: tuple[str, ...] = field(default=(), metadata=UNHASHED)
    timeout_s: float | None = field(default=None, metadata=UNHASHED)

    def __post_init__(self) -> None:
        require("training.epochs", self.epochs, _COUNT)
        require("training.batch_size", self.batch_size, _COUNT)
        require("training.learning_rate", self.learning_rate, _POSITIVE)
        if self.timeout_s is not None:
            require("training.timeout_s", self.timeout_s, _POSITIVE)
        object.__setattr__(self, "optimizer_options", sorted_options(self.optimizer_options))
        if self.class_weight not in (None, "balanced") and not _WEIGHTS.fits(self.class_weight):
            wanted = "'balanced' or a list of one number of at least 0 for each class"
            raise InputError("training.class_weight", f"must be {wanted}, got {self.class_weight!r}")
        object.__setattr__(self, "class_weight", frozen(self.class_weight))

    def gives(self, name: str) -> bool:
        """Whether a field was asked for: it is named, or has another value than its default."""
        return name in self.given or getattr(self, name) != type(self).__dataclass_fields__[name].default
