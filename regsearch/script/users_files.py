"""How a script gets a function out of a file of the user's."""

import importlib.util
import sys
from pathlib import Path

from regsearch.loading import REFERENCE, resolve
from regsearch.script.code import Code, literal, path_code


def import_code(reference: str, folder: str, script: Path, code: Code) -> str:
    """Add the lines that import what "file.py:function" names, and return its name.

    Args:
        reference: the file and the function in it.
        folder: what the file is relative to.
        script: where the script is to be.
        code: what they are added to.
    """
    match = REFERENCE.fullmatch(reference)
    assert match is not None, "checked before it was loaded"
    file, function = resolve(match["file"], folder).absolute(), match["function"]
    code.needs("import sys")
    line = f"sys.path.append({_as_string(path_code(file.parent, script, code))})"
    if line not in code.lines:
        code.add(line)
    if _is_free(file) and file.stem != script.stem:
        code.add(f"from {file.stem} import {function}")
        return function
    code.needs("import runpy")  # its name is none of a module, or is that of another one
    code.add(f"{function} = runpy.run_path({_as_string(path_code(file, script, code))})[{literal(function)}]")
    return function


def _as_string(path: str) -> str:
    return f"str({path})" if path.startswith("HERE") else path


def _is_free(file: Path) -> bool:
    """Whether a file's name is that of no other module."""
    name = file.stem
    if not name.isidentifier() or name in sys.stdlib_module_names or name in sys.modules:
        return False
    found = importlib.util.find_spec(name)
    return found is None or found.origin == str(file)
