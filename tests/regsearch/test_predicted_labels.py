"""From outputs to labels, for every task."""

import numpy as np
import pytest

from regsearch.data import DataSet
from regsearch.predicted_labels import predicted_labels

THREE = np.array([[0.2, 0.5, 0.3], [0.9, 0.1, 0.0]])


@pytest.mark.parametrize(
    ("task", "names", "outputs", "labels"),
    [
        ("binary", (), np.array([[0.5], [0.51]]), [0, 1]),
        ("binary", ("no", "yes"), np.array([[0.5], [0.51]]), ["no", "yes"]),
        ("multiclass", (), THREE, [1, 0]),
        ("multiclass", ("a", "b", "c"), THREE, ["b", "a"]),
        ("multilabel", ("a", "b", "c"), THREE, [[0, 0, 0], [1, 0, 0]]),
        ("regression", (), np.array([[0.5], [2.0]]), [0.5, 2.0]),
        ("regression", (), THREE, THREE.tolist()),
    ],
)
def test_labels(task, names, outputs, labels):
    nothing = np.zeros((0, outputs.shape[1]))
    data = DataSet(x=nothing, y=nothing, task=task, n_outputs=outputs.shape[1], feature_names=(), class_names=names)
    assert predicted_labels(outputs, data).tolist() == labels
