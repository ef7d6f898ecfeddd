"""What stands in for TensorFlow's functions gives what they give, in value and in gradient, compiled by XLA."""

import threading
from functools import cache

import numpy as np
import pytest

from regsearch.backend import load_tensorflow
from regsearch.trainers import convolutions as written
from regsearch.trainers.rewrites import rewritten

ROWS = 3

# (space, channels), window, outputs, options
CONVOLUTIONS = {
    "1D": ((9, 2), (3,), 4, {}),
    "1D, strides, same": ((10, 2), (3,), 4, {"strides": 2, "padding": "SAME"}),
    "2D": ((7, 6, 3), (3, 2), 5, {}),
    "2D, one channel, odd size, strides": ((7, 7, 1), (3, 3), 2, {"strides": (2, 3)}),
    "2D, same, even window": ((5, 8, 3), (2, 4), 4, {"padding": "SAME"}),
    "2D, same, strides": ((7, 9, 3), (3, 2), 4, {"strides": [1, 3, 2, 1], "padding": "SAME"}),
    "2D, strides longer than the window": ((7, 7, 2), (1, 1), 3, {"strides": 3, "padding": "SAME"}),
    "2D, the window is all": ((4, 4, 2), (4, 4), 3, {"data_format": "NHWC", "dilations": 1}),
    "3D": ((5, 4, 6, 2), (2, 3, 2), 3, {}),
    "3D, same, strides": ((5, 4, 6, 2), (2, 3, 2), 3, {"strides": (2, 1, 3), "padding": "SAME"}),
    "1D, dilations, same": ((9, 2), (3,), 4, {"dilations": 2, "padding": "SAME"}),
    "2D, dilations": ((7, 7, 2), (3, 3), 3, {"dilations": 2}),
    "2D, dilations, even window, same": ((7, 8, 5), (3, 2), 3, {"dilations": (1, 3), "padding": "SAME"}),
}
OTHER_CONVOLUTIONS = {
    "groups": ((6, 6, 4), (3, 3), 6, {"groups": 2}),
    "channels first": ((2, 6, 7), (3, 3), 3, {"data_format": "NCHW"}),
}
POOLINGS = {
    "1D": ((8, 3), {"ksize": 2, "strides": 2, "padding": "VALID"}),
    "1D, cut border": ((8, 3), {"ksize": [3], "strides": [3], "padding": "VALID"}),
    "2D": ((6, 8, 2), {"ksize": (2, 2), "strides": (2, 2), "padding": "VALID"}),
    "2D, cut borders": ((7, 8, 2), {"ksize": (2, 3), "strides": (2, 3), "padding": "VALID"}),
    "2D, same, nothing to pad": ((6, 6, 2), {"ksize": [1, 3, 2, 1], "strides": [1, 3, 2, 1], "padding": "SAME"}),
}
OTHER_POOLINGS = {
    "overlapping": ((7, 7, 2), {"ksize": 3, "strides": 2, "padding": "VALID"}),
    "apart": ((7, 7, 2), {"ksize": 2, "strides": 3, "padding": "VALID"}),
    "padded": ((7, 7, 2), {"ksize": 2, "strides": 2, "padding": "SAME"}),
    "3D": ((4, 4, 6, 2), {"ksize": 2, "strides": 2, "padding": "VALID"}),
}


