"""Run the command regsearch as its users do: in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

LIMIT_S = 180


def regsearch(*args: str, cwd: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Run it to its end."""
    return subprocess.run(
        _command(args), cwd=cwd, env=_environment(environment), capture_output=True, text=True, timeout=LIMIT_S
    )


def start(*args: str, cwd: Path, **environment: str) -> "subprocess.Popen[str]":
    """Start it; whoever does so ends it."""
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(_command(args), cwd=cwd, env=_environment(environment), start_new_session=True, **pipes)


def _command(args: tuple[str, ...]) -> list[str]:
    return [sys.executable, "-m", "sweeps", *args]


def _environment(more: dict[str, str]) -> dict[str, str]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("REGSEARCH_", "COLUMNS", "FORCE_COLOR"))}
    return clean | {"PYTHONPATH": str(Path(__file__).parents[2])} | more
