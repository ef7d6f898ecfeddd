"""Optuna's storage in a database that may be busy or gone for a moment."""

import functools
from collections.abc import Callable
from typing import Any

import optuna
from optuna.storages import RDBStorage

from storage.transactions import again


class PatientStorage(RDBStorage):
    """An RDBStorage that makes a call again where the database was busy or gone for a moment."""

    def __init__(self, *args: Any, **options: Any) -> None:
        """Open the database; leave no connection behind where that fails."""
        try:
            super().__init__(*args, **options)
        except BaseException:
            if hasattr(self, "engine"):
                self.engine.dispose()
            raise


def _patient(name: str) -> Callable[..., Any]:
    call = getattr(RDBStorage, name)

    @functools.wraps(call)
    def patient(self: PatientStorage, *args: Any, **options: Any) -> Any:
        return again(lambda: call(self, *args, **options))

    return patient


_PRIVATE = {"_create_new_trial", "_set_trial_param", "_get_trials", "_get_best_trial_id", "_get_stale_trial_ids"}
for _name in {*_PRIVATE, "record_heartbeat", *optuna.storages.BaseStorage.__abstractmethods__}:
    setattr(PatientStorage, _name, _patient(_name))
