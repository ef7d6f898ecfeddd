"""Models of several inputs are trained as `fit` does, or by `fit` with the reason."""

import pytest

from tests.keras_zoo import several_inputs
from tests.keras_zoo.zoo import ZOO, assert_trained_as_fit_does

NAMES = [name for name, exhibit in ZOO.items() if exhibit.build.__module__ == several_inputs.__name__]


@pytest.mark.parametrize("name", NAMES)
def test_is_trained_as_fit_does(name, monkeypatch):
    assert_trained_as_fit_does(name, monkeypatch)


def test_there_are_many():
    assert len(NAMES) >= 8
