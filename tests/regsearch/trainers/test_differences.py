"""How far apart tensors are, and how well gradients are known."""

import numpy as np
import pytest

from regsearch.trainers.differences import OF_NORM, OF_UPDATE, difference, gradient_error

BEFORE, B = np.zeros(4, np.float32), np.array([2, 0, 0, 0], np.float32)


def test_what_is_tolerated_is_a_share_of_the_update_and_a_share_of_the_norm():
    a = B + np.array([0, 3e-3, 4e-3, 0], np.float32)  # ‖a - b‖ = 5e-3, ‖b - before‖ = ‖b‖ = 2
    found = difference("w", BEFORE, a, B)
    assert found.relative == pytest.approx(2.5e-3)
    assert found.multiple == pytest.approx(5e-3 / (2 * OF_UPDATE + 2 * OF_NORM))
    assert found.apart
    assert not difference("w", BEFORE, B + np.float32(1e-6), B).apart


def test_a_weight_that_should_have_moved_a_little_is_told_from_one_that_did_not():
    before = np.ones(4, np.float32)
    moved = before + np.float32(3e-6)
    assert difference("w", before, before, moved).apart
    assert not difference("w", before, np.nextafter(moved, np.float32(2)), moved).apart


def test_the_same_is_no_difference_whole_numbers_must_be_the_same_and_what_is_not_finite_differs():
    assert difference("w", BEFORE, BEFORE, BEFORE).multiple == 0
    assert difference("n", np.array([1]), np.array([2]), np.array([3])).multiple == np.inf
    assert difference("w", BEFORE, B * np.nan, B).apart
    assert difference("w", BEFORE, B, BEFORE).apart  # the reference did not move


def test_gradients_are_known_to_a_millionth_of_the_largest():
    gradients = [np.array([1.0, 2e-7, 0.0, 1e-3]), None, np.array([-3e-8, -1e-2])]
    found = gradient_error(gradients, [np.zeros(4), np.zeros(2), np.zeros(2)])
    np.testing.assert_allclose(found[0], [1e-6, 5, 0, 1e-3])
    np.testing.assert_allclose(found[1], [np.inf, np.inf])
    np.testing.assert_allclose(found[2], [1e-6 / 3e-8, 1e-4])


def test_a_number_is_compared_as_closely_as_its_gradient_is_known():
    b = np.array([0.01, 0.01], np.float32)
    a = b * np.array([1, 1.05], np.float32)
    assert difference("w", np.zeros(2), a, b).apart
    assert not difference("w", np.zeros(2), a, b, np.array([0, 0.1])).apart
    assert difference("w", np.zeros(2), a, b, np.array([0.01, 0])).apart
