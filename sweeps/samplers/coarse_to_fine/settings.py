"""What a study's cells come from, as it is recorded in the study, and how another record differs from it."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from optuna.distributions import distribution_to_json

from .cell_space import CellSpace
from .coarse_to_fine_plan import Promote
from .grid import Fine, Ranges

Settings = Mapping[str, Any]  # fit for JSON

NEWER: Settings = {"promote": "best", "grow": {}}  # fields that older studies do not have, as they behaved


def settings(
    space: CellSpace, *, fine: Fine = "none", promote: Promote = "best", grow: Ranges | None = None
) -> Settings:
    """Return what every worker of a study must have in common; how many stages there are may be raised later."""
    return {
        "space": [[name, distribution_to_json(distribution)] for name, distribution in space.distributions.items()],
        "conditions": [[name, [parent, list(values)]] for name, (parent, values) in sorted(space.conditions.items())],
        "fine": fine,
        "points": space.points,
        "promote": promote if isinstance(promote, str) else list(promote),
        "grow": {name: list(range_) for name, range_ in sorted((grow or {}).items())},
    }


def differences(stored: Settings, ours: Settings) -> list[str]:
    """Return each difference, naming the field; none if the cells are the same."""
    stored = {**NEWER, **stored}
    found = list(_of_spaces(dict(stored["space"]), dict(ours["space"])))
    found += _of_mappings("conditions", dict(stored["conditions"]), dict(ours["conditions"]))
    changed = [name for name in ("fine", "points", "promote") if stored[name] != ours[name]]
    found += [_made_with(name, stored[name], ours[name]) for name in changed]
    return found + list(_of_mappings("grow", stored["grow"], ours["grow"]))


def _of_spaces(stored: Mapping[str, str], ours: Mapping[str, str]) -> Iterator[str]:
    """Yield which parameters differ, and in what; or that only their order does."""
    if stored.keys() == ours.keys() and list(stored) != list(ours):
        yield _made_with("space", f"the order {', '.join(stored)}", ", ".join(ours))
    theirs, here = ({name: json.loads(text) for name, text in space.items()} for space in (stored, ours))
    for name in [*stored, *(name for name in ours if name not in stored)]:
        if name not in theirs or name not in here:
            yield f"space: this study was made {'with' if name in theirs else 'without'} {name!r}"
        elif theirs[name]["name"] != here[name]["name"]:
            yield _made_with(f"space[{name!r}]", theirs[name]["name"], here[name]["name"])
        else:
            old, new = theirs[name]["attributes"], here[name]["attributes"]
            for field in (field for field in new if new[field] != old.get(field)):
                yield _made_with(f"space[{name!r}].{field}", old.get(field), new[field])


def _of_mappings(field: str, stored: Mapping[str, Any], ours: Mapping[str, Any]) -> Iterator[str]:
    for name in sorted({*stored, *ours}):
        if stored.get(name) != ours.get(name):
            yield _made_with(f"{field}[{name!r}]", stored.get(name), ours.get(name))


def _made_with(field: str, stored: Any, ours: Any) -> str:
    return f"{field}: this study was made with {stored}, not {ours}"
