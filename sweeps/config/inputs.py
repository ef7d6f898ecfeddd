"""Resolve what a sweep names: the content of its files, and the task of its data."""

from regsearch.data import load
from regsearch.data.named import TASKS
from regsearch.errors import InputError, ModelError, SweepFileError
from regsearch.in_memory import digest_of, is_in_memory
from regsearch.loading import digest, resolve
from sweeps.config.sweep_config import ResolvedInputs
from sweeps.config.sweep_file import SweepFile


def resolve_inputs(sweep: SweepFile, folder: str = "") -> ResolvedInputs:
    """Return what the files that a sweep names hold; their paths are relative to the folder, empty for the current one.

    An InputError says which file cannot be read, or that the data cannot be used.
    """
    named: list[tuple[str, str, type[InputError]]] = []
    if sweep.data.is_file:
        named.append(("data.source", sweep.data.file, SweepFileError))
    if sweep.model.file:
        named.append(("model.builder", sweep.model.file, ModelError))
    if sweep.evaluation.file:
        named.append(("evaluation.metric", sweep.evaluation.file, SweepFileError))
    files = {file: _content(file, folder, field, error) for field, file, error in named}
    folder, given = folder if files else "", sweep.training.given if sweep.model.file else ()
    if not sweep.data.is_file:
        return ResolvedInputs(task=TASKS[sweep.data.source], folder=folder, files=files, given=given)
    data = load(sweep.data.spec(digest=files[sweep.data.file], folder=folder))
    return ResolvedInputs(task=data.task, folder=folder, files=files, given=given)


def _content(file: str, folder: str, field: str, error: type[InputError]) -> str:
    """Return the digest of what a file holds, or of what a name in memory stands for."""
    return digest_of(file) if is_in_memory(file) else digest(resolve(file, folder), field=field, error=error)
