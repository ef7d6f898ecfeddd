"""What people write in their builders counts: constraints, a train_step, compile(), a call without training, seeds."""

import logging
from dataclasses import replace

import numpy as np
import pytest

from regsearch.errors import ModelError
from regsearch.spec import DataSpec, ModelSpec, Penalty, SplitSpec, Target, TrainingSpec, TrialSpec
from regsearch.trainers.fit import FitTrainer
from regsearch.trial import Evaluator, evaluate, evaluator, prove

BUILDERS = '''
import keras, tensorflow as tf
from keras import layers as L


def stack(kind, *hidden):
    x = keras.Input((10,))
    h = x
    for layer in hidden:
        h = layer(h)
    return kind(x, L.Dense(1, name="out")(h))


def plain():
    return stack(keras.Model, L.Dense(6, "relu"))


def constraint():
    return stack(keras.Model, L.Dense(6, "relu", kernel_constraint=keras.constraints.MaxNorm(0.5)))


class Negated(keras.Model):
    def train_step(self, data):
        x, y = data[:2]
        return super().train_step((x, -y))


def own_train_step():
    return stack(Negated, L.Dense(6, "relu"))


class Bare(keras.Model):
    """Minimizes its own loss, without self.losses."""

    def train_step(self, data):
        x, y = data[:2]
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((self(x, training=True) - y) ** 2)
        self.optimizer.apply_gradients(zip(tape.gradient(loss, self.trainable_weights), self.trainable_weights))
        return {"loss": loss}


def bare_train_step():
    return stack(Bare, L.Dense(6, "relu"))


class Deaf(keras.Model):
    """Moves its weights by itself."""

    def train_step(self, data):
        for w in self.trainable_weights:
            w.assign(w * 0.99)
        return {"loss": tf.reduce_sum(data[0])}


def deaf_train_step():
    return stack(Deaf, L.Dense(6, "relu"))


def compiled():
    model = stack(keras.Model, L.Dense(6, "relu"))
    model.compile(optimizer=keras.optimizers.SGD(1e-9), loss="huber")
    return model


class HeadFirst(keras.Model):
    def __init__(self):
        super().__init__()
        self.head, self.body, self.drop = L.Dense(1, name="head"), L.Dense(6, "relu", name="body"), L.Dropout(0.5)

    def call(self, x):
        return self.head(self.drop(self.body(x)))


def head_first():
    return HeadFirst()


def seeded():
    keras.utils.set_random_seed(42)
    return stack(keras.Model, L.Dense(6, "relu"))


def loaded():
    model = stack(keras.Model, L.Dense(6, "relu"))
    for i, w in enumerate(model.trainable_variables):
        w.assign(tf.reshape(tf.cast(tf.range(tf.size(w)) % 7, "float32") * 0.1 - 0.3, w.shape))
    return model
'''
DATA = DataSpec(source="diabetes", split=SplitSpec(train=40, validation=60), scale="standard")


@pytest.fixture
def spec(tmp_path):
    (tmp_path / "builders.py").write_text(BUILDERS)

    def make(name, *, l2=0.0, **training):
        return TrialSpec(
            data=DATA,
            metric="r2",
            model=ModelSpec(builder=f"builders.py:{name}", options=(), folder=str(tmp_path)),
            training=TrainingSpec(**{"epochs": 20, "batch_size": 64, "learning_rate": 0.01} | training),
            penalties=(Penalty(target=Target(layers="all"), l2=l2),) if l2 else (),
        )

    return make


def codes(given):
    return {notice.code: notice.message for notice in evaluator(given).notices}


def test_constraints_hold(spec):
    found = Evaluator(spec("constraint", epochs=200, learning_rate=0.1))
    assert found.prove().equal
    trained = found.trainer.train(found.split(0, 1), seed=1, coefficients=np.zeros((4, 2), np.float32))
    lengths = np.linalg.norm(trained.after[0], axis=0)
    assert lengths.max() == pytest.approx(0.5, rel=1e-4)


