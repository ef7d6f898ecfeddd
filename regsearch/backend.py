"""Load Keras on TensorFlow once, without the lines TensorFlow's libraries print to stderr while they load."""

import importlib
import logging
import os
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from regsearch.compilation_cache import keep_compilations

_LOCK = threading.Lock()


def load_keras() -> Any:
    """Return the keras module, running on TensorFlow; takes seconds the first time."""
    return _load("keras")


def load_tensorflow() -> Any:
    """Return the tensorflow module; takes seconds the first time."""
    return _load("tensorflow")


def _load(name: str) -> Any:
    with _LOCK:
        if name in sys.modules:
            return sys.modules[name]
        os.environ.setdefault("KERAS_BACKEND", "tensorflow")
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
        keep_compilations()
        with _stderr_held_back():
            importlib.import_module("tensorflow")
            logging.getLogger("tensorflow").setLevel(logging.ERROR)  # it warns of each model that it traces
            return importlib.import_module(name)


@contextmanager
def _stderr_held_back() -> Iterator[None]:
    """Keep what native code writes to file descriptor 2, and show it only where loading fails."""
    sys.stderr.flush()
    saved = os.dup(2)
    with tempfile.TemporaryFile() as held:
        os.dup2(held.fileno(), 2)
        try:
            yield
        except BaseException:
            held.seek(0)
            os.write(saved, held.read())
            raise
        finally:
            os.dup2(saved, 2)
            os.close(saved)
