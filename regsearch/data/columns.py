"""What became of a table's columns."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column of a table and what becomes of it.

    Args:
        name: its name.
        kind: `numbers`, `booleans`, `categories`, `ordered categories`, `strings`, `dates` or `empty`.
        use: `feature`, `target`, `group`, `time`, `weights`, `split` or `left out`.
        encoding: of a feature: `numbers`, `one-hot` or `ordinal`; empty for other columns.
        categories: its categories in the order of their numbers, where they are encoded.
        missing: rows without a value.
        filling: what fills these in; empty where none is missing.
    """

    name: str
    kind: str
    use: str
    encoding: str = ""
    categories: tuple[str, ...] = ()
    missing: int = 0
    filling: str = ""
