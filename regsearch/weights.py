"""Weights of a Keras model, and which of them a target means.

Weights as such: regsearch.model_weights finds them in a Keras model.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
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
        unit: the number of the outermost layer it lies in, in the order in which the data meet the layers; models and
            layers of the user's that are made of layers do not count, but the layers in them do.
        kinds: class names of the layers that it lies in, and those that they inherit from.
        own: whether the builder has set a penalty on it.
        role: `kernel`, `bias` or `recurrent`; None for another weight, such as a normalization's scale.
        output: whether its layer is an output layer: no other layer with a kernel comes between it and the output.
    """

    index: int
    layer: str
    name: str
    unit: int
    kinds: frozenset[str] = frozenset()
    own: bool = False
    role: str | None = None
    output: bool = False

    @property
    def called(self) -> str:
        """What a target may call it: its role, else its name."""
        return self.role or self.name


def role_by_name(name: str) -> str | None:
    """Return the role of a weight of one of Keras' own layers, which name them by it; None where it has none."""
    return next((role for ending, role in _ENDINGS.items() if name.endswith(ending)), None)


def with_roles_by_name(weights: Sequence[Weight]) -> list[Weight]:
    """Return recorded weights with the roles that their names say, and the last layer with a kernel as the output."""
    roles = [role_by_name(w.name) for w in weights]
    last = max((w.unit for w, role in zip(weights, roles, strict=True) if role == "kernel"), default=-1)
    return [replace(w, role=role, output=w.unit == last) for w, role in zip(weights, roles, strict=True)]


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
    numbered = sorted({w.unit for w in weights if w.role == "kernel"})
    if selector in GROUPS:
        wanted = {"hidden": (False,), "output": (True,), "all": (False, True)}[selector]
        return [w for w in weights if w.unit in numbered and w.output in wanted]
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
    penalized = sorted((w for w in weights if w.role == "kernel"), key=lambda w: w.unit)
    names = list(dict.fromkeys(name for w in penalized for name in (w.layer.split("/")[0], w.layer)))
    kinds = sorted(frozenset[str]().union(*(w.kinds for w in penalized)))
    more = [f"{len(names) - LISTED} more"] if len(names) > LISTED else []
    known = ", ".join([*GROUPS, *names[:LISTED], *more])
    count = len({w.unit for w in penalized})
    close = nearest(selector, [*GROUPS, *names, *kinds])
    return f"layers may be {known}{close}; a kind: {', '.join(kinds[:LISTED])}; #1 to #{count}; or a glob such as 'h*'"
