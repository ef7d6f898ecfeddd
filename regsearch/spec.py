"""What one training is: data, model, training settings and penalties, as frozen values with a content hash."""

import hashlib
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields, is_dataclass
from typing import Any, Literal, Self

from regsearch.errors import InputError
from regsearch.options import Option, require

SCHEMA = 1  # raised when the meaning of an existing field changes, so that old hashes stop matching
MOST_LEVELS = 100  # each ends in a point of the learning curve
SIGNIFICANT_DIGITS = 4  # of a lambda; 1e-3 reached in two ways is one value

Regularizer = Literal["none", "l1", "l2", "l1_l2"]
Purpose = Literal["search", "confirm"]
Options = tuple[tuple[str, Any], ...]  # sorted pairs
ClassWeight = Literal["balanced"] | tuple[float, ...] | None

_COUNT = Option(kind=int, low=1)
_POSITIVE = Option(above=0)
_NOT_NEGATIVE = Option(low=0)
_WEIGHTS = Option(low=0, many=True)


def round_lambda(value: float) -> float:
    """Round a penalty coefficient to 4 significant digits; -0 becomes 0."""
    return float(f"{value:.{SIGNIFICANT_DIGITS - 1}e}") + 0.0


def lambda_in_words(value: float) -> str:
    """Return a penalty coefficient as people write it: 1e-3, 6.31e-4."""
    mantissa, exponent = f"{value:.{SIGNIFICANT_DIGITS - 1}e}".split("e")
    return f"{mantissa.rstrip('0').rstrip('.')}e{int(exponent)}"


@dataclass(frozen=True, kw_only=True)
class Target:
    """The weights a penalty acts on.

    Args:
        layers: which layers: `hidden`, `output`, `all` or a layer's name.
        weights: which of their weights: any of `kernel`, `bias`, `recurrent`.
    """

    layers: str = "hidden"
    weights: tuple[str, ...] = ("kernel",)

    def __str__(self) -> str:
        return f"{self.layers} {'+'.join(self.weights)}"


@dataclass(frozen=True, kw_only=True)
class Penalty:
    """l1·Σ|w| + l2·Σw² on each weight tensor of the target, as keras.regularizers.L1L2 defines it.

    Raises:
        InputError: a coefficient is negative or not finite.
    """

    target: Target = field(default_factory=Target)
    l1: float = 0.0
    l2: float = 0.0

    def __post_init__(self) -> None:
        require("penalties.l1", self.l1, _NOT_NEGATIVE)
        require("penalties.l2", self.l2, _NOT_NEGATIVE)


@dataclass(frozen=True, kw_only=True)
class Level:
    """One stretch of a penalty schedule.

    Args:
        epochs: how long it is.
        penalties: what is added to the loss meanwhile; empty for none.

    Raises:
        InputError: it is not one epoch long.
    """

    epochs: int
    penalties: tuple[Penalty, ...] = ()

    def __post_init__(self) -> None:
        require("levels.epochs", self.epochs, _COUNT)


@dataclass(frozen=True, kw_only=True)
class SplitSpec:
    """How rows are divided: row counts (int) or fractions (float); train is what is left when None."""

    train: float | None = None
    validation: float = 0.25
    test: float = 0.0

    @property
    def in_counts(self) -> bool:
        """Whether the parts are counted in rows."""
        return self.train is not None and self.train >= 1


@dataclass(frozen=True, kw_only=True)
class DataSpec:
    """What to train on.

    Args:
        source: a data set's name.
        split: how its rows are divided.
        n_samples: rows drawn from a generated set.
        noise: standard deviation of the noise added to a generated set.
        random_state: seed of a generated set, and of the test part of a split in fractions.
        fresh_test: rows drawn afresh from the generator as the test part.
        scale: `standard` for features with mean 0 and standard deviation 1 on the train rows, else `none`.
    """

    source: str
    split: SplitSpec
    n_samples: int = 100
    noise: float = 0.2
    random_state: int = 1
    fresh_test: int = 5000
    scale: str = "none"


@dataclass(frozen=True, kw_only=True)
class ModelSpec:
    """What to train: a builder's name and the options it is called with, as sorted pairs."""

    builder: str = "mlp"
    options: tuple[tuple[str, Any], ...] = (("hidden", (500,)),)


