"""Names for what is passed about in trainings; shapes stand in comments and docstrings.

mypy does not read Keras and TensorFlow, so that to it their objects are of any type; these names tell people.
"""

from collections.abc import Callable
from typing import Any, TypeAlias

from numpy.typing import NDArray

Array: TypeAlias = NDArray[Any]
Arrays: TypeAlias = list[Array]

Tensor: TypeAlias = Any  # of TensorFlow, or whatever keras.ops take for one
Tensors: TypeAlias = list[Tensor]
LossFunction: TypeAlias = Callable[[Tensor, Tensor], Tensor]  # y, predictions -> (rows,)
Variable: TypeAlias = Any  # keras.Variable
Model: TypeAlias = Any  # keras.Model
Layer: TypeAlias = Any  # keras.layers.Layer
Callback: TypeAlias = Any  # keras.callbacks.Callback
KerasOptimizer: TypeAlias = Any  # keras.optimizers.Optimizer
Module: TypeAlias = Any  # keras.ops, numpy or tensorflow
