"""docs/python-api.md: the public names, drawn from their docstrings.

`python -m tests.api_docs` writes it anew.
"""

import inspect
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel

import regsearch

DOCS = Path(__file__).parents[1] / "docs" / "python-api.md"
GROUPS = {
    "From arrays": ("search",),
    "In scikit-learn": ("RegularizationSearchCV",),
    "From a sweep file": (
        *("run", "load_sweep", "create_sweep", "open_sweep", "work", "confirm", "learn", "answer"),
        *("SweepConfig", "Sweep", "Progress"),
    ),
    "What was found": (
        *(
            "SearchResult",
            "load_result",
            "Answer",
            "LearningCurve",
            "FittedModel",
            "FittedEnsemble",
            "replay",
            "Replay",
        ),
        *("SweepSnapshot", "load_snapshot", "draw_picture", "draw_all", "open_results", "Results"),
    ),
    "One training": (
        *("evaluate", "fit_model", "TrialSpec", "DataSpec", "SplitSpec", "TableSpec", "ModelSpec", "TrainingSpec"),
        *("Named", "Configuration", "Target", "Penalty", "Phase", "Schedule", "EarlyStopping"),
    ),
    "For a Keras model of your own": ("penalize", "penalizable"),
    "Optuna": ("CoarseToFineSampler",),
    "Errors": ("RegsearchError", "InputError"),
}
SECTION = re.compile(r"^(Args|Returns|Raises|Yields|Example|Examples):$", re.M)
ENTRY = re.compile(r"^(\*{0,2}\w+(?:, \w+)*): (.*)", re.S)
MODULES = re.compile(r"\b(?:[a-z_]\w*\.)+(?=[A-Za-z])")
INTRO = """# Python

What `import regsearch` offers. Made from the docstrings by `python -m tests.api_docs`; the examples are run by the
tests. They share this:

```python
{setup}
```

Errors that are raised on purpose are `RegsearchError`; those that say what was given wrongly are `InputError`, which is
one of them and names the field.
"""


def page(setup: str) -> str:
    """Return the page; `setup` is what its examples share."""
    parts = [INTRO.format(setup=setup.strip())]
    for group, names in GROUPS.items():
        parts.append(f"## {group}\n")
        parts += [part for name in names for part in _public(name)]
    return "\n".join(parts)


def members(kind: type) -> Iterator[tuple[str, Any]]:
    """Yield the public methods and properties of a class that it documents itself, in the order it has them."""
    for name, member in vars(kind).items():
        documented = member.func if hasattr(member, "func") else member  # of a cached property
        if not name.startswith("_") and getattr(documented, "__doc__", None) and not hasattr(BaseModel, name):
            if isinstance(member, property | staticmethod | classmethod) or callable(documented):
                yield name, member


def _public(name: str) -> Iterator[str]:
    value = getattr(regsearch, name)
    yield f"### {name}\n"
    yield _signature(f"regsearch.{name}", value)
    yield markdown(inspect.getdoc(value) or "")
    if isinstance(value, type):
        for attribute, member in members(value):
            yield f"#### {name}.{attribute}\n"
            yield from _member(attribute, member)


def _member(name: str, member: Any) -> Iterator[str]:
    function = getattr(member, "__func__", member)
    if inspect.isfunction(function):
        yield _signature(name, function)
    yield markdown(inspect.getdoc(getattr(member, "func", member)) or "")


def _signature(name: str, value: Callable[..., Any]) -> str:
    if isinstance(value, type) and (issubclass(value, Exception) or hasattr(value, "model_fields")):
        return ""
    signature = inspect.signature(value)
    kept = [p for p in signature.parameters.values() if p.name not in ("self", "cls") and not p.name.startswith("_")]
    signature = signature.replace(parameters=kept)
    if isinstance(value, type):
        signature = signature.replace(return_annotation=signature.empty)
    plain = MODULES.sub("", str(signature))
    if len(name) + len(plain) < 100:
        return f"```text\n{name}{plain}\n```\n"
    inside = "".join(f"    {MODULES.sub('', str(p))},\n" for p in _marked(kept))
    result = plain.rpartition(") -> ")[2] if ") -> " in plain else ""
    return f"```text\n{name}(\n{inside})" + (f" -> {result}" if result else "") + "\n```\n"


def _marked(parameters: list[inspect.Parameter]) -> Iterator[Any]:
    """Yield parameters with the star before the first that goes by name alone."""
    starred = False
    for parameter in parameters:
        if parameter.kind is parameter.KEYWORD_ONLY and not starred:
            starred = True
            yield "*"
        yield parameter


def markdown(text: str) -> str:
    """Return a Google-style docstring as Markdown: arguments as a list, examples as code."""
    first, *rest = SECTION.split(text)
    parts = [_text(first)]
    for title, body in zip(rest[::2], rest[1::2], strict=True):
        body = inspect.cleandoc(f"\n{body}") if body.strip() else ""
        if title.startswith("Example"):
            parts.append(_text(body))
        else:
            parts.append(f"**{title}**\n\n{_listed(body)}\n")
    return "\n".join(parts)


def _text(text: str) -> str:
    """Return paragraphs, and examples as code blocks."""
    found = []
    for block in re.split(r"\n\s*\n", text.strip()):
        found.append(f"```pycon\n{block}\n```\n" if block.startswith(">>>") else f"{_escaped(block)}\n")
    return "\n".join(found)


def _listed(body: str) -> str:
    entries = re.split(r"\n(?=\S)", body)
    return "\n".join(_entry(re.sub(r"\s*\n\s*", " ", entry)) for entry in entries)


def _entry(entry: str) -> str:
    found = ENTRY.match(entry)
    return f"- `{found[1]}`: {_escaped(found[2])}" if found else f"- {_escaped(entry)}"


def _escaped(text: str) -> str:
    """Return a text with what Markdown would read as its own, outside of code, escaped."""
    pieces = re.split(r"(`[^`]*`)", text)
    return "".join(piece if i % 2 else re.sub(r"([*<\[\]])", r"\\\1", piece) for i, piece in enumerate(pieces))


if __name__ == "__main__":
    from tests.api_examples import SETUP

    DOCS.write_text(page(SETUP), "utf-8")
