"""What a sweep file may say: its tables, keys and defaults."""

from sweeps.config.search_section import DEFAULT_REGULARIZERS, PREFERENCE, STRATEGIES
from sweeps.config.sweep_config import SweepConfig

__all__ = ["DEFAULT_REGULARIZERS", "PREFERENCE", "STRATEGIES", "SweepConfig"]
