"""What a builder of the user's is called with."""

import hashlib

import numpy as np
import pytest

from regsearch.data import load
from regsearch.errors import ModelError
from regsearch.models import build
from regsearch.spec import ModelSpec
from tests.regsearch.conftest import DATA

BUILD = """
import keras

def build(input_shape, n_outputs, task, width=4, **params):
    assert (tuple(input_shape), n_outputs, task) == ((2,), 1, "binary")
    return keras.Sequential([keras.Input(input_shape), keras.layers.Dense(width, name="|".join(params) or "none"),
                             keras.layers.Dense(n_outputs, "sigmoid")])

def nothing():
    return build((2,), 1, "binary")

def shape_only(rows):
    return build(rows, 1, "binary")

def other_names(rows, /, numbers):
    return build(rows, numbers, "binary")

def keywords(*, n_outputs, output_activation, input_shape):
    assert output_activation == "sigmoid"
    return build(input_shape, n_outputs, "binary")

def strict(input_shape, depth):
    return build(input_shape, 1, "binary", width=depth)

def more(a, b, depth):
    pass
"""


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    folder = tmp_path_factory.mktemp("own")
    (folder / "my_model.py").write_text(BUILD)

    def build_it(function, digest="", **options):
        builder = f"my_model.py:{function}"
        spec = ModelSpec(builder=builder, options=tuple(options.items()), folder=str(folder), digest=digest)
        return build(spec, load(DATA["moons"]))

    build_it.file = folder / "my_model.py"
    return build_it


@pytest.mark.parametrize("function", ["build", "nothing", "shape_only", "other_names", "keywords"])
def test_a_users_builder_gets_what_it_takes(keras, own, function):
    model = own(function)
    assert model.layers[0].units == 4
    assert model.layers[0].name == "none"  # what it did not ask for is not handed to it


def test_a_users_builder_gets_the_sweeps_options(keras, own):
    assert own("build", width=7).layers[0].units == 7
    assert own("build", other=1).layers[0].name == "other"
    assert own("strict", depth=3).layers[0].units == 3


@pytest.mark.parametrize(
    ("function", "options", "told"),
    [
        ("strict", {"dept": 3}, r"model.dept: strict\(\) takes no 'dept' \(did you mean 'depth'\?\); it takes"),
        ("more", {}, r"model.depth: is required: more\(\) has no default for it"),
        ("biuld", {}, r"model.builder: .*my_model.py has no function 'biuld' \(did you mean 'build'\?\)"),
    ],
)
def test_what_a_users_builder_does_not_take(keras, own, function, options, told):
    with pytest.raises(ModelError, match=told):
        own(function, **options)


def test_a_builder_that_has_changed_is_refused(keras, own):
    known = hashlib.sha256(own.file.read_bytes()).hexdigest()
    own("build", digest=known)
    with pytest.raises(ModelError, match=r"^model.builder: '.*my_model.py' has changed since the sweep was made"):
        own("build", digest="0" * 64)


ODD = """
import functools, operator, sys
import keras

def dense(shape, units):
    return keras.Sequential([keras.Input(shape), keras.layers.Dense(units, "sigmoid")])

def anything(**given):
    assert set(given) >= {"input_shape", "n_outputs", "output_activation", "task"}
    return dense(given["input_shape"], given["n_outputs"])

def positions(*given):
    return dense(*given)

def both(*given, **options):
    assert options == {"width": 3}
    return dense(*given)

part = functools.partial(dense, units=1)

class Callable:
    def __call__(self, input_shape, n_outputs):
        return dense(input_shape, n_outputs)

instance = Callable()

class Model(keras.Model):
    def __init__(self, input_shape, n_outputs):
        super().__init__()
        self.out = keras.layers.Dense(n_outputs, "sigmoid")

    def call(self, x):
        return self.out(x)

def none(input_shape):
    pass

def leaves(input_shape):
    sys.exit("no licence")

def leaves_with_a_code(input_shape):
    sys.exit(3)

def needs(input_shape, *, depth, width=3):
    return dense(input_shape, 1)

async def later(input_shape):
    return dense(input_shape, 1)

getter = operator.itemgetter(0)

kept = dense((2,), 1)

def same():
    return kept

count = 0

def raises_late(input_shape, n_outputs):
    global count
    count += 1
    if count > 1:
        raise RuntimeError("no more memory")
    return dense(input_shape, n_outputs)
"""


@pytest.fixture(scope="module")
def odd(tmp_path_factory):
    folder = tmp_path_factory.mktemp("odd")
    (folder / "odd.py").write_text(ODD)

    def build_it(function, **options):
        spec = ModelSpec(builder=f"odd.py:{function}", options=tuple(options.items()), folder=str(folder))
        return build(spec, load(DATA["moons"]))

    return build_it


@pytest.mark.parametrize("function", ["anything", "positions", "part", "instance", "Model"])
def test_unusual_builders_that_work(keras, odd, function):
    assert odd(function)(np.zeros((3, 2), np.float32)).shape == (3, 1)


def test_options_beside_positions(keras, odd):
    assert odd("both", width=3).count_params() == 3


@pytest.mark.parametrize(
    ("function", "told"),
    [
        ("none", r"must return a keras.Model; it returned NoneType$"),
        ("leaves", r"raised SystemExit: no licence \(.*odd.py:\d+\)$"),
        ("leaves_with_a_code", r"raised SystemExit: 3 \(.*odd.py:\d+\)$"),
        ("needs", r"^model.depth: is required: needs\(\) has no default for it; write it under \[model\]$"),
        ("getter", r"itemgetter\(\) does not say what it takes; write a function around it$"),
    ],
)
def test_unusual_builders_are_refused_in_one_line(keras, odd, function, told):
    with pytest.raises(ModelError, match=told) as caught:
        odd(function)
    assert "\n" not in str(caught.value)


@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning")
def test_a_builder_that_is_a_coroutine(keras, odd):
    with pytest.raises(ModelError, match=r"must return a keras.Model; it returned coroutine$"):
        odd("later")


def test_a_builder_that_returns_the_same_model_again(keras, odd):
    odd("same")
    with pytest.raises(ModelError, match=r"returned the same model again, which may be trained by now; it must make"):
        odd("same")


def test_a_builder_that_raises_late(keras, odd):
    odd("raises_late")
    with pytest.raises(ModelError, match=r"raised RuntimeError: no more memory \(.*odd.py:\d+\)$"):
        odd("raises_late")
