"""What docs/schema.md draws from the code: the diagram of the tables, and what its queries give.

`python -m tests.schema_docs` writes it anew.
"""

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

import storage
from storage.columns import Base
from sweeps.cli import tables
from tests.example import fill

DOCS = Path(__file__).parents[1] / "docs" / "schema.md"
DIAGRAM = re.compile(r"```mermaid\n.*?```", re.S)
QUERY = re.compile(r"```sql\n(.*?)```\n(?:\n```text\n.*?```\n)?", re.S)


def drawn(text: str, url: str) -> str:
    """Return the text with the diagram and every query's output as they are now.

    Args:
        text: of docs/schema.md.
        url: a database that `fill` filled.
    """
    text = DIAGRAM.sub(lambda _: f"```mermaid\n{diagram()}\n```", text)
    with storage.open(url) as results:
        return QUERY.sub(lambda found: f"```sql\n{found[1]}```\n\n```text\n{_output(results, found[1])}```\n", text)


def diagram() -> str:
    """Return the tables, their columns and what refers to what, in Mermaid's notation."""
    return "\n".join(["erDiagram", *_relations(), *_tables()])


def _relations() -> Iterator[str]:
    for table in Base.metadata.sorted_tables:
        for key in sorted(table.foreign_key_constraints, key=lambda key: key.column_keys):
            optional = any(table.c[name].nullable for name in key.column_keys)
            parent = f"{key.referred_table.name} {'|o' if optional else '||'}"
            yield f'    {parent}--o{{ {table.name} : "{", ".join(key.column_keys)}"'


def _tables() -> Iterator[str]:
    for table in Base.metadata.sorted_tables:
        yield f"    {table.name} {{"
        for column in table.columns:
            marks = {"PK": column.primary_key, "FK": bool(column.foreign_keys), "UK": bool(column.unique)}
            keys = ", ".join(mark for mark, holds in marks.items() if holds)
            null = ' "may be null"' if column.nullable else ""
            yield f"        {_kind(column.type)} {column.name}{' ' * bool(keys)}{keys}{null}"
        yield "    }"


def _kind(type_: object) -> str:
    names = {"Integer": "integer", "BigInteger": "bigint", "String": "text", "Double": "double", "JSON": "json"}
    return (names | {"UTCDateTime": "time", "LargeBinary": "bytes"})[type(type_).__name__]


def _output(results: storage.Results, query: str) -> str:
    with tempfile.TemporaryDirectory() as folder:
        tables.print_table(results.sql(query), "table", Path(folder) / "table.txt")
        return (Path(folder) / "table.txt").read_text("utf-8")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        fill(f"sqlite:///{folder}/example.db")
        DOCS.write_text(drawn(DOCS.read_text("utf-8"), f"sqlite:///{folder}/example.db"), "utf-8")
