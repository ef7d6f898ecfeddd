"""Tables of any kind: an error is one line, and what is read means what was written.

`REGSEARCH_FUZZ` multiplies the number of tables.
"""

import os
import tempfile
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from regsearch.data import data_notices, describe_data, load, make_split
from regsearch.data.table_files import from_pandas
from regsearch.data.tables import features_of
from regsearch.errors import InputError
from regsearch.spec import DataSpec, SplitSpec, TableSpec

EXAMPLES = 60 * int(os.environ.get("REGSEARCH_FUZZ", "1"))
MARKS = ("", "NA", "?", "-999", "null", "n/a", "unknown")
NAMES = st.one_of(
    st.sampled_from(["a", "Unnamed: 0", "", "y", "x 1", 'quote"d', "a,b", "größe", "a=b", "é\n", "[x]", "0", "None"]),
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=8),
)
FLOATS = st.floats(allow_nan=True, allow_infinity=True, width=64)
VALUES = {
    "floats": FLOATS,
    "modest": st.floats(-1e6, 1e6),
    "far": st.floats(0, 1).map(lambda value: 5e8 + value),
    "integers": st.integers(-(2**63), 2**63 - 1),
    "few": st.integers(0, 3),
    "booleans": st.booleans(),
    "strings": st.sampled_from(["u", "v", "w", "NA", "u", "v", "?", "1", "1,234", "12%", " "]),
    "text": st.text(max_size=6),
    "numbers and marks": st.sampled_from(["1", "2.5", "-3", "4e2", "?", "NA"]),
    "dates": st.integers(0, 999).map(lambda days: date(2024, 1, 1) + timedelta(days)),
    "nothing": st.none(),
    "bytes": st.binary(max_size=3),
    "lists": st.lists(st.integers(0, 3), max_size=2),
}
USUAL = ("modest", "far", "few", "booleans", "strings", "numbers and marks")
DTYPES = (
    *("object", "object", "object", "category", "ordered"),
    *("Int64", "Float32", "boolean", "string", "float32", "int8", "uint64"),
)


@st.composite
def columns(draw, rows):
    """A column of some kind, with gaps or without, in some dtype that it fits."""
    kind = draw(st.sampled_from([*list(VALUES), *USUAL * 4]))
    values = draw(st.lists(VALUES[kind], min_size=rows, max_size=rows))
    if draw(st.booleans()):
        gaps = draw(st.sets(st.integers(0, rows - 1), max_size=3)) if rows else set()
        values = [None if i in gaps else value for i, value in enumerate(values)]
    column = pd.Series(values, dtype=object).infer_objects() if draw(st.booleans()) else pd.Series(values, dtype=object)
    dtype = draw(st.sampled_from(DTYPES))
    try:
        if dtype == "ordered":
            return pd.Series(pd.Categorical(column, ordered=True))
        return column.astype(dtype)
    except Exception:
        return column


@st.composite
def frames(draw):
    rows = draw(st.sampled_from([draw(st.integers(0, 3)), *[draw(st.integers(8, 40))] * 9]))
    names = draw(st.lists(NAMES, min_size=2, max_size=5, unique=draw(st.sampled_from([True] * 9 + [False]))))
    return pd.concat([draw(columns(rows)) for _ in names], axis=1, keys=range(len(names))).set_axis(names, axis=1)


@st.composite
def specs(draw, names):
    name = st.sampled_from(names)
    encode = st.sampled_from(["one-hot", "ordinal", "refuse", ("u", "v", "w"), ("0", "1", "2", "3")])
    default = st.sampled_from(["one-hot", "ordinal", "one-hot", "ordinal", "refuse"])
    fill = st.sampled_from(["refuse", "drop", "impute", "impute", "impute", "mean", "median", "most-frequent"])
    seldom = st.sampled_from(["", "", "", "", draw(name)])
    return TableSpec(
        target=tuple(draw(st.lists(name, min_size=1, max_size=draw(st.sampled_from([1, 1, 2])), unique=True))),
        drop=tuple(draw(st.lists(name, max_size=draw(st.sampled_from([0, 0, 1])), unique=True))),
        encode=(*draw(st.dictionaries(name, encode, max_size=2)).items(), ("", draw(default))),
        missing=(("", draw(fill)),),
        missing_values=draw(st.none() | st.lists(st.sampled_from(MARKS), max_size=3).map(tuple)),
        group=draw(seldom),
        time=draw(seldom),
        weights=draw(seldom),
        thousands=draw(st.sampled_from(["", ","])),
        task=draw(st.sampled_from([None, None, None, "binary", "multiclass", "multilabel", "regression"])),
    )


