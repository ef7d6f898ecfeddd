"""A sweep's report and pictures as artifacts in the dashboard: made from the database when somebody opens them.

The study holds their names alone. So they are never older than the sweep, go with it when it is copied, renamed or
deleted, and need no folder that workers and the dashboard share.
"""

import io
import json
import mimetypes
import threading
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Protocol

from optuna.artifacts.exceptions import ArtifactNotFound
from sqlalchemy import func, select

import storage
from regsearch.errors import RegsearchError
from storage.queries import Results
from storage.tables import Comparisons, Configurations, Repeats
from storage.transactions import reading
from sweeps.analysis.answer import answer
from sweeps.analysis.snapshot import SweepSnapshot
from sweeps.analysis.snapshot_loader import load_snapshot
from sweeps.plots.pictures import draw_picture
from sweeps.plots.style import DPI
from sweeps.report_page import report_page
from sweeps.runtime.optuna_tables import StudyModel, StudySystemAttributeModel

MADE_BY = "regsearch"  # in an artifact's attribute, beside what optuna keeps there
KEY = "artifacts:"  # of a study's attribute, before the artifact's id, as optuna.artifacts has it
MOST_KEPT = 20  # files in memory


class ArtifactStore(Protocol):
    """Where artifacts are kept, as optuna.artifacts has it."""

    def open_reader(self, artifact_id: str) -> BinaryIO:
        """Open one to read."""

    def write(self, artifact_id: str, content_body: BinaryIO) -> None:
        """Keep one."""

    def remove(self, artifact_id: str) -> None:
        """Delete one."""


def _report(snapshot: SweepSnapshot) -> bytes:
    return report_page(snapshot, answer(snapshot)).encode()


def _png(name: str) -> Callable[[SweepSnapshot], bytes]:
    def drawn(snapshot: SweepSnapshot) -> bytes:
        png = io.BytesIO()
        draw_picture(snapshot, name).savefig(png, format="png", dpi=DPI)
        return png.getvalue()

    return drawn


FILES: Mapping[str, Callable[[SweepSnapshot], bytes]] = {
    "report.html": _report,
    "comparison.png": _png("comparison"),
    "lambda.png": _png("lambda"),
    "learning_curves.png": _png("learning_curves"),
}


def artifact_attributes(stored: Mapping[str, Any], names: Iterable[str], seed: str) -> dict[str, str]:
    """Return the attributes of a study that announce these files, but for those that it has already.

    The same seed gives the same ids, whoever announces them.
    """
    known = {_named(value) for key, value in stored.items() if key.startswith(KEY)}
    return dict(_announced(name, seed) for name in names if name not in known)


@dataclass(eq=False)
class DrawnArtifacts:
    """An artifact store of optuna's that makes the files of FILES, and leaves all others to another store.

    Args:
        url: the database.
        uploads: where people's own files are; None for nowhere.
    """

    url: str
    uploads: ArtifactStore | None = None
    _made: dict[str, tuple[Any, bytes]] = field(default_factory=dict)  # by id: as of which rows, and the file
    _making: threading.Lock = field(default_factory=threading.Lock)  # one at a time: drawing fills a CPU

    def open_reader(self, artifact_id: str) -> BinaryIO:
        """Return a file; an ArtifactNotFound says that there is none."""
        with storage.open(self.url) as results, self._making:
            found = _of_id(results, artifact_id)
            if found is not None:
                return io.BytesIO(self._file(results, artifact_id, *found))
        return self._uploads().open_reader(artifact_id)

    def write(self, artifact_id: str, content_body: BinaryIO) -> None:
        """Keep a file of somebody's."""
        self._uploads().write(artifact_id, content_body)

    def remove(self, artifact_id: str) -> None:
        """Delete a file of somebody's; of ours there is nothing to delete."""
        with storage.open(self.url) as results:
            ours = _of_id(results, artifact_id) is not None
        if not ours:
            self._uploads().remove(artifact_id)

    def _file(self, results: Results, artifact_id: str, sweep: str, name: str) -> bytes:
        newest = _newest(results, sweep)
        made = self._made.pop(artifact_id, None)
        if made is None or made[0] != newest:
            try:
                made = newest, FILES[name](load_snapshot(results, sweep))
            except RegsearchError as error:  # it has nothing to show any more, or there is no such sweep
                raise ArtifactNotFound(str(error)) from error
        while len(self._made) >= MOST_KEPT:
            self._made.pop(next(iter(self._made)))
        self._made[artifact_id] = made
        return made[1]

    def _uploads(self) -> ArtifactStore:
        if self.uploads is None:
            raise ArtifactNotFound("this dashboard keeps no files; --artifacts FOLDER lets it")
        return self.uploads


def _of_id(results: Results, artifact_id: str) -> tuple[str, str] | None:
    """Return of which study one of our files is, and which it is; None where it is none of ours."""
    a, s = StudySystemAttributeModel, StudyModel
    query = select(s.study_name, a.value_json).join(s, s.study_id == a.study_id).where(a.key == f"{KEY}{artifact_id}")
    with reading(results.engine) as connection:
        rows = connection.execute(query).all()
    named = ((row.study_name, _named(json.loads(row.value_json))) for row in rows)
    return next(((study, name) for study, name in named if name in FILES), None)


def _newest(results: Results, sweep: str) -> Any:
    """Return what changes whenever a file would: the newest repeat and the newest comparison."""
    r, c, found = Repeats, Configurations, results.sweep(sweep).id
    repeat = select(func.max(r.id)).join(c, c.id == r.configuration_id).where(c.sweep_id == found)
    comparison = select(func.max(Comparisons.id)).where(Comparisons.sweep_id == found)
    with reading(results.engine) as connection:
        return connection.scalar(repeat), connection.scalar(comparison)


def _named(value: Any) -> str:
    """Return the name that an artifact's attribute announces; empty for one that is not ours, or was deleted."""
    found = json.loads(value) or {}
    return str(found["filename"]) if found.get("made_by") == MADE_BY else ""


def _announced(name: str, seed: str) -> tuple[str, str]:
    id_, kind = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{seed} {name}")), mimetypes.guess_type(name)[0]
    value = {"artifact_id": id_, "filename": name, "mimetype": kind, "encoding": None, "made_by": MADE_BY}
    return f"{KEY}{id_}", json.dumps(value)