@dataclass(frozen=True, kw_only=True)
class Named:
    """Something of Keras by name, with the options that its constructor takes, as sorted pairs."""

    name: str
    options: Options = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "options", _sorted(self.options))


@dataclass(frozen=True, kw_only=True)
class EarlyStopping:
    """When to stop before the last epoch, as keras.callbacks.EarlyStopping does on val_loss.

    A training ends once the validation loss, without penalties, has not fallen by more than `min_delta` below the
    best so far for `patience` epochs; the weights of the best epoch are restored.

    Raises:
        InputError: a number is out of its range.
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
        batch_size: rows a step.
        optimizer: Keras' name of it.
        learning_rate: of the first step, and of every step where there is no schedule.
        trainer: `compiled` for one XLA program, `fit` for Keras' own loop.
        optimizer_options: what else the optimizer's constructor takes, as sorted pairs.
        schedule: how the learning rate changes, by steps.
        loss: what is minimized; None for the loss that follows from the target.
        class_weight: what a row counts in the loss: one number a class, in order; `balanced` for rows/(classes · rows
            of the class), counted on the train rows; None for 1.
        early_stopping: when to stop before the last epoch; None for never.

    Raises:
        InputError: a number is out of its range. Names and their options are checked by who knows them.
    """

    epochs: int = 1000
    batch_size: int = 32
    optimizer: str = "adam"
    learning_rate: float = 1e-3
    trainer: str = "compiled"
    optimizer_options: Options = ()
    schedule: Named | None = None
    loss: Named | None = None
    class_weight: ClassWeight = None
    early_stopping: EarlyStopping | None = None

    def __post_init__(self) -> None:
        require("training.epochs", self.epochs, _COUNT)
        require("training.batch_size", self.batch_size, _COUNT)
        require("training.learning_rate", self.learning_rate, _POSITIVE)
        object.__setattr__(self, "optimizer_options", _sorted(self.optimizer_options))
        if self.class_weight not in (None, "balanced") and not _WEIGHTS.fits(self.class_weight):
            wanted = "'balanced' or a list of one number of at least 0 for each class"
            raise InputError("training.class_weight", f"must be {wanted}, got {self.class_weight!r}")
        object.__setattr__(self, "class_weight", _frozen(self.class_weight))


@dataclass(frozen=True, kw_only=True)
class TrialSpec:
    """Everything that decides the outcome of a training but its seed.

    Args:
        data: what to train on.
        model: what to train.
        training: how to train.
        metric: what a repeat is scored by on the validation data.
        resample: whether each repeat draws its own train/validation split.
        penalties: what is added to the loss; empty for none, and where there are levels.
        levels: penalties on a schedule, trained one after the other from the same state.

    Raises:
        InputError: levels do not go with the rest, or their epochs do not add up to those of the training.
    """

    data: DataSpec
    metric: str
    model: ModelSpec = field(default_factory=ModelSpec)
    training: TrainingSpec = field(default_factory=TrainingSpec)
    resample: bool = False
    penalties: tuple[Penalty, ...] = ()
    levels: tuple[Level, ...] = ()

    def __post_init__(self) -> None:
        if not self.levels:
            return
        lengths, epochs = [level.epochs for level in self.levels], self.training.epochs
        if sum(lengths) != epochs:
            added = f"{' + '.join(map(str, lengths))} = {sum(lengths)}"
            raise InputError("levels", f"their epochs must add up to training.epochs, got {added} and {epochs}")
        if len(self.levels) > MOST_LEVELS:
            raise InputError("levels", f"must be at most {MOST_LEVELS}, got {len(self.levels)}")
        if self.penalties:
            raise InputError("levels", "go without penalties: each level has its own")
        if self.training.early_stopping is not None:
            raise InputError("levels", "go without training.early_stopping: every level is trained to its end")

    def to_dict(self) -> dict[str, Any]:
        """Return plain dicts and lists, ready for JSON; `from_dict` turns them back."""
        plain: dict[str, Any] = json.loads(json.dumps(asdict(self)))
        return plain

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Self:
        """Rebuild a spec from what `to_dict` returned."""
        data = dict(plain["data"])
        data["split"] = SplitSpec(**data["split"])
        model = ModelSpec(builder=plain["model"]["builder"], options=_frozen(plain["model"]["options"]))
        return cls(
            data=DataSpec(**data),
            metric=plain["metric"],
            model=model,
            training=_training_from_dict(plain["training"]),
            resample=plain["resample"],
            penalties=_penalties_from_dicts(plain["penalties"]),
            levels=tuple(
                Level(epochs=level["epochs"], penalties=_penalties_from_dicts(level["penalties"]))
                for level in plain.get("levels", ())  # not there in what earlier versions stored
            ),
        )

    def key(self) -> str:
        """Return the content hash: equal for specs that mean the same training."""
        return content_hash(self)


