"""One search, as the sweep file describes it."""

from dataclasses import replace
from functools import cached_property
from typing import Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from regsearch.data import TASKS
from regsearch.errors import InputError, SweepFileError
from regsearch.loading import is_reference
from regsearch.losses import check_fit
from regsearch.models import LOSS
from regsearch.scoring import check_metric, metric_named
from regsearch.spec import (
    Configuration,
    DataSpec,
    EarlyStopping,
    ModelSpec,
    Named,
    Schedule,
    Target,
    Task,
    TrainingSpec,
    TrialSpec,
    content_hash,
)
from sweeps.config.data_section import DataConfig
from sweeps.config.model_section import ModelConfig
from sweeps.config.penalty_schedules import BY_NAME
from sweeps.config.search_section import GRID_STRATEGIES, ScheduleConfig, SearchConfig
from sweeps.config.section import Flag, Int, Section, Text, in_field
from sweeps.config.training_section import TrainingConfig

DEFAULT_TRIALS = 50
PATIENCE_SHARE = 10  # of the epochs, the default patience of early stopping as a configuration


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
        if metric is not None and not is_reference(metric):
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
        """The path of the metric's file, as written; empty for a built-in one."""
        return self.metric.rpartition(":")[0] if self.metric is not None and is_reference(self.metric) else ""


class Found(Section):
    """What the user's files say; no part of the sweep file.

    Args:
        folder: what their paths are relative to.
        task: what kind of target the data have.
        files: the SHA-256 of each.
    """

    folder: str = ""
    task: Task | None = None
    files: dict[str, str] = Field(default_factory=dict)


