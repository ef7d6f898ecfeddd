"""What a reader of an answer should know of the data, the model or the settings behind it."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Notice:
    """A warning that goes with a sweep: shown by `check`, with the answer, and kept in the database.

    Args:
        code: what it is about, for programs: repeated-rows, seeded-builder …
        message: one line for people: what was found, and what follows from it.
    """

    code: str
    message: str
