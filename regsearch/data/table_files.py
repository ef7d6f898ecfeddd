"""Files and DataFrames with named columns, as Arrow tables."""

import importlib.util
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from regsearch.data.disguised_numbers import without_thousands
from regsearch.data.encoding import is_number, kind_of, numbers
from regsearch.errors import DataError, in_one_line
from regsearch.loading import unreadable
from regsearch.notices import Notice
from regsearch.spec import TableSpec

CSV_ENDINGS = (".csv", ".csv.gz", ".tsv", ".txt")
ENDINGS = (*CSV_ENDINGS, ".parquet", ".xlsx")
SEPARATORS = (";", ",", "\t", "|")
FIELD = "data.source"
UNNAMED = re.compile(r"^(Unnamed: \d+|__index_level_\d+__|)$")  # what pandas calls an index that has no name


class Table(NamedTuple):
    """A pyarrow.Table, what its source is called in messages, and what was noticed while reading it."""

    arrow: Any
    called: str
    notices: tuple[Notice, ...] = ()


def read_table(path: Path, columns: TableSpec) -> Table:
    """Return a file's table.

    An empty field is a missing value, and so are NA, null and others like them unless the spec lists its own.

    Raises:
        DataError: it cannot be read, is empty or corrupt, in another encoding, has no columns or no rows, or two of one
            name.
    """
    import pyarrow as pa
    from pyarrow import parquet

    name, called = path.name.lower(), repr(str(path))
    try:
        with path.open("rb") as file:
            file.read(1)
        if name.endswith(".xlsx"):
            return _read_excel(path, columns)
        if name.endswith(".parquet"):
            arrow = parquet.read_table(path, partitioning=None)
            return _sound(Table(arrow, called, _unordered_categories(arrow)), columns)
        arrow = _read_csv(path, columns)
    except (pa.ArrowException, UnicodeError) as problem:
        raise DataError(FIELD, f"{called} cannot be read as a table: {_reason(problem)}") from None
    except OSError as problem:
        if problem.errno is None:  # Arrow's own, of what it found in the file
            raise DataError(FIELD, f"{called} cannot be read as a table: {_reason(problem)}") from None
        raise unreadable(problem, path, FIELD, DataError) from None
    return _sound(Table(arrow, called), columns)


def from_pandas(frame: Any, called: str, columns: TableSpec) -> Table:
    """Return a DataFrame with its dtypes, without its index.

    Raises:
        DataError: a column holds values of several types, it has no columns or rows, or two of one name.
    """
    import pandas as pd
    import pyarrow as pa

    try:
        arrow = pa.Table.from_pandas(frame.rename(columns=str), preserve_index=False)
    except (pa.ArrowException, ValueError, TypeError, OverflowError) as problem:
        raise DataError(FIELD, f"{called}: {_reason(problem)}") from None
    names = [str(name) for name in frame.index.names if name is not None]
    if names or not pd.api.types.is_integer_dtype(frame.index.dtype):
        index = " ".join(["the index", ", ".join(map(repr, names))]).strip()
        left_out = f"{index} of {called} is left out; reset_index() makes it a column"
        return _sound(Table(arrow, called, (Notice(code="index-left-out", message=left_out),)), columns)
    return _sound(Table(arrow, called), columns)


def numbers_rows(column: Any) -> bool:
    """Return whether a column counts the rows: integers, each one more than the one before."""
    if kind_of(column.type) != "numbers" or column.null_count:
        return False
    values = numbers(column)
    return bool(values[0] in (0, 1) and (np.diff(values) == 1).all())


def _unordered_categories(arrow: Any) -> tuple[Notice, ...]:
    """Return notices of ordered categories of pandas whose order is not in the file: Parquet keeps that of strings."""
    about = json.loads((arrow.schema.metadata or {}).get(b"pandas", b"{}")).get("columns", [])
    ordered = [column["field_name"] for column in about if (column.get("metadata") or {}).get("ordered")]
    lost = [name for name in ordered if name in arrow.column_names and is_number(arrow.column(name).type)]
    what = "was one of ordered categories, whose order a Parquet file keeps for strings only"
    remedy = "list its categories in data.encode"
    return tuple(Notice(code="order-lost", message=f"column {name!r} {what}; {remedy}") for name in lost)


