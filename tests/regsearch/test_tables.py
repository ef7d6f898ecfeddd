"""The user's own tables: what columns become, and what is refused in one line."""

import gzip
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from regsearch.data import Imputation, load
from regsearch.errors import DataError
from regsearch.spec import DataSpec, SplitSpec, TableSpec

MIXED = """\
age,city,smoker,score,when,who,part,w
30,Oslo,true,1.5,2024-01-03,ann,train,1
,Bergen,false,2.5,2024-01-01,bob,validation,2
50,,true,-0.5,2024-01-02,ann,train,0.5
41,Oslo,false,NA,2024-01-05,cat,test,1
22,Bergen,true,0.25,2024-01-04,cat,test,1
"""


@pytest.fixture
def load_csv(tmp_path):
    """The data set of a CSV, and how it is described."""

    def get(text=MIXED, *, name="table.csv", column="", shape=(), **table):
        content = text if isinstance(text, bytes) else text.encode()
        (tmp_path / name).write_bytes(content)
        split = SplitSpec(column=column)
        return load(DataSpec(source=name, folder=str(tmp_path), table=TableSpec(**table), split=split, shape=shape))

    return get


def refused(load_csv, *arguments, **options):
    with pytest.raises(DataError) as caught:
        load_csv(*arguments, **options)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_every_use_of_a_column(load_csv):
    data = load_csv(
        target=("smoker",),
        drop=("score",),
        encode=(("", "one-hot"),),
        missing=(("", "impute"),),
        group="who",
        time="when",
        weights="w",
        column="part",
    )
    assert data.feature_names == ("age", "city=Bergen", "city=Oslo")
    np.testing.assert_array_equal(data.x[:, 0], np.float32([30, np.nan, 50, 41, 22]))
    np.testing.assert_array_equal(data.x[:, 1], np.float32([0, 1, np.nan, 0, 1]))
    np.testing.assert_array_equal(data.x[:, 2], np.float32([1, 0, np.nan, 1, 0]))
    assert data.imputations == (
        Imputation(columns=(0,), how="median"),
        Imputation(columns=(1, 2), how="most-frequent"),
    )
    assert (data.task, data.n_outputs, data.class_names) == ("binary", 1, ("False", "True"))
    assert data.y.tolist() == [[1], [0], [1], [0], [1]]
    assert data.groups.tolist() == [0, 1, 0, 2, 2]
    assert np.argsort(data.times).tolist() == [1, 2, 0, 4, 3]
    assert data.weights.tolist() == [1, 2, 0.5, 1, 1]
    assert data.subset_names.tolist() == ["train", "validation", "train", "test", "test"]


def test_categories_by_their_order_and_numbers_as_categories(load_csv):
    data = load_csv(
        "code,size,y\n10,b,1.5\n9,a,2.5\n10,c,3.25\n",
        target=("y",),
        encode=(("code", "one-hot"), ("size", "ordinal")),
    )
    assert data.feature_names == ("code=9", "code=10", "size")
    assert data.x.tolist() == [[0, 1, 1], [1, 0, 0], [0, 1, 2]]
    assert (data.task, data.n_outputs, data.imputations) == ("regression", 1, ())


def test_truth_values_and_numbers_with_gaps_as_categories(tmp_path):
    frame = pd.DataFrame({"t": [True, False, True], "k": pd.Categorical([7, 10, 7]), "f": [2.0, np.nan, 1.0]})
    frame.assign(y=[0.5, 1.5, 2.5]).to_parquet(tmp_path / "t.parquet")
    encode = (("t", "one-hot"), ("k", "ordinal"), ("f", "one-hot"))
    table = TableSpec(target=("y",), encode=encode, missing=(("f", "impute"),))
    data = load(DataSpec(source="t.parquet", folder=str(tmp_path), table=table))
    assert data.feature_names == ("t=false", "t=true", "k", "f=1", "f=2")
    np.testing.assert_array_equal(data.x, np.float32([[0, 1, 0, 0, 1], [1, 0, 1, np.nan, np.nan], [0, 1, 0, 1, 0]]))


