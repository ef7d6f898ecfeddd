"""Models that are no networks, on a repeat's own rows: what a network must beat to be worth its while."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from regsearch.data import Split, Subset
from regsearch.measurements import MAX_ROWS, evenly_spread
from regsearch.results import ScoredSubset
from regsearch.spec import Task
from regsearch.trial import Evaluator

ReferenceModel = Literal["hist_gradient_boosting", "linear"]
REFERENCE_MODELS: tuple[ReferenceModel, ...] = get_args(ReferenceModel)
FEW_ROWS = 10_000  # up to so many one thread is faster than several that wait for each other


@dataclass(frozen=True, kw_only=True, eq=False)
class ReferenceScores:
    """How a model that is no network did in the repeats of a configuration.

    Args:
        model: which.
        subset: the rows that it was scored on.
        scores: by the sweep's metric.  # (repeats,)
        rows: what each row contributed: repeat, row, score; as many rows as of a network.
    """

    model: ReferenceModel
    subset: ScoredSubset
    scores: NDArray[np.float64]
    rows: pd.DataFrame


def reference_scores(
    model: ReferenceModel, trials: Evaluator, seeds: Mapping[int, int], *, subset: ScoredSubset
) -> ReferenceScores:
    """Train a model of scikit-learn's, at its defaults, on the train rows of each repeat, and score it.

    It is given what the network is given: features encoded, filled in and scaled likewise, a row's numbers side by
    side. `linear` is a logistic regression, of a regression's labels ridge; both penalize by l2, as they do by default.

    Args:
        model: which.
        trials: the evaluator of the sweep's configurations, for its splits and metric.
        seeds: the seed of each repeat, by the repeat's index.
        subset: which rows to score.

    Raises:
        ValueError: there are no rows of that subset.
    """
    scores, frames = [], []
    for repeat, seed in seeds.items():
        split = trials.split(repeat, seed)
        scored = split.validation if subset == "validation" else split.test
        if scored is None:
            raise ValueError("there are no test rows")
        predicted = _predicted(model, trials.data.task, trials.data.n_outputs, split, scored, seed)
        scores.append(float(np.mean(trials.metric.rows(np, scored.labels, predicted))))
        kept = evenly_spread(len(scored.rows), MAX_ROWS[subset])
        of_rows = trials.metric.row_scores(scored.labels, predicted)[kept]  # (rows kept,)
        frames.append(pd.DataFrame({"repeat": repeat, "row": scored.rows[kept], "score": of_rows}))
    rows = pd.concat(frames, ignore_index=True)
    return ReferenceScores(model=model, subset=subset, scores=np.array(scores), rows=rows)


def _predicted(
    model: ReferenceModel, task: Task, n_outputs: int, split: Split, scored: Subset, seed: int
) -> NDArray[np.float64]:
    """Return (rows, outputs) as a network gives them, in the labels' own units."""
    train = split.train
    x, new, y = _flat(train.x), _flat(scored.x), train.labels  # (rows, features), (rows, targets)
    make = partial(_MAKERS[task == "regression", model], seed)
    columns = [_fitted(make, x, y[:, i], train.weights, task) for i in range(y.shape[1])]  # one per target
    if task == "regression":
        return np.stack([each.predict(new) for each in columns], axis=1)  # (rows, targets)
    if task == "multiclass":
        return _by_class(columns[0], new, n_outputs)
    return np.stack([_by_class(each, new, 2)[:, 1] for each in columns], axis=1)  # (rows, labels)


def _fitted(make: Callable[[], Any], x: NDArray[Any], y: NDArray[Any], weights: NDArray[Any] | None, task: Task) -> Any:
    from sklearn.dummy import DummyClassifier
    from threadpoolctl import threadpool_limits

    one_class = task != "regression" and len(np.unique(y)) == 1
    with threadpool_limits(1 if len(x) <= FEW_ROWS else None):
        return (DummyClassifier() if one_class else make()).fit(x, y, sample_weight=weights)


def _by_class(classifier: Any, x: NDArray[Any], classes: int) -> NDArray[np.float64]:
    """Return (rows, classes) probabilities, 0 for a class that no train row has."""
    found = np.zeros((len(x), classes))
    found[:, classifier.classes_.astype(int)] = classifier.predict_proba(x)
    return found


def _flat(x: NDArray[Any]) -> NDArray[Any]:
    return x.reshape(len(x), -1)


def _boosted_classes(seed: int) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier

    return HistGradientBoostingClassifier(random_state=seed)


def _boosted_numbers(seed: int) -> Any:
    from sklearn.ensemble import HistGradientBoostingRegressor

    return HistGradientBoostingRegressor(random_state=seed)


def _logistic(seed: int) -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(max_iter=10_000, random_state=seed)


def _ridge(seed: int) -> Any:
    from sklearn.linear_model import Ridge

    return Ridge(random_state=seed)


_MAKERS: dict[tuple[bool, ReferenceModel], Callable[[int], Any]] = {  # by whether labels are numbers
    (False, "hist_gradient_boosting"): _boosted_classes,
    (True, "hist_gradient_boosting"): _boosted_numbers,
    (False, "linear"): _logistic,
    (True, "linear"): _ridge,
}
