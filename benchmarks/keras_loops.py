"""Keras as contenders: `fit` as tutorials write it, `fit` tuned, and a loop over a compiled step."""

from collections.abc import Callable
from typing import Any

from benchmarks.measure import Contender
from regsearch.backend import load_keras, load_tensorflow
from regsearch.data import Split, Subset

Build = Callable[[], Any]  # a new, uncompiled model, its regularizers on it

BATCH = 32
PER_EXECUTION = 100  # steps


def fit_as_written(
    name: str,
    build: Build,
    split: Split,
    *,
    loss: str,
    epochs: int,
    steps: int = 1,
    validate: bool = False,
    batch: int = BATCH,
) -> Contender:
    """Return `compile` and `fit` on arrays, with the accuracy as metric.

    Args:
        name: what the table calls it.
        build: returns the model.
        split: what to train on and, if so asked, to validate on after every epoch.
        loss: Keras' name of it.
        epochs: how many a round.
        steps: units an epoch.
        validate: whether to score the validation part after every epoch.
        batch: rows of a step.
    """
    model = build()
    model.compile(optimizer="adam", loss=loss, metrics=["accuracy"])
    data = {"validation_data": (split.validation.x, split.validation.y)} if validate else {}

    def work() -> None:
        model.fit(split.train.x, split.train.y, epochs=epochs, batch_size=batch, verbose=0, **data)

    return Contender(name=name, units=epochs * steps, work=work)


def fit_tuned(
    name: str, build: Build, train: Subset, *, loss: str, steps: int, batch: int = BATCH, jit_compile: bool = True
) -> Contender:
    """Return `fit` tuned: many steps a call, a cached, repeated data set, one long epoch; compiled by XLA or not."""
    model, rows = build(), len(train.x)
    model.compile(optimizer="adam", loss=loss, jit_compile=jit_compile, steps_per_execution=min(PER_EXECUTION, steps))
    data = load_tensorflow().data.Dataset.from_tensor_slices((train.x, train.y)).cache().shuffle(rows)
    batches = data.batch(min(batch, rows), drop_remainder=True).repeat()

    def work() -> None:
        model.fit(batches, epochs=1, steps_per_epoch=steps, shuffle=False, verbose=0)  # `batches` are shuffled

    return Contender(name=name, units=steps, work=work)


def step_by_hand(name: str, build: Build, train: Subset, *, loss: str, steps: int) -> Contender:
    """Return a Python loop over one step that XLA compiled: the tape, the loss with penalties, apply_gradients."""
    keras, tf = load_keras(), load_tensorflow()
    model, optimizer, loss_of = build(), keras.optimizers.Adam(), keras.losses.get(loss)
    optimizer.build(model.trainable_variables)
    x, y = tf.constant(train.x), tf.constant(train.y)

    @tf.function(jit_compile=True)
    def step(x: Any, y: Any) -> Any:
        with tf.GradientTape() as tape:
            value = keras.ops.mean(loss_of(y, model(x, training=True))) + sum(model.losses)
        gradients = tape.gradient(value, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
        return value

    def work() -> None:
        for _ in range(steps):
            value = step(x, y)
        value.numpy()

    return Contender(name=name, units=steps, work=work)
