"""What a builder of the user's is called with, and where in its file an error came from."""

import inspect
import traceback
from collections.abc import Callable, Mapping
from typing import Any

from regsearch.errors import ModelError, nearest

Arguments = tuple[tuple[Any, ...], dict[str, Any]]  # by position and by name


def arguments_for(builder: Callable[..., object], given: Mapping[str, Any], options: Mapping[str, Any]) -> Arguments:
    """Return what a builder is called with, by position and by name.

    What it names `input_shape`, `n_outputs`, `task` or `output_activation` it gets by name; parameters of other names
    that have no default and no option and may come by position get the shape of a row, then the number of outputs. One
    that takes anything by name, and names nothing, gets all by name.

    Raises:
        ModelError: it does not take an option, or asks for more than there is, or does not say what it takes.
    """
    name = getattr(builder, "__name__", type(builder).__name__)
    parameters = _parameters(builder, name)
    takes_any = any(p.kind is p.VAR_KEYWORD for p in parameters.values())
    named = [key for key, p in parameters.items() if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
    for option in options:
        if option not in named and not takes_any:
            known = f"{nearest(option, named)}; it takes {', '.join(named) or 'nothing'}"
            raise ModelError(f"model.{option}", f"{name}() takes no {option!r}{known}")
    if not named:
        return _of_unnamed(parameters, given, options)
    by_name = {key: value for key, value in given.items() if key in named and key not in options} | dict(options)
    unnamed = [key for key in named if key not in by_name and parameters[key].default is inspect.Parameter.empty]
    free = [key for key in unnamed if parameters[key].kind is not inspect.Parameter.KEYWORD_ONLY]
    by_name |= dict(zip(free, [given[key] for key in ("input_shape", "n_outputs") if key not in by_name], strict=False))
    for key in unnamed:
        if key not in by_name:
            raise ModelError(f"model.{key}", f"is required: {name}() has no default for it; write it under [model]")
    positional = [key for key in named if parameters[key].kind is inspect.Parameter.POSITIONAL_ONLY and key in by_name]
    return tuple(by_name.pop(key) for key in positional), by_name


def line_of(builder: Callable[..., object], error: BaseException) -> str:
    """Return ' (file:line)' of the builder's file where the error passed last, or where the builder begins."""
    code = getattr(inspect.unwrap(builder), "__code__", None)
    if code is None:
        return ""
    _, *frames = traceback.walk_tb(error.__traceback__)  # the first is the call of the builder
    lines = [line for frame, line in frames if frame.f_code.co_filename == code.co_filename]
    return f" ({code.co_filename}:{[code.co_firstlineno, *lines][-1]})"


def type_name(value: object) -> str:
    """Return the name of a value's type, with its module where that is not Python's own."""
    kind = type(value)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def _parameters(builder: Callable[..., object], name: str) -> dict[str, inspect.Parameter]:
    try:
        return dict(inspect.signature(builder).parameters)
    except (TypeError, ValueError):  # as of some functions written in C
        raise ModelError("model.builder", f"{name}() does not say what it takes; write a function around it") from None


def _of_unnamed(
    parameters: Mapping[str, inspect.Parameter], given: Mapping[str, Any], options: Mapping[str, Any]
) -> Arguments:
    kinds = {p.kind for p in parameters.values()}
    if inspect.Parameter.VAR_POSITIONAL in kinds:
        return (given["input_shape"], given["n_outputs"]), dict(options)
    return (), dict(given) | dict(options) if inspect.Parameter.VAR_KEYWORD in kinds else {}
