"""Note, figures and artifacts of a study, where optuna-dashboard looks for them: all of them in one transaction.

optuna-dashboard cuts a note or a figure into attributes of the study, which it writes one after the other; who reads
between two of them gets text of two figures, which is none. Here it writes into a study in memory, and what is new
there goes to the database at once. What has not changed is not written.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import optuna
from optuna.storages import InMemoryStorage
from sqlalchemy import Connection, Engine, select
from sqlalchemy.dialects import postgresql, sqlite

from storage.transactions import write_transaction
from sweeps.plots.interactive.plotly_figure import PlotlyFigure
from sweeps.runtime.optuna_tables import StudySystemAttributeModel
from sweeps.study_page.drawn_artifacts import artifact_attributes

Attributes = dict[str, Any]

_TABLE: Any = StudySystemAttributeModel.__table__


@dataclass(frozen=True, kw_only=True)
class StudyPage:
    """What a study shall show.

    Args:
        note: makes its note of the one that is there.
        figures: by their ids, which HTML must take for ids.
        files: names of artifacts, of those that `DrawnArtifacts` makes.
        seed: of the artifacts' ids; another for each sweep.
    """

    note: Callable[[str], str]
    figures: Mapping[str, PlotlyFigure]
    files: Sequence[str] = ()
    seed: str = ""


def write_study(engine: Engine, study_id: int, page: StudyPage) -> int:
    """Write a study's page; return how many attributes were new or had changed.

    Args:
        engine: of the database, to write with.
        study_id: Optuna's.
        page: what it shall show.

    Raises:
        StorageError: the database failed; nothing was written.
    """

    def write(connection: Connection) -> int:
        stored = _stored(connection, study_id)
        wanted = _with_page(stored, page)
        changed = {key: value for key, value in wanted.items() if key not in stored or stored[key] != value}
        if changed:
            _put(connection, study_id, changed)
        return len(changed)

    return write_transaction(engine, write)


def _stored(connection: Connection, study_id: int) -> Attributes:
    query = select(_TABLE.c.key, _TABLE.c.value_json).where(_TABLE.c.study_id == study_id)
    return {row.key: json.loads(row.value_json) for row in connection.execute(query)}


def _with_page(stored: Attributes, page: StudyPage) -> Attributes:
    """Return a study's attributes as they are once optuna-dashboard has written note and figures."""
    from optuna_dashboard import get_note, save_note, save_plotly_graph_object

    memory = InMemoryStorage()
    study = optuna.create_study(storage=memory)
    for key, value in stored.items():
        memory.set_study_system_attr(study._study_id, key, value)
    before = get_note(study)
    if (body := page.note(before)) != before:  # a note has a version, which whoever edits it must have seen
        save_note(study, body)
    for name, figure in page.figures.items():
        save_plotly_graph_object(study, figure, graph_object_id=name)
    found: Attributes = memory.get_study_system_attrs(study._study_id)
    return found | artifact_attributes(stored, page.files, page.seed)


def _put(connection: Connection, study_id: int, values: Attributes) -> None:
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = insert(_TABLE)
    statement = statement.on_conflict_do_update(
        index_elements=[_TABLE.c.study_id, _TABLE.c.key], set_={"value_json": statement.excluded.value_json}
    )
    rows = [{"study_id": study_id, "key": key, "value_json": json.dumps(value)} for key, value in values.items()]
    connection.execute(statement, rows)
