"""What one training is: data, model, training settings and penalties, as frozen values with a content hash."""

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, is_dataclass
from typing import Any, Literal, Self

SCHEMA = 1  # raised when the meaning of an existing field changes, so that old hashes stop matching
SIGNIFICANT_DIGITS = 4  # of a lambda; 1e-3 reached in two ways is one value

Regularizer = Literal["none", "l1", "l2", "l1_l2"]
Purpose = Literal["search", "confirm"]


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
    """l1·Σ|w| + l2·Σw² on each weight tensor of the target, as keras.regularizers.L1L2 defines it."""

    target: Target = field(default_factory=Target)
    l1: float = 0.0
    l2: float = 0.0


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
class TrainingSpec:
    """How to train."""

    epochs: int = 1000
    batch_size: int = 32
    optimizer: str = "adam"
    learning_rate: float = 1e-3
    trainer: str = "compiled"


@dataclass(frozen=True, kw_only=True)
class TrialSpec:
    """Everything that decides the outcome of a training but its seed.

    Args:
        data: what to train on.
        model: what to train.
        training: how to train.
        metric: what a repeat is scored by on the validation data.
        resample: whether each repeat draws its own train/validation split.
        penalties: what is added to the loss; empty for none.
    """

    data: DataSpec
    metric: str
    model: ModelSpec = field(default_factory=ModelSpec)
    training: TrainingSpec = field(default_factory=TrainingSpec)
    resample: bool = False
    penalties: tuple[Penalty, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return plain dicts and lists, ready for JSON; `from_dict` turns them back."""
        plain: dict[str, Any] = json.loads(json.dumps(asdict(self)))
        return plain

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Self:
        """Rebuild a spec from what `to_dict` returned."""
        data = dict(plain["data"])
        data["split"] = SplitSpec(**data["split"])
        penalties = tuple(_penalty_from_dict(p) for p in plain["penalties"])
        model = ModelSpec(
            builder=plain["model"]["builder"],
            options=tuple((name, _frozen(value)) for name, value in plain["model"]["options"]),
        )
        return cls(
            data=DataSpec(**data),
            metric=plain["metric"],
            model=model,
            training=TrainingSpec(**plain["training"]),
            resample=plain["resample"],
            penalties=penalties,
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


def _penalty_from_dict(plain: Mapping[str, Any]) -> Penalty:
    target = Target(layers=plain["target"]["layers"], weights=tuple(plain["target"]["weights"]))
    return Penalty(target=target, l1=plain["l1"], l2=plain["l2"])
