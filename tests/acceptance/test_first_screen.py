"""The README's first screen in Python: five lines from arrays to a trained model, which print what it shows."""

import re
from pathlib import Path

import pytest

from regsearch.backend import load_keras
from tests.docs_pages import same

README = Path(__file__).parents[2] / "README.md"
SCREEN = re.compile(r"```python\n(import regsearch\n.*?)```\n\n```text\n(.*?)```", re.S)
LINES = 40  # of the file: what a reader sees without scrolling


def test_five_lines_go_from_arrays_to_a_verdict_a_picture_and_a_model(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    text = README.read_text("utf-8")
    code, shown = SCREEN.findall("\n".join(text.splitlines()[:LINES]))[0]
    names: dict = {}
    exec(code, names)
    assert len([line for line in code.splitlines() if line]) <= 5
    assert same(shown, capsys.readouterr().out)
    assert isinstance(names["model"], load_keras().Model) and names["picture"].axes
    assert names["found"].predict(names["load_diabetes"]().data[:2]).shape == (2,)
    assert list(tmp_path.iterdir()) == []