class SweepConfig(Section):
    """One search, as the sweep file describes it."""

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")
    seed: Int = Field(0, ge=0)
    data: DataConfig
    model: ModelConfig = ModelConfig()
    training: TrainingConfig = TrainingConfig()
    search: SearchConfig = SearchConfig()
    evaluation: EvaluationConfig = EvaluationConfig()
    found: Found = Found()

    @model_validator(mode="after")
    def _fits_the_task(self) -> Self:
        """Check what depends on the kind of target, where that is known."""
        task = self._known_task
        if task is None:
            return self
        try:
            if not self.evaluation.file:
                check_metric(metric_named(self.metric), task)
            check_fit(self.training.spec(), task)
        except InputError as error:
            raise SweepFileError(error.field, error.problem) from None
        return self

    @model_validator(mode="after")
    def _weighed_against(self) -> Self:
        regularizers, training = self.search.regularizers, self.training
        if "early_stopping" in regularizers and training.early_stopping is not None:
            problem = "early_stopping is one of the configurations here: leave out training.early_stopping"
            raise SweepFileError("search.regularizers", problem)
        if "weight_decay" in regularizers and training.optimizer.name == "adamw":
            problem = 'weight_decay is searched here: use training.optimizer = "adam", which becomes AdamW with it'
            raise SweepFileError("search.regularizers", problem)
        if self.search.schedules != ("fixed",) and training.early_stopping is not None:
            raise SweepFileError("search.schedules", "go without training.early_stopping: every phase is trained")
        _ = self.schedules
        return self

    @model_validator(mode="after")
    def _affordable(self) -> Self:
        trainings, repeats = self.search.trainings, self.evaluation.repeats
        if trainings is not None and trainings < repeats:
            problem = f"must be at least evaluation.repeats ({repeats}), what one configuration takes, got {trainings}"
            raise SweepFileError("search.trainings", problem)
        return self

    @model_validator(mode="after")
    def _draws(self) -> Self:
        split = self._split
        if self.evaluation.resample and (split.fixed or split.folds):
            why = "folds are drawn anew by themselves" if split.folds else "nothing in this split is drawn"
            raise SweepFileError("evaluation.resample", f"must be left out: {why}")
        return self

    @property
    def task(self) -> Task:
        """What kind of target the data have; of a user's file it is known once `explored` looked into it."""
        task = self._known_task
        assert task is not None, "the sweep's files were not explored"
        return task

    @property
    def data_spec(self) -> DataSpec:
        """What to train on."""
        if not self.data.is_file:
            return self.data.spec()
        return self.data.spec(digest=self.found.files.get(self.data.file, ""), folder=self.found.folder)

    @property
    def model_spec(self) -> ModelSpec:
        """What to train."""
        if not self.model.file:
            return self.model.spec()
        return self.model.spec(digest=self.found.files.get(self.model.file, ""), folder=self.found.folder)

    @property
    def training_spec(self) -> TrainingSpec:
        """How to train; a loss that follows from the target anyway is left out."""
        training = self.training.spec()
        follows = training.loss == Named(name=LOSS[self.task])
        return replace(training, loss=None) if follows else training

    @property
    def metric(self) -> str:
        """The metric: the file's, else accuracy for classes and r2 for regression."""
        return self.evaluation.metric or ("r2" if self.task == "regression" else "accuracy")

    @property
    def greater_is_better(self) -> bool:
        """Whether more of the metric is better."""
        if self.evaluation.file:
            return self.evaluation.greater_is_better is not False
        return metric_named(self.metric).greater_is_better

    @property
    def resample(self) -> bool:
        """Whether each repeat draws its own split: the file's word, else where the split is in fractions."""
        split, chosen = self._split, self.evaluation.resample
        drawn = not (split.in_counts or split.fixed or split.folds)
        return drawn if chosen is None else chosen

    @property
    def varied_rows(self) -> bool:
        """Whether repeats differ in the rows they train on and are scored on."""
        return self.resample or self._split.folds > 0

    @property
    def targets(self) -> tuple[Target, ...]:
        """What penalties may act on."""
        return tuple(target.spec() for target in self.search.targets)

    @cached_property
    def schedules(self) -> dict[str, Schedule | None]:
        """The schedules a penalty may follow, by name; None for a penalty that stays the same.

        Raises:
            SweepFileError: one does not fit the number of epochs.
        """
        return {(each if isinstance(each, str) else each.name): self._schedule(each) for each in self.search.schedules}

    @property
    def early_stopping(self) -> EarlyStopping:
        """When the configuration `early_stopping` stops."""
        stopping = self.search.early_stopping
        patience = stopping.patience or max(1, self.training.epochs // PATIENCE_SHARE)
        return EarlyStopping(patience=patience, min_delta=stopping.min_delta)

    @property
    def trials(self) -> int | None:
        """How many configurations to try; None where the strategy's grid, or the budget of trainings, says it."""
        search = self.search
        implied = search.strategy in GRID_STRATEGIES or search.trainings is not None
        return search.trials or (None if implied else DEFAULT_TRIALS)

    @property
    def max_configurations(self) -> int | None:
        """How many configurations the budgets of trials and trainings allow; None where there is neither."""
        trainings = self.search.trainings
        afforded = None if trainings is None else trainings // self.evaluation.repeats
        return min((most for most in (self.trials, afforded) if most is not None), default=None)

    def trial_spec(self, configuration: Configuration) -> TrialSpec:
        """Return what to train for one configuration."""
        shared = TrialSpec(
            data=self.data_spec,
            metric=self.metric,
            metric_digest=self.found.files.get(self.evaluation.file, ""),
            metric_folder=self.found.folder if self.evaluation.file else "",
            model=self.model_spec,
            training=self.training_spec,
            resample=self.resample,
        )
        return configuration.applied(shared)

    def to_dict(self) -> dict[str, Any]:
        """Return what differs from the defaults, ready for JSON; `toml_file.parse` turns it back."""
        return self.model_dump(mode="json", by_alias=True, exclude_defaults=True)

    def hash(self) -> str:
        """Return the content hash of everything but the name, where files are, and when the clock stops the search."""
        plain = self.to_dict()
        del plain["name"]
        if plain.get("search", {}).pop("stop_after", None) and not plain["search"]:
            del plain["search"]
        plain["data"] = content_hash(self.data_spec)  # so that a default, written out, changes nothing
        plain.pop("model", None)
        if model := self.model.canonical():
            plain["model"] = model
        if (found := plain.pop("found", None)) is not None:
            plain["files"] = found["files"]
        if self.trials is not None:
            plain["search"] = plain.get("search", {}) | {"trials": self.trials}
        if self.training_spec.loss is None and plain.get("training", {}).pop("loss", None) and not plain["training"]:
            del plain["training"]
        plain["evaluation"] = plain.get("evaluation", {}) | {"metric": self.metric, "resample": self.resample}
        return content_hash(plain)

    @property
    def _known_task(self) -> Task | None:
        return self.data.task or TASKS.get(self.data.source) or self.found.task

    @property
    def _split(self) -> Any:
        return self.data.spec().split

    def _schedule(self, written: str | ScheduleConfig) -> Schedule | None:
        if isinstance(written, str):
            try:
                return BY_NAME[written](self.training.epochs, self.search.lambda_.low, self.search.lambda_.high)
            except KeyError:
                return None
        schedule = written.spec()
        epochs = [epochs for epochs, _ in schedule.phases]
        if sum(epochs) != self.training.epochs:
            added = f"{' + '.join(map(str, epochs))} = {sum(epochs)}"
            problem = f"the epochs of {written.name!r} must add up to training.epochs, got {added} and"
            raise SweepFileError("search.schedules", f"{problem} {self.training.epochs}")
        return schedule
