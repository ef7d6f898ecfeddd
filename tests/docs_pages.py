"""The pages that are played: their files are written, their code runs, and what commands print is what the page shows.

A page is a session in one folder. A code block under `` `name`: `` is a file; another one of Python runs; in a console
block each line that begins with `$ ` is a command, and the lines below are what it prints. A line ` …` stands for any
lines. Numbers with a point or an exponent differ between kinds of CPU and are not compared.

`python -m tests.docs_pages` writes what is printed now.
"""

import io
import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import NamedTuple
from unittest import mock

DOCS = Path(__file__).parents[1] / "docs"
PAGES = ("tutorial.md", *(f"how-to/{path.name}" for path in sorted((DOCS / "how-to").glob("*.md"))))
BLOCK = re.compile(r"(?:`([\w./-]+)`:\n\n)?```(\w+)\n(.*?)```", re.S)
COMMAND = re.compile(r"^\$ (.*(?:\\\n.*)*)\n((?:(?!\$ ).*\n)*)", re.M)
ANYTHING = " …\n"
NUMBER = re.compile(r"[-+±]?\d+\.\d+(e[-+]?\d+)?|[-+±]?\d+e[-+]?\d+")
COLUMNS = "110"
LIMIT_S = 300


class Played(NamedTuple):
    """A command of a page: what the page shows, what it prints now, its exit code."""

    command: str
    shown: str
    printed: str
    code: int


def play(text: str) -> Iterator[Played]:
    """Play a page's text in the current folder, command by command."""
    names: dict[str, object] = {}
    for file, language, content in BLOCK.findall(text):
        if file:
            Path(file).write_text(content, "utf-8")
        elif language == "python":
            exec(compile(content, "a block of Python", "exec"), names)
        elif language == "console":
            for command, shown in COMMAND.findall(content):
                yield Played(command, shown, *done(command))


def done(command: str) -> tuple[str, int]:
    """Return what a command prints, errors among it, and its exit code."""
    if command.startswith("regsearch ") and "|" not in command:
        return _regsearch(shlex.split(command, comments=True)[1:])
    process = subprocess.run(
        command, shell=True, text=True, timeout=LIMIT_S, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    return process.stdout, process.returncode


def same(shown: str, found: str) -> bool:
    """Return whether a page shows what a command prints, up to lines that are left out and to numbers."""
    parts = [re.escape(_masked(part)) for part in f"\n{shown}".split(f"\n{ANYTHING}")]
    return re.fullmatch("\n(.*\n)*".join(parts), f"\n{_masked(found)}") is not None


def updated(text: str) -> str:
    """Return a page's text with what its commands print now; what it leaves out stays left out."""
    for each in play(text):
        if not same(each.shown, each.printed):
            text = text.replace(f"$ {each.command}\n{each.shown}", f"$ {each.command}\n{each.printed}", 1)
    return text


def _masked(text: str) -> str:
    return re.sub(r" {2,}", "  ", NUMBER.sub("#", text))


def _regsearch(words: list[str]) -> tuple[str, int]:
    """Run the command line in this process, which has TensorFlow loaded already."""
    from sweeps.cli.main import main

    out, code = io.StringIO(), None
    with mock.patch.object(sys, "argv", ["regsearch", *words]), redirect_stdout(out), redirect_stderr(out):
        try:
            main()
        except SystemExit as end:
            code = end.code
    return out.getvalue(), int(code or 0)


def _write() -> None:
    os.environ["COLUMNS"] = COLUMNS
    with tempfile.TemporaryDirectory() as folder, chdir(folder):
        for page in PAGES:
            path = DOCS / page
            path.write_text(updated(path.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    _write()
