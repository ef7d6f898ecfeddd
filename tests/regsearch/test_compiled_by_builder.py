"""What a builder compiled is read as it was given."""

import pytest

from regsearch.backend import load_keras
from regsearch.compiled_by_builder import compiled_by_builder

keras = load_keras()
optimizers, losses = keras.optimizers, keras.losses


def compiled(**arguments):
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    model.compile(**arguments)
    return compiled_by_builder(model)


def own_loss(y, prediction):
    return keras.ops.mean(keras.ops.abs(y - prediction), axis=-1)


class OwnLoss(losses.Loss):
    def call(self, y, prediction):
        return own_loss(y, prediction)


def test_a_model_that_was_not_compiled():
    assert compiled_by_builder(keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])) is None


def test_the_optimizer_with_its_settings():
    found = compiled(optimizer=optimizers.SGD(1e-9, momentum=0.5, clipnorm=1.0), loss="poisson")
    assert (found.optimizer, found.loss, found.is_own_loss) == ("SGD", "poisson", False)
    config = found.optimizer_config
    assert (config["learning_rate"], config["momentum"], config["clipnorm"]) == (1e-9, 0.5, 1.0)
    assert "global_clipnorm" not in config


def test_a_learning_rate_schedule_is_its_configuration():
    schedule = optimizers.schedules.CosineDecay(0.1, 50)
    rate = compiled(optimizer=optimizers.Adam(schedule), loss="mse").optimizer_config["learning_rate"]
    assert rate["class_name"] == "CosineDecay"
    assert rate["config"]["decay_steps"] == 50


def test_keras_default_optimizer_is_what_was_compiled():
    assert compiled(loss="mse").optimizer == "RMSprop"


@pytest.mark.parametrize(
    ("loss", "name", "config", "is_own"),
    [
        ("mse", "mean_squared_error", {}, False),
        (losses.Huber(delta=2.0), "huber", {"delta": 2.0}, False),
        (losses.mean_absolute_error, "mean_absolute_error", {}, False),
        (own_loss, "own_loss", {}, True),
        (OwnLoss(), "OwnLoss", {}, True),
        (None, None, {}, False),
    ],
)
def test_the_loss_by_its_name(loss, name, config, is_own):
    found = compiled(optimizer="adam", loss=loss)
    assert (found.loss, dict(found.loss_config), found.is_own_loss) == (name, config, is_own)


def test_metrics_and_other_arguments():
    found = compiled(
        loss="mse", metrics=["mae", keras.metrics.AUC(name="auc")], steps_per_execution=4, loss_weights=[2.0]
    )
    assert found.metrics == ("mae", "auc")
    assert found.others == ("loss_weights", "steps_per_execution")
    assert compiled(loss="mse").others == ()
