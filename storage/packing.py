"""Learning curves, row scores and surfaces as bytes: a version byte, then little-endian 4-byte values, deflated.

Round trips are exact to the bit, NaN included. Packing raises ValueError where lengths do not fit each other; unpacking
raises StorageError where a newer version packed.
"""

import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regsearch.errors import StorageError
from regsearch.results import Curve, RowScores, Surface

VERSION = 1
SERIES = ("train_loss", "train_score", "validation_loss", "validation_score")


def pack_curve(curve: Curve) -> bytes:
    """Return a curve as bytes; at most 4 KB for 200 points."""
    return _pack([_bits(curve.epochs, "<i4"), *(_bits(getattr(curve, name), "<f4") for name in SERIES)])


def unpack_curve(packed: bytes) -> Curve:
    """Return the curve that `pack_curve` packed."""
    epochs, *series = _unpack(packed, 1 + len(SERIES))
    values = {name: bits.view(np.float32) for name, bits in zip(SERIES, series, strict=True)}
    return Curve(epochs=epochs.view(np.int32), **values)


def pack_rows(scores: RowScores) -> bytes:
    """Return row scores as bytes."""
    rows = _bits(scores.rows, "<u4")
    return _pack([np.diff(rows, prepend=np.uint32(0)), _bits(scores.scores, "<f4")])  # steps deflate, numbers do not


def unpack_rows(packed: bytes) -> RowScores:
    """Return the row scores that `pack_rows` packed."""
    steps, scores = _unpack(packed, 2)
    return RowScores(rows=np.cumsum(steps, dtype=np.uint32), scores=scores.view(np.float32))


def pack_surface(surface: Surface) -> bytes:
    """Return a surface as bytes: how many values x1 and x2 have, then those, then the table."""
    counts = (len(surface.x1), len(surface.x2))
    if surface.values.shape != counts[::-1]:
        raise ValueError(f"a surface over {counts} values has shape {surface.values.shape}")
    arrays = (surface.x1, surface.x2, surface.values.ravel())
    return _pack([np.concatenate([np.array(counts, np.uint32), *(_bits(array, "<f4") for array in arrays)])])


def unpack_surface(packed: bytes) -> Surface:
    """Return the surface that `pack_surface` packed."""
    (values,) = _unpack(packed, 1)
    n, m = (int(count) for count in values[:2])
    x1, x2, table = (part.view(np.float32) for part in np.split(values[2:], [n, n + m]))
    return Surface(x1=x1, x2=x2, values=table.reshape(m, n))


def _bits(values: NDArray[Any], dtype: str) -> NDArray[np.uint32]:
    return np.ascontiguousarray(values, dtype=dtype).view("<u4")


def _pack(arrays: list[NDArray[np.uint32]]) -> bytes:
    table = np.stack(arrays)  # (arrays, values): raises where lengths differ
    return bytes([VERSION]) + zlib.compress(table.astype("<u4").tobytes())


def _unpack(packed: bytes, arrays: int) -> NDArray[np.uint32]:
    if packed[:1] != bytes([VERSION]):
        raise StorageError("the database holds arrays packed by a newer regsearch; upgrade regsearch to read them")
    values = np.frombuffer(zlib.decompress(packed[1:]), dtype="<u4").astype(np.uint32)
    return values.reshape(arrays, -1) if values.size else np.zeros((arrays, 0), dtype=np.uint32)
