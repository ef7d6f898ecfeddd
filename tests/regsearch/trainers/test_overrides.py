"""Which models must be trained by their own `fit`, and why."""

import pytest

from regsearch.backend import load_keras
from regsearch.losses import keras_loss
from regsearch.spec import Named, TrainingSpec
from regsearch.trainers.compilation import Compilation
from regsearch.trainers.overrides import overridden, why_fit


def plain(kind=None):
    keras = load_keras()
    x = keras.Input((2,))
    return (kind or keras.Model)(x, keras.layers.Dense(1)(x))


def compilation(**given):
    loss = Named(name="mean_squared_error")
    return Compilation(training=TrainingSpec(), loss=keras_loss(loss), loss_name=loss.name, **given)


def test_keras_own_models_override_nothing(keras):
    assert overridden(plain()) == ()
    assert overridden(keras.Sequential([keras.layers.Dense(1)])) == ()

    class Called(keras.Model):
        def call(self, x):
            return x

    assert overridden(Called()) == ()
    assert why_fit(plain(), compilation()) is None


@pytest.mark.parametrize("name", ["train_step", "compute_loss", "make_train_function", "test_step", "fit"])
def test_a_method_of_the_models_own_is_found_wherever_it_stands(keras, name):
    base = type("Base", (keras.Model,), {name: lambda self, *args, **options: None})
    assert overridden(plain(type("Derived", (base,), {}))) == (name,)
    model = plain()
    setattr(model, name, lambda *args, **options: None)
    assert why_fit(model, compilation()) == f"the model has its own {name}"


def test_optimizers_that_do_more_than_a_step(keras):
    optimizers = keras.optimizers
    for own, reason in (
        (optimizers.SGD(use_ema=True), "the builder's optimizer has use_ema"),
        (optimizers.Adam(gradient_accumulation_steps=2), "the builder's optimizer has gradient_accumulation_steps"),
        (optimizers.SGD(loss_scale_factor=2.0), "the builder's optimizer has loss_scale_factor"),
        (optimizers.LossScaleOptimizer(optimizers.SGD()), "the builder compiled LossScaleOptimizer"),
        (optimizers.SGD(clipnorm=1.0), None),
    ):
        assert why_fit(plain(), compilation(optimizer=own)) == reason
    assert why_fit(plain(), compilation(run_eagerly=True)) == "the builder compiled it with run_eagerly"
