"""[training]: how to train."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from regsearch.losses import LOSSES
from regsearch.spec import ClassWeight, EarlyStopping, Named, TrainingSpec
from regsearch.trainers.optimizers import OPTIMIZERS
from regsearch.trainers.schedules import SCHEDULES
from sweeps.config.section import AS_WRITTEN, Duration, Int, Number, Section, in_field, in_seconds, one_of


def _class_weight(written: Any) -> ClassWeight:
    return in_field(lambda: TrainingSpec(class_weight=written)).class_weight


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
    optimizer: Annotated[Named, BeforeValidator(one_of(OPTIMIZERS)), AS_WRITTEN] = Named(name="adam")
    learning_rate: Number = Field(1e-3, gt=0)
    learning_rate_schedule: Annotated[Named, BeforeValidator(one_of(SCHEDULES)), AS_WRITTEN] | None = None
    loss: Annotated[Named, BeforeValidator(one_of(LOSSES)), AS_WRITTEN] | None = None
    class_weight: Annotated[ClassWeight, BeforeValidator(_class_weight)] = None
    early_stopping: EarlyStoppingConfig | None = None
    engine: Literal["auto", "xla", "graph", "fit"] = "auto"
    timeout: Duration | None = None

    @property
    def given(self) -> tuple[str, ...]:
        """What of it is written in the file although it is the default: it overrules what a builder compiled."""
        names = sorted({"optimizer", "learning_rate", "loss"} & self.model_fields_set)
        return tuple(name for name in names if getattr(self, name) == type(self).model_fields[name].default)

    def spec(self, given: tuple[str, ...] = ()) -> TrainingSpec:
        """Return it as regsearch.spec has it; `given` of its defaults were asked for."""
        return TrainingSpec(
            given=given,
            epochs=self.epochs,
            batch_size=self.batch_size,
            optimizer=self.optimizer.name,
            optimizer_options=self.optimizer.options,
            learning_rate=self.learning_rate,
            schedule=self.learning_rate_schedule,
            loss=self.loss,
            class_weight=self.class_weight,
            early_stopping=self.early_stopping.spec() if self.early_stopping else None,
            engine=self.engine,
            timeout_s=None if self.timeout is None else in_seconds(self.timeout),
        )
