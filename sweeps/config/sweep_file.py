"""What a sweep file says: its tables, and what they must keep to together."""

from functools import cached_property
from typing import Any, Self

from pydantic import Field, model_validator

from regsearch.data import GENERATED
from regsearch.errors import SweepFileError
from regsearch.spec import EarlyStopping, Schedule, Target
from sweeps.config.compare_section import CompareConfig
from sweeps.config.data_section import DataConfig
from sweeps.config.evaluation_section import EvaluationConfig
from sweeps.config.model_section import ModelConfig
from sweeps.config.penalty_schedules import BY_NAME
from sweeps.config.racing_section import STRATEGIES as RACING_STRATEGIES
from sweeps.config.search_section import GRID_STRATEGIES, ScheduleConfig, SearchConfig
from sweeps.config.section import Int, Section
from sweeps.config.training_section import TrainingConfig

DEFAULT_TRIALS = 50
PATIENCE_SHARE = 10  # of the epochs, the default patience of early stopping as a configuration


class SweepFile(Section):
    """One search, as the sweep file describes it."""

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")
    seed: Int = Field(0, ge=0)
    data: DataConfig
    model: ModelConfig = ModelConfig()
    training: TrainingConfig = TrainingConfig()
    search: SearchConfig = SearchConfig()
    evaluation: EvaluationConfig = EvaluationConfig()
    compare: CompareConfig = CompareConfig()

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
        one = self.search.configuration
        if one is not None and one.schedule is not None:
            if training.early_stopping is not None:
                problem = "of a configuration goes without training.early_stopping: every phase is trained"
                raise SweepFileError("search.configuration.schedule", problem)
            self._check_epochs("search.configuration.schedule", one.schedule.spec())
        return self

    @model_validator(mode="after")
    def _affordable(self) -> Self:
        trainings, repeats = self.search.trainings, self.evaluation.repeats
        if trainings is not None and trainings < repeats:
            problem = f"must be at least evaluation.repeats ({repeats}), what one configuration takes, got {trainings}"
            raise SweepFileError("search.trainings", problem)
        return self

    @model_validator(mode="after")
    def _raced(self) -> Self:
        strategy = str(self.search.strategy)
        if self.evaluation.race is not None and strategy not in RACING_STRATEGIES:
            problem = f"goes with {', '.join(RACING_STRATEGIES)}, whose configurations are known before any is trained"
            raise SweepFileError("evaluation.racing", f"{problem}; not with {strategy}")
        return self

    @model_validator(mode="after")
    def _draws(self) -> Self:
        split = self._split
        if split.redraw and self.data.source not in GENERATED:
            raise SweepFileError("data.split.redraw", f"goes with generated sets: {', '.join(GENERATED)}")
        if split.redraw and (split.folds or split.fixed or self.evaluation.resample is False):
            raise SweepFileError("data.split.redraw", "draws every repeat's rows anew: leave out folds and resample")
        if self.evaluation.resample and (split.fixed or split.folds):
            why = "folds are drawn anew by themselves" if split.folds else "nothing in this split is drawn"
            raise SweepFileError("evaluation.resample", f"must be left out: {why}")
        return self

    @property
    def resample(self) -> bool:
        """Whether each repeat draws its own split: the file's word, else where the split is in fractions."""
        split, chosen = self._split, self.evaluation.resample
        drawn = split.redraw or not (split.in_counts or split.fixed or split.folds)
        return drawn if chosen is None else chosen

    @property
    def varied_rows(self) -> bool:
        """Whether repeats differ in the rows they train on and are scored on."""
        return self.resample or self._split.folds > 0 or self._split.keep > 0

    @property
    def targets(self) -> tuple[Target, ...]:
        """What penalties may act on."""
        return tuple(target.spec() for target in self.search.targets)

    @cached_property
    def schedules(self) -> dict[str, Schedule | None]:
        """The schedules a penalty may follow, by name; None for a penalty that stays the same.

        A SweepFileError says which does not fit the number of epochs.
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
        self._check_epochs("search.schedules", schedule)
        return schedule

    def _check_epochs(self, field: str, schedule: Schedule) -> None:
        epochs = [epochs for epochs, _ in schedule.phases]
        if sum(epochs) != self.training.epochs:
            added = f"{' + '.join(map(str, epochs))} = {sum(epochs)}"
            problem = f"the epochs of {schedule.name!r} must add up to training.epochs, got {added} and"
            raise SweepFileError(field, f"{problem} {self.training.epochs}")
