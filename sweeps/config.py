"""What a sweep file may say: its tables, keys and defaults."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    Strict,
    field_validator,
    model_validator,
)

from regsearch.data import GENERATED, SOURCES, TASKS
from regsearch.errors import InputError, SweepFileError
from regsearch.losses import LOSSES, check_fit
from regsearch.models import LOSS
from regsearch.options import Choice, bind
from regsearch.penalties import ROLE_NAMES
from regsearch.scoring import METRICS
from regsearch.spec import (
    ClassWeight,
    Configuration,
    DataSpec,
    EarlyStopping,
    ModelSpec,
    Named,
    Regularizer,
    SplitSpec,
    Target,
    TrainingSpec,
    TrialSpec,
    content_hash,
    round_lambda,
)
from regsearch.trainers.optimizers import OPTIMIZERS
from regsearch.trainers.schedules import SCHEDULES

DEFAULT_REGULARIZERS: tuple[Regularizer, ...] = ("none", "l1", "l2", "l1_l2")
PREFERENCE: tuple[Regularizer, ...] = ("none", "l2", "l1", "l1_l2")  # the earlier wins where scores are equal
STRATEGIES = ("coarse-to-fine", "grid", "random", "tpe")
GRID_STRATEGIES = ("coarse-to-fine", "grid")
DEFAULT_TRIALS = 50
MOONS_SPLIT = SplitSpec(train=30, validation=70)
DEFAULT_SPLIT = SplitSpec(validation=0.25, test=0.25)

Int = Annotated[int, Strict()]
Number = Annotated[float, Strict()]
Flag = Annotated[bool, Strict()]
Result = TypeVar("Result")


class Section(BaseModel):
    """A table of the sweep file; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class SplitConfig(Section):
    """Row counts (integers) or fractions (below 1) of the data."""

    train: Int | Number | None = Field(None, gt=0)
    validation: Int | Number = Field(gt=0)
    test: Int | Number = Field(0, ge=0)

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        given = [part for part in (self.train, self.validation, self.test) if part]
        counts = [isinstance(part, int) for part in given]
        if all(counts) and self.train is None:
            raise ValueError("counts need train as well, such as { train = 30, validation = 70 }")
        if any(counts) != all(counts) or any(isinstance(part, float) and part >= 1 for part in given):
            raise ValueError("must be all counts (whole numbers) or all fractions (below 1)")
        if not any(counts) and self.train is None and sum(given) >= 1 - 1e-9:
            raise ValueError("fractions must leave rows to train on: their sum must stay below 1")
        if not any(counts) and sum(given) > 1 + 1e-9:
            raise ValueError("fractions must not add up to more than 1")
        return self

    def spec(self) -> SplitSpec:
        """Return it as regsearch.spec has it."""
        return SplitSpec(train=self.train, validation=self.validation, test=self.test)


class DataConfig(Section):
    """[data]: what to train on."""

    source: Literal[SOURCES]  # type: ignore[valid-type]
    n_samples: Int = Field(100, ge=4)
    noise: Number = Field(0.2, ge=0)
    random_state: Int = Field(1, ge=0, lt=2**32)
    fresh_test: Int = Field(5000, ge=0)
    split: SplitConfig | None = None
    scale: Literal["none", "standard"] | None = None

    def spec(self) -> DataSpec:
        """Return it with the defaults that follow from the source filled in."""
        split = MOONS_SPLIT if self.source == "moons" else DEFAULT_SPLIT
        scale = "none" if self.source in GENERATED else "standard"
        return DataSpec(
            source=self.source,
            split=self.split.spec() if self.split else split,
            n_samples=self.n_samples,
            noise=self.noise,
            random_state=self.random_state,
            fresh_test=self.fresh_test,
            scale=self.scale or scale,
        )


class ModelConfig(Section):
    """[model]: what to train."""

    builder: Literal["mlp"] = "mlp"
    hidden: tuple[Annotated[Int, Field(ge=1)], ...] = Field((500,), min_length=1)
    activation: Literal["relu", "elu", "gelu", "selu", "silu", "sigmoid", "softplus", "tanh"] = "relu"

    def spec(self) -> ModelSpec:
        """Return it as regsearch.spec has it; options left at their default are left to the builder."""
        options: dict[str, Any] = {"hidden": self.hidden}
        if self.activation != "relu":
            options["activation"] = self.activation
        return ModelSpec(builder=self.builder, options=tuple(sorted(options.items())))


