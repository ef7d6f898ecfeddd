"""Predictions as a table: labels as they were given, numbers under the names of classes and targets."""

from dataclasses import replace

import numpy as np
import pytest

from regsearch.data import DataSet
from regsearch.data.columns import Column
from regsearch.prediction_table import prediction_table

NOTHING = np.empty((0, 1), np.float32)
DATA = DataSet(x=NOTHING, y=NOTHING, task="binary", n_outputs=1, feature_names=("a",), class_names=("no", "yes"))
ONE = np.array([[0.25], [0.75]])
TWO = np.array([[0.25, 0.75], [0.5, 0.125]])


def test_two_classes() -> None:
    table = prediction_table(ONE, DATA, spread=ONE / 10)
    assert table.to_dict("list") == {
        "prediction": ["no", "yes"],
        "probability_no": [0.75, 0.25],
        "probability_yes": [0.25, 0.75],
        "std_no": pytest.approx([0.025, 0.075]),
        "std_yes": pytest.approx([0.025, 0.075]),
    }


def test_several_classes_that_were_numbers() -> None:
    data = replace(DATA, task="multiclass", n_outputs=2, class_names=("3", "7"), class_values=np.array([3, 7]))
    table = prediction_table(TWO, data)
    assert table["prediction"].tolist() == [7, 3] and table["probability_7"].tolist() == [0.75, 0.125]


def test_several_labels() -> None:
    table = prediction_table(TWO, replace(DATA, task="multilabel", n_outputs=2, class_names=("red", "big")))
    assert table.columns.tolist() == ["prediction_red", "prediction_big", "probability_red", "probability_big"]
    assert table["prediction_big"].tolist() == [1, 0]


def test_regressions() -> None:
    one = prediction_table(ONE, replace(DATA, task="regression", class_names=()), spread=ONE)
    assert one.to_dict("list") == {"prediction": [0.25, 0.75], "std_prediction": [0.25, 0.75]}
    columns = tuple(Column(name=name, kind="numbers", use="target") for name in ("u", "v"))
    data = replace(DATA, task="regression", class_names=(), n_outputs=2, columns=columns)
    assert prediction_table(TWO, data, spread=TWO).columns.tolist() == [
        *("prediction_u", "prediction_v"),
        *("std_u", "std_v"),
    ]
