"""What is said to the user without being an error."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Notice:
    """A warning, or a fact worth knowing, in one line.

    Args:
        code: its kind in lower case with hyphens, such as `constant-column`.
        message: one line.
    """

    code: str
    message: str