def _one_of(choices: Mapping[str, Choice]) -> Callable[[Any], Named]:
    """Return what reads a name, or a table of a name and options; options at their default are left out."""

    def read(written: Any) -> Named:
        if isinstance(written, Named):
            return written
        options = {"name": written} if isinstance(written, str) else written
        if not isinstance(options, dict) or not isinstance(options.get("name"), str):
            raise ValueError(f"must be a name, or a table of a name and options, got {written!r}")
        options = dict(options)
        name = options.pop("name")
        choice, bound = _in_field(lambda: bind("", name, options, choices))
        given = {key: value for key, value in bound.items() if value != choice.options[key].default}
        return Named(name=name, options=tuple(given.items()))

    return read


def _class_weight(written: Any) -> ClassWeight:
    return _in_field(lambda: TrainingSpec(class_weight=written)).class_weight


def _in_field(read: Callable[[], Result]) -> Result:
    """Leave it to pydantic to say in which field something is wrong."""
    try:
        return read()
    except InputError as error:
        raise ValueError(error.problem) from None


def _as_written(named: Named) -> str | dict[str, Any]:
    return {"name": named.name} | dict(named.options) if named.options else named.name


_WRITTEN = PlainSerializer(_as_written)


class EarlyStoppingConfig(Section):
    """When a training stops before its last epoch."""

    patience: Int = Field(ge=1)
    min_delta: Number = Field(0.0, ge=0)

    def spec(self) -> EarlyStopping:
        """Return it as regsearch.spec has it."""
        return EarlyStopping(patience=self.patience, min_delta=self.min_delta)


class TrainingConfig(Section):
    """[training]: how to train."""

    epochs: Int = Field(1000, ge=1)
    batch_size: Int = Field(32, ge=1)
    optimizer: Annotated[Named, BeforeValidator(_one_of(OPTIMIZERS)), _WRITTEN] = Named(name="adam")
    learning_rate: Number = Field(1e-3, gt=0)
    learning_rate_schedule: Annotated[Named, BeforeValidator(_one_of(SCHEDULES)), _WRITTEN] | None = None
    loss: Annotated[Named, BeforeValidator(_one_of(LOSSES)), _WRITTEN] | None = None
    class_weight: Annotated[ClassWeight, BeforeValidator(_class_weight)] = None
    early_stopping: EarlyStoppingConfig | None = None
    trainer: Literal["compiled", "fit"] = "compiled"

    def spec(self) -> TrainingSpec:
        """Return it as regsearch.spec has it."""
        return TrainingSpec(
            epochs=self.epochs,
            batch_size=self.batch_size,
            optimizer=self.optimizer.name,
            optimizer_options=self.optimizer.options,
            learning_rate=self.learning_rate,
            schedule=self.learning_rate_schedule,
            loss=self.loss,
            class_weight=self.class_weight,
            early_stopping=self.early_stopping.spec() if self.early_stopping else None,
            trainer=self.trainer,
        )


class LambdaConfig(Section):
    """The range of lambda, on a log scale."""

    low: Number = Field(1e-6, gt=0)
    high: Number = Field(1e-1, gt=0)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if round_lambda(self.low) >= round_lambda(self.high):
            raise ValueError(f"low must be below high, got low = {self.low:g} and high = {self.high:g}")
        return self


