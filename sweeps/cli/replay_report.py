"""A replay on stdout."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sweeps.runtime.replay import Replay, Replayed

SCALARS = ("epochs", "score", "loss")


def replay_lines(found: "Replay") -> Iterator[str]:
    """Yield what a replay found, line by line: which repeat it was, whether it is the same, or how far it is off."""
    target = f" on {found.configuration.target}" if found.configuration.target else ""
    of = f"repeat {found.repeat} of the {'search' if found.purpose == 'search' else 'confirmation'}"
    yield f"{found.sweep}, {found.configuration}{target}: {of}, seed {found.seed}"
    if found.same:
        yield f"The same to the last bit: {', '.join(map(_counted, found.numbers)) or found.status}."
    else:
        yield "Not the same:"
        if found.status != found.recorded_status:
            yield f"  status: {found.recorded_status} recorded, {found.status} now"
        yield from (f"  {_off(each)}" for each in found.numbers if not each.same)
        if alike := [_counted(each) for each in found.numbers if each.same]:
            yield f"The same to the last bit: {', '.join(alike)}."
    if found.versions:
        yield "Not what it was: " + "; ".join(
            f"{name} {then} then, {now} now" for name, (then, now) in found.versions.items()
        )
    elif not found.same:
        yield "Versions and the kind of CPU are those that the sweep was made with: something else has changed."


def _counted(each: "Replayed") -> str:
    return each.name if each.name.endswith(SCALARS) else f"{each.name} ({each.count:,} numbers)"


def _off(each: "Replayed") -> str:
    if each.difference == float("inf"):
        return f"{each.name}: other numbers, or more or fewer of them"
    if each.recorded is not None and each.again is not None:
        return f"{each.name}: {each.recorded:.10g} recorded, {each.again:.10g} now, off by {each.difference:.3g}"
    return f"{each.name}: off by {each.difference:.3g} at most, of {each.count:,} numbers"
