"""Seeds: which repeat of which sweep draws which random numbers.

A repeat's seed depends on the sweep's seed, the purpose and the repeat's index alone, so every configuration of a sweep
meets the same initial weights, shuffles and splits (common random numbers), and differences between configurations are
paired.
"""

import numpy as np

from regsearch.spec import Purpose

_PURPOSES: dict[Purpose, int] = {"search": 0, "confirm": 1}


def repeat_seed(sweep_seed: int, purpose: Purpose, repeat: int) -> int:
    """Return the seed of one repeat, in [0, 2**31)."""
    return derived_seed(sweep_seed, _PURPOSES[purpose], repeat)


def derived_seed(*entropy: int) -> int:
    """Return a seed in [0, 2**31) that depends on all of `entropy`, by NumPy's SeedSequence."""
    counted = (*entropy, len(entropy))  # SeedSequence takes (1, 1) and (1, 1, 0) for one
    return int(np.random.SeedSequence(counted).generate_state(1)[0]) >> 1
