"""Every notebook under examples/ runs, and its cells show what they showed when it was written, up to numbers."""

from pathlib import Path

import nbformat
import pytest

from tests.notebooks import NOTEBOOKS, executed, shown

WANTS_POSTGRES = "team-on-postgres"


@pytest.mark.filterwarnings("ignore::DeprecationWarning:jupyter_client")
@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs(
    notebook: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    monkeypatch.delenv("REGSEARCH_STORAGE", raising=False)
    if notebook.stem == WANTS_POSTGRES:
        monkeypatch.setenv("REGSEARCH_STORAGE", request.getfixturevalue("postgres_url"))
    before, now = nbformat.read(notebook, as_version=4), executed(notebook, tmp_path)
    for (source, was), (_, is_now) in zip(shown(before), shown(now), strict=True):
        assert is_now == was, source


def test_there_is_one_for_each_way_to_begin() -> None:
    assert {path.stem for path in NOTEBOOKS} >= {"quick-start", "own-csv", WANTS_POSTGRES}
