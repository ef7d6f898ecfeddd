"""Penalties on a model that Keras trains: as regularizers in its loss, or where that does not count, on gradients."""

from collections.abc import Mapping, Sequence
from typing import Literal

from regsearch.backend import load_keras, load_tensorflow
from regsearch.trainers.tensors import KerasOptimizer, Model, Tensor, Variable

PenaltiesBy = Literal["loss", "gradients"]
Pairs = Mapping[int, tuple[float, float]]  # l1 and l2, by the index of the weight


def set_regularizers(model: Model, penalties: Pairs) -> None:
    """Let a model's losses hold these penalties.

    Without one an embedding gets one of 0: where nothing penalizes it Keras takes its gradient for sparse, and then
    Adam squares the parts of a row's gradient instead of their sum, so that λ = 0 would not be the end of λ -> 0.
    """
    for index, (l1, l2) in penalties.items():
        weight = model.trainable_variables[index]
        penalized = l1 or l2 or weight.name.endswith("embeddings")
        weight.regularizer = load_keras().regularizers.L1L2(l1, l2) if penalized else None


def add_to_gradients(optimizer: KerasOptimizer, model: Model, penalties: Pairs) -> None:
    """Let an optimizer add l1·sign(w) + 2·l2·w to the gradient of each weight w before it clips and moves."""
    tf, optimizer.penalties = load_tensorflow(), {}
    for index, pair in penalties.items():
        optimizer.penalties[id(model.trainable_variables[index])] = pair
    if "apply" in vars(optimizer):  # of an earlier phase
        return
    plain = optimizer.apply

    def apply(grads: Sequence[Tensor], trainable_variables: Sequence[Variable] | None = None) -> None:
        variables = list(trainable_variables or optimizer._trainable_variables)
        pairs = [optimizer.penalties.get(id(v), (0.0, 0.0)) for v in variables]
        plain(
            [
                g if g is None or not any(pair) else g + pair[0] * tf.sign(v.value) + 2 * pair[1] * v.value
                for g, v, pair in zip(grads, variables, pairs, strict=True)
            ],
            variables,
        )

    optimizer.apply = apply
