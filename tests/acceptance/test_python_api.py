"""Every public name is documented, its examples run, and docs/python-api.md is made of that."""

import inspect
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import regsearch
from tests.api_docs import DOCS, GROUPS, members, page
from tests.api_examples import SETUP, examples, failures


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """What all examples share, made once, and the folder that it lies in."""
    folder, names = tmp_path_factory.mktemp("examples"), {}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.delenv("REGSEARCH_STORAGE", raising=False)
        exec(SETUP, names)
    return folder, names


@pytest.mark.parametrize("name", regsearch.__all__)
def test_examples_run(name: str, shared: tuple[Path, dict[str, Any]], monkeypatch: pytest.MonkeyPatch) -> None:
    folder, names = shared
    monkeypatch.chdir(folder)
    monkeypatch.delenv("REGSEARCH_STORAGE", raising=False)
    found = list(examples(name, names))
    assert found and found[0].name == name, f"{name} has no example"
    assert "".join(map(failures, found)) == ""


def test_docstrings_say_what_goes_in() -> None:
    """Of public functions, and of the methods of what they return to go on working with."""
    called = {name: getattr(regsearch, name) for name in regsearch.__all__}
    for kind in (regsearch.SearchResult, regsearch.FittedModel, regsearch.FittedEnsemble):
        called |= {f"{kind.__name__}.{name}": member for name, member in members(kind)}
    said = {name: _said(function) for name, function in called.items() if inspect.isfunction(function)}
    assert len(said) > 25
    assert not {name: sorted(given - args) for name, (given, args) in said.items() if given - args}


def test_every_public_name_is_on_the_page_once() -> None:
    named = [name for names in GROUPS.values() for name in names]
    assert sorted(named) == regsearch.__all__


def test_the_page_is_made_of_the_docstrings() -> None:
    assert DOCS.read_text("utf-8") == page(SETUP), "python -m tests.api_docs writes it anew"


def _said(function: Callable[..., Any]) -> tuple[set[str], set[str]]:
    """Return what a function takes, and what its docstring lists of that."""
    args = (inspect.getdoc(function) or "").partition("Args:\n")[2].partition("\n\n")[0]
    return set(inspect.signature(function).parameters) - {"self"}, set(re.findall(r"^ {4}(\w+):", args, re.M))
