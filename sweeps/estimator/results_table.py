"""`cv_results_`: scikit-learn's columns, and which configuration is best."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from regsearch.statistics.one_se import strongest_within_one_se
from regsearch.statistics.paired_error import PairedError, unknown_error
from sweeps.analysis.candidates import is_equal
from sweeps.config import PREFERENCE
from sweeps.estimator.tried import Tried, params_of


def cv_results(tried: Sequence[Tried], *, with_target: bool) -> dict[str, Any]:
    """Return the columns of GridSearchCV's `cv_results_`, an entry per configuration, and n, se and stage.

    `n` is how many trainings a score is the mean of. `se` is its standard error: the standard deviation over splits, or
    over repeats where there is one split, divided by √ of how many there are; NaN where there is one of each.
    """
    scores = np.stack([each.scores for each in tried])  # (configurations, splits, repeats)
    by_split = scores.mean(axis=2)  # (configurations, splits)
    fit_s, score_s = (np.stack([getattr(each, name) for each in tried]) for name in ("fit_s", "score_s"))
    params = [params_of(each.configuration, with_target=with_target) for each in tried]
    table: dict[str, Any] = {
        "mean_fit_time": fit_s.mean(axis=1),
        "std_fit_time": fit_s.std(axis=1),
        "mean_score_time": score_s.mean(axis=1),
        "std_score_time": score_s.std(axis=1),
    }
    for name in dict.fromkeys(name for each in params for name in each):
        table[f"param_{name}"] = _masked([each.get(name) for each in params])
    table["params"] = params
    table |= {f"split{i}_test_score": by_split[:, i] for i in range(by_split.shape[1])}
    means = by_split.mean(axis=1)
    table |= {
        "mean_test_score": means,
        "std_test_score": by_split.std(axis=1),
        "rank_test_score": rankdata(-np.nan_to_num(means, nan=-np.inf), method="min").astype(np.int32),
        "n": np.array([each.scores.size for each in tried]),
        "se": np.array([_standard_error(each.scores) for each in tried]),
        "stage": np.array([each.stage for each in tried], dtype=object),
    }
    return table


def best_index(tried: Sequence[Tried]) -> int:
    """Return which has the best mean: ties go to the larger lambda, then to l2 before l1 before l1_l2.

    Raises:
        ValueError: no configuration has a score.
    """
    means = [float(each.scores.mean()) for each in tried]
    known = [i for i, mean in enumerate(means) if np.isfinite(mean)]
    if not known:
        problem = "no configuration has a score: in each a training diverged, or its score is not a number"
        raise ValueError(f"{problem}; lower the learning rate, or give cv larger parts")
    top = max(means[i] for i in known)
    tied = [i for i in known if is_equal(top, means[i])]
    return min(tied, key=lambda i: _tie_break(tried[i]))


def one_se_index(tried: Sequence[Tried], best: int) -> int:
    """Return which has the largest lambda of those within one standard error of the best.

    It keeps the best one's regularizer and target. The error is that of the difference, paired by split and repeat.
    """
    family = [i for i, t in enumerate(tried) if t.configuration.family == tried[best].configuration.family]
    family = [i for i in family if np.isfinite(tried[i].scores.mean())]
    errors = [_behind(tried[i].scores - tried[best].scores) for i in family]
    strengths = [tried[i].configuration.max_coefficient for i in family]
    return family[strongest_within_one_se(errors, strengths, greater_is_better=True)]


def _behind(gains: NDArray[np.float64]) -> PairedError:
    """Return a mean paired difference and its error.

    Args:
        gains: (splits, repeats).
    """
    se = _standard_error(gains)
    error = unknown_error(float(gains.mean()), repeats=gains.size)
    return error if np.isnan(se) else replace(error, variance=se**2)


def _standard_error(scores: NDArray[np.float64]) -> float:
    """Return the standard error of the mean of (splits, repeats)."""
    units = scores.mean(axis=1) if len(scores) > 1 else scores[0]
    return float(units.std(ddof=1) / np.sqrt(len(units))) if len(units) > 1 else float("nan")


def _tie_break(tried: Tried) -> tuple[Any, ...]:
    configuration = tried.configuration
    return -configuration.max_coefficient, PREFERENCE.index(configuration.regularizer), str(configuration.target)


def _masked(values: list[Any]) -> "np.ma.MaskedArray[Any, Any]":
    """Return values as GridSearchCV has them, those that a configuration does not have masked."""
    mask = [value is None for value in values]
    kind: Any = float if all(isinstance(value, float) for value in values if value is not None) else object
    filled = [np.nan if kind is float and value is None else value for value in values]
    return np.ma.MaskedArray(np.array(filled, dtype=kind), mask=mask)
