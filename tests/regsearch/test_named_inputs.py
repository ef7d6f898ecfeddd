"""Which columns of a table, or which arrays, the inputs of a model take; how each is scaled and described."""

import numpy as np
import pandas as pd
import pytest

from regsearch.data import DataSet, InputUse, describe_data, load, make_split
from regsearch.data.suspicious_columns import suspicious_columns
from regsearch.data.table_files import from_pandas
from regsearch.data.tables import features_of
from regsearch.errors import DataError
from regsearch.spec import DataSpec, SplitSpec, TableSpec

ROWS = 40
RNG = np.random.default_rng(5)
IMAGE = RNG.integers(0, 256, (ROWS, 4, 4, 1)).astype(np.uint8)
NUMBERS = RNG.normal(1000, 5, (ROWS, 2))
WORDS = RNG.integers(0, 9, (ROWS, 3))
ARRAYS = {"image": IMAGE, "numbers": NUMBERS, "words": WORDS}
Y = np.arange(ROWS) % 2
LISTED = (("words", ()), ("image", ()), ("numbers", ()))
COLUMNS = (("words", ("plan",)), ("numbers", ("bill", "age")))
FRAME = pd.DataFrame(
    {
        "age": [20.0, None, 40, 50] * 10,
        "plan": ["a", "b", "c", "a"] * 10,
        "bill": np.arange(40.0),
        "left": Y,
    }
)


@pytest.fixture
def from_npz(tmp_path):
    def get(arrays, **spec):
        np.savez(tmp_path / "data.npz", **arrays)
        return load(DataSpec(source="data.npz", folder=str(tmp_path), **spec))

    return get


@pytest.fixture
def table(tmp_path):
    FRAME.to_csv(tmp_path / "t.csv", index=False)

    def spec(inputs=COLUMNS, *, shapes=(), **columns):
        given = {"target": ("left",), "encode": (("", "one-hot"),), "missing": (("", "impute"),)} | columns
        folder, of = str(tmp_path), TableSpec(**given)
        return DataSpec(source="t.csv", folder=folder, inputs=inputs, shapes=shapes, scale="auto", table=of)

    return spec


@pytest.fixture
def returned(tmp_path):
    def get(expression, **spec):
        np.savez(tmp_path / "kept.npz", **ARRAYS, y=Y)
        text = f"import numpy as np\nd = dict(np.load({str(tmp_path / 'kept.npz')!r}))\ny = d.pop('y')\n"
        (tmp_path / "my_data.py").write_text(f"{text}\ndef load():\n    return {expression}\n")
        return load(DataSpec(source="my_data.py:load", folder=str(tmp_path), **spec))

    return get


def cut(data: DataSet) -> dict[str, np.ndarray]:
    return {each.name: each.of(data.x) for each in data.inputs}


def same(data: DataSet, names: list[str]) -> None:
    found = cut(data)
    assert list(found) == names
    for name in names:
        np.testing.assert_array_equal(found[name], ARRAYS[name].astype(np.float64))


def test_arrays_of_a_file_in_the_order_in_which_they_are_listed(from_npz):
    data = from_npz(ARRAYS | {"y": Y}, inputs=LISTED)
    same(data, ["words", "image", "numbers"])
    assert data.x.shape == (ROWS, 3 + 16 + 2)
    assert data.feature_names[:4] == ("words_1", "words_2", "words_3", "image_1")


@pytest.mark.parametrize("expression", ["(d, y)", "{'x': d, 'y': y, 'weights': y + 1.0, 'groups': y}", "{**d, 'y': y}"])
def test_arrays_that_a_function_returns(returned, expression):
    inputs = LISTED if "**" in expression else ()
    data = returned(expression, inputs=inputs)
    same(data, [name for name, _ in inputs] or ["image", "numbers", "words"])
    assert (data.weights is None) == ("weights" not in expression)


def test_columns_by_input_with_categories_and_missing_values(table):
    data = load(table())
    assert data.feature_names == ("plan=a", "plan=b", "plan=c", "bill", "age")
    assert [(each.name, each.start, each.shape) for each in data.inputs] == [("words", 0, (3,)), ("numbers", 3, (2,))]
    assert [column.name for column in data.columns] == ["plan", "bill", "age", "left"]
    split = make_split(table())
    assert split.train.x.shape[1:] == (5,)
    assert not np.isnan(split.train.x).any()


def test_columns_of_the_data_set_are_in_the_order_of_its_features(table):
    data = load(table((("all", ("bill", "plan", "age")),)))
    again = features_of(from_pandas(FRAME, "again", TableSpec()), data.columns)
    np.testing.assert_array_equal(again, data.x)


def test_so_are_those_of_features_in_an_order_of_their_own(table):
    data = load(table((), features=("bill", "age", "plan")))
    again = features_of(from_pandas(FRAME, "again", TableSpec()), data.columns)
    np.testing.assert_array_equal(again, data.x)