class TargetConfig(Section):
    """Which weights a penalty acts on."""

    layers: str = Field("hidden", min_length=1)
    weights: tuple[Literal[ROLE_NAMES], ...] = Field(("kernel",), min_length=1)  # type: ignore[valid-type]

    @field_validator("weights")
    @classmethod
    def _in_one_order(cls, weights: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(name for name in ROLE_NAMES if name in weights)  # their order makes no other target


class SearchConfig(Section):
    """[search]: what is searched, and how."""

    strategy: Literal[STRATEGIES] = "coarse-to-fine"  # type: ignore[valid-type]
    regularizers: tuple[Regularizer, ...] = Field(DEFAULT_REGULARIZERS, min_length=1)
    lambda_: LambdaConfig = Field(LambdaConfig(), alias="lambda")
    targets: tuple[TargetConfig, ...] = Field((TargetConfig(),), min_length=1)
    trials: Int | None = Field(None, ge=1)
    fine: Literal["around", "within"] = "around"

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        for name in ("regularizers", "targets"):
            if len(set(getattr(self, name))) < len(getattr(self, name)):
                raise ValueError(f"{name} must not repeat themselves")
        if self.strategy in GRID_STRATEGIES and self.trials is not None:
            raise ValueError(f"trials goes with random or tpe; {self.strategy} visits every cell of its grid")
        return self


class EvaluationConfig(Section):
    """[evaluation]: how a configuration is scored."""

    repeats: Int = Field(10, ge=1)
    metric: Literal[tuple(METRICS)] | None = None  # type: ignore[valid-type]
    resample: Flag | None = None
    racing: Literal[False] = False


class SweepConfig(Section):
    """One search, as the sweep file describes it."""

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")
    seed: Int = Field(0, ge=0)
    data: DataConfig
    model: ModelConfig = ModelConfig()
    training: TrainingConfig = TrainingConfig()
    search: SearchConfig = SearchConfig()
    evaluation: EvaluationConfig = EvaluationConfig()

    @model_validator(mode="after")
    def _metric_fits(self) -> Self:
        task = TASKS[self.data.source]
        if task not in METRICS[self.metric].tasks:
            fitting = ", ".join(m.name for m in METRICS.values() if task in m.tasks)
            raise SweepFileError("evaluation.metric", f"{self.metric!r} does not fit a {task} target; use {fitting}")
        return self

    @model_validator(mode="after")
    def _training_fits(self) -> Self:
        try:
            check_fit(self.training.spec(), TASKS[self.data.source])
        except InputError as error:
            raise SweepFileError(error.field, error.problem) from None
        return self

    @property
    def training_spec(self) -> TrainingSpec:
        """How to train; a loss that follows from the target anyway is left out."""
        training = self.training.spec()
        follows = training.loss == Named(name=LOSS[TASKS[self.data.source]])
        return replace(training, loss=None) if follows else training

    @property
    def metric(self) -> str:
        """The metric: the file's, else accuracy for classes and r2 for regression."""
        return self.evaluation.metric or ("r2" if TASKS[self.data.source] == "regression" else "accuracy")

    @property
    def greater_is_better(self) -> bool:
        """Whether more of the metric is better."""
        return METRICS[self.metric].greater_is_better

    @property
    def resample(self) -> bool:
        """Whether each repeat draws its own split: the file's word, else where the split is in fractions."""
        chosen = self.evaluation.resample
        return not self.data.spec().split.in_counts if chosen is None else chosen

    @property
    def targets(self) -> tuple[Target, ...]:
        """What penalties may act on."""
        return tuple(Target(layers=t.layers, weights=t.weights) for t in self.search.targets)

    @property
    def trials(self) -> int | None:
        """How many configurations to try; None where the strategy's grid says it."""
        return None if self.search.strategy in GRID_STRATEGIES else self.search.trials or DEFAULT_TRIALS

    def trial_spec(self, configuration: Configuration) -> TrialSpec:
        """Return what to train for one configuration."""
        return TrialSpec(
            data=self.data.spec(),
            metric=self.metric,
            model=self.model.spec(),
            training=self.training_spec,
            resample=self.resample,
            penalties=configuration.penalties,
        )

    def to_dict(self) -> dict[str, Any]:
        """Return what differs from the defaults, ready for JSON; `sweepfile.parse` turns it back."""
        return self.model_dump(mode="json", by_alias=True, exclude_defaults=True)

    def hash(self) -> str:
        """Return the content hash of everything but the name."""
        plain = self.to_dict()
        del plain["name"]
        plain["data"] = content_hash(self.data.spec())  # so that a default, written out, changes nothing
        if self.trials is not None:
            plain["search"] |= {"trials": self.trials}
        if self.training_spec.loss is None and plain.get("training", {}).pop("loss", None) and not plain["training"]:
            del plain["training"]
        plain["evaluation"] = plain.get("evaluation", {}) | {"metric": self.metric, "resample": self.resample}
        return content_hash(plain)
