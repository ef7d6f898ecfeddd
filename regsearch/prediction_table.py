"""What a model predicts for rows, as a table."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from regsearch.data import DataSet
from regsearch.predicted_labels import predicted_labels

PREDICTION = "prediction"
TARGET = "target"  # use of a column


def prediction_table(outputs: NDArray[Any], data: DataSet, spread: NDArray[Any] | None = None) -> pd.DataFrame:
    """Return predictions in the units of the data.

    Args:
        outputs: (rows, outputs), of a regression in the target's own units.
        data: what the labels are, and what classes and targets are called.
        spread: (rows, outputs) the standard deviation of the members of an ensemble; None for a single model.

    Returns:
        Of classes `prediction`, and `probability_CLASS` of each; of several labels `prediction_LABEL` and
        `probability_LABEL` of each; of a regression `prediction`, or `prediction_TARGET` of several. `std_…` of each
        number where there is a spread.
    """
    names, numbers = _numbers(outputs, data)
    labels = predicted_labels(outputs, data)
    columns = {PREDICTION: labels}
    if labels.ndim == 2:
        columns = {f"{PREDICTION}_{name}": each for name, each in zip(_targets(data), labels.T, strict=True)}
    if data.task != "regression":
        columns |= {f"probability_{name}": each for name, each in zip(names, numbers.T, strict=True)}
    if spread is not None:
        columns |= {f"std_{name}": each for name, each in zip(names, _spread(spread, data).T, strict=True)}
    return pd.DataFrame(columns)


def _numbers(outputs: NDArray[Any], data: DataSet) -> tuple[list[str], NDArray[Any]]:
    """Return what the numbers of a row are called, and (rows, numbers): of two classes the probability of each."""
    if data.task == "regression":
        return ([PREDICTION] if outputs.shape[1] == 1 else _targets(data)), outputs
    names = list(data.class_names) or [str(i) for i in range(2 if data.task == "binary" else data.n_outputs)]
    return names, np.concatenate([1 - outputs, outputs], axis=1) if data.task == "binary" else outputs


def _spread(spread: NDArray[Any], data: DataSet) -> NDArray[Any]:
    return np.repeat(spread, 2, axis=1) if data.task == "binary" else spread


def _targets(data: DataSet) -> list[str]:
    """Return what the targets are called; numbers from 1 where they have no names."""
    if data.task == "multilabel" and data.class_names:
        return list(data.class_names)
    named = [column.name for column in data.columns if column.use == TARGET]
    return named if len(named) == data.n_outputs else [str(i + 1) for i in range(data.n_outputs)]
