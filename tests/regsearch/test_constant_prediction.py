"""The score of the best constant prediction, worked out by hand."""

import numpy as np
import pytest

from regsearch.constant_prediction import constant_score
from regsearch.data import Split, Subset
from regsearch.scoring import METRICS


def split(train, validation, dtype=np.float32):
    def subset(values):
        y = np.asarray(values, dtype).reshape(len(values), -1)
        return Subset(x=np.zeros((len(y), 1), np.float32), y=y, rows=np.arange(len(y), dtype=np.uint32))

    return Split(train=subset(train), validation=subset(validation), test=None)


@pytest.mark.parametrize(
    ("metric", "task", "outputs", "train", "validation", "score"),
    [
        ("mse", "regression", 1, [1, 3], [2, 4], (0 + 4) / 2),  # the mean of the train labels is 2
        ("r2", "regression", 1, [1, 3], [2, 4], 1 - 4 / 2),  # squares about 2 over those about 3
        ("accuracy", "binary", 1, [1, 1, 0], [1, 0, 0, 0], 1 / 4),  # always the commoner train class
        ("log_loss", "binary", 1, [1, 0], [1, 0, 1], np.log(2)),
    ],
)
def test_what_the_train_labels_suggest(metric, task, outputs, train, validation, score) -> None:
    assert constant_score(METRICS[metric], task, outputs, split(train, validation)) == pytest.approx(score)


def test_several_classes_have_their_shares_as_probabilities() -> None:
    rows = split([2, 2, 2, 0], [2, 0, 1, 2], np.int32)
    assert constant_score(METRICS["accuracy"], "multiclass", 3, rows) == 2 / 4
