"""Optuna's samplers by the names that sweep files give them, and what they need."""

import warnings
from collections.abc import Callable, Mapping
from importlib.util import find_spec

from optuna.exceptions import ExperimentalWarning
from optuna.samplers import BaseSampler, CmaEsSampler, GPSampler, QMCSampler, RandomSampler, TPESampler

from regsearch.errors import SweepFileError

NEEDS = {"gp": ("scipy", "torch"), "cmaes": ("cmaes",), "qmc": ("scipy",)}  # packages, which extras of these names have
DECADES_KNOWN = 5  # trials before TPE takes over between two decades, those decades among them


def check_installed(strategy: str) -> None:
    """Refuse a strategy whose packages are not there; a SweepFileError says what to install."""
    missing = [package for package in NEEDS.get(strategy, ()) if find_spec(package) is None]
    if missing:
        problem = f"{strategy!r} needs {' and '.join(missing)}, not installed here: pip install {' '.join(missing)}"
        raise SweepFileError("search.strategy", problem)


def _quietly(make: Callable[[int], BaseSampler]) -> Callable[[int], BaseSampler]:
    def made(seed: int) -> BaseSampler:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ExperimentalWarning)
            return make(seed)

    return made


MAKERS: Mapping[str, Callable[[int], BaseSampler]] = {
    "random": lambda seed: RandomSampler(seed=seed),
    "qmc": _quietly(lambda seed: QMCSampler(seed=seed, scramble=True)),
    "tpe": lambda seed: TPESampler(seed=seed),
    "gp": lambda seed: GPSampler(seed=seed),
    "cmaes": _quietly(lambda seed: CmaEsSampler(seed=seed, with_margin=True)),
    "coarse-to-tpe": lambda seed: TPESampler(seed=seed, n_startup_trials=DECADES_KNOWN),
}
