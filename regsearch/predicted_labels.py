"""From the outputs of a model to the labels that it predicts."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from regsearch.data import DataSet


def predicted_labels(outputs: NDArray[Any], data: DataSet) -> NDArray[Any]:
    """Return what outputs predict, as the data set has its labels.

    Args:
        outputs: (rows, outputs), of a regression in the target's own units.
        data: what the labels are, and the names of classes.

    Returns:
        (rows,) classes, as they were given: strings, numbers or booleans; (rows, labels) 0 and 1 of several labels; of
        a regression (rows,), or (rows, targets) of several.
    """
    if data.task == "regression":
        return outputs[:, 0] if outputs.shape[1] == 1 else outputs
    if data.task == "multilabel":
        return (outputs > 0.5).astype(np.int32)
    classes = (outputs[:, 0] > 0.5).astype(np.int32) if data.task == "binary" else outputs.argmax(axis=1)
    if data.class_values is not None:
        return data.class_values[classes]  # type: ignore[no-any-return]
    return np.asarray(data.class_names)[classes] if data.class_names else classes.astype(np.int32)
