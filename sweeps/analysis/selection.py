"""Which configuration is best: functions of a snapshot that look at validation scores alone."""

from typing import get_args

import numpy as np
import pandas as pd

from regsearch.errors import InputError, RegsearchError
from regsearch.statistics import separability
from regsearch.statistics.one_se import strongest_within_one_se
from regsearch.statistics.paired_error import PairedError, unknown_error
from sweeps.analysis.candidates import Candidate, best_of, ranked
from sweeps.analysis.comparisons import error_of
from sweeps.analysis.selection_rule import SelectionRule
from sweeps.analysis.snapshot import SweepSnapshot
from sweeps.analysis.uncertainty import Uncertainty, uncertainty


def choose(snapshot: SweepSnapshot, rule: SelectionRule = "mean") -> Candidate:
    """Return the winner.

    Args:
        snapshot: of the sweep.
        rule: `mean` for the best mean; `one-se` for the largest lambda within one standard error of it.

    Raises:
        InputError: there is no such rule.
        RegsearchError: no configuration has all its repeats yet.
    """
    if rule not in get_args(SelectionRule):
        raise InputError("rule", f"must be one of {', '.join(get_args(SelectionRule))}, got {rule!r}")
    best = best_candidate(snapshot)
    if best is None:
        raise RegsearchError(f"no configuration of sweep {snapshot.name!r} is finished yet")
    return best if rule == "mean" else _largest_within_one_se(snapshot, best)


def ranked_at(snapshot: SweepSnapshot, rank: int) -> Candidate:
    """Return the configuration with the best mean but rank - 1 others, ties as `candidates` breaks them.

    Raises:
        InputError: there is none of that rank.
        RegsearchError: no configuration has all its repeats yet.
    """
    order = ranked(snapshot.candidates, greater_is_better=snapshot.config.greater_is_better)
    if not order:
        raise RegsearchError(f"no configuration of sweep {snapshot.name!r} is finished yet")
    if not 1 <= rank <= len(order):
        raise InputError("rank", f"must be 1 to {len(order)}, the configurations that are finished, got {rank}")
    return order[rank - 1]


def best_candidate(snapshot: SweepSnapshot) -> Candidate | None:
    """Return the candidate with the best mean, ties as `candidates` breaks them; None where none is finished."""
    return best_of(snapshot.candidates, greater_is_better=snapshot.config.greater_is_better)


def best_regularized(snapshot: SweepSnapshot, top: int) -> list[Candidate]:
    """Return the `top` best configurations that do regularize, the best first."""
    left = [c for c in snapshot.candidates if not c.is_baseline]
    ranked: list[Candidate] = []
    while len(ranked) < top and (best := best_of(left, greater_is_better=snapshot.config.greater_is_better)):
        ranked.append(best)
        left.remove(best)
    return ranked


def best_on_each_schedule(snapshot: SweepSnapshot) -> list[Candidate]:
    """Return the best configuration on each penalty schedule, by the schedules' names."""
    by_name: dict[str, list[Candidate]] = {}
    for candidate in snapshot.finished:
        if (schedule := candidate.configuration.schedule) is not None:
            by_name.setdefault(schedule.name, []).append(candidate)
    best = (best_of(by_name[name], greater_is_better=snapshot.config.greater_is_better) for name in sorted(by_name))
    return [one for one in best if one is not None]


def uncertainty_of(snapshot: SweepSnapshot, candidate: Candidate) -> Uncertainty:
    """Return the uncertainty of a candidate's mean validation score."""
    return uncertainty(snapshot.row_scores(candidate, "validation"), candidate.se)


def one_se_bars(snapshot: SweepSnapshot) -> dict[int, float]:
    """Return from which mean score on the rule `one-se` takes each other configuration of the best one's family, by id.

    Each has a bar of its own, since the error of its difference from the best is its own; where the metric is a loss,
    the rule takes what lies at the bar or below.
    """
    best = best_candidate(snapshot)
    if best is None:
        return {}
    sign = 1.0 if snapshot.config.greater_is_better else -1.0
    errors = {c.id: (c, _behind(snapshot, c, best)) for c in _family_of(snapshot, best) if c.id != best.id}
    return {id_: c.mean - error.difference - sign * (error.se or 0.0) for id_, (c, error) in errors.items()}


def _family_of(snapshot: SweepSnapshot, best: Candidate) -> list[Candidate]:
    return [c for c in _with_rows(snapshot) if c.configuration.family == best.configuration.family] or [best]


def _largest_within_one_se(snapshot: SweepSnapshot, best: Candidate) -> Candidate:
    """Return the configuration with the largest lambda within one standard error of the difference from the best.

    It keeps the best one's family; see regsearch.statistics.one_se. R's cv.glmnet calls the result lambda.1se.
    """
    family = _family_of(snapshot, best)
    errors = [_behind(snapshot, c, best) for c in family]
    lambdas = [c.lambda_ for c in family]
    return family[strongest_within_one_se(errors, lambdas, greater_is_better=snapshot.config.greater_is_better)]


def not_separable(snapshot: SweepSnapshot, winner: Candidate) -> list[Candidate]:
    """Return the configurations that the validation rows cannot tell from the winner, which is one of them."""
    known = _with_rows(snapshot)
    others = [c for c in known if c.id != winner.id] if winner in known else []
    means = [_row_means(snapshot, c) for c in (winner, *others)]
    by_row = pd.DataFrame(means).sub(means[0], axis="columns").to_numpy(np.float64)[1:]  # (others, rows)
    left = separability.not_separable([_behind(snapshot, c, winner) for c in others], by_row)
    return [winner, *(c for c, kept in zip(others, left, strict=True) if kept)]


def _with_rows(snapshot: SweepSnapshot) -> list[Candidate]:
    details = snapshot.details
    return [c for c in snapshot.candidates if c.id in details and not details[c.id].validation_rows.empty]


def _row_means(snapshot: SweepSnapshot, candidate: Candidate) -> "pd.Series[float]":
    return snapshot.row_scores(candidate, "validation").groupby("row")["score"].mean()


def _behind(snapshot: SweepSnapshot, candidate: Candidate, best: Candidate) -> PairedError:
    """Return a candidate's difference from the best and its error; of mean scores where no rows are known."""
    error = error_of(snapshot, candidate, best, "validation")
    return error or unknown_error(candidate.mean - best.mean, repeats=candidate.n)
