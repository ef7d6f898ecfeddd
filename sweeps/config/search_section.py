"""[search]: what is searched, and how."""

from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, ValidationError, field_validator, model_validator

from regsearch.spec import Regularizer, Schedule, round_lambda
from sweeps.config.one_configuration import OneConfiguration
from sweeps.config.penalty_schedules import BY_NAME
from sweeps.config.published import PUBLISHED, Published, fitting
from sweeps.config.section import Duration, Flag, Int, Number, Range, Section, in_seconds
from sweeps.config.target_section import PhaseConfig, TargetConfig

DEFAULT_REGULARIZERS: tuple[Regularizer, ...] = ("none", "l1", "l2", "l1_l2")
# The earlier wins where scores are equal.
PREFERENCE: tuple[Regularizer, ...] = ("none", "l2", "l1", "l1_l2", "weight_decay", "early_stopping")
STRATEGIES = ("coarse-to-fine", "coarse-to-tpe", "grid", "random", "qmc", "tpe", "gp", "cmaes")
GRID_STRATEGIES = ("coarse-to-fine", "grid")  # these visit every cell where no budget says otherwise
GROWING = ("coarse-to-fine", "coarse-to-tpe")
GOES_WITH = {"stages": ("coarse-to-fine",), "promote": ("coarse-to-fine",), "grow": GROWING}
BESIDE_ONE = ("configuration", "stop_after")  # keys that go with one configuration
FIXED = "fixed"
GROWTH = 1000.0  # times the range's high, where nothing says how far it may grow

Depth = Literal["same", "decreasing", "increasing", "each"]


class LambdaRange(Range):
    """The range of lambda; limit is how far it may grow."""

    low: Number = Field(1e-6, gt=0)
    high: Number = Field(1e-1, gt=0)
    limit: Number | None = Field(None, gt=0)

    @model_validator(mode="after")
    def _room_to_grow(self) -> Self:
        if self.limit is not None and round_lambda(self.limit) <= round_lambda(self.high):
            raise ValueError(f"limit must be above high, got high = {self.high:g} and limit = {self.limit:g}")
        return self

    @property
    def grown(self) -> Range:
        """The range that it may grow to."""
        return Range(low=self.low, high=self.limit or self.high * GROWTH)


class RatioRange(Range):
    """How many times stronger a layer's penalty is than its neighbour's."""

    low: Number = Field(2.0, gt=1)
    high: Number = Field(10.0, gt=1)


class DecayRange(Range):
    """The range of decoupled weight decay."""

    low: Number = Field(1e-4, gt=0)
    high: Number = Field(1.0, gt=0)


class StoppingConfig(Section):
    """Early stopping as one of the configurations; patience None for a tenth of the epochs."""

    patience: Int | None = Field(None, ge=1)
    min_delta: Number = Field(0.0, ge=0)


class ScheduleConfig(Section):
    """A schedule of the user's own."""

    name: str = Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,31}$")
    phases: tuple[PhaseConfig, ...] = Field(alias="levels", min_length=2, max_length=100)

    @field_validator("name")
    @classmethod
    def _free(cls, name: str) -> str:
        if name in (FIXED, *BY_NAME):
            raise ValueError(f"{name!r} is a schedule that is there already; choose another name")
        return name

    def spec(self) -> Schedule:
        """Return it as regsearch.spec has it."""
        return Schedule(name=self.name, phases=tuple((phase.epochs, phase.lambda_) for phase in self.phases))


def _schedule(written: Any) -> Any:
    if isinstance(written, str) and written not in (FIXED, *BY_NAME):
        known = ", ".join(repr(name) for name in (FIXED, *BY_NAME))
        raise ValueError(f"may be {known}, or a table of a name and levels, got {written!r}")
    return written


def _warm_start(written: Any) -> Any:
    names = (written,) if isinstance(written, str) and written != "literature" else written
    for name in names if isinstance(names, list | tuple) else ():
        if not isinstance(name, str) or name not in PUBLISHED:
            raise ValueError(f"may be 'literature', or any of {', '.join(PUBLISHED)}, got {name!r}")
    return names


def _one(written: Any) -> OneConfiguration | None:
    """Return the one configuration to search; None where there is none, or the field itself says what is wrong."""
    try:
        return OneConfiguration.model_validate(written["configuration"])
    except (KeyError, TypeError, ValidationError):
        return None


