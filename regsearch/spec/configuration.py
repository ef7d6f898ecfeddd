"""One setting of the searched hyperparameters."""

from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple, Self, get_args

from regsearch.options import Option, require
from regsearch.spec.hashing import format_lambda, round_lambda
from regsearch.spec.penalty import Penalty, Phase, Target
from regsearch.spec.training_spec import EarlyStopping
from regsearch.spec.trial_spec import TrialSpec

Regularizer = Literal["none", "l1", "l2", "l1_l2", "weight_decay", "early_stopping"]
REGULARIZERS: tuple[Regularizer, ...] = get_args(Regularizer)
PENALTIES: tuple[Regularizer, ...] = ("l1", "l2", "l1_l2")


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """A penalty that changes in the course of a training, which goes on from where it is.

    Args:
        name: what it is called.
        phases: epochs and lambda of each.

    Raises:
        InputError: an epoch count or a lambda is out of its range.

    Example:
        >>> regsearch.Schedule(name="late", phases=((100, 0.0), (100, 1e-3))).phases[1]
        (100, 0.001)
    """

    name: str
    phases: tuple[tuple[int, float], ...] = field(metadata={"stored": "levels"})

    def __post_init__(self) -> None:
        for epochs, value in self.phases:
            require("schedule.epochs", epochs, Option(kind=int, low=1))
            require("schedule.lambda", value, Option(low=0))


class Family(NamedTuple):
    """Configurations that differ in numbers alone.

    Args:
        regularizer: theirs.
        target: the weights they act on; empty where there is no target.
        kind: the variant without its numbers, such as `increasing`, or the schedule's name; mostly empty.
    """

    regularizer: Regularizer
    target: str
    kind: str


@dataclass(frozen=True, kw_only=True)
class Configuration:
    """One setting of the searched hyperparameters: what keeps the weights small, and how strongly.

    Args:
        regularizer: `none` and `early_stopping` have no lambda; `weight_decay` has no target.
        lambda_l1: coefficient of Σ|w| in the strongest layer, and at the strongest phase of a schedule.
        lambda_l2: likewise of Σw².
        target: the weights the penalty acts on.
        ratio: of each layer's coefficients to those of the layer before; see Penalty.
        lambdas: one for each of the target's selectors, where each layer has its own; else empty.
        schedule: where the penalty changes in the course of the training; lambda_l1 and lambda_l2 are its largest.
        weight_decay: decoupled weight decay; see TrialSpec.
        early_stopping: when to stop before the last epoch.

    Example:
        >>> print(regsearch.Configuration.tied("l2", 1e-3, regsearch.Target()))
        l2 1e-3
    """

    regularizer: Regularizer = "none"
    lambda_l1: float = 0.0
    lambda_l2: float = 0.0
    target: Target | None = None
    ratio: float = 1.0
    lambdas: tuple[float, ...] = ()
    schedule: Schedule | None = None
    weight_decay: float = 0.0
    early_stopping: EarlyStopping | None = None

    @classmethod
    def tied(cls, regularizer: Regularizer, value: float, target: Target) -> Self:
        """Return the configuration whose coefficients all equal `value`, rounded to 4 significant digits.

        No regularization is one configuration, whatever the value and the target.
        """
        if regularizer == "none":
            return cls()
        value = round_lambda(value)
        if regularizer == "weight_decay":
            return cls(regularizer=regularizer, weight_decay=value)
        l1, l2 = _coefficients(regularizer, value)
        return cls(regularizer=regularizer, lambda_l1=l1, lambda_l2=l2, target=target)

    @property
    def lambda_(self) -> float | None:
        """The one coefficient; None without one, and where l1 and l2 differ."""
        match self.regularizer:
            case "l1":
                return self.lambda_l1
            case "l2":
                return self.lambda_l2
            case "l1_l2" if self.lambda_l1 == self.lambda_l2:
                return self.lambda_l1
            case "weight_decay":
                return self.weight_decay
        return None

    @property
    def max_coefficient(self) -> float:
        """Its largest coefficient; 0 without one."""
        return max(self.lambda_l1, self.lambda_l2, self.weight_decay)

    @property
    def variant(self) -> str:
        """What sets it apart beside regularizer, lambda and target, in words; empty where nothing does."""
        if self.schedule is not None:
            return self.schedule.name
        if self.lambdas:
            return "each " + " ".join(map(format_lambda, self.lambdas))
        if self.ratio != 1:
            return f"increasing x{self.ratio:.4g}" if self.ratio > 1 else f"decreasing /{1 / self.ratio:.4g}"
        if self.early_stopping is not None:
            return f"patience {self.early_stopping.patience}"
        return ""

    @property
    def family(self) -> Family:
        """What it shares with configurations that differ from it in numbers alone."""
        kind = self.schedule.name if self.schedule is not None else self.variant.partition(" ")[0]
        return Family(self.regularizer, str(self.target or ""), kind)

    @property
    def penalties(self) -> tuple[Penalty, ...]:
        """The penalties it puts on a model; those of its strongest phase where there is a schedule."""
        if self.target is None:
            return ()
        if not self.lambdas:
            return (Penalty(target=self.target, l1=self.lambda_l1, l2=self.lambda_l2, ratio=self.ratio),)
        pairs = zip(self.target.selectors, self.lambdas, strict=True)
        return tuple(self._penalty(replace(self.target, layers=layer), value) for layer, value in pairs)

    @property
    def phases(self) -> tuple[Phase, ...]:
        """The penalties of each phase of its schedule; empty without one."""
        if self.schedule is None or self.target is None:
            return ()
        return tuple(
            Phase(epochs=epochs, penalties=(self._penalty(self.target, value),) if value else ())
            for epochs, value in self.schedule.phases
        )

    def applied(self, spec: TrialSpec) -> TrialSpec:
        """Return what to train for this configuration, `spec` being what all configurations share."""
        training = spec.training
        if self.early_stopping is not None:
            training = replace(training, early_stopping=self.early_stopping)
        penalties = () if self.schedule is not None else self.penalties
        return replace(spec, training=training, penalties=penalties, phases=self.phases, weight_decay=self.weight_decay)

    def __str__(self) -> str:
        words = "no regularization" if self.regularizer == "none" else self.regularizer.replace("_", " ")
        words = self.regularizer if self.regularizer in PENALTIES else words
        if self.lambdas or self.schedule is not None:
            return f"{words} {self.variant}"
        if self.lambda_ is not None:
            words += f" {format_lambda(self.lambda_)}"
        elif self.target is not None:
            words += f" l1={format_lambda(self.lambda_l1)} l2={format_lambda(self.lambda_l2)}"
        return f"{words} ({self.variant})" if self.variant else words

    def _penalty(self, target: Target, value: float) -> Penalty:
        l1, l2 = _coefficients(self.regularizer, value)
        return Penalty(target=target, l1=l1, l2=l2)


def _coefficients(regularizer: Regularizer, value: float) -> tuple[float, float]:
    return value if regularizer in ("l1", "l1_l2") else 0.0, value if regularizer in ("l2", "l1_l2") else 0.0
