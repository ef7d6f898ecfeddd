"""Arrays and DataFrames that are in no file, as data sets."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from regsearch.data.arrays import FIELD, from_arrays
from regsearch.data.subsets import DataSet
from regsearch.data.table_files import from_pandas
from regsearch.data.tables import from_table
from regsearch.errors import DataError
from regsearch.fingerprint import array_digest
from regsearch.in_memory import PREFIX, Kept, keep, kept
from regsearch.spec import DataSpec

if TYPE_CHECKING:
    import pandas as pd

LABEL, GROUPED = "rows", "grouped_rows"  # in names, which other processes see too
CALLED = "X"
REMEDY = "write the rows to a file (source = 'my_data.csv'), or a function that gives them (source = 'my_data.py:load')"


@dataclass(frozen=True, kw_only=True, eq=False)
class KeptData:
    """Rows that are in no file.

    Args:
        values: a DataFrame, which is a table, or arrays by the KEYS of `data.arrays`.
        subset_names: (rows,) `train`, `validation` or `test` of arrays whose split is given; None where it is drawn.
    """

    values: "pd.DataFrame | Mapping[str, Any]"
    subset_names: NDArray[np.str_] | None = None


def keep_data(data: KeptData) -> Kept:
    """Return rows that specs may name as their source while this is there."""
    grouped = isinstance(data.values, Mapping) and "groups" in data.values
    return keep(data, GROUPED if grouped else LABEL, _content(data))


def is_grouped(source: str) -> bool:
    """Return whether a source in memory is arrays with groups; of a DataFrame the spec names the column."""
    return source.startswith(f"{PREFIX}{GROUPED}-")


def from_memory(spec: DataSpec) -> DataSet:
    """Return the rows that a spec names as a data set.

    Raises:
        DataError: they are not of this process, or are not what they must be.
    """
    found: KeptData = kept(spec.source, field=FIELD, error=DataError, remedy=REMEDY)
    if not isinstance(found.values, Mapping):
        return from_table(from_pandas(found.values, CALLED, spec.table), spec)
    data = from_arrays(found.values, spec, called="the given arrays")
    return data if found.subset_names is None else replace(data, subset_names=found.subset_names)


def _content(data: KeptData) -> str:
    """Return a digest of the rows."""
    import pandas as pd

    content = hashlib.sha256()
    if isinstance(data.values, pd.DataFrame):
        content.update(repr([(str(name), str(kind)) for name, kind in data.values.dtypes.items()]).encode())
        content.update(pd.util.hash_pandas_object(data.values, index=False).to_numpy().tobytes())
    else:
        for key in sorted(data.values):
            value = data.values[key]
            inside = value if isinstance(value, Mapping) else {"": value}
            for name in sorted(inside):
                content.update(f"{key} {name} {array_digest(np.asarray(inside[name]))}".encode())
    if data.subset_names is not None:
        content.update(array_digest(data.subset_names).encode())
    return content.hexdigest()