class SearchConfig(Section):
    """[search]: what is searched, and how."""

    strategy: Literal[STRATEGIES] = "coarse-to-fine"  # type: ignore[valid-type]
    regularizers: tuple[Regularizer, ...] = Field(DEFAULT_REGULARIZERS, min_length=1)
    lambda_: LambdaRange = Field(LambdaRange(), alias="lambda")
    l1_l2: Literal["tied", "independent"] = "tied"
    targets: tuple[TargetConfig, ...] = Field((TargetConfig(),), min_length=1)
    depth: tuple[Depth, ...] = Field(("same",), min_length=1)
    ratio: RatioRange = RatioRange()
    schedules: tuple[Annotated[str | ScheduleConfig, BeforeValidator(_schedule)], ...] = Field((FIXED,), min_length=1)
    weight_decay: DecayRange = DecayRange()
    early_stopping: StoppingConfig = StoppingConfig()
    warm_start: Annotated[str | tuple[str, ...], BeforeValidator(_warm_start)] = ()
    trials: Int | None = Field(None, ge=1)
    trainings: Int | None = Field(None, ge=1)
    stop_after: Duration | None = None
    fine: Literal["around", "within"] = "around"
    stages: Int = Field(2, ge=2)
    promote: Literal["best", "each-regularizer", "one-se"] = "best"
    grow: Flag = False
    configuration: OneConfiguration | None = None

    @model_validator(mode="before")
    @classmethod
    def _of_one_configuration(cls, written: Any) -> Any:
        """Fill in the space that holds one configuration and nothing else."""
        one = _one(written)
        if one is None:
            return written
        space: dict[str, Any] = {"strategy": "grid", "regularizers": [one.regularizer]}
        if one.acts_on_a_target:
            space["targets"] = [one.target.model_dump(mode="json", exclude_defaults=True)]
        for name, value in written.items():
            if name not in BESIDE_ONE and value != space.get(name):  # what is stored has these
                raise ValueError(f"configuration is all that is searched: leave out {name}")
        return written | space

    @model_validator(mode="after")
    def _no_repetition(self) -> Self:
        for name in ("regularizers", "targets", "depth"):
            if len(set(getattr(self, name))) < len(getattr(self, name)):
                raise ValueError(f"{name} must not repeat themselves")
        names = [each if isinstance(each, str) else each.name for each in self.schedules]
        if len(set(names)) < len(names):
            raise ValueError("schedules must not repeat themselves")
        return self

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        for key, strategies in GOES_WITH.items():
            if self.strategy not in strategies and getattr(self, key) != SearchConfig.model_fields[key].default:
                raise ValueError(f"{key} goes with {' or '.join(strategies)}, not with {self.strategy}")
        if self.lambda_.limit is not None and not self.grow:
            raise ValueError("lambda.limit says how far lambda may grow: set grow = true, or leave it out")
        if self.l1_l2 == "independent" and ("each" in self.depth or self.schedules != (FIXED,)):
            raise ValueError('l1_l2 = "independent" goes with neither schedules nor depth "each": choose one of them')
        if "each" in self.depth and (len(self.targets) > 1 or isinstance(self.targets[0].layers, str)):
            wanted = 'one target that lists its layers, such as targets = [{ layers = ["hidden_1", "hidden_2"] }]'
            raise ValueError(f'depth "each" gives every layer a lambda of its own: it needs {wanted}')
        if not self.scheduled_only or len(self.depth) == 1:
            return self
        raise ValueError('depth goes with the schedule "fixed", which is not among schedules')

    @property
    def penalties(self) -> tuple[Regularizer, ...]:
        """The regularizers that act on a target."""
        return tuple(name for name in self.regularizers if name in ("l1", "l2", "l1_l2"))

    @property
    def searched_lambda(self) -> Range:
        """The range that lambda may come to lie in."""
        return self.lambda_.grown if self.grow else self.lambda_

    @property
    def stop_after_s(self) -> float | None:
        """How long the sweep may be worked on, in seconds."""
        return None if self.stop_after is None else in_seconds(self.stop_after)

    @property
    def scheduled_only(self) -> bool:
        """Whether no penalty stays the same throughout a training."""
        return FIXED not in self.schedules

    def published(self, builder: str) -> tuple[Published, ...]:
        """Return the published settings to try first, for a model of this builder."""
        if self.warm_start == "literature":
            return fitting(builder)
        return tuple(PUBLISHED[name] for name in self.warm_start)
