"""A sweep that is searched in a second, once its program is compiled, and everything it finds."""

from typing import Any

from sweeps.config import SweepConfig
from sweeps.config.toml_file import parse

TOML = """
name = "small"
seed = 3

[data]
source = "moons"
fresh_test = 200

[model]
hidden = [8]

[training]
epochs = 60

[search]
regularizers = ["none", "l2"]
lambda = { low = 1e-3, high = 1e-1 }

[evaluation]
repeats = 3
"""
COARSE = 4  # none, and l2 at three orders of magnitude


def small(**tables: Any) -> SweepConfig:
    """The sweep of TOML with keys added, replaced or (None) left out: small(search={"strategy": "grid"})."""
    import tomllib

    plain = tomllib.loads(TOML)
    for name, value in tables.items():
        whole = plain.get(name, {}) | value if isinstance(value, dict) else value
        plain[name] = {k: v for k, v in whole.items() if v is not None} if isinstance(whole, dict) else whole
    return parse(plain)