def test_rows_with_missing_values_are_dropped_where_asked(load_csv):
    chosen = {"target": ("w",), "features": ("age", "score")}
    both = load_csv(missing=(("", "drop"),), **chosen)
    assert both.x.tolist() == [[30, 1.5], [50, -0.5], [22, 0.25]]
    one = load_csv(missing=(("age", "drop"), ("score", "mean")), **chosen)
    assert len(one.x) == 4
    assert one.imputations == (Imputation(columns=(1,), how="mean"),)
    target = load_csv(target=("score",), features=("w",), missing=(("score", "drop"),))
    assert target.y[:, 0].tolist() == [1.5, 2.5, -0.5, 0.25]


TARGETS = {
    "strings": (["b", "a", "c"], "multiclass", 3, ("a", "b", "c"), [1, 0, 2]),
    "two strings": (["yes", "no", "no"], "binary", 1, ("no", "yes"), [1, 0, 0]),
    "few integers": ([7, 10, 9], "multiclass", 3, ("7", "9", "10"), [0, 2, 1]),
    "whole floats": ([2.0, 1.0, 2.0], "binary", 1, ("1", "2"), [1, 0, 1]),
    "numbers": ([0.5, 1.0, 2.0], "regression", 1, (), [0.5, 1.0, 2.0]),
}


@pytest.mark.parametrize(("values", "task", "outputs", "names", "y"), TARGETS.values(), ids=TARGETS)
def test_the_kind_of_target_follows_from_its_values(load_csv, values, task, outputs, names, y):
    text = "x,y\n" + "".join(f"{i},{value}\n" for i, value in enumerate(values))
    data = load_csv(text, target=("y",))
    assert (data.task, data.n_outputs, data.class_names) == (task, outputs, names)
    assert data.y[:, 0].tolist() == y
    assert data.y.dtype == {"multiclass": np.int32, "binary": np.float32, "regression": np.float64}[task]


def test_many_whole_numbers_are_no_classes_unless_told(load_csv):
    text = "x,y\n" + "".join(f"{i},{i}\n" for i in range(21))
    assert load_csv(text, target=("y",)).task == "regression"
    assert load_csv(text, target=("y",), task="multiclass").n_outputs == 21
    assert load_csv("x,y\n1,0\n2,1\n", target=("y",), task="regression").task == "regression"


def test_several_targets(load_csv):
    data = load_csv("a,b,c\n1,2,3\n4,5,6.5\n", target=("a", "c"))
    assert (data.task, data.n_outputs, data.y.tolist()) == ("regression", 2, [[1, 3], [4, 6.5]])


@pytest.mark.parametrize("name", ["t.csv", "t.csv.gz", "t.tsv", "t.parquet"])
def test_every_kind_of_file_gives_the_same(tmp_path, name):
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(
        {"a": rng.normal(size=50), "k": pd.Categorical(rng.choice(["u", "v"], 50)), "y": rng.normal(size=50)}
    )
    path = tmp_path / name
    if name.endswith("parquet"):
        frame.to_parquet(path)
    else:
        frame.to_csv(path, sep="\t" if name.endswith("tsv") else ",", index=False)
    if name.endswith(".gz"):
        assert gzip.decompress(path.read_bytes()).startswith(b"a,k,y")
    table = TableSpec(target=("y",), encode=(("k", "ordinal"),))
    data = load(DataSpec(source=str(path), table=table))
    np.testing.assert_array_equal(data.x[:, 0], frame["a"])
    np.testing.assert_array_equal(data.x[:, 1], frame["k"].cat.codes)
    np.testing.assert_array_equal(data.y[:, 0], frame["y"])


def test_other_separators_and_decimal_marks(load_csv):
    plain = load_csv("a,k,y\n1.5,u,2\n-0.25,v,3.5\n", target=("y",), drop=("k",))
    other = load_csv("a;k;y\n1,5;u;2\n-0,25;v;3,5\n", target=("y",), drop=("k",), separator=";", decimal=",")
    assert other.x.tolist() == plain.x.tolist() == [[1.5], [-0.25]]
    assert other.y.tolist() == plain.y.tolist() == [[2], [3.5]]
    assert load_csv("a|y\n1|2\n3|4\n", name="t.tsv", **Y, separator="|").x.tolist() == [[1], [3]]


