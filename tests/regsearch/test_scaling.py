"""What is done to features: standardized in float64, padding and ids left alone, images brought to 0 … 1."""

from dataclasses import dataclass

import numpy as np
import pytest

from regsearch.data import DataSet, make_split, splits
from regsearch.errors import DataError
from regsearch.spec import DataSpec, SplitSpec


@dataclass(frozen=True)
class Use:
    """What a model does with its rows first."""

    token_layer: str | None = None
    token_size: int | None = None
    token_features: tuple[int, ...] = ()
    rescales: bool = False
    mask_value: float | None = None


TOKENS = Use(token_layer="embedding", token_size=50)


@pytest.fixture
def split_of(monkeypatch):
    def split(x, *, scale="auto", use=None, y=None, scale_target=False):
        y = np.arange(len(x), dtype=np.float64)[:, None] if y is None else y
        names = tuple(f"x{i}" for i in range(int(np.prod(x.shape[1:]))))
        data = DataSet(x=x, y=y, task="regression", n_outputs=y.shape[1], feature_names=names)
        monkeypatch.setattr(splits, "load", lambda spec: data)
        spec = DataSpec(source="table.csv", split=SplitSpec(validation=0.25), scale=scale)
        return make_split(spec, uses=() if use is None else (use,), scale_target=scale_target)

    return split


@pytest.mark.parametrize("offset", [5412345.0, -1.7e9, 20240101.0], ids=["northing", "clock", "date"])
def test_numbers_far_from_zero_keep_their_digits(split_of, offset):
    near = np.random.default_rng(1).random((200, 2))
    near = np.round(near * 2**20) / 2**20  # so that adding the offset is exact in float64
    a, b = split_of(near), split_of(near + offset)
    np.testing.assert_allclose(a.train.x, b.train.x, atol=1e-6)
    assert b.train.x.dtype == np.float32


@pytest.mark.parametrize("x", [np.arange(100) % 7, np.arange(100) % 50, np.arange(100, dtype=np.float64) * 3 % 49])
def test_ids_that_a_layer_looks_up_stay_as_they_are(split_of, x):
    split = split_of(x.reshape(50, 2).astype(np.float32), use=TOKENS)
    np.testing.assert_array_equal(split.train.x, x.reshape(50, 2)[split.train.rows])


def test_ids_beside_numbers(split_of):
    x = np.stack([np.arange(60) % 9, np.linspace(100, 200, 60)], axis=1)  # (rows, an id and a number)
    split = split_of(x, use=Use(token_layer="embedding", token_features=(0,)))
    np.testing.assert_array_equal(split.train.x[:, 0], x[split.train.rows, 0])
    assert abs(float(split.train.x[:, 1].mean())) < 1e-6


def test_what_are_no_ids_is_told(split_of):
    with pytest.raises(DataError, match=r"^data.scale: 'standard' would turn ids into fractions, and layer"):
        split_of(np.ones((20, 2), np.float32), scale="standard", use=TOKENS)
    for number, told in ((1.5, "1.5"), (2.0**25, "33554432")):
        with pytest.raises(DataError, match=f"^data.source: holds {told}, and layer 'embedding' looks up integers"):
            split_of(np.full((20, 2), number), use=TOKENS)


def padded(mask, channels=2, mean=3.0):
    rng = np.random.default_rng(2)
    x = np.full((80, 10, channels), mask, np.float32)
    for i, length in enumerate(rng.integers(3, 11, 80)):
        x[i, :length] = rng.normal(mean, 2, (length, channels))
    return x


@pytest.mark.parametrize(("mask", "channels"), [(0.0, 2), (-999.0, 1), (-1.0, 3)])
def test_padding_is_neither_moved_nor_counted(split_of, mask, channels):
    x = padded(mask, channels)
    split = split_of(x, use=Use(mask_value=mask))
    padding = (x[split.train.rows] == mask).all(axis=-1)
    assert (split.train.x[padding] == np.float32(mask)).all()
    steps = split.train.x[~padding]
    np.testing.assert_allclose(steps.mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(steps.std(axis=0), 1, atol=1e-5)
    own = (x[split.validation.rows] == mask).all(axis=-1)
    np.testing.assert_array_equal((split.validation.x == np.float32(mask)).all(axis=-1), own)


def test_a_step_at_the_mean_does_not_become_padding(split_of):
    """Of 1, 2 and 3 as often, 2 is the mean: standardized it would be the 0 that Masking takes for padding."""
    x = np.zeros((60, 4, 1), np.float32)
    x[:, :3, 0] = [1, 2, 3]
    split = split_of(x, use=Use(mask_value=0.0))
    assert (split.train.x[:, :3] != 0).all()
    assert np.abs(split.train.x[:, 1]).max() < 1e-6
    assert (split.train.x[:, 3] == 0).all()


IMAGES = np.random.default_rng(3).integers(0, 256, (40, 6, 6, 1), dtype=np.uint8)


def test_images_of_bytes_come_to_0_and_1(split_of):
    split = split_of(IMAGES)
    np.testing.assert_array_equal(split.train.x, IMAGES[split.train.rows].astype(np.float32) / 255)


@pytest.mark.parametrize(
    ("x", "scale", "use"),
    [(IMAGES, "auto", Use(rescales=True)), (IMAGES, "none", None), (IMAGES[..., 0], "auto", Use(rescales=True))],
)
def test_images_that_stay_as_they_are(split_of, x, scale, use):
    split = split_of(x, scale=scale, use=use)
    np.testing.assert_array_equal(split.train.x, x[split.train.rows].astype(np.float32))


FLAT = IMAGES.reshape(40, 36)


@pytest.mark.parametrize(("x", "scale"), [(IMAGES, "standard"), (IMAGES % 17, "auto"), (FLAT, "auto")])
def test_bytes_that_are_standardized(split_of, x, scale):
    split = split_of(x, scale=scale)
    assert abs(float(split.train.x.mean())) < 1e-5
    assert split.train.x.dtype == np.float32


@pytest.mark.parametrize("offset", [0.0, 1e8, -3e9])
def test_labels_are_standardized_by_the_train_rows(split_of, offset):
    own = np.random.default_rng(4).normal(size=(200, 2)) * [1.0, 5e4] + offset
    split = split_of(np.ones((200, 1)), y=own, scale_target=True)
    np.testing.assert_allclose(split.train.y.mean(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(split.train.y.std(axis=0), 1, atol=1e-6)
    np.testing.assert_array_equal(split.validation.labels, own[split.validation.rows])
    np.testing.assert_allclose(split.in_own_units(split.validation.y), own[split.validation.rows], rtol=1e-6)
    np.testing.assert_allclose(split.unit, own[split.train.rows].std(axis=0), rtol=1e-6)
    plain = split_of(np.ones((200, 1)), y=own)
    assert plain.unit is None
    np.testing.assert_array_equal(plain.train.labels, own[plain.train.rows].astype(np.float32))


def test_a_constant_target_stays_finite(split_of):
    split = split_of(np.ones((40, 1)), y=np.full((40, 1), 7.0), scale_target=True)
    assert (split.train.y == 0).all()
    assert (split.in_own_units(split.train.y) == 7).all()
