"""What a builder compiled counts where the settings are silent; a conflict is said, what cannot be taken refused."""

from dataclasses import replace

import numpy as np
import pytest

from regsearch.backend import load_keras
from regsearch.errors import ModelError
from regsearch.spec import Named, TrainingSpec
from regsearch.trainers.compilation import compilation_of
from tests.regsearch.conftest import make_problem

SILENT = TrainingSpec()


def compiled(loss="mse", optimizer="adam", **options):
    keras = load_keras()
    model = keras.Sequential([keras.Input((10,)), keras.layers.Dense(1)])
    model.compile(optimizer=optimizer, loss=loss, **options)
    return model


def found(model, training=SILENT, source="diabetes"):
    return compilation_of(model, replace(make_problem(source), training=training))


def messages(compilation):
    return {notice.code: notice.message for notice in compilation.notices}


def test_a_model_that_is_not_compiled_is_trained_by_the_settings(keras):
    plain = keras.Sequential([keras.Input((10,)), keras.layers.Dense(1)])
    training = TrainingSpec(optimizer="sgd", learning_rate=0.5)
    taken = found(plain, training)
    assert (taken.training, taken.optimizer, taken.loss_name, taken.notices) == (
        training,
        None,
        "mean_squared_error",
        (),
    )


def test_optimizer_and_loss_are_taken_over_and_said(keras):
    taken = found(compiled("poisson", keras.optimizers.SGD(1e-9, momentum=0.5, clipnorm=2.0)))
    assert (taken.training.optimizer, taken.training.learning_rate) == ("sgd", 1e-9)
    assert taken.training.optimizer_options == (("clipnorm", 2.0), ("momentum", 0.5))
    assert taken.training.loss == Named(name="poisson")
    said = messages(taken)["compile-taken-over"]
    assert said == "as the builder compiled the model: optimizer SGD(1e-09); loss poisson"
    assert taken.new_optimizer().get_config()["momentum"] == 0.5


def test_what_equals_the_settings_is_no_news():
    assert found(compiled("mse", "adam")).notices == ()
    assert found(compiled("mse", "adam")).training == replace(SILENT, loss=Named(name="mean_squared_error"))


def test_what_the_settings_say_counts_and_the_conflict_is_said(keras):
    training = TrainingSpec(optimizer="adam", given=("optimizer",), loss=Named(name="huber"))
    taken = found(compiled("poisson", keras.optimizers.SGD(1e-9)), training)
    assert (taken.training, taken.optimizer, taken.loss_name) == (training, None, "huber")
    said = messages(taken)["compile-overruled"]
    assert "optimizer adam, not SGD(1e-09); loss huber, not that which the builder compiled" in said


def test_a_learning_rate_of_the_settings_goes_to_the_builders_optimizer(keras):
    taken = found(compiled("mse", keras.optimizers.Lion(1e-4)), TrainingSpec(learning_rate=0.5))
    assert (taken.training.optimizer, taken.training.learning_rate) == ("lion", 0.5)
    assert "learning rate, not that of Lion(0.0001)" in messages(taken)["compile-overruled"]
    own = keras.optimizers.Lion(keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.9))
    assert float(found(compiled("mse", own), TrainingSpec(learning_rate=0.5)).new_optimizer().learning_rate) == 0.5


def test_an_optimizer_that_the_settings_have_no_word_for_is_cloned(keras):
    schedule = keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.5)
    own = keras.optimizers.SGD(schedule)
    own.exclude_from_weight_decay(var_names=["bias"])
    taken = found(compiled("mse", own))
    assert taken.optimizer is not None
    one, other = taken.new_optimizer(), taken.new_optimizer()
    assert one is not other and one is not own
    one.iterations.assign(10)
    assert float(one.learning_rate) == pytest.approx(0.05)
    assert one._exclude_from_weight_decay_pattern.pattern == "bias"


@pytest.mark.parametrize(
    ("loss", "wanted"),
    [
        (lambda y, p: load_keras().ops.mean((y - p) ** 4, axis=-1), [16.0, 0.0]),
        (lambda y, p: load_keras().ops.mean((y - p) ** 4), [8.0, 8.0]),
        (lambda y, p: (y - p) ** 4, [16.0, 0.0]),
    ],
    ids=["a number a row", "one number", "as the labels"],
)
def test_a_loss_of_ones_own_is_one_number_per_row(loss, wanted):
    taken = found(compiled(loss))
    y, prediction = np.array([[1.0], [2.0]], np.float32), np.array([[3.0], [2.0]], np.float32)
    np.testing.assert_allclose(taken.loss(y, prediction), wanted)


def test_options_of_a_loss_object_are_kept(keras):
    taken = found(compiled(keras.losses.Huber(delta=0.25)))
    assert taken.training.loss == Named(name="huber", options=(("delta", 0.25),))


def test_metrics_and_run_eagerly_are_said(keras):
    taken = found(compiled("mse", metrics=["mae", keras.metrics.CosineSimilarity()], run_eagerly=True))
    assert taken.run_eagerly
    assert "run_eagerly" in messages(taken)["compile-taken-over"]
    assert (
        messages(taken)["compile-metrics"] == "scored by r2; the builder's metrics mae, cosine_similarity are not shown"
    )


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"loss": "mse", "loss_weights": [2.0]}, "compiles loss_weights, which cannot be taken over"),
        ({"loss": "binary_crossentropy"}, "compiles the loss 'binary_crossentropy', which does not fit a regression"),
        ({"loss": "nonsense"}, "compiles the loss 'nonsense', which Keras does not know"),
        ({"loss": "sum"}, "compiles a loss with reduction='sum'; only a mean can be taken over"),
        ({"optimizer": "own"}, "the compiled optimizer cannot be copied: TypeError"),
    ],
)
def test_what_cannot_be_taken_over_is_refused(keras, options, problem):
    class Own(keras.optimizers.SGD):
        def __init__(self, rate, extra):
            super().__init__(rate)

    kinds = {"sum": keras.losses.MeanSquaredError(reduction="sum"), "own": Own(0.1, 2)}
    model = compiled(**{k: kinds.get(v, v) if isinstance(v, str) else v for k, v in options.items()})
    with pytest.raises(ModelError) as caught:
        found(model)
    assert str(caught.value).startswith(f"model.builder: {problem}")
