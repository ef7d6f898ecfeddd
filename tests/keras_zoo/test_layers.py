"""Every family of Keras' layers is trained as `fit` does."""

import pytest

from tests.keras_zoo import layers
from tests.keras_zoo.zoo import ZOO, assert_trained_as_fit_does

NAMES = [name for name, exhibit in ZOO.items() if exhibit.build.__module__ == layers.__name__]


@pytest.mark.parametrize("name", NAMES)
def test_is_trained_as_fit_does(name, monkeypatch):
    assert_trained_as_fit_does(name, monkeypatch)


@pytest.mark.parametrize("name", NAMES)
def test_a_graph_trains_as_fit_does(name, monkeypatch):
    assert_trained_as_fit_does(name, monkeypatch, engine="graph")


def test_there_are_many():
    assert len(NAMES) >= 22
