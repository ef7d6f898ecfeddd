"""What the files that a sweep names say: which content they have, and which kind of target the data."""

from regsearch.data import load
from regsearch.errors import InputError, ModelError, SweepFileError
from regsearch.loading import digest, resolve
from sweeps.config import Found, SweepConfig


def explored(config: SweepConfig, *, folder: str = "") -> SweepConfig:
    """Return the sweep with what its files say filled in; itself where it names none, or was explored before.

    Args:
        config: the sweep.
        folder: what its files' paths are relative to; empty for the current one.

    Raises:
        InputError: a file cannot be read, the data cannot be used, or the sweep does not fit them.
    """
    named: list[tuple[str, str, type[InputError]]] = []
    if config.data.is_file:
        named.append(("data.source", config.data.file, SweepFileError))
    if config.model.file:
        named.append(("model.builder", config.model.file, ModelError))
    if config.evaluation.file:
        named.append(("evaluation.metric", config.evaluation.file, SweepFileError))
    if not named or config.found.files:
        return config
    files = {file: _digest(file, folder, field, error) for field, file, error in named}
    found = Found(folder=folder, files=files)
    if config.data.is_file:
        there = config.model_copy(update={"found": found})
        found = found.model_copy(update={"task": load(there.data_spec).task})
    return SweepConfig.model_validate(config.to_dict() | {"found": found.model_dump(mode="json")})


def _digest(file: str, folder: str, field: str, error: type[InputError]) -> str:
    return digest(resolve(file, folder), field=field, error=error)
