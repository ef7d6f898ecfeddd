"""What the program does around its commands: exit codes, one-line errors, signals."""

import signal
import sys
from collections.abc import Callable

import pytest
import typer

from regsearch.errors import InputError, RegsearchError
from regsearch.version import __version__
from sweeps.cli import main as cli


@pytest.fixture
def outcome(monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """Return what the program ends with when its commands do what is given."""
    before = signal.getsignal(signal.SIGTERM)

    def run(command: Callable[[], object]) -> int:
        monkeypatch.setattr(cli, "app", lambda **how: command())
        with pytest.raises(SystemExit) as ended:
            cli.main()
        return int(str(ended.value.code))

    yield run
    signal.signal(signal.SIGTERM, before)


def raising(error: BaseException) -> Callable[[], object]:
    def command() -> object:
        raise error

    return command


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (InputError("data.source", "is missing"), 2, "regsearch: data.source: is missing\n"),
        (RegsearchError("it failed"), 1, "regsearch: it failed\n"),
        (KeyboardInterrupt(), 130, "regsearch: stopped; the same command goes on from here\n"),
        (typer.Abort(), 130, "regsearch: stopped; the same command goes on from here\n"),
    ],
)
def test_an_error_is_one_line_and_a_code(outcome, capsys, error, code, line) -> None:
    assert outcome(raising(error)) == code
    assert capsys.readouterr().err == line


def test_success_is_0_and_a_command_may_say_otherwise(outcome) -> None:
    assert outcome(lambda: None) == 0
    assert outcome(lambda: 1) == 1  # what typer.Exit(1) becomes


def test_ctrl_c_in_a_command_is_130(outcome, capsys) -> None:
    assert outcome(lambda: cli.STOPPED) == 130
    assert "stopped" in capsys.readouterr().err


def test_sigterm_is_answered_as_ctrl_c_is(outcome) -> None:
    assert outcome(lambda: signal.raise_signal(signal.SIGTERM)) == 130


def test_a_bug_is_a_traceback(monkeypatch) -> None:
    monkeypatch.setattr(cli, "app", lambda **how: raising(ZeroDivisionError())())
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(ZeroDivisionError):
        cli.main()
    signal.signal(signal.SIGTERM, before)


def test_an_unknown_command_points_to_the_help(monkeypatch, capsys) -> None:
    monkeypatch.setattr(sys, "argv", ["regsearch", "serach"])
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    signal.signal(signal.SIGTERM, before)
    assert ended.value.code == 2
    assert capsys.readouterr().err.endswith("(see --help)\n")


def test_the_version_needs_no_command(monkeypatch, capsys) -> None:
    monkeypatch.setattr("sys.argv", ["regsearch", "--version"])
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    signal.signal(signal.SIGTERM, before)
    assert (ended.value.code, capsys.readouterr().out) == (0, f"regsearch {__version__}\n")


def test_a_shell_can_complete_commands(monkeypatch, capsys) -> None:
    words = {"_REGSEARCH_COMPLETE": "complete_bash", "COMP_WORDS": "regsearch pre", "COMP_CWORD": "1"}
    for name, value in words.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.argv", ["regsearch"])
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    signal.signal(signal.SIGTERM, before)
    assert (ended.value.code, capsys.readouterr().out.split()) == (0, ["predict", "presets"])


def test_output_that_is_closed_is_written_to_nobody(outcome, monkeypatch) -> None:
    monkeypatch.setattr("sys.stdout", None)
    monkeypatch.setattr("sys.stderr", None)
    assert outcome(lambda: print("x", file=sys.stderr)) == 0
    sys.stdout.close()
    sys.stderr.close()
