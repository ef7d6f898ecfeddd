"""Every example in the docstrings of regsearch.statistics runs, and says what it says."""

import doctest
import importlib
import pkgutil

import pytest

from regsearch import statistics

MODULES = [module.name for module in pkgutil.iter_modules(statistics.__path__)]


@pytest.mark.parametrize("name", MODULES)
def test_examples_run(name):
    module = importlib.import_module(f"regsearch.statistics.{name}")
    assert doctest.testmod(module).failed == 0


def test_most_modules_have_one():
    finder = doctest.DocTestFinder()
    modules = [importlib.import_module(f"regsearch.statistics.{name}") for name in MODULES]
    assert all(any(example.examples for example in finder.find(module)) for module in modules)