def _read_csv(path: Path, columns: TableSpec) -> Any:
    """Return a text file's table as Arrow infers it, once it is sure that it was read as it was meant."""
    from pyarrow import csv

    separator = columns.separator or ("\t" if path.name.lower().endswith(".tsv") else ",")
    marks = {} if columns.missing_values is None else {"null_values": ["", *columns.missing_values]}
    arrow = csv.read_csv(
        path,
        read_options=csv.ReadOptions(encoding=columns.encoding or "utf8"),
        parse_options=csv.ParseOptions(delimiter=separator, newlines_in_values=True),
        convert_options=csv.ConvertOptions(strings_can_be_null=True, decimal_point=columns.decimal, **marks),
    )
    _check_csv(arrow, path)
    return arrow


def _check_csv(table: Any, path: Path) -> None:
    """Raise where a file was read, but not as it was meant."""
    import pyarrow as pa

    try:
        names = table.column_names
        kinds = zip(names, table.schema.types, strict=True)
        other = [f"column {name!r}" for name, kind in kinds if kind == pa.binary()]
    except UnicodeDecodeError:
        names, other = [], ["its header"]
    if other:
        remedy = 'write encoding = "latin-1", or whichever it is in'
        raise DataError("data.encoding", f"{str(path)!r} is not UTF-8 in {other[0]}; {remedy}, or save it as UTF-8")
    likely = [mark for mark in SEPARATORS if len(names) == 1 and mark in names[0]]
    if likely:
        what = f"{str(path)!r} has one column, {names[0]!r}; if something else separates fields"
        raise DataError("data.separator", f"{what}, write separator = {likely[0]!r}")


def _read_excel(path: Path, columns: TableSpec) -> Table:
    """Return the first sheet of a workbook."""
    import pandas as pd

    called = repr(str(path))
    if importlib.util.find_spec("openpyxl") is None:
        raise DataError(FIELD, f"{called} needs openpyxl: pip install 'regsearch[excel]'")
    own = columns.missing_values
    marks = [] if own is None else ["", *own]
    try:
        with pd.ExcelFile(path, engine="openpyxl") as book:
            sheets = list(map(str, book.sheet_names))
            frame = pd.read_excel(book, sheet_name=sheets[0], na_values=marks, keep_default_na=own is None)
    except Exception as problem:  # of zipfile, of XML or of openpyxl
        raise DataError(FIELD, f"{called} cannot be read as a workbook: {in_one_line(problem)}") from None
    arrow, _, notices = from_pandas(frame, called, columns)
    if len(sheets) > 1:
        others = f"sheet {sheets[0]!r} of {called} is read; its other sheets are not: {', '.join(sheets[1:])}"
        notices = (*notices, Notice(code="other-sheets", message=others))
    return Table(arrow, called, notices)


def _sound(table: Table, columns: TableSpec) -> Table:
    """Return the table where it has columns, each with its own name, and rows; values that mean missing are so.

    Raises:
        DataError: it has not.
    """
    arrow, called = table.arrow, table.called
    names: Sequence[str] = arrow.column_names
    if not names:
        raise DataError(FIELD, f"{called} has no columns")
    if not arrow.num_rows:
        raise DataError(FIELD, f"{called} has columns and no rows")
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise DataError(FIELD, f"{called} has several columns called {twice[0]!r}; each needs its own name")
    for i, name in enumerate(names):
        before = arrow.column(i)
        column = _without_marks(before, columns.missing_values or ())
        if columns.thousands and kind_of(column.type) == "strings":
            column = without_thousands(column, columns)
        if column is not before:
            arrow = arrow.set_column(i, name, column)
    return table._replace(arrow=arrow)


def _without_marks(column: Any, marks: Sequence[str]) -> Any:
    """Return a column in which values that mean missing are null: equal numbers, equal strings, equal categories."""
    import pyarrow as pa
    from pyarrow import compute

    kind = kind_of(column.type)
    if kind in ("categories", "ordered categories") and marks:
        stored = column.unify_dictionaries().chunk(0).dictionary
        categories = pa.array([category for category in stored.to_pylist() if str(category) not in marks], stored.type)
        places = compute.index_in(column.cast(stored.type).combine_chunks(), value_set=categories, skip_nulls=True)
        return pa.chunked_array([pa.DictionaryArray.from_arrays(places, categories, ordered=column.type.ordered)])
    if is_number(column.type) and kind != "booleans":
        marked = np.isin(numbers(column), [number for mark in marks if (number := _number(mark)) is not None])
    elif kind == "strings":
        marked = compute.is_in(column, value_set=pa.array(marks, column.type)).to_numpy()
    else:
        return column
    if not marked.any():
        return column
    return compute.if_else(pa.array(marked), pa.scalar(None, column.type), column)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _reason(problem: BaseException) -> str:
    return in_one_line(problem).partition(": ")[2]
