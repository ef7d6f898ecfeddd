"""Arrays from .npz files and from functions of the user's."""

import numpy as np
import pytest

from regsearch.data import load
from regsearch.errors import DataError
from regsearch.spec import DataSpec, TableSpec

X = np.arange(24.0).reshape(4, 3, 2)
LOAD = """
import numpy as np
import pandas as pd

def pair(rows=4):
    return np.arange(2.0 * rows).reshape(rows, 2), [0.5, 1.5, 2.5, 3.5][:rows]

def everything():
    x, y = pair()
    return {"x": x, "y": ["a", "b", "b", "c"], "weights": [1, 2, 3, 4], "groups": ["g", "h", "g", "h"],
            "times": [4, 3, 2, 1], "feature_names": ["p", "q"]}

def frame():
    return pd.DataFrame({"a": [1, 2, 3], "b": ["u", "v", "u"], "y": [0.5, 1.5, 2.5]})

def mixed():
    return pd.DataFrame({"a": [1, "x", 3], "y": [0.5, 1.5, 2.5]})

def nothing():
    pass

def broken():
    return {}["no such key"]

def short():
    return np.zeros((4, 2)), np.arange(3) + 0.5

def one_hot():
    return np.zeros((4, 2)), np.eye(4)
"""


@pytest.fixture
def from_npz(tmp_path):
    def get(**arrays):
        np.savez(tmp_path / "data.npz", **arrays)
        return load(DataSpec(source="data.npz", folder=str(tmp_path)))

    return get


@pytest.fixture
def call(tmp_path):
    (tmp_path / "my_data.py").write_text(LOAD)

    def get(function, table=None, **params):
        spec = DataSpec(
            source=f"my_data.py:{function}",
            folder=str(tmp_path),
            params=tuple(params.items()),
            table=table or TableSpec(),
        )
        return load(spec)

    return get


def test_arrays_of_any_shape(from_npz):
    data = from_npz(x=X, y=np.array([3, 1, 3, 1]))
    assert data.x.shape == (4, 3, 2)
    assert data.x.dtype == np.float32
    assert (data.task, data.class_names, data.y.tolist()) == ("binary", ("1", "3"), [[1], [0], [1], [0]])
    assert len(data.feature_names) == 6


def test_a_row_may_be_one_number_and_targets_several(from_npz):
    data = from_npz(x=np.arange(4), y=np.array([[0.1, 2], [0.3, 4], [1, 2], [3, 4]]))
    assert data.x.shape == (4, 1)
    assert (data.task, data.n_outputs) == ("regression", 2)


REFUSED = {
    "no y": ({"x": X}, "has no 'y'; it must have x and y"),
    "something else": ({"x": X, "y": X, "z": X}, "has 'z'; it may have x, y, weights"),
    "words": ({"x": np.array(["a", "b"]), "y": np.arange(2)}, "x of '.*data.npz' holds <U1; it must hold numbers"),
    "pickles": ({"x": np.array([{}, {}], object), "y": np.arange(2)}, "cannot be read as .npz: ValueError: Object"),
    "one value": ({"x": X, "y": np.array(3)}, "y of .* is a single value; it must have one row per sample"),
    "unequal rows": ({"x": X, "y": np.arange(3) + 0.5}, "the features have 4 rows and the target 3 rows"),
    "one class": ({"x": X, "y": np.ones(4)}, "y of .* is 1.0 in every row; it takes two classes or more"),
    "NaN": ({"x": np.full((2, 2), np.nan), "y": np.arange(2)}, "column 'x1' holds NaN or infinity in 2 rows"),
    "complex": ({"x": X, "y": np.arange(4) * 1j}, "holds complex128; it may hold numbers, strings"),
    "groups of another length": ({"x": X, "y": np.arange(4), "groups": np.arange(3)}, "4 rows and the groups 3 rows"),
}


@pytest.mark.parametrize(("arrays", "told"), REFUSED.values(), ids=REFUSED)
def test_a_file_that_is_refused(from_npz, arrays, told):
    with pytest.raises(DataError, match=told) as caught:
        from_npz(**arrays)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_no_npz(tmp_path):
    (tmp_path / "a.npz").write_text("no zip file")
    np.save(tmp_path / "b", X)
    (tmp_path / "b.npy").rename(tmp_path / "b.npz")
    for name, told in (("a", "cannot be read as .npz: "), ("b", "has no 'x'; it must have x and y")):
        with pytest.raises(DataError, match=told):
            load(DataSpec(source=f"{name}.npz", folder=str(tmp_path)))


def test_what_a_function_may_return(call):
    assert call("pair").y[:, 0].tolist() == [0.5, 1.5, 2.5, 3.5]
    assert len(call("pair", rows=3).x) == 3
    data = call("everything")
    assert (data.task, data.feature_names, data.groups.tolist()) == ("multiclass", ("p", "q"), [0, 1, 0, 1])
    assert (data.weights.tolist(), data.times.tolist()) == ([1, 2, 3, 4], [4, 3, 2, 1])
    table = TableSpec(target=("y",), encode=(("b", "one-hot"),))
    assert call("frame", table).feature_names == ("a", "b=u", "b=v")


@pytest.mark.parametrize(
    ("function", "told"),
    [
        ("nothing", r"nothing\(\) must return \(x, y\), a dict or a DataFrame; it returned NoneType"),
        ("broken", r"my_data.py:23: KeyError: 'no such key'"),
        ("frame", r"data.target: is required for a table"),
        ("short", r"the features have 4 rows and the target 3 rows"),
        ("one_hot", r"y of one_hot\(\) looks one-hot .* give the classes' numbers in one column"),
        ("mixed", r"mixed\(\): "),
        ("lod", r"has no function 'lod'"),
    ],
)
def test_a_function_that_is_refused(call, function, told):
    with pytest.raises(DataError, match=told) as caught:
        call(function)
    assert "\n" not in str(caught.value)


def test_columns_are_of_tables(call):
    with pytest.raises(DataError, match=r"^data.target: goes with tables; pair\(\) gives arrays$"):
        call("pair", TableSpec(target=("y",)))
