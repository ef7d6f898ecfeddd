"""Run exported scripts where nothing of ours can be imported."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

LIMIT_S = 300
RUN = """
import json, runpy, sys
for name in ("regsearch", "storage", "sweeps"):
    sys.modules[name] = None  # an import of it raises
print(json.dumps([float(runpy.run_path(path, run_name="__main__")["score"]) for path in sys.argv[1:]]))
"""


def scores_of(scripts: Sequence[Path]) -> list[float]:
    """The score that each script prints, all of them run in one process."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    done = subprocess.run(
        [sys.executable, "-c", RUN, *map(str, scripts)],
        cwd="/",
        env=environment,
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    *printed, found = done.stdout.splitlines()
    scores: list[float] = json.loads(found)
    assert [f"{score:.6f}" for score in scores] == [line.split()[-1] for line in printed]
    return scores