def test_rows_take_a_shape(load_csv):
    text = "a,b,c,d,y\n1,2,3,4,0\n5,6,7,8,1\n"
    assert load_csv(text, target=("y",), shape=(2, 2, 1)).x[1].tolist() == [[[5], [6]], [[7], [8]]]
    told = "data.shape: 3 x 1 is 3 numbers, and a row has 4"
    assert refused(load_csv, text, target=("y",), shape=(3, 1)) == told


Y = {"target": ("y",)}
MANY = "x,y\n" + "".join(f"{i},k{i}\n" for i in range(10_000))
REFUSED = {
    "a column that is not there": (
        "a,y\n1,2\n",
        {"target": ("yy",)},
        "data.target: there is no column 'yy' (did you mean 'y'?); columns are 'a', 'y'",
    ),
    "one of features": ("a,y\n1,2\n", Y | {"features": ("b",)}, "data.features: there is no column 'b'"),
    "one to encode": ("a,y\n1,2\n", Y | {"encode": (("b", "ordinal"),)}, "data.encode: there is no column 'b'"),
    "no target": ("a,y\n1,2\n", {}, "data.target: is required for a table"),
    "the target as a feature": ("a,y\n1,2\n", Y | {"features": ("a", "y")}, "data.features: 'y' is the target"),
    "strings": (
        "a,y\nred,2\nblue,3\n",
        Y,
        "data.encode: column 'a' holds strings such as 'red', no numbers; write encode = { a = \"one-hot\" }",
    ),
    "dates": (
        "a,y\n2024-01-01,2\n2024-01-02,3\n",
        Y,
        "data.encode: column 'a' holds dates, no numbers; drop it: drop = ['a']",
    ),
    "an empty column": ("a,b,y\n,1,2\n,1,3\n", Y, "data.features: column 'a' is empty in every row; drop it"),
    "missing values": (
        "a,y\n,2\n1,3\n,4\n",
        Y,
        "data.missing: column 'a' has no value in 2 rows; write missing = { a = \"impute\" }",
    ),
    "a mean of strings": (
        "a,y\n,2\nb,3\n",
        Y | {"encode": (("a", "ordinal"),), "missing": (("a", "mean"),)},
        "data.missing: column 'a' holds categories, which have no mean",
    ),
    "a missing target": (
        "a,y\n1,\n1,3\n",
        Y,
        "data.target: column 'y' has no value in 1 row; write missing = { y = \"drop\" }",
    ),
    "dropped to nothing": (
        "a,y\n,2\n,3\n1,\n",
        Y | {"missing": (("", "drop"),)},
        "data.missing: every row has a missing value",
    ),
    "one class": ("a,y\n1,k\n2,k\n", Y, "data.target: column 'y' is 'k' in every row; it takes two classes or more"),
    "10,000 classes": (MANY, Y, "data.target: column 'y' has 10,000 classes; it may have 1,000: group rare classes"),
    "three classes told to be two": (
        "a,y\n1,k\n2,l\n3,m\n",
        Y | {"task": "binary"},
        "data.target: column 'y' has 3 classes; a binary target has 2",
    ),
    "strings to regress on": (
        "a,y\n1,k\n2,l\n",
        Y | {"task": "regression"},
        "data.target: column 'y' holds 'k'; a regression's target is numbers",
    ),
    "classes of broken numbers": (
        "a,y\n1,0.5\n2,1\n",
        Y | {"task": "multiclass"},
        "data.target: column 'y' holds numbers that are not whole, such as 0.5",
    ),
    "strings among several targets": (
        "a,b,y\n1,k,2\n",
        {"target": ("b", "y")},
        "data.target: column 'b' holds no numbers",
    ),
    "beyond float32": (
        "a,y\n1e300,2\n1,3\n",
        Y,
        "data.source: column 'a' holds 1e+300, more than the 3.4e38 of a float32",
    ),
    "infinity": ("a,y\ninf,2\n1,3\n", Y, "data: column 'a' holds NaN or infinity in 1 row"),
    "a time that is none": (
        "a,t,y\n1,now-ish,2\n2,b,3\n",
        Y | {"time": "t"},
        "data.time: 't' holds neither numbers nor dates in ISO 8601: ",
    ),
    "a part that is none": (
        "a,p,y\n1,train,2\n1,dev,3\n",
        Y | {"column": "p"},
        "data.split.column: column 'p' holds 'dev'; it may hold train, validation, test",
    ),
    "weights that are strings": (
        "a,w,y\n1,k,2\n2,k,3\n",
        Y | {"weights": "w"},
        "data.weights: column 'w' holds no numbers",
    ),
    "a group left open": (
        "a,g,y\n1,,2\n1,k,3\n",
        Y | {"group": "g"},
        "data.group: column 'g' has no value in 1 row; every row needs its group",
    ),
    "two columns of a name": ("a,a,y\n1,2,3\n", Y, "has several columns called 'a'; each needs its own name"),
    "an empty file": ("", Y, "cannot be read as a table: Empty CSV file"),
    "a header only": ("a,y\n", Y, "has columns and no rows"),
    "rows of unequal length": ("a,y\n1,2\n1,2,3\n", Y, "cannot be read as a table: CSV parse error: "),
    "Latin-1": (
        "a,y\n1,Bodø\n2,Oslo\n".encode("latin-1"),
        Y,
        "table.csv' is not UTF-8 in column 'y'; write encoding = \"latin-1\"",
    ),
    "a header in Latin-1": ("by,år\n1,2\n".encode("latin-1"), Y, "table.csv' is not UTF-8 in its header"),
    "semicolons": (
        "a;y\n1;2\n",
        Y,
        "table.csv' has one column, 'a;y'; if something else separates fields, write separator = ';'",
    ),
    "commas where semicolons are to be": ("a,y\n1,2\n", Y | {"separator": ";"}, "write separator = ','"),
    "nothing but the target": ("y\n1\n2\n", Y, "data.features: no column is left to predict from"),
}


