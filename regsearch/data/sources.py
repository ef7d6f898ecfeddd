"""From a spec to its data set."""

import math
from dataclasses import replace
from pathlib import Path

from regsearch.data.arrays import from_function, from_npz
from regsearch.data.checks import checked
from regsearch.data.kept_data import from_memory
from regsearch.data.named import BUNDLED, GENERATED, bundled, generated
from regsearch.data.named_inputs import with_shapes
from regsearch.data.subsets import DataSet
from regsearch.data.table_files import ENDINGS, read_table
from regsearch.data.tables import from_table
from regsearch.errors import DataError, nearest
from regsearch.in_memory import is_in_memory
from regsearch.loading import check_unchanged, digest, is_reference, resolve
from regsearch.recent import Recent
from regsearch.seeds import fresh_rows_seed
from regsearch.spec import DataSpec, SplitSpec

SOURCES = GENERATED + BUNDLED
KEPT_BYTES = 2**30

_kept: Recent[DataSet] = Recent(KEPT_BYTES, lambda data: data.x.nbytes + data.y.nbytes)


def load(spec: DataSpec) -> DataSet:
    """Return the data set a spec names; those of a few specs are kept, however their rows are split.

    Raises:
        DataError: there is no data set of that name, its file cannot be read or has changed, or it cannot be trained
            on.
    """
    if spec.source in GENERATED:
        return _kept.get(spec, lambda: shaped(checked(generated(spec, spec.n_samples, spec.random_state)), spec))
    if spec.source in BUNDLED:
        return _kept.get(spec, lambda: shaped(checked(bundled(spec.source)), spec))
    if is_in_memory(spec.source):
        own = replace(spec, split=SplitSpec(column=spec.split.column), scale="none", scale_target=None)
        return _kept.get(own, lambda: shaped(checked(from_memory(own)), own))
    if not is_reference(spec.source) and not spec.source.lower().endswith((*ENDINGS, ".npz")):
        known = ", ".join(SOURCES)
        raise DataError("data.source", f"{spec.source!r} is not one of {known}{nearest(spec.source, SOURCES)}")
    file = spec.source.rpartition(":")[0] if is_reference(spec.source) else spec.source
    check_unchanged(file, spec.folder, spec.digest, field="data.source", error=DataError)
    path = resolve(file, spec.folder)
    content = digest(path, field="data.source", error=DataError)
    split = SplitSpec(column=spec.split.column)
    same = replace(spec, split=split, scale="none", scale_target=None, digest=content)
    return _kept.get((same, path), lambda: shaped(checked(_read(same, path)), spec))


def fresh_rows(spec: DataSpec) -> DataSet:
    """Return rows drawn anew from the generator of a generated set, by a seed of their own."""
    random_state = fresh_rows_seed(spec.random_state)
    return _kept.get((spec, "fresh"), lambda: shaped(generated(spec, spec.fresh_test, random_state), spec))


def redrawn_rows(spec: DataSpec, seed: int) -> DataSet:
    """Return a generated set drawn by another seed."""
    return shaped(checked(generated(spec, spec.n_samples, seed)), spec)


def _read(spec: DataSpec, path: Path) -> DataSet:
    if is_reference(spec.source):
        return from_function(spec)
    if spec.source.lower().endswith(".npz"):
        return from_npz(path, spec)
    return from_table(read_table(path, spec.table), spec)


def shaped(data: DataSet, spec: DataSpec) -> DataSet:
    """Return the data set with rows, or inputs, of the shape that the spec says; else as they are.

    Raises:
        DataError: a row has more or fewer numbers.
    """
    if data.inputs or spec.shapes:
        return with_shapes(data, spec)
    if not (shape := spec.shape):
        return data
    size = math.prod(data.x.shape[1:])
    if math.prod(shape) != size:
        wanted = " x ".join(map(str, shape))
        raise DataError("data.shape", f"{wanted} is {math.prod(shape)} numbers, and a row has {size}")
    return replace(data, x=data.x.reshape(-1, *shape))
