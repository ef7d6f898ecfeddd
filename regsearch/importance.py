"""Which features a trained model leans on: scikit-learn's permutation importance on validation rows."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regsearch.data import DataSet
from regsearch.fitted import FittedModel
from regsearch.scoring import Metric
from regsearch.whole_model.raw_rows import column_features

SHUFFLES = 10  # of each feature
MOST = 100  # features: beyond it takes minutes, and reads as noise


@dataclass(frozen=True, kw_only=True, eq=False)
class Importances:
    """How much worse a model scores where one feature is shuffled over the rows.

    Breiman 2001, Random Forests, section 10, as sklearn.inspection.permutation_importance has it. Of features that say
    the same each may seem of no use, since the model reads the other one.

    Args:
        names: the features; of a table its columns, a category's features together.
        mean: (features,) of the loss in score over shuffles, in the metric's unit; above 0 where it is needed.
        std: (features,) over shuffles.
        rows: how many rows were scored.
        score: of the rows as they are.
    """

    names: tuple[str, ...]
    mean: NDArray[np.float64]
    std: NDArray[np.float64]
    rows: int
    score: float


def permutation_importances(
    fitted: FittedModel, data: DataSet, rows: NDArray[np.integer], metric: Metric, *, seed: int = 0
) -> Importances | None:
    """Return what a model leans on; None where rows are images or sequences, or have more than 100 features.

    Args:
        fitted: the trained model.
        data: with its rows.
        rows: which to score, of those that it was not trained on.  # (rows,)
        metric: what is scored.
        seed: of the shuffles.
    """
    groups = _groups(data)
    if not groups or len(groups) > MOST:
        return None
    from sklearn.inspection import permutation_importance

    x, y = data.x[rows], data.y[rows]
    sign = 1.0 if metric.greater_is_better else -1.0

    def score(_: Any, places: NDArray[np.intp], labels: NDArray[Any]) -> float:
        """Return the score of rows whose every feature is taken from the row at its place."""
        shuffled = x.copy()
        for (features, _name), place in zip(groups, places.T, strict=True):
            shuffled[:, features] = x[place][:, features]
        return sign * float(np.mean(metric.rows(np, labels, fitted.outputs(shuffled))))

    places = np.repeat(np.arange(len(x))[:, None], len(groups), axis=1)  # (rows, features)
    found = permutation_importance(_Trained(), places, y, scoring=score, n_repeats=SHUFFLES, random_state=seed)
    return Importances(
        names=tuple(name for _, name in groups),
        mean=found.importances_mean,
        std=found.importances_std,
        rows=len(x),
        score=sign * score(None, places, y),
    )


class _Trained:
    """What scikit-learn takes for an estimator."""

    def fit(self, x: Any, y: Any) -> "_Trained":
        return self


def _groups(data: DataSet) -> list[tuple[list[int], str]]:
    """Return the features that are shuffled together, and what they are called; [] where rows are no features."""
    if data.x.ndim != 2:
        return []
    if not data.columns:
        return [([i], name) for i, name in enumerate(data.feature_names)]
    return [(list(range(each.start, each.stop)), each.column.name) for each in column_features(data)]
