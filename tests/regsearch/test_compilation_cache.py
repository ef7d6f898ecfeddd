"""What XLA compiled is kept for the next process, and is compiled anew where a file is damaged."""

import os
import subprocess
import sys

import pytest

from regsearch.compilation_cache import FLAGS, PLACE, compilation_folder, forget_compilations, keep_compilations, prune

TRAIN = """
from regsearch.spec import DataSpec, ModelSpec, TrainingSpec, TrialSpec
from regsearch.trial import Evaluator, prove

spec = TrialSpec(
    data=DataSpec(source="moons", fresh_test=10),
    metric="accuracy",
    model=ModelSpec(options=(("hidden", (3,)),)),
    training=TrainingSpec(epochs=3),
)
found = Evaluator(spec)
assert found.prove().engine == "xla"
trained = found.trainer.train(found.split(0, 1), seed=1, coefficients=found.phases(spec)[0].coefficients)
print(trained.after[0].tobytes().hex())
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv(PLACE, str(tmp_path / "cache"))
    monkeypatch.delenv(FLAGS, raising=False)
    return compilation_folder()


def test_the_next_process_finds_it_and_a_damaged_file_is_replaced(folder):
    def train():
        return subprocess.run([sys.executable, "-c", TRAIN], capture_output=True, text=True, check=True).stdout

    weights = train()
    (kept,) = folder.iterdir()
    written = kept.stat().st_mtime_ns
    assert train() == weights  # to the bit
    assert [path.stat().st_mtime_ns for path in folder.iterdir()] == [written]
    kept.write_bytes(kept.read_bytes()[:1000])
    assert train() == weights
    assert [path.stat().st_size > 1000 for path in folder.iterdir()] == [True]


def test_it_may_be_switched_off_or_be_tensorflows_own(folder, monkeypatch):
    monkeypatch.setenv(PLACE, "")
    keep_compilations()
    assert FLAGS not in os.environ and not forget_compilations()
    monkeypatch.undo()
    monkeypatch.setenv(FLAGS, "--tf_xla_persistent_cache_directory=/mine")
    keep_compilations()
    assert os.environ[FLAGS] == "--tf_xla_persistent_cache_directory=/mine"


def test_flags_of_the_users_stay(folder, monkeypatch):
    monkeypatch.setenv(FLAGS, "--tf_xla_clustering_debug")
    keep_compilations()
    mine, directory, devices = os.environ[FLAGS].split()
    assert (mine, directory) == ("--tf_xla_clustering_debug", f"--tf_xla_persistent_cache_directory={folder}")
    assert devices.endswith("=CPU")
    assert folder.is_dir() and folder.stat().st_mode & 0o077 == 0


def test_a_folder_that_cannot_be_made_is_done_without(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv(PLACE, str(tmp_path / "file"))
    monkeypatch.delenv(FLAGS, raising=False)
    keep_compilations()
    assert FLAGS not in os.environ


def test_files_used_longest_ago_go_first(tmp_path):
    for i, name in enumerate(("old", "newer", "newest")):
        (tmp_path / name).write_bytes(bytes(10))
        os.utime(tmp_path / name, (i, i))
    prune(tmp_path, most=20)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["newer", "newest"]


def test_what_is_kept_can_be_forgotten(folder):
    keep_compilations()
    (folder / "one").write_text("")
    assert forget_compilations() and not forget_compilations()
