"""Rows that belong together are known as such, wherever the data come from."""

import json
from pathlib import Path

import numpy as np
import pandas as pd

from regsearch.comparison import INDEPENDENT
from regsearch.data.kept_data import KeptData, keep_data
from regsearch.in_memory import digest_of
from sweeps.analysis.row_dependence import dependence_of
from sweeps.config import SweepConfig
from sweeps.config.toml_file import parse, restore

X, Y, GROUPS = np.arange(40.0).reshape(20, 2), np.arange(20) % 2, np.arange(20) // 4
LOAD = """
import numpy as np

def load():
    return {"x": np.ones((8, 2)), "y": [0, 1] * 4, "groups": [0, 0, 1, 1, 2, 2, 3, 3]}
"""


def elsewhere(config: SweepConfig) -> SweepConfig:
    """The sweep as another process has it, which cannot look its rows up."""
    stored = json.dumps(config.to_dict())
    return restore(json.loads(stored.replace(digest_of(config.data.source), "0" * 16)))


def test_groups_of_arrays_in_memory_are_known_here_and_missed_elsewhere() -> None:
    held = keep_data(KeptData(values={"x": X, "y": Y, "groups": GROUPS}))
    config = parse({"name": "a", "data": {"source": held.name}})
    assert dependence_of(config).groups.tolist() == GROUPS.tolist()
    assert dependence_of(elsewhere(config)) is None


def test_rows_without_groups_are_independent_wherever_that_is_asked() -> None:
    held = keep_data(KeptData(values={"x": X, "y": Y}))
    assert dependence_of(elsewhere(parse({"name": "a", "data": {"source": held.name}}))) is INDEPENDENT


def test_a_column_of_a_table_in_memory_is_known() -> None:
    held = keep_data(KeptData(values=pd.DataFrame({"a": X[:, 0], "y": Y, "house": GROUPS})))
    config = parse({"name": "a", "data": {"source": held.name, "target": "y", "group": "house"}})
    assert dependence_of(config).groups.tolist() == GROUPS.tolist()


def test_groups_that_a_function_returns_are_known(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(LOAD)
    config = parse({"name": "a", "data": {"source": "mine.py:load"}}, folder=str(tmp_path))
    assert dependence_of(config).groups.tolist() == [0, 0, 1, 1, 2, 2, 3, 3]
