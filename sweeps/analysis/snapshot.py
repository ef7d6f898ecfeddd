"""A sweep at one moment: all that its answer, tables and pictures are made of."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from regsearch.comparison import Dependence
from regsearch.engine_choice import EngineChoice
from regsearch.results import ScoredSubset
from regsearch.spec import Configuration, TrialSpec
from regsearch.statistics.scope import Scope
from storage.details import Looks, RepeatDetails
from sweeps.analysis.candidates import CONTROL, Candidate
from sweeps.config import SweepConfig


@dataclass(frozen=True, kw_only=True)
class Abandoned:
    """A configuration that failed too often to be tried again, and why the last time."""

    configuration: Configuration
    reason: str | None

    def __str__(self) -> str:
        return f"{self.configuration} ({self.reason})" if self.reason else str(self.configuration)


@dataclass(frozen=True, kw_only=True, eq=False)
class SweepSnapshot:
    """A sweep at one moment, as `snapshot_loader.load_snapshot` read it.

    Args:
        config: what it searches.
        finished: every configuration whose repeats are all there and did not diverge, by the mean, the highest first.
        abandoned: the configurations that workers gave up.
        diverged: those of which a repeat diverged.
        eliminated: those that a race repeated no further, with what they scored until then.
        comparisons: those that were recorded, oldest first, with the columns of rs_comparisons.
        looks: how often its test rows were looked at, by all sweeps of the database that have the same.
        checks: what was found before the first training; see `runtime.checking.SweepCheck.stored`.
        weight_norms: √Σw² of each weight tensor before and after each training of the search, as
            `storage.sweep_reader.SweepReader.weight_norms` has them.
        details: curves, row scores and test scores of the best configurations and those that are compared, by id.
        dependence: which rows belong together; None where some may and the data cannot be read.
        phases: of the best configuration on each penalty schedule, as `SweepReader.phases` has them.
        versions: of regsearch, keras, tensorflow and what else bit-identity depends on, when it was registered.

    Example:
        >>> found.snapshot.name, len(found.snapshot.candidates), found.snapshot.baseline.n
        ('small', 2, 2)
    """

    config: SweepConfig
    finished: tuple[Candidate, ...]
    abandoned: tuple[Abandoned, ...]
    diverged: tuple[Configuration, ...]
    comparisons: pd.DataFrame
    looks: Looks
    checks: Mapping[str, Any]
    weight_norms: pd.DataFrame
    details: Mapping[int, RepeatDetails]
    dependence: Dependence | None
    phases: pd.DataFrame
    versions: Mapping[str, str]
    eliminated: tuple[Candidate, ...] = ()

    def __repr__(self) -> str:
        return f"SweepSnapshot of {self.name!r}: {len(self.finished)} configurations finished"

    @property
    def name(self) -> str:
        """The sweep's name."""
        return self.config.name

    @property
    def candidates(self) -> list[Candidate]:
        """The configurations that may be chosen from, the highest mean first."""
        return [c for c in self.finished if c.stage != CONTROL]

    @property
    def baseline(self) -> Candidate | None:
        """No regularization, also where it is a mere control; None where that is not finished."""
        return next((c for c in self.finished if c.is_baseline), None)

    def trial_spec(self, configuration: Configuration) -> TrialSpec:
        """Return what the sweep trains of a configuration, and with which engine."""
        engine = None if self.engine is None else self.engine.engine
        return self.config.trial_spec(configuration).trained_by(engine)

    @property
    def engine(self) -> EngineChoice | None:
        """With which engine all is trained; None where that was not decided before."""
        stored = self.checks.get("engine")
        return None if stored is None else EngineChoice(**stored)

    def details_of(self, candidate: Candidate) -> RepeatDetails:
        """Return what a configuration's repeats recorded.

        Raises:
            KeyError: that was not loaded.
        """
        if candidate.id not in self.details:
            raise KeyError(f"the row scores of {candidate.configuration} were not loaded: name it in row_scores_of")
        return self.details[candidate.id]

    def row_scores(self, candidate: Candidate, subset: ScoredSubset) -> pd.DataFrame:
        """Return a configuration's row scores, on validation rows of the search or test rows of the confirmation."""
        details = self.details_of(candidate)
        return details.validation_rows if subset == "validation" else details.test_rows

    @property
    def scope(self) -> Scope:
        """Which networks a claim from this sweep is about."""
        subsets = self.checks.get("subsets", {})
        train, validation = subsets.get("train"), subsets.get("validation")
        kept = self.config.data_spec.split.keep  # of how many is not known here
        if self.config.data_spec.split.redraw:
            return Scope(drawn="training sets", train_rows=train)
        pool = None if train is None or validation is None or kept else train + validation
        return Scope(drawn="splits" if self.config.varied_rows else "seeds", train_rows=train, pool_rows=pool)

    @property
    def confirmed(self) -> list[Candidate]:
        """The configurations that were compared on test rows, the highest mean first."""
        table = self.comparisons
        ids = set(table.loc[table["part"] == "test", "configuration_id"])
        return [c for c in self.finished if c.id in ids]
