"""What to train."""

from dataclasses import dataclass, field
from typing import Literal

from regsearch.builders import HIDDEN_UNITS
from regsearch.spec.hashing import UNHASHED
from regsearch.spec.training_spec import Options, sorted_options


@dataclass(frozen=True, kw_only=True)
class ModelSpec:
    """What to train.

    Args:
        builder: a built-in builder's name, or `file.py:function`.
        options: what it is called with, as sorted pairs.
        own_penalties: what becomes of weight regularizers that the builder sets: `replace` takes them all off, so that
            the searched penalty is the only one; `keep` leaves them, and the searched one acts on other weights only.
        digest: the SHA-256 of the builder's file; empty for a built-in one.
        folder: what the file's path is relative to; no part of the content.

    Example:
        >>> regsearch.ModelSpec(builder="mlp", options=(("hidden", (64, 32)),)).options
        (('hidden', (64, 32)),)
    """

    builder: str = "mlp"
    options: Options = (("hidden", HIDDEN_UNITS),)
    own_penalties: Literal["replace", "keep"] = "replace"
    digest: str = ""
    folder: str = field(default="", metadata=UNHASHED)

    def __post_init__(self) -> None:
        object.__setattr__(self, "options", sorted_options(self.options))
