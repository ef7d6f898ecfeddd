"""Seeds: which repeat of which sweep draws which random numbers.

A repeat's seed depends on the sweep's seed, the purpose and the repeat's index alone, so every configuration of a sweep
meets the same initial weights, permutations and splits (common random numbers), and differences between configurations
are paired. Initial weights and random layers take the repeat's seed itself; what else is drawn has a stream of its own.
"""

import numpy as np

from regsearch.spec import Purpose

_PURPOSES: dict[Purpose, int] = {"search": 0, "confirm": 1}
_REFIT = 2  # beside the purposes: trainings whose models are kept, and whose scores are not

# Streams of a repeat's seed, and of a data set's random_state. Their numbers decide every number of every sweep.
_PERMUTATIONS, _SPLIT, _KEPT_ROWS = 1, 2, 3
_FRESH_ROWS, _FOLDS = 1, 3


def repeat_seed(sweep_seed: int, purpose: Purpose, repeat: int) -> int:
    """Return the seed of one repeat, in [0, 2**31)."""
    return derived_seed(sweep_seed, _PURPOSES[purpose], repeat)


def refit_seed(sweep_seed: int, member: int = 0) -> int:
    """Return the seed that a sweep's winner is trained with to be used, in [0, 2**31); no scored repeat has it.

    Args:
        sweep_seed: of the sweep.
        member: which one of an ensemble.
    """
    return derived_seed(sweep_seed, _REFIT, member)


def permutation_seed(repeat_seed: int) -> int:
    """Return what a repeat draws the order of its rows from, epoch after epoch."""
    return derived_seed(repeat_seed, _PERMUTATIONS)


def split_seed(repeat_seed: int) -> int:
    """Return what a repeat draws its own train and validation rows from."""
    return derived_seed(repeat_seed, _SPLIT)


def kept_rows_seed(repeat_seed: int) -> int:
    """Return what the order in which a repeat leaves out train rows is drawn from."""
    return derived_seed(repeat_seed, _KEPT_ROWS)


def fold_seed(random_state: int, round_: int) -> int:
    """Return what rows are assigned to folds from, in each round of all folds."""
    return derived_seed(random_state, _FOLDS, round_)


def fresh_rows_seed(random_state: int) -> int:
    """Return what a generated data set's fresh test rows are drawn from."""
    return derived_seed(random_state, _FRESH_ROWS)


def derived_seed(*entropy: int) -> int:
    """Return a seed in [0, 2**31) that depends on all of `entropy`, by NumPy's SeedSequence."""
    counted = (*entropy, len(entropy))  # SeedSequence takes (1, 1) and (1, 1, 0) for one
    return int(np.random.SeedSequence(counted).generate_state(1)[0]) >> 1
