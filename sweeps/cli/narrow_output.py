"""Output to where not every character exists, as an ASCII terminal: spelled out, and never failing."""

import codecs
import io
from typing import TextIO

SPELLED = {
    "λ": "lambda",
    "±": "+/-",
    "²": "^2",
    "√": "sqrt ",
    "Σ": "sum ",
    "×": "x",
    "…": "...",
    "–": "-",
    "—": "-",
    "→": "->",
}


DEFAULTS = ("strict", "surrogateescape", "backslashreplace")  # Python's: of stdout, the same in the locale C, of stderr


def spell_out(stdout: TextIO, stderr: TextIO) -> None:
    """Let streams write any text: what their encoding lacks is spelled out, or a question mark."""
    codecs.register_error("regsearch-spelled", _spelled)
    for stream, defaults in ((stdout, DEFAULTS[:2]), (stderr, DEFAULTS)):
        if isinstance(stream, io.TextIOWrapper) and stream.errors in defaults:
            stream.reconfigure(errors="regsearch-spelled")


def _spelled(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(SPELLED.get(one, "?") for one in error.object[error.start : error.end]), error.end
