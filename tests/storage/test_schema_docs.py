"""docs/schema.md says what is true, and its queries give the same on both databases."""

import re
import shlex
from pathlib import Path

import pytest

from storage.tables import Sweeps
from tests.acceptance.test_bad_input import run_main
from tests.example import fill
from tests.schema_docs import DOCS, QUERY, diagram, drawn


def test_the_diagram_and_what_queries_give_are_up_to_date(database_url: str) -> None:
    fill(database_url)
    text = DOCS.read_text("utf-8")
    assert len(QUERY.findall(text)) == 10
    assert drawn(text, database_url) == text, "python -m tests.schema_docs writes it anew"


def test_the_diagram_is_drawn_from_the_tables() -> None:
    lines = diagram().splitlines()
    assert '    rs_sweeps ||--o{ rs_configurations : "sweep_id"' in lines
    assert '    rs_configurations ||--o{ rs_trials : "sweep_id, configuration_id"' in lines
    inside = diagram().partition("rs_sweeps {")[2].partition("}")[0]
    assert re.findall(r"^ +\w+ (\w+)", inside, re.M) == Sweeps.__table__.columns.keys()
    assert "integer id PK" in inside and "text name UK" in inside and 'text keras_version "may be null"' in inside


def test_commands_and_python_work_as_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("REGSEARCH_STORAGE", "sqlite:///example.db")
    fill("sqlite:///example.db")
    text = DOCS.read_text("utf-8")
    commands = re.findall(r"^\$ regsearch (.*)", text, re.M)
    for command in commands:
        code, out, err = run_main(*shlex.split(command), capsys=capsys, monkeypatch=monkeypatch)
        assert (code, err) == (0, "") and (out or Path("large.parquet").exists()), command
    (python,) = re.findall(r"```python\n(.*?)```", text, re.S)
    exec(python, {})
    assert len(commands) == 4 and python.count("results.") == 7
