"""A sweep in its database: create it, or open it to work on it."""

import importlib.metadata
import platform
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Any

import numpy as np
import optuna
from optuna.exceptions import ExperimentalWarning
from sqlalchemy import Engine

import storage
from regsearch.errors import InputError
from regsearch.spec import Configuration, TrialSpec
from storage.configurations import Begun
from storage.database import connect
from storage.queries import Results, open_existing
from storage.records import Records
from storage.schema import upgrade
from storage.sweep_reader import SweepRow
from sweeps.config import SweepConfig
from sweeps.config.published import STAGE as LITERATURE
from sweeps.config.toml_file import restore
from sweeps.runtime.checking import SweepCheck, check_sweep
from sweeps.runtime.optuna_storage import close_trials, keep_alive, open_trials, worker_marks
from sweeps.search.space import published_params
from sweeps.search.strategies import CellStrategy, Strategy, check_installed, strategy

VERSIONS_OF = ("regsearch", "keras", "tensorflow", "numpy", "optuna")


@dataclass(frozen=True, kw_only=True, eq=False)
class Sweep(AbstractContextManager["Sweep"]):
    """A sweep that is open for work; close it, or use it in a `with` statement.

    Example:
        >>> with regsearch.open_sweep("small") as sweep:
        ...     print(sweep.name, len(sweep.study.trials))
        small 2
    """

    config: SweepConfig
    url: str = field(repr=False)  # it may hold a password
    id: int
    study: optuna.Study  # of the same name
    strategy: Strategy  # what decides which configuration comes next
    records: Records  # the write path
    results: Results  # the read path
    check: SweepCheck | None = None  # what was found out of it just now; None where it was there before
    engine: str | None = None  # with which all workers train, as was found out before the first training
    one_at_a_time: bool = False  # one training on all CPUs, not one for each

    def __repr__(self) -> str:
        return f"Sweep {self.name!r} in {storage.safe_url(self.url)}"

    @property
    def name(self) -> str:
        """Its name."""
        return self.config.name

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections."""
        self.records.engine.dispose()
        self.results.close()
        close_trials(self.study)

    def ask(self) -> optuna.Trial:
        """Start a trial, with a first heartbeat; whoever asks keeps it up."""
        with warnings.catch_warnings():  # Optuna warns that nobody does so outside Study.optimize
            warnings.filterwarnings("ignore", "Heartbeat of storage", UserWarning)
            trial = self.study.ask()
        keep_alive(trial)  # else nobody could tell if we died before the first beat
        return trial

    def trial_spec(self, configuration: Configuration) -> TrialSpec:
        """Return what to train, and with the engine that all workers train with."""
        return self.config.trial_spec(configuration).trained_by(self.engine)

    def begin(self, number: int, configuration: Configuration, stage: str) -> Begun:
        """Record which configuration a trial evaluates; return what is there of it."""
        return self.records.begin_trial(self.id, number, configuration, key=self.key(configuration), stage=stage)

    def register(self, configuration: Configuration, stage: str) -> int:
        """Return the id of a configuration's row, made if it is not there yet."""
        return self.records.register_configuration(self.id, configuration, key=self.key(configuration), stage=stage)

    def key(self, configuration: Configuration) -> str:
        """Return the content hash of a configuration with all that it is trained on and by."""
        return self.config.trial_spec(configuration).key()


def create(config: SweepConfig, url: str | None = None, *, stopwatch: Callable[[], float] = time.perf_counter) -> Sweep:
    """Open a sweep, registering it first if it is not there yet.

    A new sweep's data, model and targets are tried out before anything is written.

    Args:
        config: the sweep.
        url: of the database; see `storage.resolve_url`.
        stopwatch: seconds since some moment; it times the steps of the engines.

    Raises:
        InputError: something in the sweep file does not fit the data or the model, the database cannot be opened, or
            it has a sweep of that name with another configuration. Nothing was written.
    """
    check_installed(str(config.search.strategy))
    url = storage.resolve_url(url)
    return register(config, url, check_sweep(config, stopwatch=stopwatch) if _row(config.name, url) is None else None)


