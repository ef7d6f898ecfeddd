"""What a sweep file may say: its tables, keys and defaults."""

from sweeps.config.search_section import DEFAULT_REGULARIZERS, GRID_STRATEGIES, PREFERENCE, STRATEGIES, SearchConfig
from sweeps.config.section import Section
from sweeps.config.sweep_config import ResolvedInputs, SweepConfig
from sweeps.config.sweep_file import DEFAULT_TRIALS, SweepFile

__all__ = [
    "DEFAULT_REGULARIZERS",
    "DEFAULT_TRIALS",
    "GRID_STRATEGIES",
    "PREFERENCE",
    "STRATEGIES",
    "ResolvedInputs",
    "SearchConfig",
    "Section",
    "SweepConfig",
    "SweepFile",
]
