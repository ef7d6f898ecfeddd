"""The operations of a step, counted by numbers that count themselves."""

from collections import Counter

import numpy as np
import pytest

from benchmarks.arithmetic import SIDE, limit, step_flops
from benchmarks.measure import round_robin

RATE, BETA_1, BETA_2, EPSILON, L2 = 1e-3, 0.9, 0.999, 1e-7, 1e-3
done = Counter()


class Number:
    """A float that counts what is done with it; what is done once a step is handed in as a float, ready made."""

    def __init__(self, value):
        self.value = value

    def _counted(self, kind, value):
        done[kind] += 1
        return Number(value)

    def __add__(self, other):
        return self._counted("add", self.value + float(other))

    def __sub__(self, other):
        return self._counted("sub", self.value - float(other))

    def __mul__(self, other):
        return self._counted("mul", self.value * float(other))

    def __truediv__(self, other):
        return self._counted("div", self.value / float(other))

    def __rtruediv__(self, other):
        return self._counted("div", other / self.value)

    def __neg__(self):
        return self._counted("neg", -self.value)

    def __float__(self):
        return self.value

    __radd__, __rmul__ = __add__, __mul__

    def exp(self):
        return self._counted("exp", float(np.exp(self.value)))

    def sqrt(self):
        return self._counted("sqrt", float(np.sqrt(self.value)))

    def relu(self):
        return self._counted("max", max(self.value, 0.0))


def counting(array):
    return np.vectorize(Number, otypes=[object])(array)


def step(x, y, weights):
    """One step from moments of 0, in plain NumPy: it returns the new weights."""
    (w1, b1, w2, b2), rows = weights, len(x)
    a = np.vectorize(Number.relu, otypes=[object])(x @ w1 + b1)
    p = 1.0 / (np.exp(-(a @ w2 + b2)) + 1.0)
    d2 = (p - y) / rows
    d1 = (d2 @ w2.T) * (np.vectorize(float)(a) > 0)
    gradients = [x.T @ d1 + w1 * (2 * L2), d1.sum(axis=0), a.T @ d2, d2.sum(axis=0)]
    return [adam(w, g) for w, g in zip(weights, gradients, strict=True)]


def adam(w, g):
    m, v = counting(np.zeros(g.shape)), counting(np.zeros(g.shape))
    m = m + (g - m) * (1 - BETA_1)
    v = v + (g * g - v) * (1 - BETA_2)
    scale = RATE * np.sqrt(1 - BETA_2) / (1 - BETA_1)
    return w - m * scale / (np.sqrt(v) + EPSILON)


@pytest.mark.parametrize(("rows", "inputs", "hidden"), [(3, 2, 4), (5, 3, 7), (2, 1, 1)])
def test_the_count_is_that_of_a_step_in_numpy(rows, inputs, hidden):
    draw = np.random.default_rng(0).normal
    shapes = [(inputs, hidden), (hidden,), (hidden, 1), (1,)]
    x, weights = counting(draw(size=(rows, inputs))), [counting(draw(size=shape)) for shape in shapes]
    y = (np.arange(rows)[:, None] % 2).astype(float)
    done.clear()
    step(x, y, weights)
    assert done.total() == step_flops(rows, inputs, hidden)


def test_the_step_that_is_counted_is_that_of_keras():
    from regsearch.backend import load_keras

    keras = load_keras()
    hidden = keras.layers.Dense(4, activation="relu", kernel_regularizer=keras.regularizers.L2(L2))
    model = keras.Sequential([keras.Input((2,)), hidden, keras.layers.Dense(1, activation="sigmoid")])
    model.compile(optimizer="adam", loss="binary_crossentropy")
    x = np.random.default_rng(0).normal(size=(3, 2)).astype(np.float32)
    y = np.array([[0.0], [1.0], [0.0]], np.float32)
    ours = step(counting(x), y.astype(float), [counting(w) for w in model.get_weights()])
    model.train_on_batch(x, y)
    for mine, theirs in zip(ours, model.get_weights(), strict=True):
        np.testing.assert_allclose(np.vectorize(float)(mine), theirs, atol=1e-6)


def test_the_limit_counts_a_product_as_twice_its_side_cubed():
    contender = limit("limit", flops=2 * SIDE**3 / 4, products=3)
    assert contender.units == 12
    assert round_robin([contender], 1)["limit"].median > 0
