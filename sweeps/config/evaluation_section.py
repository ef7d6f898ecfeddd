"""[evaluation]: how a configuration is scored."""

from typing import Self

from pydantic import Field, field_validator, model_validator

from regsearch.errors import SweepFileError
from regsearch.in_memory import is_in_memory
from regsearch.loading import is_reference
from regsearch.scoring import metric_named
from regsearch.statistics.racing import Racing
from sweeps.config.racing_section import RacingChoice, race_of
from sweeps.config.section import Flag, Int, Section, Text, in_field


class EvaluationConfig(Section):
    """[evaluation]: how a configuration is scored."""

    repeats: Int = Field(10, ge=1)
    metric: Text | None = None
    greater_is_better: Flag | None = None
    resample: Flag | None = None
    racing: RacingChoice = False

    @field_validator("metric")
    @classmethod
    def _known(cls, metric: str | None) -> str | None:
        if metric is not None and not is_reference(metric) and not is_in_memory(metric):
            in_field(lambda: metric_named(metric))
        return metric

    @model_validator(mode="after")
    def _direction_of_its_own(self) -> Self:
        if self.greater_is_better is not None and not self.file:
            problem = "goes with a metric of your own, 'my_metrics.py:score'; that of others is known"
            raise SweepFileError("evaluation.greater_is_better", problem)
        return self

    @model_validator(mode="after")
    def _raced(self) -> Self:
        _ = self.race
        return self

    @property
    def race(self) -> Racing | None:
        """When configurations are compared with the leader, and how; None where every one has all its repeats."""
        return race_of(self.racing, self.repeats)

    @property
    def file(self) -> str:
        """The path of the metric's file, as written, or its name in memory; empty for a built-in one."""
        if self.metric is not None and is_in_memory(self.metric):
            return self.metric
        return self.metric.rpartition(":")[0] if self.metric is not None and is_reference(self.metric) else ""
