"""TensorFlow takes seconds to load, so what only reads, plans or draws does not."""

import subprocess
import sys

MODULES = ["storage", "sweeps.samplers.coarse_to_fine", "sweeps.plots", "sweeps.config", "sweeps.config.toml_file"]


def test_nothing_but_training_loads_tensorflow():
    code = f"""
import sys
for name in {MODULES}:
    __import__(name)
    print(name, *sorted({{"tensorflow", "keras"}} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:-1] == MODULES
