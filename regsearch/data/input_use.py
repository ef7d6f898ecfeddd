"""What a model does with its input, as far as it matters for scaling."""

from typing import Protocol


class InputUse(Protocol):
    """What a model does with x first.

    Args:
        token_layer: the layer that looks x up as ids; None where none does.
        token_size: how many ids it has; None where it takes any.
        token_features: which numbers of a row, flattened, are looked up.
        rescales: whether the model rescales x by itself.
        mask_value: what stands in every channel of a step that a layer masks; None where none does.
    """

    @property
    def token_layer(self) -> str | None: ...  # noqa: D102
    @property
    def token_size(self) -> int | None: ...  # noqa: D102
    @property
    def token_features(self) -> tuple[int, ...]: ...  # noqa: D102
    @property
    def rescales(self) -> bool: ...  # noqa: D102
    @property
    def mask_value(self) -> float | None: ...  # noqa: D102
