"""What users import: `import regsearch`."""

import ast
from pathlib import Path

import regsearch


def test_the_public_names_are_these_and_each_is_there() -> None:
    assert regsearch.__all__ == sorted(regsearch._PUBLIC) == dir(regsearch)
    for name in regsearch.__all__:
        assert getattr(regsearch, name) is not None


def test_type_checkers_see_the_same_names_from_the_same_places() -> None:
    tree = ast.parse(Path(str(regsearch.__file__)).read_text("utf-8"))
    block = next(node for node in tree.body if isinstance(node, ast.If))
    seen = {
        (alias.asname, f"{node.module}:{alias.name}")
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert seen == set(regsearch._PUBLIC.items())


def test_another_name_is_an_attribute_error() -> None:
    assert not hasattr(regsearch, "no_such_name")
