"""What is said to the user without being an error."""

from dataclasses import dataclass

from regsearch.errors import printable


@dataclass(frozen=True, kw_only=True)
class Notice:
    """A warning, or a fact worth knowing, in one line.

    Args:
        code: its kind in lower case with hyphens, such as `constant-column`.
        message: one line; what does not print in it is escaped.
    """

    code: str
    message: str

    def __post_init__(self) -> None:
        """Escape line breaks in names that it tells, such as a layer's."""
        object.__setattr__(self, "message", printable(self.message))
