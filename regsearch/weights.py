"""Weights of a Keras model, and which of them a target means.

No catalogue of layers is needed: a weight is known by its path in the model, whose last part names the weight
(`kernel`, `recurrent_kernel`, `bias`) and the parts before it the layers that it lies in.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from regsearch.errors import InputError, nearest
from regsearch.spec import Target

ROLE_NAMES = ("kernel", "recurrent", "bias")
GROUPS = ("hidden", "output", "all")
LISTED = 12  # names in a message, at most

_FIELD = "search.targets"
_ENDINGS = {"recurrent_kernel": "recurrent", "kernel": "kernel", "embeddings": "kernel", "bias": "bias"}


@dataclass(frozen=True, kw_only=True)
class Weight:
    """One trainable weight tensor of a model.

    Args:
        index: its place in `model.trainable_variables`.
        layer: the path of the layer it lies in, without the model's own name.
        name: the weight's own name.
        unit: the number of the outermost layer it lies in, from the input to the output; models do not count as
            layers, but the layers in them do.
        kinds: class names of the layers that it lies in, and those that they inherit from.
        own: whether the builder has set a penalty on it.
    """

    index: int
    layer: str
    name: str
    unit: int
    kinds: frozenset[str] = frozenset()
    own: bool = False

    @property
    def role(self) -> str | None:
        """`kernel`, `bias` or `recurrent`; None for another weight, such as a normalization's scale."""
        return next((role for ending, role in _ENDINGS.items() if self.name.endswith(ending)), None)

    @property
    def called(self) -> str:
        """What a target may call it: its role, else its name."""
        return self.role or self.name


def matching(weights: Sequence[Weight], target: Target) -> list[Weight]:
    """Return the weights that a target means, but for those that the builder has set a penalty on.

    Where a word could mean several things it means, in this order: a group, a number, a layer's name, a kind of layer,
    a glob. A layer's name means the layers in it too: `lstm` has its weights in `lstm/lstm_cell`.

    Raises:
        InputError: one of its layers, or of its weights, matches none; or only those with the builder's own penalty.
    """
    chosen: dict[int, Weight] = {}
    for selector in target.selectors:
        inside = _selected(weights, selector)
        if not inside:
            known = _describe_layers(weights, selector)
            raise InputError(_FIELD, f"{str(target)!r} matches no weight; {known}")
        meant = [w for w in inside if {w.role, w.name} & set(target.weights)]
        if not meant:
            known = ", ".join(list(dict.fromkeys(w.called for w in inside))[:LISTED])
            raise InputError(_FIELD, f"{str(target)!r} matches no weight; the weights of {selector!r} are {known}")
        chosen |= {w.index: w for w in meant}
    found = [chosen[index] for index in sorted(chosen) if not chosen[index].own]
    if not found:
        problem = "matches only weights on which the builder has set a penalty of its own"
        raise InputError(_FIELD, f"{str(target)!r} {problem}; to search them, write model.own_penalties = 'replace'")
    return found


def _selected(weights: Sequence[Weight], selector: str) -> list[Weight]:
    """Return the weights in the layers that one word names."""
    numbered = list(dict.fromkeys(w.unit for w in weights if w.role == "kernel"))
    if selector in GROUPS:
        units = {"hidden": numbered[:-1], "output": numbered[-1:], "all": numbered}[selector]
        return [w for w in weights if w.unit in units]
    if selector.startswith("#"):
        number = _number(selector, len(numbered))
        return [] if number is None else [w for w in weights if w.unit == numbered[number]]
    return (
        [w for w in weights if f"/{selector}/" in f"/{w.layer}/"]
        or [w for w in weights if selector in w.kinds]
        or [w for w in weights if any(fnmatchcase(part, selector) for part in (w.layer, *w.layer.split("/")))]
    )


def _number(selector: str, count: int) -> int | None:
    """Return where in a list of so many the n-th is, from the end where n is negative; None where there is none."""
    try:
        number = int(selector[1:])
    except ValueError:
        return None
    if number == 0 or abs(number) > count:
        return None
    return number - 1 if number > 0 else count + number


def _describe_layers(weights: Sequence[Weight], selector: str) -> str:
    penalized = [w for w in weights if w.role == "kernel"]
    names = list(dict.fromkeys(name for w in penalized for name in (w.layer.split("/")[0], w.layer)))
    kinds = sorted(frozenset[str]().union(*(w.kinds for w in penalized)))
    more = [f"{len(names) - LISTED} more"] if len(names) > LISTED else []
    known = ", ".join([*GROUPS, *names[:LISTED], *more])
    count = len({w.unit for w in penalized})
    close = nearest(selector, [*GROUPS, *names, *kinds])
    return f"layers may be {known}{close}; a kind: {', '.join(kinds[:LISTED])}; #1 to #{count}; or a glob such as 'h*'"
