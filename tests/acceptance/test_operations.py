"""The recipes of docs/operations.md: scripts run, what they call exists."""

import os
import re
import subprocess
import sys
from pathlib import Path

from ruamel.yaml import YAML

from sweeps.runtime.sweep import register
from tests.docs_pages import BLOCK, DOCS
from tests.sweeps.small import small

ROOT = DOCS.parent
RECIPES = {name: text for name, _, text in BLOCK.findall((DOCS / "operations.md").read_text("utf-8")) if name}


def run(name: str, *args: str, regsearch: str, folder: Path, **environment: str) -> str:
    """Run a recipe's script where `regsearch` is this shell command; return what it prints."""
    command = folder / "bin/regsearch"
    command.parent.mkdir()
    command.write_text(f"#!/bin/sh\n{regsearch}\n")
    command.chmod(0o755)
    script = folder / name
    script.write_text(RECIPES[name])
    own = os.environ | {"PATH": f"{command.parent}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)} | environment
    done = subprocess.run(["sh", script, *args], cwd=folder, env=own, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return done.stdout


def test_metrics_are_in_groups_and_whole(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/a.db"
    for name in ("one", "two.b-c"):
        register(small().model_copy(update={"name": name}), url).close()
    regsearch = f'exec {sys.executable} -m sweeps "$@"'
    run("metrics.sh", "regsearch.prom", regsearch=regsearch, folder=tmp_path, REGSEARCH_STORAGE=url)
    lines = (tmp_path / "regsearch.prom").read_text().splitlines()
    assert lines[:3] == [
        "# TYPE regsearch_configurations gauge",
        'regsearch_configurations{sweep="one"} 0',
        'regsearch_configurations{sweep="two.b-c"} 0',
    ]
    kinds = re.findall(r"# TYPE (\w+) gauge", "\n".join(lines))
    assert kinds == [f"regsearch_{what}" for what in ("configurations", "complete", "repeats", "workers")]
    assert len(lines) == 3 * len(kinds)
    assert not [*tmp_path.glob("regsearch.prom.*")]


def test_a_worker_of_a_slurm_array_takes_the_place_of_its_script(tmp_path: Path) -> None:
    told = 'echo "$REGSEARCH_STORAGE" "$@"'
    said = run("worker.sh", regsearch=told, folder=tmp_path, SLURM_CPUS_PER_TASK="4")
    assert said == "postgresql://regsearch@db.example.org/regsearch worker moons --threads 4\n"
    assert RECIPES["worker.sh"].splitlines()[-1].startswith("exec regsearch ")  # which gets Slurm's signal


def test_a_job_of_kubernetes_has_workers_that_come_back_until_nothing_is_left() -> None:
    job = YAML(typ="safe", pure=True).load(RECIPES["worker.yaml"])
    assert (job["kind"], job["spec"]["parallelism"], "completions" in job["spec"]) == ("Job", 8, False)
    pod = job["spec"]["template"]["spec"]
    assert pod["restartPolicy"] == "OnFailure" and pod["containers"][0]["args"] == ["worker", "moons"]
