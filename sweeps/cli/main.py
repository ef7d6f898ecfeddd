"""The command line: each command parses, makes one call of the API, and prints.

Results go to stdout, messages to stderr. Exit codes: 0 ok, 1 failed, 2 bad input, 130 stopped by Ctrl-C. Modules that
take long to load are imported by the command that needs them, so that help comes at once.
"""

import os
import signal
import sys
from typing import Any, NoReturn

import typer
from typer.exceptions import TyperException

from regsearch.errors import RegsearchError, shortened
from sweeps.cli.app import app, say
from sweeps.cli.narrow_output import spell_out

# isort: off
from sweeps.cli import run_commands, result_commands, database_commands  # in the order of the help

# isort: on

STOPPED = 130  # exit code after Ctrl-C: 128 and the signal's number, as shells have it

__all__ = ["app", "database_commands", "main", "result_commands", "run_commands"]


def main() -> NoReturn:
    """Run the command line, and exit."""
    sys.stdout = sys.stdout or open(os.devnull, "w")  # None where whoever started this has closed it
    sys.stderr = sys.stderr or open(os.devnull, "w")
    spell_out(sys.stdout, sys.stderr)
    signal.signal(signal.SIGTERM, _interrupt)  # a worker that is asked to end frees its configuration first
    try:
        code = app(prog_name="regsearch", standalone_mode=False)
        sys.stdout.flush()
        if code == STOPPED:  # Typer makes this of Ctrl-C
            raise KeyboardInterrupt
    except TyperException as error:
        _misused(error.format_message())
    except RegsearchError as error:
        _end(str(error), error.exit_code)
    except (KeyboardInterrupt, typer.Abort):
        _end("stopped; the same command goes on from here", STOPPED)
    except BrokenPipeError:  # as in `regsearch trials NAME | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    sys.exit(code or 0)


def _misused(message: str) -> NoReturn:
    if message.startswith("Usage:"):  # a command without its arguments: its whole help
        say(message)
        sys.exit(2)
    _end(f"{shortened(message.splitlines()[0])} (see --help)", 2)


def _end(message: str, code: int) -> NoReturn:
    if message:
        say(f"regsearch: {message}")
    sys.exit(code)


def _interrupt(signum: int, frame: Any) -> NoReturn:
    raise KeyboardInterrupt
