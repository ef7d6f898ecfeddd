"""One search: what its sweep file says, and what the files that it names hold."""

from dataclasses import replace
from typing import Any, Self

from pydantic import Field, model_validator

from regsearch.errors import InputError, SweepFileError
from regsearch.in_memory import is_in_memory, label_of
from regsearch.losses import check_fit
from regsearch.models import LOSS
from regsearch.scoring import check_metric, metric_named
from regsearch.spec import Configuration, DataSpec, ModelSpec, Named, Task, TrainingSpec, TrialSpec, content_hash
from sweeps.config.section import Section
from sweeps.config.sweep_file import SweepFile


class ResolvedInputs(Section):
    """What the files that a sweep names hold."""

    task: Task
    folder: str = ""  # what the files' paths are relative to
    files: dict[str, str] = Field(default_factory=dict)  # the SHA-256 of each; empty where the sweep names none
    given: tuple[str, ...] = ()  # defaults of [training] that are written out, where a builder may compile others


class SweepConfig(SweepFile):
    """One search, its inputs resolved: all that decides its numbers.

    Example:
        >>> config = regsearch.load_sweep("small.toml")
        >>> config.metric, config.task, config.resample
        ('accuracy', 'binary', False)
        >>> spec = config.trial_spec(regsearch.Configuration())  # what to train, without a penalty
    """

    inputs: ResolvedInputs = Field(alias="found")

    @model_validator(mode="after")
    def _fits_the_task(self) -> Self:
        try:
            if not self.evaluation.file:
                check_metric(metric_named(self.metric), self.task)
            check_fit(self.training.spec(), self.task)
        except InputError as error:
            raise SweepFileError(error.field, error.problem) from None
        return self

    @property
    def task(self) -> Task:
        """What kind of labels the data have."""
        return self.inputs.task

    @property
    def data_spec(self) -> DataSpec:
        """What to train on."""
        return self.data.spec(digest=self.inputs.files.get(self.data.file, ""), folder=self.inputs.folder)

    @property
    def model_spec(self) -> ModelSpec:
        """What to train."""
        return self.model.spec(digest=self.inputs.files.get(self.model.file, ""), folder=self.inputs.folder)

    @property
    def training_spec(self) -> TrainingSpec:
        """How to train; a loss that follows from the task anyway is left out."""
        training = self.training.spec(self.inputs.given)
        follows = training.loss == Named(name=LOSS[self.task])
        return replace(training, loss=None) if follows else training

    @property
    def metric(self) -> str:
        """The metric: the file's, else accuracy for classes and r2 for regression; `name()` of a function in memory."""
        if is_in_memory(self.evaluation.file):
            return f"{label_of(self.evaluation.file)}()"
        return self.evaluation.metric or ("r2" if self.task == "regression" else "accuracy")

    @property
    def greater_is_better(self) -> bool:
        """Whether more of the metric is better."""
        if self.evaluation.file:
            return self.evaluation.greater_is_better is not False
        return metric_named(self.metric).greater_is_better

    def trial_spec(self, configuration: Configuration) -> TrialSpec:
        """Return what to train for one configuration."""
        shared = TrialSpec(
            data=self.data_spec,
            metric=self.evaluation.metric or self.metric,
            metric_digest=self.inputs.files.get(self.evaluation.file, ""),
            metric_folder=self.inputs.folder if self.evaluation.file else "",
            model=self.model_spec,
            training=self.training_spec,
            resample=self.resample,
        )
        return configuration.applied(shared)

    def to_dict(self) -> dict[str, Any]:
        """Return what differs from the defaults, ready for JSON; `toml_file.restore` turns it back."""
        plain = self.model_dump(mode="json", by_alias=True, exclude_defaults=True)
        if not self.inputs.files:
            del plain["found"]  # it follows from the rest
        return plain

    def hash(self) -> str:
        """Return the content hash of all that decides the search's numbers.

        Left out are the name, where files are, when the clock stops the search or a training, and what its winner is
        compared with.
        """
        plain = self.to_dict()
        del plain["name"]
        plain.pop("compare", None)
        for table, key in (("search", "stop_after"), ("training", "timeout")):
            if plain.get(table, {}).pop(key, None) and not plain[table]:
                del plain[table]
        plain["data"] = content_hash(self.data_spec)  # so that a default, written out, changes nothing
        plain.pop("model", None)
        if model := self.model.canonical():
            plain["model"] = model
        if plain.pop("found", None) is not None:
            plain["files"] = self.inputs.files
            plain |= {"given": self.inputs.given} if self.inputs.given else {}
        if self.trials is not None:
            plain["search"] = plain.get("search", {}) | {"trials": self.trials}
        if self.training_spec.loss is None and plain.get("training", {}).pop("loss", None) and not plain["training"]:
            del plain["training"]
        plain["evaluation"] = plain.get("evaluation", {}) | {"metric": self.metric, "resample": self.resample}
        return content_hash(plain)
