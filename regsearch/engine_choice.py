"""With which engine a sweep is trained: decided before its first training, kept with it, the same for all workers."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from regsearch.spec import Engine


@dataclass(frozen=True, kw_only=True)
class EngineChoice:
    """With which engine a sweep is trained, by all its workers.

    Args:
        engine: what trains.
        reason: why, in words.
        step_s: seconds of wall-clock time a step took, by engine, as many trainings at once as CPUs; empty where none
            was timed.
        one_at_a_time: whether one training on all CPUs is faster than one for each CPU.
    """

    engine: Engine
    reason: str
    step_s: Mapping[str, float] = field(default_factory=dict)
    one_at_a_time: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values, ready for JSON."""
        return asdict(self)

    def __str__(self) -> str:
        """Return it in one line."""
        timed = ", ".join(f"{name} {_time(seconds)}" for name, seconds in self.step_s.items())
        alone = "; one training at a time, on all CPUs" if self.one_at_a_time else ""
        return f"{self.engine}: {self.reason}{f' (a step: {timed})' if timed else ''}{alone}"


def _time(seconds: float) -> str:
    return f"{seconds * 1e6:,.0f} µs" if seconds < 1e-2 else f"{seconds * 1e3:,.0f} ms"
