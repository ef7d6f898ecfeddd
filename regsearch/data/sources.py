"""From a spec to its data set."""

import math
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from regsearch.data.arrays import from_function, from_npz
from regsearch.data.checks import checked
from regsearch.data.named import BUNDLED, GENERATED, bundled, generated
from regsearch.data.subsets import DataSet
from regsearch.data.tables import ENDINGS, from_table, read
from regsearch.errors import DataError, nearest
from regsearch.loading import check_unchanged, digest, is_reference, resolve
from regsearch.spec import DataSpec, SplitSpec

SOURCES = GENERATED + BUNDLED


def load(spec: DataSpec) -> DataSet:
    """Return the data set a spec names; those of a few specs are kept, however their rows are divided.

    Raises:
        DataError: there is no data set of that name, its file cannot be read or has changed, or it cannot be trained
            on.
    """
    if spec.source in SOURCES:
        return _named(spec)
    if not is_reference(spec.source) and not spec.source.lower().endswith((*ENDINGS, ".npz")):
        known = ", ".join(SOURCES)
        raise DataError("data.source", f"{spec.source!r} is not one of {known}{nearest(spec.source, SOURCES)}")
    file = spec.source.rpartition(":")[0] if is_reference(spec.source) else spec.source
    check_unchanged(file, spec.folder, spec.digest, field="data.source", error=DataError)
    path = resolve(file, spec.folder)
    content = digest(path, field="data.source", error=DataError)
    same = replace(spec, split=SplitSpec(column=spec.split.column), scale="none", digest=content)
    return _of_a_file(same, path)


@lru_cache(maxsize=8)
def _named(spec: DataSpec) -> DataSet:
    if spec.source in GENERATED:
        return shaped(checked(generated(spec, spec.n_samples, spec.random_state)), spec.shape)
    return shaped(checked(bundled(spec.source)), spec.shape)


@lru_cache(maxsize=2)
def _of_a_file(spec: DataSpec, path: Path) -> DataSet:
    if is_reference(spec.source):
        data = from_function(spec)
    elif spec.source.lower().endswith(".npz"):
        data = from_npz(path, spec)
    else:
        data = from_table(read(path, spec.table), spec)
    return shaped(checked(data), spec.shape)


def shaped(data: DataSet, shape: tuple[int, ...]) -> DataSet:
    """Return the data set with rows of this shape; () to leave them as they are.

    Raises:
        DataError: a row has more or fewer numbers.
    """
    if not shape:
        return data
    size = math.prod(data.x.shape[1:])
    if math.prod(shape) != size:
        wanted = " x ".join(map(str, shape))
        raise DataError("data.shape", f"{wanted} is {math.prod(shape)} numbers, and a row has {size}")
    return replace(data, x=data.x.reshape(-1, *shape))
