"""Which configuration is best, and how sure that is.

Choosing looks at the validation part alone. Ties go to the larger lambda, then to l2 before l1 before l1_l2.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from regsearch.comparison import compare, standard_error, together
from regsearch.errors import RegsearchError
from regsearch.results import Comparison
from regsearch.spec import Configuration, Purpose
from storage.queries import Results
from sweeps.config import PREFERENCE, SweepConfig
from sweeps.config.published import STAGE as LITERATURE

CONTROL = "control"  # stage of `none` where the search itself left it out: compared with, never chosen
EQUAL = 1e-12  # scores closer than this, relative to the larger, are one
SEPARATED = 1.96  # standard errors: two-sided 95 % of a normal distribution

Rule = Literal["mean", "one-se"]


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A configuration with all its repeats, as the leaderboard has it."""

    id: int
    configuration: Configuration
    stage: str
    n: int
    mean: float
    std: float | None
    se: float | None
    train_mean: float
    train_std: float | None

    @property
    def lambda_(self) -> float:
        """Its largest coefficient; 0 without one."""
        return self.configuration.max_coefficient


@dataclass(frozen=True, kw_only=True)
class Doubt:
    """How unsure one configuration's mean score is; see regsearch.comparison. None where it cannot be told."""

    se_seed: float | None
    se_rows: float | None
    se: float | None


def candidates(results: Results, sweep: str) -> list[Candidate]:
    """Return the configurations that may be chosen from, in no particular order."""
    return [c for c in finished(results, sweep) if c.stage != CONTROL]


def finished(results: Results, sweep: str) -> list[Candidate]:
    """Return every configuration whose repeats are all there and did not diverge."""
    board, configurations = results.leaderboard(sweep), results.configurations(sweep)
    rows = board[board["state"] == "complete"].to_dict("records")
    return [_candidate(row, configurations[row["configuration_id"]]) for row in rows]


def best_of(found: Iterable[Candidate], *, greater_is_better: bool) -> Candidate | None:
    """Return the best by its mean, ties as the module says; None of none."""
    sign = 1.0 if greater_is_better else -1.0
    ranked = sorted(found, key=lambda c: (-sign * c.mean, *_tie_break(c)))
    if not ranked:
        return None
    top = ranked[0].mean
    tied = [c for c in ranked if abs(c.mean - top) <= EQUAL * max(abs(top), abs(c.mean), 1e-300)]
    return min(tied, key=_tie_break)


def strongest_within_one_se(
    best: Candidate, found: Iterable[Candidate], doubt: Doubt, *, greater_is_better: bool
) -> Candidate:
    """Return the configuration with the largest lambda whose mean lies within one standard error of the best.

    It keeps the best one's regularizer, target and family of variants. The rule is Breiman et al. (1984),
    Classification and Regression Trees, section 3.4.3; R's cv.glmnet calls the result lambda.1se.
    """
    sign = 1.0 if greater_is_better else -1.0
    kin = [c for c in found if _branch_order(c) == _branch_order(best)]
    near = [c for c in kin if sign * c.mean >= sign * best.mean - (doubt.se or 0.0)]
    return max(near, key=lambda c: c.lambda_)


def doubt_of(results: Results, candidate: Candidate) -> Doubt:
    """Return how unsure a candidate's mean validation score is."""
    return doubt(results, candidate.id, candidate.se)


def doubt(results: Results, configuration_id: int, se_seed: float | None) -> Doubt:
    """Return how unsure a configuration's mean validation score is, given its standard error over seeds."""
    scores = results.row_scores(configuration_id, purpose="search", part="validation")
    by_row = scores.groupby("row")["score"].mean().to_numpy(np.float64)
    se_rows = standard_error(by_row)
    return Doubt(se_seed=se_seed, se_rows=se_rows, se=together(se_seed, se_rows))


def choose(results: Results, sweep: str, config: SweepConfig, rule: Rule = "mean") -> Candidate:
    """Return the winner.

    Args:
        results: where the sweep's repeats are.
        sweep: its name.
        config: what it searched.
        rule: `mean` for the best mean; `one-se` for the strongest within one standard error of it.

    Raises:
        RegsearchError: no configuration has all its repeats yet.
    """
    found = candidates(results, sweep)
    best = best_of(found, greater_is_better=config.greater_is_better)
    if best is None:
        raise RegsearchError(f"no configuration of sweep {sweep!r} is finished yet")
    if rule == "mean":
        return best
    return strongest_within_one_se(best, found, doubt_of(results, best), greater_is_better=config.greater_is_better)


def compare_candidates(
    results: Results, a: int, b: int, *, purpose: Purpose, part: Literal["validation", "test"]
) -> Comparison:
    """Compare two configurations, by id, paired by repeat and by row."""
    first, second = (results.row_scores(i, purpose=purpose, part=part) for i in (a, b))
    return compare(first, second, part=part)


def separates(comparison: Comparison) -> bool:
    """Return whether a difference is larger than chance explains, at 95 %; no where the chance is unknown."""
    return comparison.se is not None and abs(comparison.difference) > SEPARATED * comparison.se


@dataclass(frozen=True, kw_only=True)
class Stages:
    """A sweep's candidates, each stage sorted for reading: the first stage, those after it, published settings."""

    coarse: tuple[Candidate, ...]
    finer: tuple[Candidate, ...]
    published: tuple[Candidate, ...]


def by_stage(found: Sequence[Candidate]) -> Stages:
    """Return candidates by the stage that visited them first."""
    order = sorted(found, key=lambda c: (*_branch_order(c), -c.lambda_, c.configuration.variant))
    finer = tuple(c for c in order if c.stage.startswith("fine"))
    published = tuple(c for c in order if c.stage == LITERATURE)
    return Stages(coarse=tuple(c for c in order if c not in finer + published), finer=finer, published=published)


def _candidate(row: dict[Any, Any], configuration: Configuration) -> Candidate:
    return Candidate(
        id=int(row["configuration_id"]),
        configuration=configuration,
        stage=str(row["stage"]),
        n=int(row["n"]),
        mean=float(row["mean"]),
        std=_number(row["std"]),
        se=_number(row["se"]),
        train_mean=float(row["train_mean"]),
        train_std=_number(row["train_std"]),
    )


def _number(value: Any) -> float | None:
    return None if pd.isna(value) else float(value)


def _tie_break(candidate: Candidate) -> tuple[Any, ...]:
    return -candidate.lambda_, *_branch_order(candidate), candidate.configuration.variant


def _branch_order(candidate: Candidate) -> tuple[int, str, str]:
    configuration = candidate.configuration
    return PREFERENCE.index(configuration.regularizer), str(configuration.target), configuration.family
