"""Columns that were read as strings, though most of their values are numbers."""

import json
import re
from typing import Any

import numpy as np

from regsearch.errors import DataError
from regsearch.spec import TableSpec

MOSTLY = 0.5  # a column with more numbers than this share is one of numbers
NAMED = 3  # values in a message, at most
PER_CENT = re.compile(r"^\s*[+-]?[\d.,]+\s*%\s*$")


def check_disguised(name: str, column: Any, table: TableSpec) -> None:
    """Raise where a column of strings holds numbers for the most part.

    Args:
        name: its name.
        column: a pyarrow.ChunkedArray of strings.
        table: how numbers are written.

    Raises:
        DataError: it does; the message says which values are none, and how they can be read.
    """
    counts = {each["values"]: each["counts"] for each in column.drop_null().value_counts().to_pylist()}
    odd = {value: count for value, count in counts.items() if not _is_plain(value, table.decimal)}
    if not odd:
        return
    rows, odd_rows, example, what = sum(counts.values()), sum(odd.values()), next(iter(odd)), f"column {name!r} holds"
    for mark in (",", ".", "'", " "):
        if mark != table.decimal and all(grouped(mark, table.decimal).match(value) for value in odd):
            other = f'; if it is the decimal mark, write decimal = "{mark}"' if mark == "," else ""
            raise DataError("data.thousands", f'{what} numbers such as {example!r}; write thousands = "{mark}"{other}')
    if sum(count for value, count in odd.items() if PER_CENT.match(value)) > MOSTLY * rows:
        raise DataError("data.encode", f"{what} per cent signs, as in {example!r}; take the signs out of the file")
    if rows - odd_rows > MOSTLY * rows:
        marks = sorted(odd, key=odd.__getitem__, reverse=True)[:NAMED]
        listed = ", ".join(map(repr, marks)) + (", …" if len(odd) > NAMED else "")
        written = ", ".join(map(_quoted, marks))
        remedy = f"if they mean that a value is missing, write missing_values = [{written}]"
        problem = f"{what} numbers, but {odd_rows} of {rows} values are no numbers ({listed}); {remedy}"
        raise DataError("data.missing_values", f"{problem}; if they are categories, name the column in encode")


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def grouped(thousands: str, decimal: str) -> re.Pattern[str]:
    """Return what matches a number whose digits are in groups of three, or one that is too short for that."""
    mark, point = re.escape(thousands), re.escape(decimal)
    return re.compile(rf"^\s*[+-]?(\d{{1,3}}({mark}\d{{3}})+|\d{{1,3}})({point}\d*)?\s*$")


def without_thousands(column: Any, table: TableSpec) -> Any:
    """Return a column of strings as numbers where every value is one with digits in groups; else as it is.

    Args:
        column: a pyarrow.ChunkedArray of strings.
        table: how numbers are written.
    """
    import pyarrow as pa

    pattern, values = grouped(table.thousands, table.decimal), column.to_pylist()
    present = [value for value in values if value is not None]
    if not present or not all(pattern.match(value) or _is_plain(value, table.decimal) for value in present):
        return column
    plain = [value if value is None else value.replace(table.thousands, "") for value in values]
    found = [np.nan if value is None else float(value.replace(table.decimal, ".")) for value in plain]
    return pa.chunked_array([pa.array(found, pa.float64(), from_pandas=True)])


def _is_plain(value: str, decimal: str) -> bool:
    try:
        float(value.replace(decimal, ".") if decimal != "." else value)
    except ValueError:
        return False
    return True
