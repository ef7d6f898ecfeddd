"""The inputs that a model declares, matched with those of a data set by their names, or by their order."""

import json
import math
import re
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from regsearch.data import DataSet
from regsearch.errors import RAISED, ModelError, in_one_line, nearest
from regsearch.input_slices import InputSlice, ModelInputs

if TYPE_CHECKING:
    import keras

FIELD = "model.builder"
UNNAMED = re.compile(r"(keras_tensor|input_layer|input)(_\d+)?")  # what Keras calls an input that got no name

Result = TypeVar("Result")


def fitting_inputs(model: "keras.Model", data: DataSet, called: Callable[[ModelInputs], Result]) -> Result:
    """Call a model as it takes its inputs; one that does not declare them gets a dict, or else a tuple.

    Args:
        model: to be called.
        data: what its rows hold.
        called: calls it.

    Returns:
        What `called` returns.

    Raises:
        ModelError: the model's inputs are not those of the data, or it takes neither a dict nor a tuple.
        Exception: of the model, where there is one way to call it.
    """
    possible = _possible(model, data)
    if len(possible) == 1:
        return called(possible[0])
    problems = []
    for inputs in possible:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # Keras warns before what it raises
                return called(inputs)
        except RAISED as error:  # of the user's own model
            problems.append(f"with a {inputs.form} of its inputs it raised {in_one_line(error)}")
    raise ModelError(FIELD, f"the model takes something else: called {'; '.join(problems)}")


def _possible(model: "keras.Model", data: DataSet) -> tuple[ModelInputs, ...]:
    declared = _declared(model)
    if not data.inputs:
        if len(declared) > 1:
            raise ModelError(FIELD, _not_named(list(declared)))
        return (ModelInputs(),)
    ours = tuple(each.name for each in data.inputs)
    if not declared:
        return tuple(ModelInputs(slices=data.inputs, form=form, names=ours) for form in ("dict", "tuple"))
    names = _matched(tuple(declared), data)
    given = {each.name: each for each in data.inputs}
    for name, (theirs, tensor) in zip(names, declared.items(), strict=True):
        _check_shape(given[name], tuple(tensor.shape), by_order=name != theirs)
    structure = _structure(model)
    is_one = not isinstance(structure, dict | list | tuple)
    form: Any = "dict" if isinstance(structure, dict) else "one" if is_one else "tuple"
    return (ModelInputs(slices=data.inputs, form=form, names=names),)


def _declared(model: "keras.Model") -> dict[str, Any]:
    """Return the inputs that a model declares, by the names that it is called with, in its order."""
    structure = _structure(model)
    if structure is None:
        return {}
    named = structure if isinstance(structure, dict) else None
    tensors = named.values() if named else structure if isinstance(structure, list | tuple) else [structure]
    if nested := [each for each in tensors if isinstance(each, dict | list | tuple)]:
        raise ModelError(FIELD, f"the model takes a {type(nested[0]).__name__} in its inputs; they must be flat")
    return dict(named) if named else {tensor.name: tensor for tensor in tensors}


def _structure(model: "keras.Model") -> Any:
    """Return the inputs that a functional model declares, as it takes them; None of any other model."""
    return getattr(model, "_inputs_struct", None)  # Keras has no public way: `input` may be that of another call


def _matched(theirs: tuple[str, ...], data: DataSet) -> tuple[str, ...]:
    """Return our names of the model's inputs in its order: its own, or by order where it has not named them."""
    ours = tuple(each.name for each in data.inputs)
    if set(ours) == set(theirs):
        return theirs
    if len(ours) == len(theirs) and all(map(UNNAMED.fullmatch, theirs)):
        return ours
    if len(ours) != len(theirs):
        has = f"the model has {len(theirs)} input{'s' if len(theirs) > 1 else ''} ({', '.join(theirs)})"
        raise ModelError(FIELD, f"{has}, the data have {len(ours)} ({', '.join(ours)})")
    guess = nearest(next(name for name in theirs if name not in ours), ours)
    lists = f"the model's inputs are {', '.join(theirs)}, those of the data {', '.join(ours)}"
    raise ModelError(FIELD, f"{lists}{guess}; name them alike: keras.Input(shape, name={ours[0]!r})")


def _check_shape(given: InputSlice, declared: tuple[int | None, ...], *, by_order: bool) -> None:
    """Raise where an input is of another shape; as with Keras, a last axis of one number may be there or not."""
    ours, theirs = given.shape, declared[1:]
    if len(ours) == len(theirs) + 1 and ours[-1] == 1:
        ours = ours[:-1]
    elif len(theirs) == len(ours) + 1 and theirs[-1] == 1:
        theirs = theirs[:-1]
    if len(ours) == len(theirs) and all(size in (None, n) for size, n in zip(theirs, ours, strict=True)):
        return
    problem = f"input {given.name!r} of the model takes {declared}, the data give {(None, *given.shape)}"
    whole = None not in theirs and math.prod(size or 0 for size in theirs) == given.size
    if by_order:
        problem += f"; inputs without names are matched by order: keras.Input(shape, name={given.name!r})"
    elif whole:
        problem += f"; write data.shape = {{ {given.name} = {list(theirs)} }}"
    raise ModelError(FIELD, problem)


def _not_named(names: list[str]) -> str:
    ways = f'{{ {names[0]} = ["column", …], … }} for a table, or {json.dumps(names)} for arrays of these names'
    return f"the model has {len(names)} inputs ({', '.join(names)}); say what each takes: data.inputs = {ways}"
