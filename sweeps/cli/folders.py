"""Folders and files that results are to go to."""

import os
from pathlib import Path

from regsearch.errors import InputError


def refuse_unwritable(out: Path, *, field: str = "--out") -> None:
    """Say before the work, not after it, that its results would have no place."""
    try:
        there = next(p for p in (out, *out.absolute().parents) if p.exists())
    except OSError as error:  # as of a name that is too long
        raise InputError(field, f"{out} cannot be a folder: {error.strerror}") from None
    if not there.is_dir():
        raise InputError(field, f"{there} is a file; give a folder")
    if not os.access(there, os.W_OK | os.X_OK):
        raise InputError(field, f"{there} is not writable; give another folder")


def refuse_file(to: Path, *, force: bool, field: str = "--to") -> None:
    """Say before the work, not after it, that a file could not be written, or would take another one's place.

    Args:
        to: the file; folders on the way are made when it is written.
        force: whether it may take the place of one that is there.
        field: the option that it was given by.

    Raises:
        InputError: it could not, or would.
    """
    try:
        if to.is_dir():
            raise InputError(field, f"{to} is a folder; give a file")
        if to.exists() and not force:
            raise InputError(field, f"{to} is there already; --force replaces it")
        there = next(p for p in to.absolute().parents if p.exists())
    except OSError as error:  # as of a name that is too long
        raise InputError(field, f"{to} cannot be a file: {error.strerror}") from None
    if not there.is_dir():
        raise InputError(field, f"{there} is a file; give a path in a folder")
    if not os.access(there, os.W_OK | os.X_OK):
        raise InputError(field, f"{there} is not writable; give another folder")
