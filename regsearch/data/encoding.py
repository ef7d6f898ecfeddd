"""Columns of a table as numbers."""

import json
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from regsearch.data.checks import in_rows
from regsearch.data.columns import Column
from regsearch.data.disguised_numbers import check_disguised
from regsearch.data.labels import narrowed
from regsearch.data.subsets import Floats, Imputation
from regsearch.errors import DataError
from regsearch.spec import TableSpec

MAX_CATEGORIES = 1_000
ENCODINGS = ("one-hot", "ordinal")
LISTED = 8  # categories in a message, at most


@dataclass(frozen=True, kw_only=True, eq=False)
class Encoded:
    """A column as numbers.

    Args:
        values: (rows, columns), float32 where that is exact, else float64; NaN where the value is missing and is to be
            filled in.
        names: one per column.
        column: what became of it.
    """

    values: Floats
    names: tuple[str, ...]
    column: Column

    def imputation(self, first: int) -> Imputation | None:
        """Return what fills it in where its columns begin at `first`; None where nothing is missing."""
        columns, how = tuple(range(first, first + len(self.names))), self.column.filling
        return Imputation(columns=columns, how=how) if how else None  # type: ignore[arg-type]


def encoded(name: str, column: Any, table: TableSpec) -> Encoded:
    """Return a column of a table as numbers.

    Numbers, and true and false, are taken as they are, unless an encoding is asked for.

    Args:
        name: its name.
        column: a pyarrow.ChunkedArray.
        table: what is said of its encoding and its missing values.

    Raises:
        DataError: it holds something else than numbers and no encoding is given, values are missing and nothing is
            said of them, or it has too many categories or one that is not listed.
    """
    kind, encodings, ways = kind_of(column.type), dict(table.encode), dict(table.missing)
    missing = ways.get(name, ways.get("", "refuse"))
    if kind == "empty" or is_missing(column).all():
        raise DataError("data.features", f"column {name!r} is empty in every row; drop it: drop = [{name!r}]")
    if kind == "other":
        raise DataError("data.features", f"column {name!r} holds {column.type}; drop it: drop = [{name!r}]")
    numeric = kind in ("numbers", "booleans")
    encode = encodings.get(name, None if numeric else encodings.get("", "refuse"))
    if kind == "strings" and name not in encodings:
        check_disguised(name, column, table)
    if isinstance(encode, tuple) or encode in ENCODINGS:
        return _categories(name, column, encode, missing)
    if numeric:
        return _numbers(name, column, missing)
    raise DataError("data.encode", _not_encoded(name, column, kind))


def kind_of(arrow: Any) -> str:
    """Return what an Arrow type holds, as Column has it, or `other`."""
    from pyarrow import types

    if types.is_dictionary(arrow):
        readable = kind_of(arrow.value_type) != "other"
        return "other" if not readable else "ordered categories" if arrow.ordered else "categories"
    kinds = {
        "empty": (types.is_null,),
        "booleans": (types.is_boolean,),
        "numbers": (types.is_integer, types.is_floating, types.is_decimal),
        "dates": (types.is_temporal,),
        "strings": (types.is_string, types.is_large_string, types.is_string_view),
    }
    return next((kind for kind, tests in kinds.items() if any(test(arrow) for test in tests)), "other")


def is_number(arrow: Any) -> bool:
    """Return whether an Arrow type is a number, or true and false."""
    return kind_of(arrow) in ("numbers", "booleans")


def numbers(column: Any) -> NDArray[np.float64]:
    """Return a column of numbers as float64; NaN where values are missing."""
    import pyarrow as pa

    return column.cast(pa.float64(), safe=False).to_numpy()  # type: ignore[no-any-return]


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


def category_numbers(name: str, strings: Any, categories: tuple[str, ...]) -> NDArray[np.int32]:
    """Return (rows,) the place of each value among the categories of its column, -1 where it is missing.

    Args:
        name: the column's name.
        strings: a pyarrow array of strings.
        categories: in the order of their numbers.

    Raises:
        DataError: a value is none of the categories, as it may be in rows that come after training.
    """
    import pyarrow as pa
    from pyarrow import compute

    places = compute.index_in(strings, value_set=pa.array(categories, pa.string()), skip_nulls=True)
    unseen = compute.and_(places.is_null(), strings.is_valid())
    if count := compute.sum(unseen).as_py():
        other = strings.filter(unseen)[0].as_py()
        known = f"it may hold {_listed(categories)}"
        raise DataError("data.encode", f"column {name!r} holds {other!r} or others in {in_rows(count)}; {known}")
    return places.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int32)  # type: ignore[no-any-return]


