"""Files with a builder in them, right ones and wrong ones, drawn from a small grammar of Keras layers."""

from collections.abc import Sequence
from textwrap import indent
from typing import TypeVar

from hypothesis import strategies as st

Word = TypeVar("Word")

USUAL = "input_shape, n_outputs, output_activation"
SIGNATURES = (  # with what makes the usual names of it
    *((USUAL, ""),) * 4,
    ("rows, numbers, output_activation", "input_shape, n_outputs = rows, numbers"),
    ("n_outputs, input_shape, /, *, output_activation", ""),
    ("**given", f"{USUAL} = [given[k] for k in '{USUAL}'.split(', ')]"),
    ("n_outputs: int, input_shape: tuple = (2,), output_activation: str = 'sigmoid'", ""),
)
WRONG_SIGNATURES = (
    ("*given", f"{USUAL} = *given, 'sigmoid'"),
    ("", f"{USUAL} = (2,), 1, 'sigmoid'"),
    (f"{USUAL}, width", ""),
    ("input_shape, *, task, output_activation='linear'", "n_outputs = 1"),
)
NAMES = ("", "", "", "h", "größe", "a/b", "[x]", "a b", "kernel", "1", "output", "x:0", "é\\n", "%s{}", "h*")
WRONG_UNITS = ("0", "-1", "2.5", "'3'")
DENSE = (
    *("", "", "", ", 'relu'", ", use_bias=False", ", trainable=False", ", kernel_regularizer='l2'"),
    *(", bias_regularizer=keras.regularizers.L1(0.1)", ", kernel_constraint='non_neg'", ", lora_rank=1"),
    *(", kernel_constraint=keras.constraints.MaxNorm(1)", ", kernel_initializer='zeros'", ", bias_constraint=abs"),
    *(", kernel_initializer=keras.initializers.GlorotUniform(7)", ", activity_regularizer='l1'", ", input_shape=(5,)"),
)
WRONG_DENSE = (", activation='nonsense'", ", dtype='float64'", ", dtype='mixed_float16'", ", nonsense=1")
OTHER_LAYERS = (
    *("layers.Dropout(0.5)", "layers.BatchNormalization()", "layers.LayerNormalization()", "layers.ReLU()"),
    *("layers.GaussianNoise(0.1)", "layers.Rescaling(2.0)", "layers.UnitNormalization()", "Own()", "Own()"),
    *("layers.SpectralNormalization(layers.Dense(3))", "layers.EinsumDense('ab,bc->ac', 3)"),
    *("layers.ActivityRegularization(0.1)", "keras.Sequential([layers.Dense(3), layers.Dense(2)])"),
    *("layers.Lambda(lambda x: x[:, :1])", "layers.Lambda(lambda x: x / 0)", "Conv()"),
)
WRONG_LAYERS = (
    *("layers.Dropout(1.5)", "layers.Reshape((7, 7))", "layers.Reshape((-1, 1))", "layers.GRU(2)", "layers.Dense"),
    *("layers.Lambda(lambda x: 1 / 0)", "layers.Embedding(3, 2)", "None", "Late()", "Twice()", "Own(3)"),
    *("layers.TimeDistributed(layers.Dense(2))", "layers.Conv1D(2, 2, padding='same')"),
)
OWN_LAYERS = """
class Own(layers.Layer):
    def build(self, shape):
        self.table = self.add_weight(shape=(shape[-1], 2), name="table", initializer="normal")
        self.shift = self.add_weight(shape=(2,), name="b")

    def call(self, x):
        return keras.ops.matmul(x, self.table) + self.shift

class Conv(layers.Layer):
    def __init__(self):
        super().__init__()
        self.conv = layers.Conv1D(2, 1)

    def call(self, x):
        return self.conv(x[..., None])[..., 0]

class Late(layers.Layer):
    def call(self, x, training=False):
        if training:
            raise RuntimeError("not in\\ntraining")
        return x

class Twice(layers.Layer):
    def call(self, x, training=False):
        return keras.ops.concatenate([x, x], -1) if training else x
"""
OWN_MODEL = """
class OwnModel(keras.Model):
    def __init__(self, parts):
        super().__init__(){first}
        self.parts = parts{kept}

    def call(self, x{training}):
        for part in self.parts:
            x = part(x)
        return {given}
"""
GIVEN = ("x", "x", "x * 1.0", "keras.ops.clip(x, -5, 5)")
WRONG_GIVEN = ("(x, x)", "{'a': x}", "None", "x.no_such", "keras.ops.stop_gradient(x)", "x[0]")
COMPILED = (
    *("",) * 6,
    "model.compile('sgd', 'mse')",
    "model.compile(keras.optimizers.Adam(0.01, clipnorm=1.0))",
    "model.compile(loss=lambda y, p: keras.ops.abs(y - p), run_eagerly=True)",
    "model.compile(keras.optimizers.Lion(), metrics=['mae'])",
    "model.stop_training = True",
    "model.layers[0].trainable = False",
)
WRONG_COMPILED = (
    "model.compile(loss='nonsense')",
    "model.compile(loss=lambda y, p: None)",
    "model.compile(loss=lambda y, p: p.no_such)",
    "model.compile('adam', {'a': 'mse', 'b': 'mae'}, loss_weights={'a': 1.0})",
    "model.trainable = False",
    "model.build((None, 99))",
)
BEFORE = (*("",) * 6, "keras.utils.set_random_seed(3)", "print('built')", "keras.backend.clear_session()")
WRONG_BEFORE = (
    *("raise ValueError('never\\nmind')", "raise SystemExit", "raise KeyError", "assert False", "raise StopIteration"),
    *("import no_such_module", "return None", "return keras.Model", "return layers.Dense(1)", "def model(: pass"),
    "recurse = lambda: recurse()\nrecurse()",
)
STYLES = {
    "sequential": ["model = keras.Sequential([keras.Input(input_shape), *parts])"],
    "unbuilt": ["model = keras.Sequential(parts)"],
    "functional": [
        "x = first = keras.Input(input_shape)",
        "for part in parts: x = part(x)",
        "model = keras.Model(first, x)",
    ],
    "subclassed": ["model = OwnModel(parts)"],
    "no hidden": ["first = keras.Input(input_shape)", "model = keras.Model(first, parts[-1](first))"],
}
WRONG_STYLES = {
    "outputs": ["first = keras.Input(input_shape)", "model = keras.Model(first, [part(first) for part in parts])"],
    "twice": ["first = keras.Input(input_shape)", "model = keras.Model([first, keras.Input((1,))], parts[-1](first))"],
}


