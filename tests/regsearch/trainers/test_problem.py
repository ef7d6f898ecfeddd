"""What every training shares: how much rows count, and the loss."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.utils.class_weight import compute_class_weight

from regsearch.data import DataSet, Subset
from regsearch.errors import InputError
from regsearch.models import LOSS
from regsearch.scoring import METRICS
from regsearch.spec import ModelSpec, Named, TrainingSpec
from regsearch.trainers.problem import Problem

CLASSES = np.array([0, 2, 2, 1, 2, 0, 2])
OWN = np.array([1, 0, 2, 0.5, 1, 3, 1], np.float32)


def weighted(y, class_weight, *, task="multiclass", n_outputs=3, weights=None):
    """A problem, and the part of its data to be fitted."""
    y = np.asarray(y, np.int32 if task == "multiclass" else np.float32)[:, None]
    x = np.zeros((len(y), 1), np.float32)
    data = DataSet(x=x, y=y, task=task, n_outputs=n_outputs, feature_names=("x",), weights=weights)
    metric = METRICS["r2" if task == "regression" else "accuracy"]
    problem = Problem(data=data, model=ModelSpec(), training=TrainingSpec(class_weight=class_weight), metric=metric)
    return problem, Subset(x=x, y=y, rows=np.arange(len(y), dtype=np.uint32), weights=weights)


def test_rows_count_alike_or_by_their_own_weight():
    problem, part = weighted(CLASSES, None)
    assert problem.row_weights(part) is None
    problem, part = weighted(CLASSES, None, weights=OWN)
    assert problem.row_weights(part).tolist() == OWN.tolist()


@pytest.mark.parametrize("own", [None, OWN], ids=["alike", "own weights"])
def test_rows_count_by_their_class_as_given(own):
    problem, part = weighted(CLASSES, (0.5, 2, 0.25), weights=own)
    wanted = np.array([0.5, 0.25, 0.25, 2, 0.25, 0.5, 0.25]) * (1 if own is None else own)
    got = problem.row_weights(part)
    assert got.dtype == np.float32
    np.testing.assert_allclose(got, wanted, rtol=1e-6)


@pytest.mark.parametrize("y", [CLASSES, [0, 0, 1], [0, 1, 1, 1]], ids=str)
def test_balanced_is_scikit_learns(y):
    """Class 2 is in no row of the second: it has no weight, and the others share the rows."""
    problem, part = weighted(y, "balanced")
    by_class = dict(zip(np.unique(y), compute_class_weight("balanced", classes=np.unique(y), y=y), strict=True))
    np.testing.assert_allclose(problem.row_weights(part), [by_class[each] for each in y], rtol=1e-6)
    assert problem.row_weights(part).sum() == pytest.approx(len(y))


def test_balanced_counts_the_rows_of_the_part_and_two_classes_have_one_output():
    problem, part = weighted([0, 1, 1, 1, 0, 0], "balanced", task="binary", n_outputs=1)
    few = replace(part, x=part.x[:4], y=part.y[:4], rows=part.rows[:4])
    np.testing.assert_allclose(problem.row_weights(few), [2, 2 / 3, 2 / 3, 2 / 3], rtol=1e-6)
    np.testing.assert_allclose(problem.row_weights(part), np.ones(6), rtol=1e-6)


@pytest.mark.parametrize(
    ("given", "task", "classes"), [((1, 2), "multiclass", 3), ((1, 2, 3, 4), "multiclass", 3), ((1,), "binary", 2)]
)
def test_class_weights_are_one_a_class(given, task, classes):
    with pytest.raises(InputError) as raised:
        weighted([0, 1, 1], given, task=task, n_outputs=3 if task == "multiclass" else 1)
    wanted = f"training.class_weight: needs one number for each of the {classes} classes, got {len(given)}"
    assert str(raised.value) == wanted


def test_the_loss_is_the_one_asked_for_or_follows_from_the_target():
    problem, _ = weighted([0, 1, 1], None, task="binary", n_outputs=1)
    assert problem.loss == Named(name=LOSS["binary"]) == Named(name="binary_crossentropy")
    focal = Named(name="binary_focal_crossentropy", options=(("gamma", 1.0),))
    assert replace(problem, training=TrainingSpec(loss=focal)).loss is focal