def convolutions():
    """(call, arguments) of each case."""
    tf, rng, cases = load_tensorflow(), np.random.default_rng(1), {}
    for name, (shape, window, outputs, options) in (CONVOLUTIONS | OTHER_CONVOLUTIONS).items():
        options = dict(options)
        groups, first = options.pop("groups", 1), options.get("data_format") == "NCHW"
        channels = shape[0] if first else shape[-1]
        x = rng.normal(size=(ROWS, *shape))
        filters = rng.normal(size=(*window, channels // groups, outputs))
        arguments = {"strides": 1, "padding": "VALID"} | options
        cases[name] = (lambda x, w, given=arguments: tf.nn.convolution(x, w, **given), (x, filters))
    return cases


def poolings():
    tf, rng, cases = load_tensorflow(), np.random.default_rng(2), {}
    for name, (shape, options) in (POOLINGS | OTHER_POOLINGS).items():
        x = rng.integers(0, 3, (ROWS, *shape))  # three numbers only: the largest is there several times in most windows
        cases[name] = (lambda x, given=options: tf.nn.max_pool(x, **given), (x,))
    return cases


def values_and_gradients(cases):
    """Value of each case, and gradients of Σ value·upstream by each of its arguments, in one XLA program."""
    tf = load_tensorflow()

    def one(call, arguments):
        rng = np.random.default_rng(3)
        arguments = [tf.constant(a, tf.float32) for a in arguments]
        with tf.GradientTape() as tape:
            tape.watch(arguments)
            value = call(*arguments)
            weighted = tf.reduce_sum(value * rng.normal(size=value.shape).astype(np.float32))
        return [value, *tape.gradient(weighted, arguments)]

    @tf.function(jit_compile=True, autograph=False)
    def compiled():
        return {name: one(*case) for name, case in cases.items()}

    return {name: [array.numpy() for array in found] for name, found in compiled().items()}


@pytest.fixture(scope="module")
def theirs():
    """What TensorFlow gives for the cases of a function, once."""
    return cache(lambda cases: values_and_gradients(cases()))


@pytest.mark.parametrize(
    ("cases", "patches"),
    [(convolutions, True), (convolutions, False), (poolings, True)],
    ids=["patches", "large", "poolings"],
)
def test_equals_tensorflow(cases, patches, theirs, monkeypatch):
    """Convolutions by products of patches, and by convolutions as large ones are."""
    if not patches:
        monkeypatch.setattr(written, "MAX_PATCH_NUMBERS", 0)
        monkeypatch.setattr(written, "MAX_FEW_PATCH_NUMBERS", 0)
    with rewritten():
        ours = values_and_gradients(cases())
    for name, arrays in theirs(cases).items():
        for got, wanted in zip(ours[name], arrays, strict=True):
            np.testing.assert_allclose(got, wanted, atol=1e-5 * np.abs(wanted).max(), rtol=1e-5, err_msg=name)


def test_which_cases_are_rewritten(monkeypatch):
    """By what the originals are called for, with shapes alone: an empty graph is traced."""
    tf, asked = load_tensorflow(), []
    for name in ("convolution", "max_pool"):
        original = getattr(tf.nn, name)
        monkeypatch.setattr(tf.nn, name, lambda *a, _f=original, **o: asked.append(1) or _f(*a, **o))

    def falls_back(call, arguments):
        asked.clear()
        with rewritten(), tf.Graph().as_default():
            call(*[tf.constant(a, tf.float32) for a in arguments])
        return bool(asked)

    for cases, others in ((convolutions(), OTHER_CONVOLUTIONS), (poolings(), OTHER_POOLINGS)):
        assert {name for name, case in cases.items() if falls_back(*case)} == set(others)


@pytest.mark.parametrize(("channels", "limit"), [(2, "MAX_FEW_PATCH_NUMBERS"), (5, "MAX_PATCH_NUMBERS")])
def test_a_batch_too_large_for_patches_is_convolved(channels, limit, monkeypatch):
    tf, asked = load_tensorflow(), []
    monkeypatch.setattr(written, "_by_convolutions", lambda *a: asked.append(1))
    x, filters = tf.ones((3, 6, 6, channels)), tf.ones((3, 3, channels, 4))
    numbers = 3 * 4 * 4 * 3 * 3 * channels
    monkeypatch.setattr(written, limit, numbers)
    assert written.convolution(x, filters) is not None and not asked
    monkeypatch.setattr(written, limit, numbers - 1)
    written.convolution(x, filters)
    assert asked


@pytest.mark.parametrize("shape", [(None, 6, 6, 2), (3, None, 6, 2)], ids=["rows", "height"])
def test_sizes_that_are_not_known_fall_back(shape):
    tf = load_tensorflow()
    given = np.random.default_rng(4).normal(size=(3, 6, 6, 2)).astype(np.float32)
    filters = np.ones((3, 3, 2, 4), np.float32)

    def both(x):
        return tf.nn.convolution(x, filters, 1, "VALID"), tf.nn.max_pool(x, 2, 2, "VALID", "NHWC")

    def traced(x):
        with rewritten():
            return both(x)

    found = tf.function(traced, input_signature=[tf.TensorSpec(shape)], autograph=False)(given)
    for got, wanted in zip(found, both(given), strict=True):
        np.testing.assert_allclose(got, wanted, rtol=1e-5, atol=1e-5)


def test_padding_by_numbers_falls_back():
    """XLA has none for pooling, so such a model is trained by `fit`, not with another pooling."""
    tf, padding = load_tensorflow(), [[0, 0], [1, 1], [0, 1], [0, 0]]
    x = tf.reshape(tf.range(36.0), (1, 6, 6, 1))
    with rewritten():
        got = tf.nn.max_pool(x, 2, 2, padding)
    assert got.shape == (1, 4, 3, 1)
    np.testing.assert_array_equal(got, tf.nn.max_pool(x, 2, 2, padding))


def test_the_first_largest_of_a_window_gets_the_gradient():
    with rewritten():
        tf = load_tensorflow()
        x = tf.constant([[1.0, 5, 5, 2, 2, 2, 7]])[..., None]  # windows (1, 5, 5) and (2, 2, 2); 7 is cut off
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = tf.nn.max_pool(x, 3, 3, "VALID")
    assert y.numpy().ravel().tolist() == [5, 2]
    assert tape.gradient(y, x).numpy().ravel().tolist() == [0, 1, 0, 1, 0, 0, 0]


def test_the_gradient_of_selu_is_tensorflows_at_0_too():
    tf = load_tensorflow()
    x = tf.constant(np.linspace(-2, 2, 9), tf.float32)

    def gradient():
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = tf.nn.selu(x)
        return y, tape.gradient(y, x)

    def rewritten_gradient():
        with rewritten():
            return gradient()

    ours = tf.function(rewritten_gradient, jit_compile=True, autograph=False)()
    for got, wanted in zip(ours, gradient(), strict=True):
        np.testing.assert_allclose(got, wanted, rtol=1e-6)


def functions():
    tf = load_tensorflow()
    random = [tf.random.stateless_uniform, tf.random.stateless_normal, tf.random.stateless_truncated_normal]
    return [*random, tf.nn.experimental.stateless_dropout, tf.nn.convolution, tf.nn.max_pool, tf.nn.selu]


def test_tensorflows_functions_are_its_own_afterwards():
    before = functions()
    with rewritten():
        assert all(a is not b for a, b in zip(before, functions(), strict=True))
    assert functions() == before
    with pytest.raises(RuntimeError, match="while tracing"), rewritten():
        raise RuntimeError("while tracing")
    assert functions() == before


def test_other_threads_meet_tensorflows_own():
    """One thread may trace a training while another draws initial weights."""
    tf = load_tensorflow()

    def draws():
        return tf.random.stateless_normal((4,), (1, 2)).numpy().tolist()

    found = []
    wanted = draws()
    with rewritten():
        thread = threading.Thread(target=lambda: found.append(draws()))
        thread.start()
        thread.join()
    assert found == [wanted]
