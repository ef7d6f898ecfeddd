"""Which weights are penalized, how strongly, and for how long."""

from dataclasses import dataclass, field

from regsearch.options import Option, require

_COUNT = Option(kind=int, low=1)
_NOT_NEGATIVE = Option(low=0)
_POSITIVE = Option(above=0)


@dataclass(frozen=True, kw_only=True)
class Target:
    """The weights a penalty acts on.

    Args:
        layers: which layers. One of, or a tuple of any of: `hidden`, `output`, `all`; a layer's name; a glob such as
            `conv_*`; a kind of layer such as `Conv2D`; `#2` for the second layer with a kernel, `#-1` for the last.
        weights: which of their weights: any of the roles `kernel`, `bias`, `recurrent`, and weights' own names.

    Example:
        >>> print(regsearch.Target(layers="output", weights=("kernel", "bias")))
        output kernel+bias
    """

    layers: str | tuple[str, ...] = "hidden"
    weights: tuple[str, ...] = ("kernel",)

    @property
    def selectors(self) -> tuple[str, ...]:
        """What `layers` names, one by one."""
        return (self.layers,) if isinstance(self.layers, str) else self.layers

    def __str__(self) -> str:
        return f"{','.join(self.selectors)} {'+'.join(self.weights)}"


@dataclass(frozen=True, kw_only=True)
class Penalty:
    """l1·Σ|w| + l2·Σw² on each weight tensor of the target, as keras.regularizers.L1L2 defines it.

    With a `ratio` the coefficients change from layer to layer of the target, from the input to the output: those of
    layer i of n are multiplied by ratio^i / max(1, ratio^(n-1)), so that the strongest layer has l1 and l2.

    Args:
        target: the weights it acts on.
        l1: coefficient of Σ|w|.
        l2: coefficient of Σw².
        ratio: of each layer's coefficients to those of the layer before; 1 for the same everywhere.

    Raises:
        InputError: a coefficient is negative or not finite, or the ratio is not above 0.

    Example:
        >>> regsearch.Penalty(target=regsearch.Target(), l2=1e-3).l1
        0.0
    """

    target: Target = field(default_factory=Target)
    l1: float = 0.0
    l2: float = 0.0
    ratio: float = 1.0

    def __post_init__(self) -> None:
        require("penalties.l1", self.l1, _NOT_NEGATIVE)
        require("penalties.l2", self.l2, _NOT_NEGATIVE)
        require("penalties.ratio", self.ratio, _POSITIVE)


@dataclass(frozen=True, kw_only=True)
class Phase:
    """A stretch of epochs of a training with its own penalties.

    Args:
        epochs: how long it is.
        penalties: what is added to the loss meanwhile; empty for none.

    Raises:
        InputError: it is not one epoch long.

    Example:
        >>> regsearch.Phase(epochs=100, penalties=()).epochs
        100
    """

    epochs: int
    penalties: tuple[Penalty, ...] = ()

    def __post_init__(self) -> None:
        require("phases.epochs", self.epochs, _COUNT)
