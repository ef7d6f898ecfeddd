"""Columns of a table as numbers."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regsearch.data.checks import in_rows
from regsearch.data.labels import in_float32
from regsearch.data.subsets import Imputation
from regsearch.errors import DataError

MAX_CATEGORIES = 1_000
ENCODINGS = ("one-hot", "ordinal")


@dataclass(frozen=True, kw_only=True, eq=False)
class Encoded:
    """A column as numbers.

    Args:
        values: (rows, columns) float32; NaN where the value is missing and is to be filled in.
        names: one per column.
        how: what fills in missing values: `mean`, `median` or `most-frequent`; empty where none is missing.
    """

    values: NDArray[np.float32]
    names: tuple[str, ...]
    how: str = ""

    def imputation(self, first: int) -> Imputation | None:
        """Return what fills it in where its columns begin at `first`; None where nothing is missing."""
        columns = tuple(range(first, first + len(self.names)))
        return Imputation(columns=columns, how=self.how) if self.how else None  # type: ignore[arg-type]


def encoded(name: str, column: Any, *, encode: str | None, missing: str) -> Encoded:
    """Return a column of a table as numbers.

    Numbers, and true and false, are taken as they are, unless an encoding is asked for.

    Args:
        name: its name.
        column: a pyarrow.ChunkedArray.
        encode: `one-hot` or `ordinal`, for numbers too; `refuse` or None for numbers only.
        missing: what becomes of missing values: `refuse`, `mean`, `median`, `most-frequent` or `impute`.

    Raises:
        DataError: it holds something else than numbers and no encoding is given, values are missing and nothing is
            said of them, or it has too many categories.
    """
    import pyarrow as pa

    if pa.types.is_null(column.type):
        raise DataError("data.features", f"column {name!r} is empty in every row; drop it: drop = [{name!r}]")
    if encode in ENCODINGS:
        return _categories(name, column, encode, missing)
    if is_number(column.type):
        return _numbers(name, column, missing)
    if pa.types.is_temporal(column.type):
        raise DataError("data.encode", f"column {name!r} holds dates, no numbers; drop it: drop = [{name!r}]")
    what = f"column {name!r} holds strings such as {_example(column)!r}, no numbers"
    ways = "it may be 'one-hot' (a column per category) or 'ordinal' (their order)"
    raise DataError("data.encode", f'{what}; write encode = {{ {_key(name)} = "one-hot" }}, {ways}, or drop it')


def is_number(kind: Any) -> bool:
    """Return whether an Arrow type is a number, or true and false."""
    from pyarrow import types

    tests = (types.is_integer, types.is_floating, types.is_boolean, types.is_decimal)
    return any(test(kind) for test in tests)


def numbers(column: Any) -> NDArray[np.float64]:
    """Return a column of numbers as float64; NaN where values are missing."""
    import pyarrow as pa

    return column.cast(pa.float64()).to_numpy()  # type: ignore[no-any-return]


def is_missing(column: Any) -> NDArray[np.bool_]:
    """Return (rows,) whether a value is null or NaN."""
    return column.is_null(nan_is_null=True).to_numpy()  # type: ignore[no-any-return]


def check_present(name: str, column: Any, field: str, ways: str) -> None:
    """Raise where values of a column are missing.

    Raises:
        DataError: some are; the message counts them and says which ways out there are.
    """
    if count := int(is_missing(column).sum()):
        raise DataError(field, f"column {name!r} has no value in {in_rows(count)}; {ways}")


def _numbers(name: str, column: Any, missing: str) -> Encoded:
    values = in_float32(numbers(column), "data.source", f"column {name!r}")[:, None]
    how = ""
    if np.isnan(values).any():
        how = _filling(name, column, missing, number=True)
    return Encoded(values=values, names=(name,), how=how)


def _categories(name: str, column: Any, encode: str, missing: str) -> Encoded:
    import pyarrow as pa
    from pyarrow import compute

    absent = is_missing(column)
    how = _filling(name, column, missing, number=False) if absent.any() else ""
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    strings = column.cast(kind).cast(pa.string()).combine_chunks()
    coded = compute.if_else(pa.array(absent), pa.scalar(None, pa.string()), strings).dictionary_encode()
    known = np.array(coded.dictionary.to_pylist(), object)
    by_value = is_number(kind) and not pa.types.is_boolean(kind)  # 9 before 10
    order = np.argsort(known.astype(float) if by_value else known, kind="stable")
    if len(known) > MAX_CATEGORIES and encode == "one-hot":
        problem = f"column {name!r} has {len(known):,} categories; one-hot takes {MAX_CATEGORIES:,} at most"
        raise DataError("data.encode", f"{problem}: use 'ordinal', or drop it")
    rank = np.empty(len(known), np.float32)
    rank[order] = np.arange(len(known), dtype=np.float32)
    codes = coded.indices.fill_null(0).to_numpy(zero_copy_only=False)
    if encode == "ordinal":
        values = rank[codes][:, None]
    else:
        values = (rank[codes][:, None] == np.arange(len(known), dtype=np.float32)).astype(np.float32)
    values[absent] = np.nan
    names = (name,) if encode == "ordinal" else tuple(f"{name}={known[i]}" for i in order)
    return Encoded(values=values, names=names, how=how)


def _filling(name: str, column: Any, missing: str, *, number: bool) -> str:
    """Return what fills in missing values.

    Raises:
        DataError: that is not said, or means nothing for categories.
    """
    if missing == "impute":
        return "median" if number else "most-frequent"
    if missing == "most-frequent" or (number and missing in ("mean", "median")):
        return missing
    if missing in ("mean", "median"):
        problem = f"column {name!r} holds categories, which have no {missing}"
        raise DataError("data.missing", f"{problem}; use 'most-frequent'")
    ways = "'drop' (those rows), 'impute', 'mean', 'median' or 'most-frequent'"
    check_present(name, column, "data.missing", f'write missing = {{ {_key(name)} = "impute" }}, it may be {ways}')
    raise AssertionError("called where nothing is missing")


def _example(column: Any) -> Any:
    return next((value for value in column.to_pylist() if value is not None), None)


def _key(name: str) -> str:
    return name if name.replace("_", "").replace("-", "").isalnum() and name.isascii() else f'"{name}"'
