from typing import Any

import hypothesis.extra.numpy as arrays
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from regsearch.errors import StorageError
from regsearch.results import Curve, RowScores
from storage.packing import SERIES, pack_curve, pack_rows, unpack_curve, unpack_rows

FLOATS = st.floats(width=32, allow_nan=True, allow_infinity=True)


@st.composite
def curves(draw: Any) -> Curve:
    points = draw(st.integers(0, 300))
    series = {name: draw(arrays.arrays(np.float32, points, elements=FLOATS, fill=FLOATS)) for name in SERIES}
    return Curve(epochs=draw(arrays.arrays(np.int32, points)), **series)


@st.composite
def row_scores(draw: Any) -> RowScores:
    count = draw(st.integers(0, 300))
    scores = draw(arrays.arrays(np.float32, count, elements=FLOATS, fill=FLOATS))
    return RowScores(rows=draw(arrays.arrays(np.uint32, count)), scores=scores)


def same_bits(left: Any, right: Any) -> bool:
    return left.dtype == right.dtype and left.tobytes() == right.tobytes()


@given(curves())
def test_a_curve_comes_back_to_the_bit(curve: Curve) -> None:
    back = unpack_curve(pack_curve(curve))
    assert all(same_bits(getattr(back, name), getattr(curve, name)) for name in ("epochs", *SERIES))


@given(row_scores())
def test_row_scores_come_back_to_the_bit(scores: RowScores) -> None:
    back = unpack_rows(pack_rows(scores))
    assert same_bits(back.rows, scores.rows)
    assert same_bits(back.scores, scores.scores)


def test_200_points_of_noise_take_at_most_4_kb() -> None:
    random = np.random.default_rng(0)
    noise = {name: random.integers(0, 2**32, 200, dtype=np.uint32).view(np.float32) for name in SERIES}
    curve = Curve(epochs=random.integers(0, 2**31, 200, dtype=np.int32), **noise)
    assert len(pack_curve(curve)) <= 4096


def test_rows_in_order_take_a_fraction_of_a_byte_each() -> None:
    count = 10_000
    scores = RowScores(rows=np.arange(count, dtype=np.uint32), scores=np.ones(count, dtype=np.float32))
    assert len(pack_rows(scores)) < count / 10


def test_bytes_are_little_endian_whatever_the_machine() -> None:
    swapped = RowScores(rows=np.array([1], dtype=">u4"), scores=np.array([0.5], dtype=">f4"))
    native = RowScores(rows=np.array([1], dtype="<u4"), scores=np.array([0.5], dtype="<f4"))
    assert pack_rows(swapped) == pack_rows(native)


def test_series_of_different_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="same shape"):
        pack_rows(RowScores(rows=np.zeros(2, dtype=np.uint32), scores=np.zeros(3, dtype=np.float32)))


def test_a_newer_packing_is_refused() -> None:
    with pytest.raises(StorageError, match="newer regsearch"):
        unpack_rows(b"\x02" + b"whatever")