REFUSED = {
    "an input without columns": (
        {"inputs": (("a", ("age", "bill", "plan")), ("b", ()))},
        "data.inputs: input 'b' has no columns; list them: inputs = { b = [\"column\", …] }",
    ),
    "a column in two inputs": (
        {"inputs": (("a", ("age", "bill")), ("b", ("plan", "age")))},
        "data.inputs: column 'age' is in inputs 'a' and 'b'; it goes into one, once",
    ),
    "a column in none": (
        {"inputs": (("a", ("age", "bill")),)},
        "data.inputs: column 'plan' is in no input; add to one, or leave out by data.drop",
    ),
    "columns in none": (
        {"inputs": (("a", ("age",)),)},
        "data.inputs: columns 'plan', 'bill' are in no input; add to one, or leave out by data.drop",
    ),
    "no such column": (
        {"inputs": (("a", ("age", "bil", "plan")),)},
        "data.inputs: there is no column 'bil' (did you mean 'bill'?); columns are 'age', 'plan', 'bill', 'left'",
    ),
    "the target": (
        {"inputs": (("a", ("age", "bill", "plan", "left")),)},
        "data.inputs: column 'left' of input 'a' has another use, or is not in data.features",
    ),
    "a shape of no input": (
        {"shapes": (("number", (2, 1)),)},
        "data.shape: there is no input 'number' (did you mean 'numbers'?); inputs are words, numbers",
    ),
    "a shape that is too large": (
        {"shapes": (("numbers", (3, 1)),)},
        "data.shape: 3 x 1 is 3 numbers, and a row of input 'numbers' has 2",
    ),
}


@pytest.mark.parametrize(("given", "told"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused_of_tables(table, given, told):
    with pytest.raises(DataError) as caught:
        load(table(**given))
    assert str(caught.value) == told


REFUSED_ARRAYS = {
    "([d['image'], d['words']], y)": "data.source: x of load() is a list of arrays; name the inputs of a model of "
    "several in a dict",
    "({'a': d['image'], 'b': d['words'][:9]}, y)": "data.inputs: 'a' of load() has 40 rows and 'b' 9; inputs have the "
    "same rows",
    "({'a': d['words'].astype(str)}, y)": "data.source: a of load() holds <U21; it must hold numbers",
    "({}, y)": "data.inputs: x of load() is an empty dict",
}


@pytest.mark.parametrize(("expression", "told"), REFUSED_ARRAYS.items())
def test_what_is_refused_of_functions(returned, expression, told):
    with pytest.raises(DataError) as caught:
        returned(expression)
    assert str(caught.value) == told


REFUSED_LISTS = {
    "misspelt": ((("word", ()), ("image", ())), {}, "has no 'word' (did you mean 'words'?)"),
    "reserved": ((("y", ()),), {}, "an input cannot be called 'y', for arrays of that name have another use"),
    "with columns": (
        (("words", ("a",)), ("image", ())),
        {},
        'gives arrays: inputs = ["words", "image"]',
    ),
    "not listed": ((("words", ()), ("image", ())), {}, "list the inputs of a model of several in data.inputs"),
    "one shape": (LISTED, {"shape": (4, 4)}, "must say of which input it is: shape = { image = [4, 4] }"),
}


@pytest.mark.parametrize(("inputs", "more", "told"), REFUSED_LISTS.values(), ids=REFUSED_LISTS)
def test_what_is_refused_of_files(from_npz, inputs, more, told):
    with pytest.raises(DataError) as caught:
        from_npz(ARRAYS | {"y": Y}, inputs=inputs, **more)
    assert str(caught.value).endswith(told)


def test_each_input_is_scaled_as_the_model_uses_it(tmp_path):
    np.savez(tmp_path / "data.npz", **ARRAYS, y=Y)
    spec = DataSpec(source="data.npz", folder=str(tmp_path), inputs=LISTED, scale="auto", split=SplitSpec())
    uses = (InputUse(token_layer="e", token_size=9, token_features=(0, 1, 2)), InputUse(), InputUse())
    split, inputs = make_split(spec, uses=uses), load(spec).inputs
    found = {each.name: each.of(split.train.x) for each in inputs}
    np.testing.assert_array_equal(found["words"], WORDS[split.train.rows])
    np.testing.assert_allclose(found["image"], IMAGE[split.train.rows] / 255, rtol=1e-6)
    expected = NUMBERS[split.train.rows]
    np.testing.assert_allclose(found["numbers"], (expected - expected.mean(0)) / expected.std(0), atol=1e-5)
    described = describe_data(spec, load(spec), split, uses).columns
    assert [(c.name, c.kind, c.input, c.treatment) for c in described] == [
        ("words", "3 float32", "words", "ids, as they are"),
        ("image", "4 x 4 x 1 uint8", "image", "divided by 255"),
        ("numbers", "2 float64", "numbers", "standardized"),
        ("y", "classes", "", ""),
    ]


def test_columns_say_which_input_takes_them(table):
    spec = table()
    uses = (InputUse(), InputUse(token_layer="e", token_size=50, token_features=(0, 1)))
    found = describe_data(spec, load(spec), make_split(spec, uses=uses), uses).columns
    assert [(column.name, column.input) for column in found] == [
        *[("plan", "words"), ("bill", "numbers"), ("age", "numbers"), ("left", "")]
    ]
    assert [column.treatment.split("; ")[-1] for column in found] == ["standardized", *["ids, as they are"] * 2, ""]


def test_an_input_of_columns_takes_a_shape(table):
    assert load(table(shapes=(("numbers", (2, 1)),))).inputs[1].shape == (2, 1)


def test_columns_of_an_image_are_not_suspicious(from_npz):
    arrays = {"image": np.zeros((ROWS, 2, 2)), "numbers": np.ones((ROWS, 1)), "y": Y}
    found = suspicious_columns(from_npz(arrays, inputs=(("image", ()), ("numbers", ()))))
    assert found.constant == ("numbers_1",)
