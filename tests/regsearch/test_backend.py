"""Keras is loaded once, on TensorFlow, and what native code prints meanwhile is held back."""

import os

import pytest

from regsearch.backend import _stderr_held_back, load_keras, load_tensorflow


def test_keras_runs_on_tensorflow(keras):
    assert keras.backend.backend() == "tensorflow"
    assert load_keras() is keras
    assert load_tensorflow() is load_tensorflow()


def test_lines_on_stderr_are_held_back(capfd):
    with _stderr_held_back():
        os.write(2, b"oneDNN custom operations are on\n")
    os.write(2, b"after\n")
    assert capfd.readouterr().err == "after\n"


def test_they_are_shown_where_loading_fails(capfd):
    with pytest.raises(ImportError), _stderr_held_back():
        os.write(2, b"undefined symbol\n")
        raise ImportError("no tensorflow")
    assert capfd.readouterr().err == "undefined symbol\n"
