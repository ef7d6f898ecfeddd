"""Frozen values as rows of the rs_ tables."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, delete, insert
from sqlalchemy.dialects import postgresql, sqlite

from regsearch.results import Repeat, Scores, WeightNorm
from regsearch.spec import Configuration
from storage import tables
from storage.packing import pack_curve, pack_rows, pack_surface
from storage.params import ALWAYS, to_params
from storage.tables import NORMS


def insert_new(connection: Connection, table: Any, values: Mapping[str, Any], *, returning: Any = None) -> int | None:
    """Insert a row unless one with its unique key is there; return the new row's value of a column, else None."""
    statement = _insert(connection, table).values(**values).on_conflict_do_nothing()
    if returning is None:
        connection.execute(statement)
        return None
    new: int | None = connection.execute(statement.returning(returning)).scalar_one_or_none()
    return new


def insert_repeats(connection: Connection, repeats: Sequence[Repeat], rows: Sequence[Mapping[str, Any]]) -> int:
    """Insert trainings of one configuration and purpose, with what belongs to them; return how many were not there.

    `rows` are their columns, in the same order.
    """
    r = tables.Repeats
    same = (rows[0]["configuration_id"], rows[0]["purpose"])
    failed = delete(r).where(r.configuration_id == same[0], r.purpose == same[1], r.status == "failed")
    connection.execute(failed.where(r.repeat.in_([repeat.repeat for repeat in repeats])))
    statement = _insert(connection, r).on_conflict_do_nothing().returning(r.repeat, r.id)
    new = {row.repeat: row.id for row in connection.execute(statement, rows)}
    added = [(repeat, new.pop(repeat.repeat)) for repeat in repeats if repeat.repeat in new]
    for table, values in ((tables.WeightNorms, norm_values), (tables.Phases, phase_values)):
        if belonging := [row for repeat, repeat_id in added for row in values(repeat, repeat_id)]:
            connection.execute(insert(table), belonging)
    return len(added)


def configuration_values(configuration: Configuration) -> dict[str, Any]:
    """Return the columns of rs_configurations that a configuration fills."""
    params = to_params(configuration)
    return {name: params[name] for name in ALWAYS} | {
        "weight_decay": configuration.weight_decay,
        "variant": configuration.variant,
        "target": None if configuration.target is None else str(configuration.target),
        "params": params,
    }


def repeat_values(repeat: Repeat) -> dict[str, Any]:
    """Return the columns of rs_repeats that one training fills."""
    return {
        "repeat": repeat.repeat,
        "seed": int(repeat.seed),
        "status": repeat.status,
        "epochs": int(repeat.epochs),
        "seconds": float(repeat.seconds),
        "reason": repeat.reason,
        **_scores("train", repeat.train),
        **_scores("validation", repeat.validation),
        **_scores("test", repeat.test),
        "curve": None if repeat.curve is None else pack_curve(repeat.curve),
        "validation_rows": None if repeat.validation_rows is None else pack_rows(repeat.validation_rows),
        "test_rows": None if repeat.test_rows is None else pack_rows(repeat.test_rows),
    }


def norm_values(repeat: Repeat, repeat_id: int) -> list[dict[str, Any]]:
    """Return the rows of rs_weight_norms of one training; a norm that is not finite is null."""
    return [
        {"repeat_id": repeat_id, "unit": norm.unit, "kinds": " ".join(norm.kinds)} | _norms(norm)
        for norm in repeat.weight_norms
    ]


def phase_values(repeat: Repeat, repeat_id: int) -> list[dict[str, Any]]:
    """Return the rows of rs_levels of one training; a phase whose loss is not finite has none."""
    return [
        {
            "repeat_id": repeat_id,
            "level": phase.phase,
            "epochs": phase.epochs,
            "strength": phase.coefficient,
            **_scores("train", phase.train),
            **_scores("validation", phase.validation),
            "weight_norms": [_norms(norm) for norm in phase.weight_norms],
            "surface": None if phase.surface is None else pack_surface(phase.surface),
        }
        for phase in repeat.phases
        if math.isfinite(phase.train.loss) and math.isfinite(phase.validation.loss)
    ]


def _insert(connection: Connection, table: Any) -> Any:
    return (postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert)(table)


def _scores(subset: str, scores: Scores | None) -> dict[str, float | None]:
    if scores is None:
        return {f"{subset}_score": None, f"{subset}_loss": None}
    return {f"{subset}_score": float(scores.score), f"{subset}_loss": float(scores.loss)}


def _norms(norm: WeightNorm) -> dict[str, Any]:
    return {"layer": norm.layer, "weight": norm.weight} | {name: _finite(getattr(norm, name)) for name in NORMS}


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
