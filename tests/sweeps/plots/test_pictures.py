import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from sweeps.plots.pictures import draw_all
from tests.sweeps.tiny import NONE, config, repeat

ALWAYS = ("comparison", "data", "learning_curves", "lambda", "gap", "repeats", "weight_norms", "layer_norms")
NAMES = [f"{name}.{kind}" for name in ALWAYS for kind in ("png", "svg")]


def test_writes_every_picture_in_both_formats(l2, tmp_path):
    written = draw_all(l2.snapshot(), tmp_path / "out")

    assert [path.name for path in written] == NAMES
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(NAMES)
    starts = {".png": b"\x89PNG", ".svg": b"<?xml"}
    assert all(path.read_bytes().startswith(starts[path.suffix]) for path in written)


def test_the_same_data_give_the_same_bytes_in_any_thread(l2, tmp_path):
    with ThreadPoolExecutor(2) as pool:
        drawn = pool.map(lambda folder: draw_all(l2.snapshot(), tmp_path / folder), "ab")
        first, second = drawn

    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


def test_leaves_out_what_there_is_nothing_to_draw_for(sweep, tmp_path):
    tiny = sweep(config(data={"source": "iris"}))
    assert draw_all(tiny.snapshot(), tmp_path / "out") == []

    tiny.add(NONE, repeat(0, 0.9))
    assert draw_all(tiny.snapshot(), tmp_path / "out") == []


def test_importing_loads_no_matplotlib_and_drawing_no_tensorflow(l2, tmp_path):
    script = """
import sys
from pathlib import Path
from sweeps.plots.pictures import draw_all
assert not {"matplotlib", "sqlalchemy"} & set(sys.modules)
import storage
from sweeps.analysis.snapshot_loader import load_snapshot
url, out = sys.argv[1:]
with storage.open(url) as results:
    snapshot = load_snapshot(results, "tiny")
assert len(draw_all(snapshot, Path(out))) == 16
assert not {"tensorflow", "keras", "optuna", "matplotlib.pyplot"} & set(sys.modules)
"""
    command = [sys.executable, "-c", script, l2.url, str(tmp_path / "out")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