@dataclass(frozen=True, kw_only=True)
class Configuration:
    """One setting of the searched hyperparameters: a regularizer, its coefficients and what it acts on."""

    regularizer: Regularizer = "none"
    lambda_l1: float = 0.0
    lambda_l2: float = 0.0
    target: Target | None = None

    @classmethod
    def tied(cls, regularizer: Regularizer, value: float, target: Target) -> Self:
        """Return the configuration whose coefficients all equal `value`, rounded to 4 significant digits.

        No regularization is one configuration, whatever the value and the target.
        """
        if regularizer == "none":
            return cls()
        value = round_lambda(value)
        return cls(
            regularizer=regularizer,
            lambda_l1=value if regularizer in ("l1", "l1_l2") else 0.0,
            lambda_l2=value if regularizer in ("l2", "l1_l2") else 0.0,
            target=target,
        )

    @property
    def lambda_(self) -> float | None:
        """The one coefficient; None for no regularizer, and where l1 and l2 differ."""
        match self.regularizer:
            case "l1":
                return self.lambda_l1
            case "l2":
                return self.lambda_l2
            case "l1_l2" if self.lambda_l1 == self.lambda_l2:
                return self.lambda_l1
        return None

    @property
    def penalties(self) -> tuple[Penalty, ...]:
        """The penalties it puts on a model."""
        if self.target is None:
            return ()
        return (Penalty(target=self.target, l1=self.lambda_l1, l2=self.lambda_l2),)

    def __str__(self) -> str:
        if self.regularizer == "none":
            return "no regularization"
        if self.lambda_ is not None:
            return f"{self.regularizer} {lambda_in_words(self.lambda_)}"
        return f"{self.regularizer} l1={lambda_in_words(self.lambda_l1)} l2={lambda_in_words(self.lambda_l2)}"


def content_hash(value: Any) -> str:
    """Return the SHA-256 (64 hex digits) of a spec's content.

    Fields that hold their default are left out, so that adding a field with a default changes no hash; numbers are
    compared by value, so that -0 is 0 and 1 is 1.0.
    """
    canonical = json.dumps({"schema": SCHEMA, "value": _canonical(value)}, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _canonical(value: Any) -> Any:
    if is_dataclass(value):
        return {f.name: _canonical(getattr(value, f.name)) for f in fields(value) if not _is_default(value, f)}
    if isinstance(value, Mapping):
        return {str(key): _canonical(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_canonical(item) for item in value]
    if isinstance(value, float):
        return _canonical_float(value)
    return value


def _is_default(owner: Any, f: Any) -> bool:
    value = getattr(owner, f.name)
    default = f.default_factory() if callable(f.default_factory) else f.default
    return bool(value == default)


def _canonical_float(value: float) -> int | float:
    if not math.isfinite(value):
        raise ValueError(f"a spec cannot hold {value}")
    return int(value) if value.is_integer() else value


def _frozen(value: Any) -> Any:
    return tuple(_frozen(item) for item in value) if isinstance(value, list) else value


def _sorted(options: Options) -> Options:
    """Return options in the one order that equal options have; lists in them become tuples."""
    return tuple(sorted(((name, _frozen(value)) for name, value in options), key=lambda pair: pair[0]))


def _penalties_from_dicts(plain: Iterable[Mapping[str, Any]]) -> tuple[Penalty, ...]:
    return tuple(
        Penalty(
            target=Target(layers=penalty["target"]["layers"], weights=tuple(penalty["target"]["weights"])),
            l1=penalty["l1"],
            l2=penalty["l2"],
        )
        for penalty in plain
    )


def _training_from_dict(plain: Mapping[str, Any]) -> TrainingSpec:
    types = {"schedule": Named, "loss": Named, "early_stopping": EarlyStopping}
    nested = {key: types[key](**plain[key]) for key in types if plain.get(key) is not None}
    return TrainingSpec(**{**plain, **nested})
