"""Folders that results are to go to."""

import os
from pathlib import Path

from regsearch.errors import InputError


def refuse_unwritable(out: Path) -> None:
    """Say before the work, not after it, that its results would have no place."""
    try:
        there = next(p for p in (out, *out.absolute().parents) if p.exists())
    except OSError as error:  # as of a name that is too long
        raise InputError("--out", f"{out} cannot be a folder: {error.strerror}") from None
    if not there.is_dir():
        raise InputError("--out", f"{there} is a file; give a folder")
    if not os.access(there, os.W_OK | os.X_OK):
        raise InputError("--out", f"{there} is not writable; give another folder")
