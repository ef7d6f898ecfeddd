"""A package's public names, listed once, in its stub, and loaded when they are first used.

After `attach_stub` of lazy_loader (https://scientific-python.org/specs/spec-0001), which takes a package's own modules
only.
"""

import ast
import warnings
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any


def attach(package: str, file: str) -> tuple[Callable[[str], Any], Callable[[], list[str]], list[str]]:
    """Return a package's `__getattr__`, `__dir__` and `__all__`.

    Args:
        package: its name.
        file: its `__init__.py`; beside it lies the stub, of `from module import name as public` alone.
    """
    stub = ast.parse(Path(file).with_suffix(".pyi").read_text("utf-8"))
    imports = [node for node in stub.body if isinstance(node, ast.ImportFrom)]
    homes = {alias.asname: (node.module, alias.name) for node in imports for alias in node.names}
    names = sorted(name for name in homes if name is not None and not name.startswith("__"))

    def load(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        module, attribute = homes[name]
        with warnings.catch_warnings():  # Optuna loads tqdm's bars for notebooks, which nobody here uses
            warnings.filterwarnings("ignore", "IProgress not found")
            return getattr(import_module(str(module)), attribute)

    return load, lambda: names, names
