"""Run the command regsearch as its users do: in a process of its own."""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

LIMIT_S = 180


def regsearch(
    *args: str, cwd: Path, before: Sequence[str] = (), **environment: str
) -> "subprocess.CompletedProcess[str]":
    """Run it to its end; `before` is a program that starts it."""
    command = [*before, *_command(args)]
    return subprocess.run(
        command, cwd=cwd, env=_environment(environment), capture_output=True, text=True, timeout=LIMIT_S
    )


@contextmanager
def started(*args: str, cwd: Path, **environment: str) -> Iterator["subprocess.Popen[str]"]:
    """Start it; it is killed at the end if it still runs."""
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(_command(args), cwd=cwd, env=_environment(environment), **pipes) as process:
        try:
            yield process
        finally:
            process.kill()


def _command(args: tuple[str, ...]) -> list[str]:
    return [sys.executable, "-m", "sweeps", *args]


def _environment(more: dict[str, str]) -> dict[str, str]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("REGSEARCH_", "COLUMNS", "FORCE_COLOR"))}
    return clean | {"PYTHONPATH": str(Path(__file__).parents[2])} | more