@pytest.mark.parametrize(("text", "table", "told"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused(load_csv, text, table, told):
    assert told in refused(load_csv, text, **table)


@pytest.mark.parametrize("content", [b"", b"PAR1 this is no Parquet PAR1", b"a,b\n1,2\n"])
def test_a_parquet_file_that_is_none(load_csv, content):
    assert "table.parquet' cannot be read as a table: " in refused(load_csv, content, name="table.parquet", **Y)


def test_a_parquet_file_cut_off_and_one_without_columns(tmp_path):
    path = tmp_path / "t.parquet"
    pd.DataFrame({"a": range(1000)}).to_parquet(path)
    path.write_bytes(path.read_bytes()[:-200])
    spec = DataSpec(source=str(path), table=TableSpec(**Y))
    with pytest.raises(DataError, match="cannot be read as a table"):
        load(spec)
    pd.DataFrame(index=range(3)).to_parquet(path, index=False)
    with pytest.raises(DataError, match="has no columns"):
        load(spec)


def test_paths_that_cannot_be_read(tmp_path):
    (tmp_path / "table.csv").write_text("a,y\n1,2\n")
    (tmp_path / "folder.csv").mkdir()

    def told(name):
        with pytest.raises(DataError) as caught:
            load(DataSpec(source=name, folder=str(tmp_path), table=TableSpec(**Y)))
        return str(caught.value)

    assert told("tabel.csv").endswith("tabel.csv' (did you mean 'table.csv'?)")
    assert "is a folder; it must be a file" in told("folder.csv")
    assert told("/proc/self/mem.csv").startswith("data.source: there is no file")


def test_a_table_that_has_changed_is_refused_and_read_anew(load_csv, tmp_path):
    first = load_csv("a,y\n1,2.5\n2,3\n", **Y)
    assert load_csv("a,y\n1,2.5\n2,4\n", **Y).y.tolist() != first.y.tolist()
    spec = DataSpec(source="table.csv", folder=str(tmp_path), table=TableSpec(**Y), digest="0" * 64)
    with pytest.raises(DataError, match=r"^data.source: '.*table.csv' has changed since the sweep was made"):
        load(spec)


def test_a_table_is_read_once_however_it_is_split(load_csv, tmp_path):
    first = load_csv(**{"target": ("w",), "features": ("w",)} | {"features": ("smoker",)})
    spec = DataSpec(source="table.csv", folder=str(tmp_path), table=TableSpec(target=("w",), features=("smoker",)))
    assert load(replace(spec, split=SplitSpec(validation=0.4))) is first
