"""What a user should know about a sweep and might not expect, each with a code."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Notice:
    """Something to know that is no error.

    Args:
        code: which kind it is, such as `builder-seeds`; it stays the same from version to version.
        message: what there is to know, in one line.
    """

    code: str
    message: str
