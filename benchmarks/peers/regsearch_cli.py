"""regsearch by its command: the sweep file is all that a user writes."""

import subprocess
import sys

from shared import FOLDER, KEPT, begin, given

task = given()
orders = [lambda_ for lambda_ in task.lambdas if lambda_]
SWEEP = f"""
# the user's
name = "grid"
[data]
source = "data.csv"
target = "y"
split = {{ column = "part" }}
scale = "none"
[model]
hidden = [{task.hidden}]
[training]
epochs = {task.epochs}
batch_size = {task.batch_size}
[search]
strategy = "grid"
regularizers = ["none", "l2"]
lambda = {{ low = {min(orders):g}, high = {max(orders):g} }}
[evaluation]
repeats = {task.repeats}
# end
"""
(FOLDER / "grid.toml").write_text(SWEEP)
begin()
command = [sys.executable, "-m", "sweeps", "run", str(FOLDER / "grid.toml"), "--storage", f"sqlite:///{KEPT}/grid.db"]
sys.exit(subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode)
