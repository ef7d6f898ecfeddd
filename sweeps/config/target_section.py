"""Which weights a penalty acts on, and for how long, as a sweep file writes it."""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, field_validator

from regsearch.spec import Target
from regsearch.weights import ROLE_NAMES
from sweeps.config.section import Int, Number, Section, Text


def _selectors(written: Any) -> str | tuple[str, ...]:
    """Return which layers are meant as Target has it: the n-th, given as a number, becomes #n."""
    given = list(written) if isinstance(written, list | tuple) else [written]
    found = tuple(f"#{one}" if isinstance(one, int) and one is not True else one for one in given)
    if not found or not all(isinstance(one, str) and one not in ("", "#0", "#False") for one in found):
        ways = "'hidden', 'output', 'all', a name, a glob, a kind, a number (1 for the first, -1 for the last)"
        raise ValueError(f"must be {ways}, or a list of these, got {written!r}")
    return found[0] if len(found) == 1 else found


class TargetConfig(Section):
    """Which weights a penalty acts on."""

    layers: Annotated[str | tuple[str, ...], BeforeValidator(_selectors)] = "hidden"
    weights: tuple[Text, ...] = Field(("kernel",), min_length=1)

    @field_validator("weights")
    @classmethod
    def _in_one_order(cls, weights: tuple[str, ...]) -> tuple[str, ...]:
        own = sorted(set(weights) - set(ROLE_NAMES))
        return (*(name for name in ROLE_NAMES if name in weights), *own)  # their order makes no other target

    def spec(self) -> Target:
        """Return it as regsearch.spec has it."""
        return Target(layers=self.layers, weights=self.weights)


class PhaseConfig(Section):
    """A phase of a schedule."""

    epochs: Int = Field(ge=1)
    lambda_: Number = Field(alias="lambda", ge=0)
