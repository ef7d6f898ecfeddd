"""A study's storage as a worker uses it: opened in our database, and kept alive."""

import warnings
from collections.abc import Mapping
from typing import Any

import optuna
from optuna.exceptions import ExperimentalWarning
from sqlalchemy.exc import DBAPIError, IntegrityError, ProgrammingError

from regsearch.errors import StorageError
from storage.database import engine_options, tune_sqlite
from storage.explain import explain
from storage.liveness import HEARTBEAT_S, SILENT_S, Process
from storage.transactions import passes
from sweeps.runtime.own_trials import OwnTrials
from sweeps.runtime.patient_storage import PatientStorage

WORKER = "worker"  # trial user attribute: who evaluates it, host:pid
PROCESS = "process"  # likewise, as `Process` writes it
ATTEMPTS = 20  # to open a database whose tables others are making: each failure means that one of them got further


def keep_alive(trial: optuna.Trial) -> None:
    """Record that a trial's worker lives."""
    trials = trial.storage
    assert isinstance(trials, OwnTrials)
    trials.record_heartbeat(trial._trial_id)


def worker_name() -> str:
    """Return this process's name as a worker: host:pid."""
    return Process.this().name


def worker_marks() -> dict[str, str]:
    """Return the user attributes that say who evaluates a trial: this process."""
    process = Process.this()
    return {WORKER: process.name, PROCESS: str(process)}


def open_trials(url: str, marks: Mapping[str, Any] | None = None) -> OwnTrials:
    """Return Optuna's storage in a database, its tables made where they are not there.

    Optuna makes them without a lock: where several processes do at the same instant, some fail and find them there when
    they try again. A StorageError says that the database failed. Every trial that is started in what is returned has
    `marks` as user attributes.
    """
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    for left in reversed(range(ATTEMPTS)):
        try:
            backend = _opened(url)
            break
        except (DBAPIError, optuna.exceptions.StorageInternalError) as error:
            cause = error if isinstance(error, DBAPIError) else error.__cause__
            if not isinstance(cause, DBAPIError):
                raise
            if not left or not _others_were_quicker(cause):
                raise StorageError(f"the database failed: {explain(cause)}") from error
    tune_sqlite(backend.engine, immediate=True)
    return OwnTrials(backend, marks or {})


def backend_of(study: optuna.Study) -> optuna.storages.RDBStorage:
    """Return the database under the storage of a study that `open_trials` opened, without a cache."""
    trials = study._storage
    assert isinstance(trials, OwnTrials)
    return trials.backend


def close_trials(study: optuna.Study) -> None:
    """Close the connections of a study that is in such a storage."""
    backend_of(study).engine.dispose()


def _others_were_quicker(error: DBAPIError) -> bool:
    there = isinstance(error, IntegrityError | ProgrammingError) or "already exists" in str(error.orig)
    return there or passes(error)


def _opened(url: str) -> PatientStorage:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ExperimentalWarning)
        options = engine_options(url) | {"pool_pre_ping": False}  # a call that meets a lost connection is made again
        return PatientStorage(url, options, heartbeat_interval=HEARTBEAT_S, grace_period=SILENT_S)
