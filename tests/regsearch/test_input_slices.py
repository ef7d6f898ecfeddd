"""Rows cut into the inputs of a model, arrays and tensors alike."""

import numpy as np
import pytest

from regsearch.backend import load_tensorflow
from regsearch.input_slices import InputSlice, ModelInputs

ROWS = np.arange(24.0).reshape(2, 12)  # two rows of 12 numbers
IMAGE = InputSlice(name="image", start=0, shape=(2, 2, 2))
NUMBERS = InputSlice(name="numbers", start=8, shape=(3,))
WORD = InputSlice(name="word", start=11, shape=(1,))
SLICES = (IMAGE, NUMBERS, WORD)


@pytest.mark.parametrize("of", [np.asarray, lambda x: load_tensorflow().constant(x)], ids=["array", "tensor"])
def test_each_takes_its_numbers_in_its_shape(of):
    image, numbers, word = ModelInputs(slices=SLICES).cut(of(ROWS))
    assert [image.shape, numbers.shape, word.shape] == [(2, 2, 2, 2), (2, 3), (2, 1)]
    np.testing.assert_array_equal(image[1], [[[12, 13], [14, 15]], [[16, 17], [18, 19]]])
    np.testing.assert_array_equal(numbers, [[8, 9, 10], [20, 21, 22]])
    np.testing.assert_array_equal(word, [[11], [23]])


def test_an_array_is_cut_without_a_copy():
    assert all(np.shares_memory(each.of(ROWS), ROWS) for each in SLICES)


def test_rows_that_have_the_shape_are_taken_as_they_are():
    images = np.zeros((3, 2, 2, 2))
    assert IMAGE.of(images) is images
    assert ModelInputs().of(images) is images


def test_a_model_gets_them_in_its_own_order_or_by_name():
    names = ("word", "image", "numbers")
    word, image, numbers = ModelInputs(slices=SLICES, form="tuple", names=names).of(ROWS)
    assert (word.shape, image.shape, numbers.shape) == ((2, 1), (2, 2, 2, 2), (2, 3))
    assert list(ModelInputs(slices=SLICES, form="dict", names=names).of(ROWS)) == ["image", "numbers", "word"]
    assert ModelInputs(slices=(NUMBERS,), form="one", names=("numbers",)).of(ROWS).shape == (2, 3)
