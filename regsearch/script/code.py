"""Lines of Python, with the imports that they need."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np


@dataclass
class Code:
    """Lines of Python and the imports that they need.

    Args:
        imports: statements.
        lines: in order.
    """

    imports: set[str] = field(default_factory=set)
    lines: list[str] = field(default_factory=list)

    def add(self, *lines: str) -> None:
        """Append lines."""
        self.lines.extend(lines)

    def needs(self, *imports: str) -> None:
        """Add import statements."""
        self.imports.update(imports)

    def include(self, other: "Code") -> None:
        """Append other lines, with what they import."""
        self.imports |= other.imports
        self.lines += other.lines

    @property
    def text(self) -> str:
        """The lines."""
        return "\n".join(self.lines) + "\n"


def path_code(file: Path, script: Path, code: Code) -> str:
    """Return an expression of a file's path: from the script where the file is beneath its folder, else absolute."""
    here, there = script.absolute().parent.resolve(), file.absolute().resolve()
    if not there.is_relative_to(here):
        return literal(str(there))
    code.needs("from pathlib import Path")
    beneath = there.relative_to(here).as_posix()
    return "HERE" if beneath == "." else f"HERE / {literal(beneath)}"


def literal(value: Any) -> str:
    """Return a value as Python writes it, strings in double quotes."""
    if isinstance(value, str):
        plain = repr(value)
        return plain if '"' in value or plain.startswith('"') else f'"{plain[1:-1]}"'
    if isinstance(value, np.generic):
        return literal(value.item())
    if isinstance(value, list):
        return f"[{', '.join(map(literal, value))}]"
    if isinstance(value, tuple):
        return f"({', '.join(map(literal, value))}{',' if len(value) == 1 else ''})"
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{literal(key)}: {literal(item)}' for key, item in value.items())}}}"
    return repr(value)


def arguments(options: Mapping[str, Any]) -> str:
    """Return options as the arguments of a call."""
    return ", ".join(f"{name}={literal(value)}" for name, value in options.items())
