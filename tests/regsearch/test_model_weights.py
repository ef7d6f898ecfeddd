"""Which layer is which follows the data's way through the model, whatever layers are called and when they were made."""

import pytest

from regsearch.backend import load_keras
from regsearch.forward_graph import forward_graph
from regsearch.model_weights import has_roles, trainable_weights

keras = load_keras()
L, ops = keras.layers, keras.ops
Dense = L.Dense


class Linear(L.Layer):
    """Its weights are called as its author liked."""

    def __init__(self, units, **options):
        super().__init__(**options)
        self.units = units

    def build(self, shape):
        self.scale = self.add_weight(shape=(self.units,), name="scale")
        self.w = self.add_weight(shape=(shape[-1], self.units), name="w")
        self.b = self.add_weight(shape=(self.units,), name="b1")

    def call(self, x):
        return ops.matmul(x, self.w) * self.scale + self.b


class Recurrent(L.Layer):
    """Says which of its kernels is recurrent, and has a bias of two axes."""

    def build(self, shape):
        size = shape[-1]
        self.a = self.add_weight(shape=(size, size), name="recurrent_kernel")
        self.c = self.add_weight(shape=(1, size), name="bias")
        self.d = self.add_weight(shape=(size, size), name="mixing")

    def call(self, x):
        return ops.matmul(ops.tanh(ops.matmul(x, self.a) + self.c), self.d)


class Block(L.Layer):
    """A layer made of layers, the later one first."""

    def __init__(self, **options):
        super().__init__(**options)
        self.second, self.first = Dense(5, name="second"), Dense(7, name="first")
        self.norm = L.LayerNormalization(name="norm")

    def call(self, x):
        return self.norm(x + self.second(self.first(x)))


class Head(L.Layer):
    def __init__(self, **options):
        super().__init__(**options)
        self.out, self.before = Dense(1, name="out"), Dense(3, name="before")

    def call(self, x):
        return self.out(self.before(x))


class Wider(Dense):
    """A layer of the user's that extends one of Keras'."""


class HeadFirst(keras.Model):
    def __init__(self, **options):
        super().__init__(**options)
        self.head, self.drop = Dense(1, name="head"), L.Dropout(0.5)
        self.body1, self.body2 = Dense(4, name="body1"), Dense(3, name="body2")

    def call(self, x):
        return self.head(self.drop(self.body2(self.body1(x))))


class Loop(keras.Model):
    """Chooses by Python which layers it calls, one of them twice, one never."""

    def __init__(self):
        super().__init__()
        self.stages = {name: Dense(5, name=name) for name in ("z", "unused", "a")}
        self.last = Dense(1, name="last")

    def call(self, x, training=None):
        for name in ("a", "z", "a"):
            x = self.stages[name](x)
        return self.last(x)


class Raw(keras.Model):
    """A model without layers."""

    def __init__(self):
        super().__init__()
        self.v, self.c = self.add_weight(shape=(4, 1), name="v"), self.add_weight(shape=(1,), name="v_b")
        self.w, self.b = self.add_weight(shape=(5, 4), name="w"), self.add_weight(shape=(4,), name="b")

    def call(self, x):
        return ops.matmul(ops.relu(ops.matmul(x, self.w) + self.b), self.v) + self.c


class Tied(keras.Model):
    """An embedding that gives the output, too."""

    def __init__(self):
        super().__init__()
        self.words, self.dense = L.Embedding(9, 4, name="words"), Dense(4, name="dense")

    def call(self, x):
        return ops.matmul(ops.mean(self.dense(self.words(x)), axis=1), ops.transpose(self.words.embeddings))


class Auxiliary(keras.Model):
    """A second head that adds to the loss and not to the output."""

    def __init__(self):
        super().__init__()
        self.body, self.side, self.head = Dense(4, name="body"), Dense(1, name="side"), Dense(1, name="head")

    def call(self, x):
        h = self.body(x)
        self.add_loss(ops.mean(ops.square(self.side(h))))
        return self.head(h)


def functional(connect, shape=(5,)):
    x = keras.Input(shape)
    return keras.Model(x, connect(x))


def subclassed(model, shape=(5,)):
    model(keras.KerasTensor((None, *shape)))
    return model


def unet(x):
    def conv(filters, name):
        return L.Conv2D(filters, 3, padding="same", name=name)

    last = L.Conv2D(1, 1, name="last")  # made first
    wide = conv(3, "down")(x)
    up = L.Conv2DTranspose(3, 2, strides=2, name="up")(conv(4, "bottom")(L.MaxPooling2D()(wide)))
    return last(conv(3, "joined")(L.Concatenate()([up, wide])))


def residual(x):
    h = L.Add()([x, Dense(5, name="b")(Dense(5, name="a")(x))])
    return Dense(1, name="last")(h)


def shared(x):
    both = Dense(5, name="both")
    return Dense(1, name="last")(both(Dense(5, name="between")(both(x))))