def _numbers(name: str, column: Any, missing: str) -> Encoded:
    values = narrowed(numbers(column), "data.source", f"column {name!r}")[:, None]
    absent = int(np.isnan(values).sum())
    about = Column(
        name=name,
        kind=kind_of(column.type),
        use="feature",
        encoding="numbers",
        missing=absent,
        filling=_filling(name, column, missing, number=True) if absent else "",
    )
    return Encoded(values=values, names=(name,), column=about)


def _categories(name: str, column: Any, encode: str | tuple[str, ...], missing: str) -> Encoded:
    import pyarrow as pa
    from pyarrow import compute

    absent = is_missing(column)
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    strings = column.cast(kind).cast(pa.string()).combine_chunks()
    strings = compute.if_else(pa.array(absent), pa.scalar(None, pa.string()), strings)
    categories = encode if isinstance(encode, tuple) else _ordered_categories(column, strings, encode)
    if len(categories) > MAX_CATEGORIES and encode == "one-hot":
        problem = f"column {name!r} has {len(categories):,} categories; one-hot takes {MAX_CATEGORIES:,} at most"
        raise DataError("data.encode", f"{problem}: use 'ordinal', or drop it")
    about = Column(
        name=name,
        kind=kind_of(column.type),
        use="feature",
        encoding="one-hot" if encode == "one-hot" else "ordinal",
        categories=categories,
        missing=int(absent.sum()),
        filling=_filling(name, column, missing, number=False) if absent.any() else "",
    )
    return Encoded(
        values=category_values(about, category_numbers(name, strings, categories)),
        names=tuple(f"{name}={category}" for category in categories) if encode == "one-hot" else (name,),
        column=about,
    )


def category_values(column: Column, places: NDArray[np.int32]) -> NDArray[np.float32]:
    """Return (rows, columns) what stands for categories; NaN where one is missing.

    Args:
        column: their categories and their encoding.
        places: (rows,) of `category_numbers`.
    """
    if column.encoding == "ordinal":
        values = places[:, None].astype(np.float32)
    else:
        values = (places[:, None] == np.arange(len(column.categories))).astype(np.float32)
    values[places < 0] = np.nan
    return values


def _ordered_categories(column: Any, strings: Any, encode: str) -> tuple[str, ...]:
    """Return the categories in the order that the file stores, or else sorted: numbers by value, 9 before 10."""
    from pyarrow import types

    present = [category for category in strings.unique().to_pylist() if category is not None]
    if kind_of(column.type) == "ordered categories":
        stored = column.unify_dictionaries().chunk(0).dictionary.cast("string").to_pylist()
        return tuple(category for category in stored if encode == "ordinal" or category in set(present))
    kind = column.type.value_type if types.is_dictionary(column.type) else column.type
    return tuple(sorted(present, key=float if kind_of(kind) == "numbers" else None))


def _not_encoded(name: str, column: Any, kind: str) -> str:
    """Return what is wrong with a column that holds no numbers, and which ways out there are."""
    if kind == "dates":
        return f"column {name!r} holds dates, no numbers; drop it: drop = [{name!r}]"
    if kind == "ordered categories":
        what = f"column {name!r} holds ordered categories"
        return f"{what}; write encode = {{ {toml_key(name)} = \"ordinal\" }} for their order, 'one-hot', or drop it"
    example = column.drop_null()[0].as_py()
    what = f"column {name!r} holds strings such as {example!r}, no numbers"
    ways = "it may be 'one-hot' (a column per category), 'ordinal' (sorted) or a list of the categories in their order"
    return f'{what}; write encode = {{ {toml_key(name)} = "one-hot" }}, {ways}, or drop it'


def _filling(name: str, column: Any, missing: str, *, number: bool) -> Literal["mean", "median", "most-frequent"]:
    """Return what fills in missing values.

    Raises:
        DataError: that is not said, or means nothing for categories.
    """
    if missing == "impute":
        return "median" if number else "most-frequent"
    if missing == "most-frequent":
        return "most-frequent"
    if missing in ("mean", "median"):
        if number:
            return missing  # type: ignore[return-value]
        problem = f"column {name!r} holds categories, which have no {missing}"
        raise DataError("data.missing", f"{problem}; use 'most-frequent'")
    ways = "'drop' (those rows), 'impute', 'mean', 'median' or 'most-frequent'"
    category = "" if number else "; where NA is a category, write missing_values = []"
    written = f'write missing = {{ {toml_key(name)} = "impute" }}, it may be {ways}{category}'
    check_present(name, column, "data.missing", written)
    raise AssertionError("called where nothing is missing")


def toml_key(name: str) -> str:
    """Return a column's name as a key of the sweep file."""
    plain = name.replace("_", "").replace("-", "").isalnum() and name.isascii()
    return name if plain else json.dumps(name, ensure_ascii=False)


def _listed(categories: tuple[str, ...]) -> str:
    more = [f"{len(categories) - LISTED} more"] if len(categories) > LISTED else []
    return ", ".join([*map(repr, categories[:LISTED]), *more])
