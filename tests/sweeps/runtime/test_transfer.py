"""Whole sweeps from one database into another, and out of one. Nothing here trains."""

from collections.abc import Iterator, Mapping
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import inspect, select

import storage
from regsearch.errors import SweepConflict, SweepFileError, UnknownSweep
from regsearch.results import Comparison, PhaseResult, Repeat, Scores
from regsearch.spec import TrialSpec
from storage.liveness import Process
from sweeps.runtime import transfer
from sweeps.runtime.sweep import Sweep, open_sweep, register
from sweeps.runtime.transfer import copy_sweep, delete_sweep, rename_sweep
from sweeps.runtime.trial_sources import source_of
from sweeps.runtime.worker import work
from tests.storage.builders import curve, diverged, norm, repeat, rows
from tests.sweeps.small import small

Rows = dict[str, list[tuple[Any, ...]]]


class Enough(Exception):
    """Ends a worker's work."""


def evaluate(spec: TrialSpec, seeds: Mapping[int, int], **_how: object) -> Iterator[Repeat]:
    """Give repeats that depend on the configuration and the seed alone, one configuration's diverged."""
    strength = sum(penalty.l2 for penalty in spec.penalties)
    for index, seed in seeds.items():
        if strength == 0.001:
            yield diverged(index)
            continue
        scores = Scores(score=0.5 + seed % 1000 / 1e4 + strength, loss=0.1)
        norms = (norm(),)
        level = PhaseResult(
            phase=0, epochs=9, coefficient=strength, train=scores, validation=scores, weight_norms=norms
        )
        full: dict[str, Any] = {"curve": curve(), "validation_rows": rows(1, 0), "weight_norms": norms}
        yield repeat(index, scores.score, seed=seed, phases=(level,), **full)