class Grammar:
    """Draws right words, and wrong ones in a few places at most."""

    def __init__(self, draw: st.DrawFn, wrong: int) -> None:
        self.draw, self.wrong = draw, wrong

    def word(self, right: Sequence[Word], wrong: Sequence[Word]) -> Word:
        """Return one of the words."""
        if self.wrong and self.draw(st.integers(0, 3)) == 0:
            self.wrong -= 1
            return self.draw(st.sampled_from(wrong))
        return self.draw(st.sampled_from(right))

    def hidden_layer(self) -> str:
        """Return the expression of a layer: mostly a Dense."""
        if self.draw(st.integers(0, 2)) == 0:
            return self.word(OTHER_LAYERS, WRONG_LAYERS)
        units, more = self.word("1234", WRONG_UNITS), self.word(DENSE, WRONG_DENSE)
        name = self.draw(st.sampled_from(NAMES))
        return f"layers.Dense({units}{more}" + (f", name='{name}')" if name else ")")

    def own_model(self) -> str:
        """Return a subclass of keras.Model."""
        return OWN_MODEL.format(
            first=self.draw(st.sampled_from(["", "", "", "; self.unused = layers.Dense(2)"])),
            kept=self.draw(st.sampled_from(["", "", "; self.call_count = 0"])),
            training=self.draw(st.sampled_from(["", "", ", training=False"])),
            given=self.word(GIVEN, WRONG_GIVEN),
        )


@st.composite
def builder_files(draw: st.DrawFn, wrong: int = 0) -> str:
    """The text of a file with `build` in it, with so many faults at most."""
    grammar = Grammar(draw, draw(st.integers(0, wrong)))
    signature, named = grammar.word(SIGNATURES, WRONG_SIGNATURES)
    before = grammar.word(BEFORE, WRONG_BEFORE)
    hidden = [grammar.hidden_layer() for _ in range(draw(st.integers(0, 3)))]
    units = grammar.word(["n_outputs"], ["n_outputs + 1", "1", "7"])
    activation = grammar.word(["output_activation"], ["None", "'tanh'", "'nonsense'"])
    parts = f"parts = [{', '.join([*hidden, f'layers.Dense({units}, activation={activation})'])}]"
    made = grammar.word([*STYLES.values()], [*WRONG_STYLES.values()])
    after = [grammar.word(COMPILED, WRONG_COMPILED), grammar.word(["return model"], ["model", "return [model]"])]
    body = indent("\n".join(line for line in [named, before, parts, *made, *after] if line), "    ")
    classes = f"import keras\nfrom keras import layers\n{OWN_LAYERS}\n{grammar.own_model()}"
    return f"{classes}\ndef build({signature}):\n{body}\n"
