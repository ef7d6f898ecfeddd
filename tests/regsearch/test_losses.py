"""Losses by name are Keras' own, row by row, with their options."""

import numpy as np
import pytest

from regsearch.errors import InputError
from regsearch.losses import LOSSES, check_fit, keras_loss
from regsearch.models import LOSS
from regsearch.spec import Named, TrainingSpec

RNG = np.random.default_rng(1)
PROBABILITIES = RNG.uniform(0.05, 0.95, (7, 1)).astype(np.float32)
CLASSES = (np.arange(7) % 2).astype(np.float32)[:, None]
TARGETS, PREDICTIONS = RNG.uniform(0.5, 9, (2, 7, 1)).astype(np.float32)


def huber(y, p, delta):
    error = np.abs(y - p)
    return np.where(error <= delta, error**2 / 2, delta * error - delta**2 / 2)


def focal(y, p, alpha, gamma, smoothing, balanced):
    y = y * (1 - smoothing) + smoothing / 2
    right = y * p + (1 - y) * (1 - p)
    weight = y * alpha + (1 - y) * (1 - alpha) if balanced else 1
    return weight * (1 - right) ** gamma * -(y * np.log(p) + (1 - y) * np.log(1 - p))


CLOSED_FORMS = [
    ("huber", {"delta": 0.5}, lambda y, p: huber(y, p, 0.5)),
    ("huber", {}, lambda y, p: huber(y, p, 1.0)),
    ("log_cosh", {}, lambda y, p: np.log(np.cosh(p - y))),
    ("poisson", {}, lambda y, p: p - y * np.log(p)),
    ("mean_squared_error", {}, lambda y, p: (y - p) ** 2),
    ("mean_absolute_error", {}, lambda y, p: np.abs(y - p)),
    ("mean_absolute_percentage_error", {}, lambda y, p: 100 * np.abs((y - p) / y)),
    ("mean_squared_logarithmic_error", {}, lambda y, p: np.log((y + 1) / (p + 1)) ** 2),
    (
        "binary_crossentropy",
        {"label_smoothing": 0.2},  # 0 becomes 0.1 and 1 becomes 0.9
        lambda y, p: -(0.8 * y + 0.1) * np.log(p) - (0.9 - 0.8 * y) * np.log(1 - p),
    ),
    (
        "binary_focal_crossentropy",
        {"alpha": 0.4, "gamma": 1.5, "apply_class_balancing": True, "label_smoothing": 0.1},
        lambda y, p: focal(y, p, 0.4, 1.5, 0.1, True),
    ),
]


@pytest.mark.parametrize(("name", "options", "closed_form"), CLOSED_FORMS, ids=[row[0] for row in CLOSED_FORMS])
def test_closed_forms(name, options, closed_form):
    y, p = (CLASSES, PROBABILITIES) if "binary" in LOSSES[name].tasks else (TARGETS, PREDICTIONS)
    found = np.asarray(keras_loss(Named(name=name, options=tuple(options.items())))(y, p))
    np.testing.assert_allclose(found, closed_form(y.astype(float), p.astype(float))[:, 0], rtol=2e-4, atol=1e-6)


SHARES = RNG.dirichlet(np.ones(3), 7).astype(np.float32)
NUMBERS = np.arange(7, dtype=np.int32)[:, None] % 3
ON_ONE_HOT = [
    ("categorical_crossentropy", {}, lambda y, p: -(y * np.log(p)).sum(1)),
    (
        "categorical_crossentropy",
        {"label_smoothing": 0.3},  # 0 becomes 0.1 and 1 becomes 0.8
        lambda y, p: -((0.7 * y + 0.1) * np.log(p)).sum(1),
    ),
    (
        "categorical_focal_crossentropy",
        {"alpha": 0.5, "gamma": 1.5},
        lambda y, p: -(y * 0.5 * (1 - p) ** 1.5 * np.log(p)).sum(1),
    ),
    ("categorical_hinge", {}, lambda y, p: np.maximum(((1 - y) * p).max(1) - (y * p).sum(1) + 1, 0)),
    ("kl_divergence", {}, lambda y, p: -(y * np.log(p)).sum(1)),  # Σ y·log(y/p), and y is 0 or 1
]


@pytest.mark.parametrize(("name", "options", "closed_form"), ON_ONE_HOT)
def test_losses_on_one_hot_classes_take_class_numbers(name, options, closed_form):
    found = np.asarray(keras_loss(Named(name=name, options=tuple(options.items())))(NUMBERS, SHARES))
    wanted = closed_form(np.eye(3)[NUMBERS[:, 0]], SHARES.astype(float))
    np.testing.assert_allclose(found, wanted, rtol=2e-4, atol=2e-6)


@pytest.mark.parametrize(("name", "power"), [("hinge", 1), ("squared_hinge", 2)])
def test_hinge_losses_take_classes_0_and_1_for_minus_1_and_1(name, power):
    found = np.asarray(keras_loss(Named(name=name))(CLASSES, PROBABILITIES))
    np.testing.assert_allclose(found, np.maximum(1 - (2 * CLASSES - 1) * PROBABILITIES, 0)[:, 0] ** power, rtol=1e-5)


def test_class_numbers():
    p = RNG.dirichlet(np.ones(3), 7).astype(np.float32)
    y = np.arange(7, dtype=np.int32)[:, None] % 3
    found = np.asarray(keras_loss(Named(name="sparse_categorical_crossentropy"))(y, p))
    np.testing.assert_allclose(found, -np.log(p[np.arange(7), y[:, 0]]), rtol=1e-4)


def test_every_loss_is_tried():
    tried = {name for name, *_ in CLOSED_FORMS + ON_ONE_HOT}
    assert tried | {"sparse_categorical_crossentropy", "hinge", "squared_hinge"} == set(LOSSES)


def test_fit_takes_it(keras):
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False, kernel_initializer="ones")])
    model.compile(loss=keras_loss(Named(name="huber", options=(("delta", 0.5),))))
    found = model.evaluate(PREDICTIONS, TARGETS, verbose=0)
    assert found == pytest.approx(huber(TARGETS, PREDICTIONS, 0.5).mean(), rel=1e-5)


@pytest.mark.parametrize("task", LOSS)
def test_the_loss_that_follows_from_the_target_fits_it(task):
    check_fit(TrainingSpec(loss=Named(name=LOSS[task])), task)
    check_fit(TrainingSpec(), task)


@pytest.mark.parametrize(
    ("training", "task", "message"),
    [
        (
            TrainingSpec(loss=Named(name="huber")),
            "multiclass",
            "training.loss: 'huber' does not fit a multiclass target; use sparse_categorical_crossentropy",
        ),
        (
            TrainingSpec(loss=Named(name="hubr")),
            "regression",
            "training.loss: 'hubr' is not one of binary_crossentropy",
        ),
        (
            TrainingSpec(loss=Named(name="huber", options=(("delta", 0),))),
            "regression",
            "training.loss: delta of huber must be a number above 0, got 0",
        ),
        (
            TrainingSpec(class_weight="balanced"),
            "regression",
            "training.class_weight: goes with classes; the target is one of regression",
        ),
    ],
)
def test_what_does_not_fit(training, task, message):
    with pytest.raises(InputError) as caught:
        check_fit(training, task)
    assert str(caught.value).startswith(message)


def test_class_weights_fit_classes():
    for task in ("binary", "multiclass"):
        check_fit(TrainingSpec(class_weight=(1.0, 2.0)), task)
