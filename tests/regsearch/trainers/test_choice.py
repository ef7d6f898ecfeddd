"""What XLA cannot compile is trained otherwise, and said once; what cannot be trained is an error in one line."""

import logging

import numpy as np
import pytest

from regsearch import trial
from regsearch.backend import load_keras, load_tensorflow
from regsearch.errors import InputError, ModelError, in_one_line
from regsearch.models import BUILDERS
from regsearch.spec import (
    Configuration,
    DataSpec,
    ModelSpec,
    Penalty,
    Phase,
    SplitSpec,
    Target,
    TrainingSpec,
    TrialSpec,
)
from regsearch.trainers.compiled import CannotCompile
from regsearch.trainers.fit import FitTrainer
from regsearch.trial import evaluate, evaluator

TRAINING = TrainingSpec(epochs=30, batch_size=16, learning_rate=0.02)
DATA = DataSpec(source="moons", split=SplitSpec(train=30, validation=40), n_samples=70, fresh_test=50)


def builder_with(call):
    """Return a builder whose second layer, `odd`, computes `call`."""

    def build(input_shape, n_outputs, *, output_activation):
        keras = load_keras()
        layers = keras.layers

        class Odd(layers.Layer):
            def call(self, x):
                return call(x)

            def compute_output_shape(self, shape):
                return shape

        return keras.Sequential(
            [
                keras.Input(input_shape),
                layers.Dense(8, activation="relu", name="first"),
                Odd(name="odd"),
                layers.Dense(n_outputs, activation=output_activation, name="last"),
            ]
        )

    return build


def by_python(x):
    found = load_tensorflow().py_function(lambda x: x, [x], "float32")
    found.set_shape(x.shape)
    return found


def by_numpy(x):
    found = load_tensorflow().numpy_function(np.zeros_like, [x], "float32", stateful=False)
    found.set_shape(x.shape)
    return x + found


def by_strings(x):
    tf = load_tensorflow()
    return x + 0 * tf.strings.to_number(tf.strings.as_string(tf.stop_gradient(x)))


def without_a_seed(x):
    """Draws from Keras' global generator, whose state is no part of the model."""
    return load_keras().random.dropout(x, 0.5)


def fails_when_called(x):
    if load_tensorflow().inside_function() and not isinstance(x, load_keras().KerasTensor):
        raise ValueError("needs rows in pairs")
    return x


@pytest.fixture
def spec(monkeypatch):
    def make(call):
        monkeypatch.setitem(BUILDERS, "odd", builder_with(call))
        trial._evaluators.clear()  # it would know the builder of that name of another test
        return TrialSpec(data=DATA, metric="accuracy", model=ModelSpec(builder="odd", options=()), training=TRAINING)

    yield make
    trial._evaluators.clear()


def test_falls_back_to_fit_and_says_so_once(spec, caplog):
    given = spec(without_a_seed)
    with caplog.at_level(logging.WARNING, "regsearch.trial"):
        repeats = list(evaluate(given, {i: i for i in range(4)}, test=True, threads=4))
        penalized = Configuration.tied("l2", 0.1, Target()).penalties
        (again,) = evaluate(TrialSpec(**{**vars(given), "penalties": penalized}), {0: 1}, test=True)
    warnings = [record for record in caplog.records if record.name == "regsearch.trial"]
    assert len(warnings) == 1
    message = warnings[0].getMessage()
    assert "\n" not in message
    assert message.startswith("cannot compile the training: the model reads a variable that is not among its own")
    assert message.endswith("; training with Keras' fit instead, far slower")
    assert isinstance(evaluator(given).trainer, FitTrainer)
    assert sorted(repeat.repeat for repeat in repeats) == [0, 1, 2, 3]
    for repeat in [*repeats, again]:
        assert (repeat.status, repeat.epochs, repeat.reason) == ("ok", 30, None)
        assert repeat.curve.epochs[-1] == 30
        assert len(repeat.validation_rows.scores) == 40
        assert repeat.test is not None
        assert len(repeat.weight_norms) == 4
    assert again.weight_norms[0].l2_after < min(repeat.weight_norms[0].l2_after for repeat in repeats)


