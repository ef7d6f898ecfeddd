"""[search] configuration: one setting, to train it and nothing else."""

from dataclasses import replace
from typing import Any, Self

from pydantic import Field, model_validator

from regsearch.spec import Configuration, EarlyStopping, Regularizer, Schedule, Target, round_lambda
from sweeps.config.section import Int, Number, Section, Text
from sweeps.config.target_section import PhaseConfig, TargetConfig

PENALTIES = ("l1", "l2", "l1_l2")
OF_PENALTIES = ("target", "ratio", "lambdas", "schedule")


class OneSchedule(Section):
    """How the penalty changes; the name may be that of a ready schedule."""

    name: Text
    phases: tuple[PhaseConfig, ...] = Field(alias="levels", min_length=2, max_length=100)

    def spec(self) -> Schedule:
        """Return it as regsearch.spec has it."""
        return Schedule(name=self.name, phases=tuple((phase.epochs, phase.lambda_) for phase in self.phases))


class OneStopping(Section):
    """When the training stops."""

    patience: Int = Field(ge=1)
    min_delta: Number = Field(0.0, ge=0)


class OneConfiguration(Section):
    """One setting of the searched hyperparameters; lambda, or lambda_l1 and lambda_l2 of l1_l2 where they differ."""

    regularizer: Regularizer
    lambda_: Number | None = Field(None, alias="lambda", gt=0)
    lambda_l1: Number | None = Field(None, gt=0)
    lambda_l2: Number | None = Field(None, gt=0)
    target: TargetConfig = TargetConfig()
    ratio: Number | None = Field(None, gt=0)
    lambdas: tuple[Number, ...] = ()
    schedule: OneSchedule | None = None
    early_stopping: OneStopping | None = None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        given, regularizer = self.model_fields_set - {"regularizer"}, self.regularizer
        coefficients = given & {"lambda_", "lambda_l1", "lambda_l2", "lambdas", "schedule"}
        match regularizer:
            case "none":
                needs, may = set[str](), set[str]()
            case "early_stopping":
                needs, may = {"early_stopping"}, set()
            case "weight_decay":
                needs, may = {"lambda_"}, set()
            case "l1_l2" if coefficients & {"lambda_l1", "lambda_l2"}:
                needs, may = {"lambda_l1", "lambda_l2"}, {"target", "ratio"}
            case _ if coefficients & {"lambdas", "schedule"}:
                needs = {"lambdas" if "lambdas" in coefficients else "schedule"}
                may = {"target"}
            case _:
                needs, may = {"lambda_"}, {"target", "ratio"}
        if strange := sorted(given - needs - may):
            raise ValueError(f"{strange[0].rstrip('_')} does not go with the rest of a configuration of {regularizer}")
        if absent := sorted(needs - given):
            raise ValueError(f"a configuration of {regularizer} needs {absent[0].rstrip('_')}")
        if self.lambdas and len(self.lambdas) != len(self.target.spec().selectors):
            raise ValueError("lambdas must be one for each of the target's layers")
        if any(value <= 0 for value in self.lambdas):
            raise ValueError(f"lambdas must be > 0, got {list(self.lambdas)}")
        return self

    @property
    def acts_on_a_target(self) -> bool:
        """Whether it is a penalty on weights."""
        return self.regularizer in PENALTIES

    def spec(self) -> Configuration:
        """Return it as regsearch.spec has it."""
        if self.early_stopping is not None:
            stopping = EarlyStopping(patience=self.early_stopping.patience, min_delta=self.early_stopping.min_delta)
            return Configuration(regularizer="early_stopping", early_stopping=stopping)
        target = self.target.spec()
        if self.lambda_l1 is not None and self.lambda_l2 is not None:
            l1, l2 = round_lambda(self.lambda_l1), round_lambda(self.lambda_l2)
            found = Configuration(regularizer="l1_l2", lambda_l1=l1, lambda_l2=l2, target=target)
        else:
            found = Configuration.tied(self.regularizer, self._largest(), target)
        if self.schedule is not None:
            return replace(found, schedule=self.schedule.spec())
        if self.lambdas:
            return replace(found, lambdas=tuple(map(round_lambda, self.lambdas)))
        return replace(found, ratio=1.0 if self.ratio is None else self.ratio)

    def _largest(self) -> float:
        """Return the coefficient; the largest of several."""
        if self.schedule is not None:
            return max(phase.lambda_ for phase in self.schedule.phases)
        return max((self.lambda_ or 0.0, *self.lambdas))


def written(configuration: Configuration) -> dict[str, Any]:
    """Return a configuration as a sweep file writes it."""
    c = configuration
    found: dict[str, Any] = {"regularizer": c.regularizer}
    if c.early_stopping is not None:
        found["early_stopping"] = {"patience": c.early_stopping.patience, "min_delta": c.early_stopping.min_delta}
    if c.target is not None:
        found["target"] = _target(c.target)
    if c.schedule is not None:
        phases = [{"epochs": epochs, "lambda": value} for epochs, value in c.schedule.phases]
        return found | {"schedule": {"name": c.schedule.name, "levels": phases}}
    if c.lambdas:
        return found | {"lambdas": list(c.lambdas)}
    if c.lambda_ is not None:
        found["lambda"] = c.lambda_
    elif c.target is not None:
        found |= {"lambda_l1": c.lambda_l1, "lambda_l2": c.lambda_l2}
    return found if c.ratio == 1 else found | {"ratio": c.ratio}


def _target(target: Target) -> dict[str, Any]:
    layers = target.layers if isinstance(target.layers, str) else list(target.layers)
    return {"layers": layers, "weights": list(target.weights)}