def siamese(x):
    encode = keras.Sequential([keras.Input((2,)), Dense(3, name="e1"), Dense(2, name="e2")], name="encoder")
    left, right = encode(x[:, :2]), encode(x[:, 2:4])
    return Dense(1, name="last")(ops.abs(left - right))


def nested(x):
    inner = keras.Sequential([keras.Input((5,)), Dense(3, name="i1"), Dense(2, name="i2")], name="inner")
    outer = keras.Sequential([inner, Dense(2, name="o1")], name="outer")
    return Dense(1, name="last")(outer(x))


def nested_head(x):
    """The output is a nested model's."""
    return keras.Sequential([keras.Input((4,)), Dense(3, name="i1"), Dense(1, name="i2")])(Dense(4, name="body")(x))


def distributed(x):
    inner = keras.Sequential([keras.Input((2,)), Dense(3, name="i1"), Dense(2, name="i2")], name="inner")
    return Dense(1, name="last")(L.Flatten()(L.TimeDistributed(inner)(x)))


def wide_and_deep(x):
    wide = Dense(1, name="wide")(x)
    return L.Add()([Dense(1, name="deep2")(Dense(4, name="deep1")(x)), wide])


def ensemble(x):
    return L.Average()([Dense(1, name=f"out{i}")(Dense(3, name=f"h{i}")(x)) for i in (1, 2)])


def attention(x):
    h = L.LayerNormalization()(L.Add()([x, L.MultiHeadAttention(2, 3, name="att")(x, x)]))
    return Dense(1, name="last")(L.GlobalAveragePooling1D()(Dense(4, "relu", name="mlp")(h)))


def pooled_by_attention(x):
    scores = L.Softmax(axis=1)(Dense(1, name="scores")(x))
    return Dense(1, name="last")(ops.sum(scores * x, axis=1))


def squeezed(x):
    h = L.Conv2D(3, 3, name="conv")(x)
    gate = Dense(3, "sigmoid", name="excite")(Dense(2, name="squeeze")(L.GlobalAveragePooling2D()(h)))
    h = L.Multiply()([h, L.Reshape((1, 1, 3))(gate)])
    return Dense(1, name="last")(L.GlobalAveragePooling2D()(h))


def own_output(x):
    return Linear(1, name="out")(Dense(4, name="h2")(Dense(3, name="h1")(x)))


def sequence(*layers):
    return lambda x: Dense(1, name="last")(keras.Sequential([keras.Input(x.shape[1:]), *layers])(x))


def both_ways(x):
    return Dense(1, name="last")(L.Bidirectional(L.LSTM(3, name="m"), name="both")(x))


MODELS = {
    "a layer with names of its own gives the output": (lambda: functional(own_output), "h1 h2", "out"),
    "layers with names of their own": (
        lambda: keras.Sequential([keras.Input((4,)), Linear(3, name="b"), Linear(2, name="a"), Linear(1, name="c")]),
        "b a",
        "c",
    ),
    "made of layers, the last first": (
        lambda: functional(lambda x: Head(name="top")(Block(name="block")(x))),
        "block/first block/second top/before",
        "top/out",
    ),
    "extends a layer of Keras'": (lambda: functional(lambda x: Wider(1, name="b")(Wider(2, name="a")(x))), "a", "b"),
    "head made first": (lambda: subclassed(HeadFirst()), "body1 body2", "head"),
    "a subclassed model in a functional one": (
        lambda: functional(lambda x: Dense(1, name="last")(HeadFirst(name="part")(x))),
        "part/body1 part/body2 part/head",
        "last",
    ),
    "a subclassed model as the head": (
        lambda: functional(lambda x: HeadFirst(name="part")(Dense(4, name="first")(x))),
        "first part/body1 part/body2",
        "part/head",
    ),
    "called in a loop": (lambda: subclassed(Loop()), "loop/a loop/z", "loop/last"),
    "no layers": (lambda: subclassed(Raw()), "raw.w", "raw.v"),
    "tied": (lambda: subclassed(Tied()), "dense", "words"),
    "a head beside the output": (lambda: subclassed(Auxiliary()), "body side", "head"),
    "U-shaped": (lambda: functional(unet, (8, 8, 1)), "down bottom up joined", "last"),
    "residual": (lambda: functional(residual), "a b", "last"),
    "shared": (lambda: functional(shared), "both between", "last"),
    "siamese": (lambda: functional(siamese), "encoder/e1 encoder/e2", "last"),
    "nested": (lambda: functional(nested), "inner/i1 inner/i2 outer/o1", "last"),
    "the output is a nested model's": (lambda: functional(nested_head), "body i1", "i2"),
    "a model at each step": (lambda: functional(distributed, (5, 2)), "i1 i2", "last"),
    "wide and deep": (lambda: functional(wide_and_deep), "deep1", "deep2 wide"),
    "ensemble": (lambda: functional(ensemble), "h1 h2", "out1 out2"),
    "attention": (lambda: functional(attention, (5, 4)), "att mlp", "last"),
    "pooled by attention": (lambda: functional(pooled_by_attention, (5, 4)), "scores", "last"),
    "squeeze and excite": (lambda: functional(squeezed, (8, 8, 1)), "conv squeeze excite", "last"),
    "both ways": (lambda: functional(both_ways, (5, 2)), "both", "last"),
    "cells in a layer": (
        lambda: functional(sequence(L.RNN([L.LSTMCell(3), L.GRUCell(2)], name="stack")), (5, 2)),
        "stack",
        "last",
    ),
    "normalized spectrally": (
        lambda: functional(sequence(L.SpectralNormalization(Dense(3, name="inside"), name="around"))),
        "around",
        "last",
    ),
    "steps": (
        lambda: functional(sequence(L.TimeDistributed(Dense(3), name="each"), L.Flatten()), (5, 2)),
        "each",
        "last",
    ),
    "gated": (
        lambda: functional(lambda x: L.Multiply()([Dense(1, name="gate")(x), Dense(1, name="value")(x)])),
        "",
        "gate value",
    ),
}


