"""`regsearch compare` as a user meets it, and `regsearch check --diagnose`."""

import json
from pathlib import Path

import pytest

from tests.acceptance.command import called
from tests.sweeps.small import TOML


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("compare")
    (folder / "small.toml").write_text(TOML)
    (folder / "wide.toml").write_text(TOML.replace('"small"', '"wide"').replace("[8]", "[16]"))
    (folder / "noisy.toml").write_text(TOML.replace('"small"', '"noisy"').replace('"moons"', '"moons"\nnoise = 0.3'))
    for name in ("small", "wide"):
        done = called("run", f"{name}.toml", cwd=folder)
        assert done.returncode == 0, done.stderr
        assert "overfits" in done.stderr.splitlines()[1]  # before the first configuration of the search
        assert "overfits" in done.stdout.splitlines()[0]
    assert called("create", "noisy.toml", cwd=folder).returncode == 0
    return folder


def test_two_networks_are_compared(folder: Path) -> None:
    done = called("compare", "small", "wide", "--margin", "0.5", cwd=folder)
    assert done.returncode == 0 and "small (" in done.stdout and "within the margin" in done.stdout
    found = json.loads(called("compare", "small", "wide", "--format", "json", cwd=folder).stdout)
    assert found["test"]["rows"] == 200 and found["test"]["repeats"] == 3
    assert found["test"]["scope"] == "for this training set"


def test_other_data_are_refused_in_one_line(folder: Path) -> None:
    done = called("compare", "small", "noisy", cwd=folder)
    assert done.returncode == 2 and not done.stdout
    assert done.stderr == (
        "regsearch: data.noise: must be the same in both sweeps, so that their repeats are pairs: 'small' has 0.2, "
        "'noisy' has 0.3\n"
    )


def test_a_check_diagnoses_on_request_and_writes_nothing(folder: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    done = called("check", "small.toml", "--diagnose", cwd=folder)
    assert done.returncode == 0 and "overfits" in done.stdout
    assert {path: path.stat().st_mtime_ns for path in folder.iterdir()} == before
