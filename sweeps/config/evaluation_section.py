"""[evaluation]: how a configuration is scored."""

from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from regsearch.errors import SweepFileError
from regsearch.in_memory import is_in_memory
from regsearch.loading import is_reference
from regsearch.scoring import metric_named
from sweeps.config.section import Flag, Int, Section, Text, in_field


class EvaluationConfig(Section):
    """[evaluation]: how a configuration is scored."""

    repeats: Int = Field(10, ge=1)
    metric: Text | None = None
    greater_is_better: Flag | None = None
    resample: Flag | None = None
    racing: Literal[False] = False

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

    @property
    def file(self) -> str:
        """The path of the metric's file, as written, or its name in memory; empty for a built-in one."""
        if self.metric is not None and is_in_memory(self.metric):
            return self.metric
        return self.metric.rpartition(":")[0] if self.metric is not None and is_reference(self.metric) else ""