def layers_of(weights, *, output):
    """The layers with a kernel, in the order of the data's way; what is nested below a named layer is left out."""
    kernels = sorted((w for w in weights if w.role == "kernel" and w.output is output), key=lambda w: w.unit)
    return list(dict.fromkeys((w.unit, w.layer, w.name) for w in kernels))


def agree(found, wanted):
    """Whether each layer wanted, in order, is where its unit's weights lie."""
    units = list(dict.fromkeys(unit for unit, _, _ in found))
    return len(units) == len(wanted) and all(
        any(f"/{name}/" in f"/{layer}/" or f"{layer}.{weight}" == name for u, layer, weight in found if u == unit)
        for unit, name in zip(units, wanted, strict=True)
    )


@pytest.mark.parametrize(("model", "hidden", "output"), MODELS.values(), ids=MODELS)
@pytest.mark.filterwarnings("ignore:.*does not have a `build.*:UserWarning")
def test_which_layer_is_which(model, hidden, output):
    keras.utils.clear_session()
    made = model()
    weights = trainable_weights(made, None if getattr(made, "inputs", None) else forward_graph(made, (5,)))
    for names, flag in ((hidden, False), (output, True)):
        found = layers_of(weights, output=flag)
        last_parts = [name.rsplit("/", 1)[-1] for name in names.split()]
        assert agree(found, last_parts), found


def test_roles_in_layers_that_are_not_keras_own():
    weights = trainable_weights(keras.Sequential([keras.Input((4,)), Linear(3), Recurrent(), Dense(1)]))
    assert [(w.name, w.role) for w in weights] == [
        ("scale", None),
        ("w", "kernel"),
        ("b1", "bias"),
        ("recurrent_kernel", "recurrent"),
        ("bias", "bias"),
        ("mixing", "kernel"),
        ("kernel", "kernel"),
        ("bias", "bias"),
    ]
    assert [w.unit for w in weights] == [0, 0, 0, 1, 1, 1, 2, 2]


@pytest.mark.parametrize("name", ["b", "b2", "b_2", "bias", "biases", "bias_3", "out_b", "out_bias"])
def test_what_a_bias_may_be_called(name):
    class Shift(L.Layer):
        def build(self, shape):
            self.add_weight(shape=(shape[-1],), name=name)

        def call(self, x):
            return x + self.trainable_variables[0]

    weights = trainable_weights(keras.Sequential([keras.Input((4,)), Shift(), Dense(1)]))
    assert weights[0].role == "bias"


@pytest.mark.parametrize("name", ["scale", "gamma", "rub", "beta", "blend", "alpha"])
def test_what_is_no_bias(name):
    class Shift(L.Layer):
        def build(self, shape):
            self.add_weight(shape=(shape[-1],), name=name)

        def call(self, x):
            return x + self.trainable_variables[0]

    model = keras.Sequential([keras.Input((4,)), Shift()])
    assert trainable_weights(model)[0].role is None
    assert not has_roles(model)


def test_scales_of_keras_own_layers_are_no_kernels():
    layers = [L.LayerNormalization(axis=(1, 2)), L.PReLU(), L.Flatten(), Dense(1)]  # with scales of two axes
    weights = trainable_weights(keras.Sequential([keras.Input((4, 3)), *layers]))
    assert [w.name for w in weights if w.role == "kernel"] == ["kernel"]


def test_tracing_changes_nothing():
    model = subclassed(HeadFirst())
    before = [w.copy() for w in model.get_weights()]
    first, second = (trainable_weights(model, forward_graph(model, (5,))) for _ in range(2))
    assert first == second
    assert all((a == b).all() for a, b in zip(before, model.get_weights(), strict=True))
    assert model.losses == []
