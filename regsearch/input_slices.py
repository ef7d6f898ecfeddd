"""Rows of a data set as the inputs of a model: cut right where the model is called.

Rows stay one array, (rows, numbers), wherever they are gathered, permuted, scaled or kept.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from regsearch.backend import load_keras


@dataclass(frozen=True, kw_only=True)
class InputSlice:
    """The numbers of a row that one input of a model takes.

    Args:
        name: what the model calls the input.
        start: the first of them, in the flattened row.
        shape: the shape in which the input takes them.
        dtype: what they were given as: `uint8` may be an image, whatever the rows are kept as.
    """

    name: str
    start: int
    shape: tuple[int, ...]
    dtype: str = "float32"

    @property
    def size(self) -> int:
        """How many numbers there are."""
        return math.prod(self.shape)

    @property
    def stop(self) -> int:
        """The first number after them."""
        return self.start + self.size

    def of(self, x: Any) -> Any:
        """Return (rows, *shape) of an array or a tensor (rows, numbers); x itself where its rows have that shape."""
        if tuple(x.shape[1:]) == self.shape:
            return x
        numbers = x[:, self.start : self.stop]  # (rows, numbers of the input)
        if len(self.shape) == 1:
            return numbers
        reshape = np.reshape if isinstance(x, np.ndarray) else load_keras().ops.reshape
        return reshape(numbers, (-1, *self.shape))


@dataclass(frozen=True, kw_only=True)
class ModelInputs:
    """How a model takes rows: as they are, or cut into its inputs.

    Args:
        slices: what its inputs take of a row, in the order of the data; () for rows as they are.
        form: how it takes them: one alone, or several as a tuple or a dict.
        names: of the inputs, in the model's own order.
    """

    slices: tuple[InputSlice, ...] = ()
    form: Literal["one", "tuple", "dict"] = "one"
    names: tuple[str, ...] = ()

    def of(self, x: Any) -> Any:
        """Return what the model is called with for rows, an array or a tensor."""
        return self.arranged(self.cut(x))

    def cut(self, x: Any) -> list[Any]:
        """Return what each input takes of rows, in the order of the data."""
        return [each.of(x) for each in self.slices] or [x]

    def arranged(self, pieces: Sequence[Any]) -> Any:
        """Return the inputs, given in the order of the data, as the model takes them."""
        if self.form == "one":
            return pieces[0]
        named = {each.name: piece for each, piece in zip(self.slices, pieces, strict=True)}
        return named if self.form == "dict" else tuple(named[name] for name in self.names)
