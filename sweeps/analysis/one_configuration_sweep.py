"""A configuration of a sweep as a sweep of its own."""

import os
from pathlib import Path
from typing import Any

from regsearch.in_memory import is_in_memory
from regsearch.loading import is_reference, resolve
from sweeps.analysis.candidates import Candidate
from sweeps.analysis.snapshot import SweepSnapshot
from sweeps.config import SweepConfig
from sweeps.config.one_configuration import written

LONGEST = 64  # a name
FILES = (("data", "source"), ("model", "builder"), ("evaluation", "metric"))  # keys that may name a file


def one_configuration_sweep(
    snapshot: SweepSnapshot, candidate: Candidate, folder: Path, called: str
) -> dict[str, Any] | None:
    """Return a sweep file that trains one configuration as the sweep did, by the same seeds, rows and engine.

    Args:
        snapshot: of the sweep.
        candidate: which configuration.
        folder: where the file is to be, which paths are relative to.
        called: what the configuration is called, which the new sweep's name ends in.

    Returns:
        None where rows or the builder are in memory.
    """
    config = snapshot.config
    if any(map(is_in_memory, (config.data.source, config.model.builder, config.evaluation.file))):
        return None
    plain = {name: table for name, table in config.to_dict().items() if name not in ("found", "compare", "search")}
    plain["name"] = f"{config.name[: LONGEST - len(called) - 1]}-{called}"
    training = plain.get("training", {}) | {
        name: config.training.model_dump(mode="json")[name] for name in config.inputs.given
    }
    if snapshot.engine is not None:
        training["engine"] = snapshot.engine.engine
    for table, key in FILES:
        if key in plain.get(table, {}):
            plain[table] = plain[table] | {key: _from(plain[table][key], config, folder)}
    ordered = {name: plain[name] for name in ("name", "seed", "data", "model") if name in plain}
    rest = {"training": training, "search": {"configuration": written(candidate.configuration)}}
    return (
        ordered
        | {name: table for name, table in rest.items() if table}
        | {name: plain[name] for name in ("evaluation",) if name in plain}
    )


def _from(reference: str, config: SweepConfig, folder: Path) -> str:
    """Return a file, or "file.py:function", as it is named from a folder; anything else as it is."""
    file, colon, function = reference.rpartition(":") if is_reference(reference) else (reference, "", "")
    if file not in config.inputs.files:
        return reference
    there, here = resolve(file, config.inputs.folder).absolute(), folder.absolute()
    path = os.path.relpath(there, here) if there.is_relative_to(here) else str(there)
    return f"{path}{colon}{function}"
