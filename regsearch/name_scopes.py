"""Keras' name scopes, closed also where a call broke off."""

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def closed_scopes() -> Iterator[None]:
    """Leave what names are made of as it was.

    Keras puts a layer's scope on its stack before TensorFlow accepts the name. One that a graph refuses stays there,
    and becomes a part of the names of all that this thread builds later.
    """
    from keras.src.backend.common import global_state  # Keras has no public way

    stack = global_state.get_global_attribute("name_scope_stack", default=[], set_to_default=True)
    there = len(stack)
    try:
        yield
    finally:
        del stack[there:]
