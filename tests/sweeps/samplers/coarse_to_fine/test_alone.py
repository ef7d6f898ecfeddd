"""The folder works where it is copied to, with nothing of ours on the path; and so does the example in the docs."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import sweeps.samplers.coarse_to_fine as package

DOCS = (Path(__file__).parents[4] / "docs" / "samplers.md").read_text("utf-8")
OURS = "{'sweeps', 'regsearch', 'storage'} & {name.partition('.')[0] for name in sys.modules}"


def test_the_example_in_the_docs_runs_on_a_copy_of_the_folder(tmp_path):
    shutil.copytree(Path(package.__file__).parent, tmp_path / "coarse_to_fine")
    code = re.search(r"```python\n(.*?)```", DOCS, re.S)[1]
    printed = re.search(r"```\n(coarse.*?)```", DOCS, re.S)[1]
    (tmp_path / "example.py").write_text(f"{code}\nimport sys\nprint({OURS})\n", "utf-8")
    done = subprocess.run([sys.executable, "example.py"], cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert done.stdout == printed + "set()\n"
    assert "W " not in done.stderr


def test_it_needs_optuna_and_numpy_only():
    files = sorted(Path(package.__file__).parent.glob("*.py"))
    imported = {
        name.partition(".")[0]
        for file in files
        for name in re.findall(r"^(?:from|import) ([a-z_]+)", file.read_text("utf-8"), re.M)
    }
    assert imported - set(sys.stdlib_module_names) == {"optuna", "numpy"}
