"""Three strengths of regularization that tell what a network needs: none, a middling λ and the strongest."""

import math
from collections.abc import Iterable, Sequence

from regsearch.spec import Configuration
from sweeps.config import PREFERENCE, SweepConfig

ROUNDING = 1e-3  # of a logarithm to base 10: λ is stored with four digits


def ladder(configurations: Iterable[Configuration], config: SweepConfig) -> tuple[Configuration, ...]:
    """Return a middling and the strongest λ of one family; nothing of early stopping and the like.

    Powers of ten are preferred to values between them, since a coarse stage visits those anyway.

    Args:
        configurations: what there is to choose from.
        config: of the sweep.

    Returns:
        The middling and the strongest, one of them where there is no other, or ().
    """
    plain = [c for c in configurations if c.lambda_ and not c.variant and c.target in (None, config.targets[0])]
    if not plain:
        return ()
    regularizer = min((c.regularizer for c in plain), key=PREFERENCE.index)
    family = sorted((c for c in plain if c.regularizer == regularizer), key=_lambda)
    decades = [c for c in family if _is_decade(_lambda(c))] or family
    strongest = decades[-1]
    weaker = [c for c in decades if _lambda(c) < _lambda(strongest)]
    return (_middle(weaker, math.sqrt(_lambda(decades[0]) * _lambda(strongest))), strongest) if weaker else (strongest,)


def _middle(rungs: Sequence[Configuration], middle: float) -> Configuration:
    """Return the one whose λ is nearest on a logarithmic scale; of two as near, the stronger."""
    return min(reversed(rungs), key=lambda c: round(abs(math.log10(_lambda(c) / middle)), 3))


def _lambda(configuration: Configuration) -> float:
    return configuration.max_coefficient


def _is_decade(value: float) -> bool:
    exponent = math.log10(value)
    return abs(exponent - round(exponent)) < ROUNDING
