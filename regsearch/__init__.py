"""regsearch: find the weight regularization that makes an overfit Keras network generalize, and prove it.

This is what to import: the public names of regsearch, storage and sweeps, each loaded when it is first used.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from regsearch.errors import InputError as InputError
    from regsearch.errors import RegsearchError as RegsearchError
    from regsearch.spec import Configuration as Configuration
    from regsearch.spec import DataSpec as DataSpec
    from regsearch.spec import EarlyStopping as EarlyStopping
    from regsearch.spec import ModelSpec as ModelSpec
    from regsearch.spec import Named as Named
    from regsearch.spec import Penalty as Penalty
    from regsearch.spec import Phase as Phase
    from regsearch.spec import Schedule as Schedule
    from regsearch.spec import SplitSpec as SplitSpec
    from regsearch.spec import TableSpec as TableSpec
    from regsearch.spec import Target as Target
    from regsearch.spec import TrainingSpec as TrainingSpec
    from regsearch.spec import TrialSpec as TrialSpec
    from regsearch.trial import evaluate as evaluate
    from storage.queries import Results as Results
    from storage.queries import open as open_results
    from sweeps.analysis.answer import Answer as Answer
    from sweeps.analysis.answer import answer as answer
    from sweeps.analysis.snapshot import SweepSnapshot as SweepSnapshot
    from sweeps.analysis.snapshot_loader import load_snapshot as load_snapshot
    from sweeps.config import SweepConfig as SweepConfig
    from sweeps.config.toml_file import load as load_sweep
    from sweeps.plots.pictures import draw_all as draw_all
    from sweeps.run import Run as Run
    from sweeps.run import run as run
    from sweeps.runtime.confirmation import confirm as confirm
    from sweeps.runtime.sweep import Sweep as Sweep
    from sweeps.runtime.sweep import create as create_sweep
    from sweeps.runtime.sweep import open_sweep as open_sweep
    from sweeps.runtime.worker import work as work
    from sweeps.samplers.coarse_to_fine import CoarseToFineSampler as CoarseToFineSampler

_PUBLIC = {
    "Answer": "sweeps.analysis.answer:Answer",
    "CoarseToFineSampler": "sweeps.samplers.coarse_to_fine:CoarseToFineSampler",
    "Configuration": "regsearch.spec:Configuration",
    "DataSpec": "regsearch.spec:DataSpec",
    "EarlyStopping": "regsearch.spec:EarlyStopping",
    "InputError": "regsearch.errors:InputError",
    "Phase": "regsearch.spec:Phase",
    "ModelSpec": "regsearch.spec:ModelSpec",
    "Named": "regsearch.spec:Named",
    "Penalty": "regsearch.spec:Penalty",
    "RegsearchError": "regsearch.errors:RegsearchError",
    "Results": "storage.queries:Results",
    "Run": "sweeps.run:Run",
    "Schedule": "regsearch.spec:Schedule",
    "SplitSpec": "regsearch.spec:SplitSpec",
    "Sweep": "sweeps.runtime.sweep:Sweep",
    "SweepConfig": "sweeps.config:SweepConfig",
    "SweepSnapshot": "sweeps.analysis.snapshot:SweepSnapshot",
    "TableSpec": "regsearch.spec:TableSpec",
    "Target": "regsearch.spec:Target",
    "TrainingSpec": "regsearch.spec:TrainingSpec",
    "TrialSpec": "regsearch.spec:TrialSpec",
    "answer": "sweeps.analysis.answer:answer",
    "confirm": "sweeps.runtime.confirmation:confirm",
    "create_sweep": "sweeps.runtime.sweep:create",
    "draw_all": "sweeps.plots.pictures:draw_all",
    "evaluate": "regsearch.trial:evaluate",
    "load_snapshot": "sweeps.analysis.snapshot_loader:load_snapshot",
    "load_sweep": "sweeps.config.toml_file:load",
    "open_results": "storage.queries:open",
    "open_sweep": "sweeps.runtime.sweep:open_sweep",
    "run": "sweeps.run:run",
    "work": "sweeps.runtime.worker:work",
}

__all__ = [
    "Answer",
    "CoarseToFineSampler",
    "Configuration",
    "DataSpec",
    "EarlyStopping",
    "InputError",
    "ModelSpec",
    "Named",
    "Penalty",
    "Phase",
    "RegsearchError",
    "Results",
    "Run",
    "Schedule",
    "SplitSpec",
    "Sweep",
    "SweepConfig",
    "SweepSnapshot",
    "TableSpec",
    "Target",
    "TrainingSpec",
    "TrialSpec",
    "answer",
    "confirm",
    "create_sweep",
    "draw_all",
    "evaluate",
    "load_snapshot",
    "load_sweep",
    "open_results",
    "open_sweep",
    "run",
    "work",
]


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(f"module 'regsearch' has no attribute {name!r}")
    module, _, attribute = _PUBLIC[name].partition(":")
    return getattr(importlib.import_module(module), attribute)


def __dir__() -> list[str]:
    return __all__