@pytest.mark.parametrize("name", ["own_train_step", "bare_train_step"])
def test_an_own_train_step_trains_and_penalties_act(spec, caplog, name):
    with caplog.at_level(logging.WARNING, "regsearch.trial"):
        (plain,) = evaluate(spec(name), {0: 1})
        (penalized,) = evaluate(spec(name, l2=10.0), {0: 1})
    (said,) = [r.getMessage() for r in caplog.records]
    assert said == "the model has its own train_step; training with Keras' fit instead, far slower"
    assert codes(spec(name)) == {"trained-by-fit": said}
    assert isinstance(evaluator(spec(name)).trainer, FitTrainer)
    assert penalized.weight_norms[0].l2_after < 0.9 * plain.weight_norms[0].l2_after
    assert prove(spec(name)).engine == "fit"


def test_an_own_train_step_is_the_one_that_trains(spec):
    """It learns -y: a model that learned y would score above 0 on the rows it was trained on."""
    (repeat,) = evaluate(spec("own_train_step", epochs=60, learning_rate=0.5), {0: 1})
    assert repeat.train.score < -1


def test_penalties_on_gradients_are_those_in_the_loss(spec):
    """Bare has no self.losses; without penalties in its loss it must end where Keras' own step ends."""
    by_gradients = Evaluator(spec("bare_train_step"))
    by_loss = Evaluator(spec("plain", engine="fit"))
    by_gradients.prove()
    assert by_gradients.trainer.penalties_by == "gradients"
    coefficients = np.array([(1e-3, 0.5), (0, 0), (0.01, 0.1), (0.01, 0)], np.float32)
    a, b = (
        found.trainer.train(found.split(0, 1), seed=1, coefficients=coefficients) for found in (by_gradients, by_loss)
    )
    for mine, theirs in zip(a.after, b.after, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-3, atol=1e-5)


def test_a_train_step_on_which_no_penalty_acts_is_refused(spec):
    with pytest.raises(ModelError, match=r"model\.builder: no penalty acts on the model"):
        list(evaluate(spec("deaf_train_step"), {0: 1}))


def test_what_a_builder_compiled_is_taken_over_where_the_settings_are_silent(spec):
    silent = replace(spec("compiled"), training=TrainingSpec(epochs=20))
    (repeat,) = evaluate(silent, {0: 1})
    norm = repeat.weight_norms[0]
    assert norm.l2_after == pytest.approx(norm.l2_before, rel=1e-6)  # by SGD at 1e-9
    assert "SGD(1e-09); loss huber" in codes(silent)["compile-taken-over"]
    (moved,) = evaluate(spec("compiled", given=("optimizer",)), {0: 1})
    assert moved.weight_norms[0].l2_after != pytest.approx(norm.l2_before, rel=1e-3)
    assert "compile-overruled" in codes(spec("compiled", given=("optimizer",)))


def test_a_model_whose_call_takes_no_training_trains(spec):
    assert prove(spec("head_first")).equal
    (repeat,) = evaluate(spec("head_first"), {0: 1})
    assert repeat.status == "ok"


def test_a_seeded_builder_is_reseeded_and_a_loaded_one_is_not(spec):
    one, other = evaluate(spec("seeded"), {0: 1, 1: 2})
    assert one.weight_norms[0].l2_before != other.weight_norms[0].l2_before
    assert one.validation.score != other.validation.score
    assert set(codes(spec("seeded"))) == {"builder-seeds"}
    one, other = evaluate(spec("loaded", batch_size=16), {0: 1, 1: 2})
    assert one.weight_norms[0].l2_before == other.weight_norms[0].l2_before
    assert one.validation.score != other.validation.score
    assert set(codes(spec("loaded", batch_size=16))) == {"same-start"}
    assert set(codes(spec("loaded", batch_size=64))) == {"repeats-are-copies"}