def register(config: SweepConfig, url: str, check: SweepCheck | Mapping[str, Any] | None = None) -> Sweep:
    """Open a sweep as `create` does, but try nothing out; many processes may do so at the same instant.

    What was found out of it before is kept with it; a mapping as `SweepCheck.stored` gives it.

    Raises:
        InputError: the database cannot be opened, or has a sweep of that name with another configuration, or of a
            version that gave other numbers.
    """
    with _closed_on_error(connect(url, write=True)) as engine:
        upgrade(engine)
        if (row := _row(config.name, url)) is not None:
            _check_same_numbers(row)
        records = Records(engine)
        sweep_id = records.register_sweep(
            name=config.name, config=config.to_dict(), config_hash=config.hash(), versions=versions()
        )
        if check is not None:
            records.add_checks(sweep_id, check.stored() if isinstance(check, SweepCheck) else check)
        sweep = _opened(config, url, sweep_id, records)
        if isinstance(check, SweepCheck):
            sweep = replace(sweep, check=check)
        _keep_time(sweep)
        _warm_start(sweep)
        return sweep


def open_sweep(name: str, url: str | None = None) -> Sweep:
    """Open a sweep that is there already.

    Raises:
        InputError: the database cannot be opened, has no such sweep, or one of a version that gave other numbers.
    """
    url = storage.resolve_url(url)
    with storage.open(url) as results:
        row = results.sweep(name)
    _check_same_numbers(row)
    with _closed_on_error(connect(url, write=True)) as engine:
        return _opened(restore(row.config), url, row.id, Records(engine))


def versions() -> Mapping[str, str]:
    """Return what bit-identity depends on: versions of packages and the kind of CPU."""
    found = {package: importlib.metadata.version(package) for package in VERSIONS_OF}
    return found | {"python": platform.python_version(), "cpu": cpu_kind()}


def cpu_kind() -> str:
    """Return the machine's architecture and the vector instructions that NumPy found, as in 'x86_64 AVX2 FMA3'."""
    features = np._core._multiarray_umath.__cpu_features__  # type: ignore[attr-defined]
    wanted = ("AVX2", "FMA3", "AVX512F", "ASIMD")
    return " ".join([platform.machine(), *(name for name in wanted if features.get(name))])


@contextmanager
def _closed_on_error(engine: Engine) -> Iterator[Engine]:
    try:
        yield engine
    except BaseException:
        engine.dispose()
        raise


def _row(name: str, url: str) -> SweepRow | None:
    """Return a sweep's row; None where it is not there."""
    results = open_existing(url)
    if results is None:
        return None
    with results:
        return results.sweep(name) if name in set(results.sweeps()["name"]) else None


def _check_same_numbers(row: SweepRow) -> None:
    """Refuse to train on where a version of regsearch that gave other numbers began.

    The content hash covers a schema number that rises whenever numbers change, so that what is stored of such a sweep
    hashes to something else today.
    """
    if restore(row.config).hash() != row.config_hash:
        problem = (
            f"{row.name!r} was begun by regsearch {row.versions.get('regsearch')}, whose numbers this one no longer"
        )
        raise InputError("name", f"{problem} gives; its answer stays readable, and a new name begins a new sweep")


def _opened(config: SweepConfig, url: str, sweep_id: int, records: Records) -> Sweep:
    search = strategy(config)
    study = optuna.create_study(
        study_name=config.name,
        storage=open_trials(url, worker_marks()),
        sampler=search.sampler,
        direction="maximize" if config.greater_is_better else "minimize",
        load_if_exists=True,
    )
    if study.metric_names is None:  # what the dashboard calls its axis
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ExperimentalWarning)
            study.set_metric_names([f"mean validation {config.metric}"])
    results = storage.open(url)
    stored = (results.sweep(config.name).checks or {}).get("engine", {})
    return Sweep(
        config=config,
        url=url,
        id=sweep_id,
        study=study,
        strategy=search,
        records=records,
        results=results,
        engine=stored.get("engine"),
        one_at_a_time=stored.get("one_at_a_time", False),
    )


def _keep_time(sweep: Sweep) -> None:
    """Store how long the sweep and each training may take now, where that was changed: its workers read it there."""
    stored, config = sweep.results.sweep(sweep.name).config, sweep.config
    then = (stored.get("search", {}).get("stop_after"), stored.get("training", {}).get("timeout"))
    if then != (config.search.stop_after, config.training.timeout):
        sweep.records.set_config(sweep.id, sweep.config.to_dict())


def _warm_start(sweep: Sweep) -> None:
    """Put the published settings of a new sweep in the queue, those that its space holds."""
    settings = sweep.config.search.published(sweep.config.model.builder)
    if isinstance(sweep.strategy, CellStrategy) or not settings or sweep.study.get_trials(deepcopy=False):
        return  # among cells they are cells
    for setting in settings:
        params = published_params(sweep.config, setting)
        if params is not None:
            sweep.study.enqueue_trial(params, user_attrs={LITERATURE: setting.name}, skip_if_exists=True)
