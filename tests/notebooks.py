"""The notebooks under examples/: executed by the tests, and what they show is what they showed when they were written.

`python -m tests.notebooks [NAME…]` executes them and writes what their cells show now.
"""

import re
import socket
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

from tests.docs_pages import NUMBER

EXAMPLES = Path(__file__).parents[1] / "examples"
NOTEBOOKS = sorted(EXAMPLES.glob("*.ipynb"))
LIMIT_S = 300
KEPT = ("text/plain", "text/html", "image/png")


def executed(path: Path, folder: Path) -> Any:
    """Return a notebook as its cells show it now, executed in a folder; an error in a cell is raised."""
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(notebook, timeout=LIMIT_S, kernel_name="python3", resources={"metadata": {"path": folder}})
    client.execute()
    return notebook


def shown(notebook: Any) -> Iterator[tuple[str, list[str]]]:
    """Yield each cell of code with the texts that it shows, numbers masked; of a picture, that there is one."""
    for cell in notebook.cells:
        if cell.cell_type == "code":
            yield cell.source, [text for output in cell.outputs if not _is_log(output) for text in _texts(output)]


def _is_log(output: Any) -> bool:
    """Return whether it is what TensorFlow logs."""
    return output.output_type == "stream" and output.name == "stderr"


def _texts(output: Any) -> Iterator[str]:
    if output.output_type == "stream":
        yield NUMBER.sub("#", output.text)
    elif "image/png" in output.data or "text/html" in output.data:
        yield "image/png" if "image/png" in output.data else "text/html"
    else:
        yield re.sub(r"0x[0-9a-f]+", "0x", NUMBER.sub("#", output.data["text/plain"]))


def written(path: Path) -> str:
    """Execute a notebook and return it as text, without what differs from one execution to the next."""
    with tempfile.TemporaryDirectory() as folder:
        notebook = executed(path, Path(folder))
    notebook.metadata = {"kernelspec": notebook.metadata["kernelspec"], "language_info": {"name": "python"}}
    for number, cell in enumerate(notebook.cells, 1):
        cell.id, cell.metadata = f"cell-{number}", {}
        if cell.cell_type == "code":
            cell.outputs = [output for output in cell.outputs if not _is_log(output)]
    return nbformat.writes(notebook).replace(f"{socket.gethostname()}:", "laptop:") + "\n"  # of a worker


if __name__ == "__main__":
    for each in [EXAMPLES / f"{name}.ipynb" for name in sys.argv[1:]] or NOTEBOOKS:
        each.write_text(written(each), "utf-8")