def tried(spec):
    """Load, split and describe; None where it is refused, in one line."""
    try:
        data = load(spec)
        split = make_split(spec, scale_target=data.task == "regression")
    except InputError as error:
        assert "\n" not in str(error)
        event(error.field)
        return None
    event(f"read: {data.task}")
    notices = data_notices(data, split, metric="accuracy")
    assert all("\n" not in notice.message for notice in notices)
    describe_data(spec, data, split)
    return data, split


def check_meaning(data, split):
    """What a training takes is finite, of its type, of the rows it says, and scaled by the train rows."""
    for subset in split.subsets:
        assert subset.x.dtype == np.float32
        assert np.isfinite(subset.x).all() and np.isfinite(subset.y).all()
        assert subset.y.dtype == (np.int32 if data.task == "multiclass" else np.float32)
        np.testing.assert_allclose(subset.labels, data.y[subset.rows].astype(subset.labels.dtype))
    raw, flat = np.asarray(data.x[split.train.rows], np.float64), split.train.x.astype(np.float64)
    fine = raw.std(axis=0) > 1e6 * np.spacing(np.abs(raw).max(axis=0))  # else float64 itself has no digits left; or NaN
    assert (np.abs(flat.mean(axis=0)[fine]) < 1e-3).all()
    assert np.allclose(flat.std(axis=0)[fine], 1, atol=1e-3)


def check_round_trip(data, frame, table):
    """The same rows, encoded as rows that came later, are what was trained on."""
    if any(way == "drop" for _, way in table.missing):
        return
    again = features_of(from_pandas(frame, "later", table), data.columns)
    np.testing.assert_allclose(again, np.asarray(data.x, np.float64), rtol=1e-6)


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data(), kind=st.sampled_from(["csv", "parquet", "frame"]))
def test_any_table_is_read_as_it_is_meant_or_refused_in_one_line(data, kind):
    frame = data.draw(frames())
    names = list(map(str, frame.columns))
    table = data.draw(specs(names))
    split = SplitSpec(validation=0.25, test=0.25, stratify=data.draw(st.booleans()))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / ("t.csv" if kind == "csv" else "t.parquet")
        if kind == "csv":
            frame.to_csv(path, index=False, na_rep=data.draw(st.sampled_from(MARKS)), errors="replace")
        else:
            try:
                frame.rename(columns=str).to_parquet(path)
            except Exception:
                return  # no Parquet file can hold it
        source = path.name
        if kind == "frame":
            (Path(folder) / "my_data.py").write_text(
                f"import pandas as pd\ndef load():\n    return pd.read_parquet({str(path)!r})\n"
            )
            source = "my_data.py:load"
        found = tried(DataSpec(source=source, folder=folder, table=table, split=split, scale="standard"))
        if found is None:
            return
        check_meaning(*found)
        if kind != "csv":
            check_round_trip(found[0], pd.read_parquet(path), table)


@settings(max_examples=EXAMPLES // 2, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    content=st.binary(max_size=60) | st.text(max_size=60).map(str.encode), ending=st.sampled_from(["csv", "parquet"])
)
def test_any_bytes_are_read_or_refused_in_one_line(content, ending):
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / f"t.{ending}").write_bytes(content)
        table = TableSpec(target=("y",), encode=(("", "ordinal"),))
        tried(DataSpec(source=f"t.{ending}", folder=folder, table=table, split=SplitSpec(validation=0.25)))


@settings(max_examples=EXAMPLES // 2, deadline=None)
@given(
    numbers=st.lists(st.floats(-1e9, 1e9).map(lambda value: round(value, 3)), min_size=8, max_size=30),
    gaps=st.sets(st.integers(0, 7), max_size=4),
    mark=st.sampled_from(["?", "-", "missing", "-999.5"]),
)
def test_numbers_with_a_mark_are_the_same_numbers(numbers, gaps, mark):
    """Written with marks in some rows and read with `missing_values`: every other value is what it was."""
    numbers = [value + 0.25 if value == -999.5 else value for value in numbers]
    written = [mark if i in gaps else repr(value) for i, value in enumerate(numbers)]
    rows = "".join(f"{value},{i / 2}\n" for i, value in enumerate(written))
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "t.csv").write_text(f"a,y\n{rows}")
        table = TableSpec(target=("y",), missing_values=(mark,), missing=(("", "median"),), task="regression")
        data = load(DataSpec(source="t.csv", folder=folder, table=table))
    wanted = [np.nan if i in gaps else value for i, value in enumerate(numbers)]
    np.testing.assert_array_equal(data.x[:, 0], wanted)
