"""What a sweep file may say: its tables, keys and defaults."""

from sweeps.config.search_section import DEFAULT_REGULARIZERS, GRID_STRATEGIES, PREFERENCE, STRATEGIES, SearchConfig
from sweeps.config.section import Section
from sweeps.config.sweep_config import DEFAULT_TRIALS, Found, SweepConfig

__all__ = [
    "DEFAULT_REGULARIZERS",
    "DEFAULT_TRIALS",
    "GRID_STRATEGIES",
    "PREFERENCE",
    "STRATEGIES",
    "Found",
    "SearchConfig",
    "Section",
    "SweepConfig",
]