def test_falls_back_to_a_graph_and_says_so_once(spec, caplog):
    given = spec(by_strings)
    with caplog.at_level(logging.WARNING, "regsearch.trial"):
        assert len(list(evaluate(given, {i: i for i in range(4)}, threads=4))) == 4
    (said,) = [record.getMessage() for record in caplog.records if record.name == "regsearch.trial"]
    why = "cannot compile the training: XLA has no AsString, which layer 'odd' uses"
    assert said == f"{why}; training as a graph of TensorFlow's kernels"
    assert evaluator(given).trainer.engine == "graph"
    assert [(n.code, n.message) for n in evaluator(given).notices] == [("trained-by-graph", said)]
    assert evaluator(given).prove().equal


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        (by_numpy, "XLA has no PyFuncStateless, which layer 'odd' uses"),
        (by_strings, "XLA has no AsString, which layer 'odd' uses"),
        (without_a_seed, "the model reads a variable that is not among its own, as keras.random does without a seed"),
    ],
)
def test_what_cannot_be_compiled_and_why(spec, call, reason):
    found = evaluator(spec(call))
    for _ in range(2):  # found out once, and known the second time
        with pytest.raises(CannotCompile) as raised:
            found.trainer.train_phases(found.split(0, 1), seed=1, phases=found.phases(spec(call)))
        assert str(raised.value).startswith(reason)


def test_gives_what_a_compiled_training_of_the_same_layers_gives(spec):
    phases = (Phase(epochs=10), Phase(epochs=20, penalties=(Penalty(l2=0.1),)))
    ((compiled,), (fallen_back,)) = (
        evaluate(TrialSpec(**{**vars(spec(call)), "phases": phases}), {0: 5}) for call in (lambda x: x, by_python)
    )
    for a, b in zip(fallen_back.phases, compiled.phases, strict=True):
        assert a.epochs == b.epochs
        assert a.validation.loss == pytest.approx(b.validation.loss, rel=1e-3)
        for mine, theirs in zip(a.weight_norms, b.weight_norms, strict=True):
            assert mine.l2_after == pytest.approx(theirs.l2_after, rel=1e-3)


def test_what_fails_before_the_first_training_is_an_error_with_the_layers_own_words(spec):
    with pytest.raises(ModelError) as raised:
        list(evaluate(spec(fails_when_called), {3: 1}))
    assert raised.value.problem == (
        "called with rows of (None, 2), the model raised ValueError: Odd.call(): needs rows in pairs"
    )


def test_an_error_that_keras_wraps_is_the_layer_and_its_own_words():
    wrapped = (
        "Exception encountered when calling Odd.call().\n\n\x1b[1mneeds rows in pairs\x1b[0m\n\n"
        "Arguments received by Odd.call():\n  • x=tf.Tensor(shape=(3, 2), dtype=float32)"
    )
    assert in_one_line(ValueError(wrapped)) == "ValueError: Odd.call(): needs rows in pairs"
    where = "Graph execution error:\n\nDetected at node Assert defined at:\n  File x\n\n"
    in_graph = RuntimeError(where + "assertion failed: [3]\n\t [[{{node Assert}}]]")
    assert in_one_line(in_graph) == "RuntimeError: assertion failed: [3]"
    assert in_one_line(RuntimeError("Graph execution error:\nout of memory")) == "RuntimeError: out of memory"
    assert in_one_line(ValueError("\n\nfirst\nsecond")) == "ValueError: first"
    assert in_one_line(ValueError()) == "ValueError"
    assert in_one_line(InputError("data", "is not there")) == "data: is not there"
    assert in_one_line(CannotCompile("XLA has no AsString")) == "CannotCompile: XLA has no AsString"
