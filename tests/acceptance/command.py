"""Run the command regsearch as its users do, in a process of its own, or in this one where that shows the same."""

import io
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from sweeps.cli.main import main

LIMIT_S = 180
ROOT = Path(__file__).parents[2]  # what processes compile is kept there, not in the home of whoever runs the tests


def regsearch(
    *args: str, cwd: Path, before: Sequence[str] = (), **environment: str
) -> "subprocess.CompletedProcess[str]":
    """Run it to its end; `before` is a program that starts it."""
    command = [*before, *_command(args)]
    return subprocess.run(
        command, cwd=cwd, env=_environment(environment), capture_output=True, text=True, timeout=LIMIT_S
    )


def called(*args: str, cwd: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Run it to its end in this process, which has loaded TensorFlow and compiled what others ask for already."""
    out, err = io.StringIO(), io.StringIO()
    with (
        chdir(cwd),
        mock.patch.dict(os.environ, _environment(environment), clear=True),
        mock.patch.object(sys, "argv", ["regsearch", *args]),
        mock.patch("signal.signal"),
        redirect_stdout(out),
        redirect_stderr(err),
        pytest.raises(SystemExit) as ended,
    ):
        main()
    assert isinstance(ended.value.code, int)
    return subprocess.CompletedProcess(args, ended.value.code, out.getvalue(), err.getvalue())


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
    return clean | {"PYTHONPATH": str(ROOT), "REGSEARCH_CACHE": str(ROOT / ".cache" / "regsearch")} | more