def begin(sweep: Sweep) -> None:
    """Leave behind what there can be of a sweep: done, diverged, failed, running; repeats, failures, comparisons."""
    asked: list[TrialSpec] = []

    def some(spec: TrialSpec, seeds: Mapping[int, int], **how: object) -> Iterator[Repeat]:
        asked.append(spec)
        if len(asked) == 3:
            raise Enough
        if len(asked) == 5:
            raise KeyboardInterrupt
        yield from evaluate(spec, seeds, **how)

    with pytest.raises(KeyboardInterrupt):
        work(sweep, evaluate=some)
    sweep.ask()  # as somebody may who works on the study by hand
    gone = sweep.records.join(sweep.id, Process.this())
    source_of(sweep, gone).next()
    sweep.records.leave(gone)
    assert {t.state.name for t in sweep.study.get_trials()} == {"COMPLETE", "PRUNED", "RUNNING"}
    sweep.study.set_user_attr("note", {"by": "hand"})
    ids = list(sweep.results.configurations("small"))
    sweep.records.add_failure(ids[1], "search", 0, reason="no room", worker="w")
    shown = Comparison(subset="validation", repeats=3, rows=2, difference=0.1, se_seed=0.01, se_rows=None, se=0.01)
    sweep.records.add_comparison(sweep.id, ids[1], ids[0], shown)


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The URL of an SQLite database with two sweeps, of which `small` is in the middle of its search."""
    url = f"sqlite:///{tmp_path_factory.mktemp('original')}/results.db"
    with register(small(name="other", search={"strategy": "grid"}), url) as other:  # ids of small begin after its
        work(other, evaluate=evaluate)
    with register(small(), url) as sweep:
        begin(sweep)
    return url


def everything(url: str, name: str) -> Rows:
    """All rows of a sweep in all tables, without ids, as text that both databases share."""
    engine = storage.connect(storage.resolve_url(url), write=False)
    found: Rows = {}
    with engine.connect() as connection:
        for root in transfer.ROOTS:
            for table in root.table.metadata.sorted_tables:
                condition = transfer.of_sweep(table, root, name)
                if condition is not None:
                    kept = [c for c in table.c if not c.foreign_keys and not (c.primary_key and c.name.endswith("id"))]
                    rows = connection.execute(select(*kept).where(condition).order_by(*table.primary_key))
                    found[table.name] = [tuple(map(_plain, row)) for row in rows]
    engine.dispose()
    return found


def _plain(value: Any) -> Any:
    return value.astimezone(UTC) if getattr(value, "tzinfo", None) else value


def count(url: str) -> int:
    return sum(len(rows) for name in ("small", "other") for rows in everything(url, name).values())


def test_there_and_back_again_is_the_same(original: str, postgres_url: str, tmp_path: Path) -> None:
    back = f"sqlite:///{tmp_path}/back.db"
    copy_sweep("small", original, postgres_url)
    copy_sweep("small", postgres_url, back)
    was = everything(original, "small")
    empty = {name for name, rows in was.items() if not rows}
    assert not empty
    assert everything(postgres_url, "small") == was
    assert everything(back, "small") == was


def test_a_copy_goes_on_as_the_original_does(original: str, database_url: str, tmp_path: Path) -> None:
    source = tmp_path / "source.db"
    copy_sweep("small", original, f"sqlite:///{source}")
    copy_sweep("small", f"sqlite:///{source}", database_url)
    found = []
    for url in (f"sqlite:///{source}", database_url):
        with open_sweep("small", url) as sweep:
            work(sweep, evaluate=evaluate)
            trials = [(t.number, t.state.name, t.value, t.params, t.system_attrs) for t in sweep.study.get_trials()]
            board = sweep.results.leaderboard("small").drop(columns="configuration_id")
            found.append((trials, board.to_csv(index=False)))
    assert found[0] == found[1]
    assert len(found[0][0]) > 10


def test_a_sweep_that_is_there_is_not_copied_over(original: str, database_url: str) -> None:
    copy_sweep("small", original, database_url)
    before = everything(database_url, "small")
    with pytest.raises(SweepConflict, match="the database to copy to has a sweep 'small' already"):
        copy_sweep("small", original, database_url)
    assert everything(database_url, "small") == before


def test_a_refused_copy_makes_no_tables(original: str, database_url: str) -> None:
    engine = storage.connect(storage.resolve_url(database_url), write=True)
    storage.upgrade(engine)
    storage.Records(engine).register_sweep(name="small", config={}, config_hash="", versions={})
    before = inspect(engine).get_table_names()
    with pytest.raises(SweepConflict):
        copy_sweep("small", original, database_url)
    assert inspect(engine).get_table_names() == before
    engine.dispose()


def test_an_unknown_sweep_makes_nothing(original: str, tmp_path: Path) -> None:
    with pytest.raises(UnknownSweep, match="small"):
        copy_sweep("smal", original, f"sqlite:///{tmp_path}/new.db")
    with pytest.raises(UnknownSweep):
        delete_sweep("smal", original)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("table", ["rs_weight_norms", "trial_heartbeats"])
def test_a_copy_that_breaks_off_leaves_nothing(
    original: str, database_url: str, monkeypatch: pytest.MonkeyPatch, table: str
) -> None:
    real = transfer._insert

    def breaking(into: Any, of: Any, *rest: Any) -> None:
        if of.name == table:
            raise Enough
        real(into, of, *rest)

    monkeypatch.setattr(transfer, "_insert", breaking)
    with pytest.raises(Enough):
        copy_sweep("small", original, database_url)
    assert count(database_url) == 0


def test_deleting_takes_all_of_one_sweep_and_nothing_else(original: str, database_url: str) -> None:
    for name in ("small", "other"):
        copy_sweep(name, original, database_url)
    other = everything(database_url, "other")
    delete_sweep("small", database_url)
    assert not any(everything(database_url, "small").values())
    assert everything(database_url, "other") == other == everything(original, "other")
    engine = storage.connect(storage.resolve_url(database_url), write=False)
    with engine.connect() as connection:  # nothing without an owner is left either
        for root in transfer.ROOTS:
            for table in root.table.metadata.sorted_tables:
                if table.name in other:
                    assert len(connection.execute(select(table)).all()) == len(other[table.name]), table.name
    engine.dispose()


def test_renaming_changes_the_name_and_nothing_else(original: str, database_url: str) -> None:
    for name in ("small", "other"):
        copy_sweep(name, original, database_url)
    other, was = everything(database_url, "other"), everything(database_url, "small")
    rename_sweep("small", "kept", database_url)
    now = everything(database_url, "kept")
    assert everything(database_url, "other") == other and not any(everything(database_url, "small").values())
    named = {"rs_sweeps", "studies"}
    assert {name: rows for name, rows in now.items() if name not in named} == {
        name: rows for name, rows in was.items() if name not in named
    }
    assert [row[0] for row in now["studies"]] == [row[0] for row in now["rs_sweeps"]] == ["kept"]
    with register(small(name="kept"), storage.resolve_url(database_url)) as sweep:  # the same hash: it goes on
        assert sweep.name == sweep.results.sweep("kept").config["name"] == "kept"
        assert len(sweep.study.get_trials()) == len(was["trials"]) == len(now["trials"])


def test_a_refused_name_changes_nothing(original: str, database_url: str) -> None:
    for name in ("small", "other"):
        copy_sweep(name, original, database_url)
    was = everything(database_url, "small")
    with pytest.raises(SweepConflict, match="name: the database has a sweep 'other' already"):
        rename_sweep("small", "other", database_url)
    with pytest.raises(UnknownSweep):
        rename_sweep("smal", "kept", database_url)
    for name in ("", "-a", "a b", "<b>", "x" * 65):
        with pytest.raises(SweepFileError, match="name: may hold letters, digits"):
            rename_sweep("small", name, database_url)
    assert everything(database_url, "small") == was


def test_a_rename_that_breaks_off_changes_nothing(
    original: str, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy_sweep("small", original, database_url)
    real = transfer.update

    def breaking(table: Any) -> Any:
        if table is transfer.StudyModel:
            raise Enough
        return real(table)

    monkeypatch.setattr(transfer, "update", breaking)
    was = everything(database_url, "small")
    with pytest.raises(Enough):
        rename_sweep("small", "kept", database_url)
    assert everything(database_url, "small") == was
