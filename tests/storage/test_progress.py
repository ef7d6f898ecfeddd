"""How far a sweep is, on both databases."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, event, update

import storage
from regsearch.spec import Configuration, Target
from storage.liveness import SILENT_S, Process
from storage.progress import Leader, SweepProgress, read_progress
from storage.tables import Workers
from tests.storage.builders import diverged, repeat


def progress(engine: Engine, sweep: int, greater_is_better: bool = True) -> SweepProgress:
    return read_progress(engine, sweep, greater_is_better=greater_is_better, control="control")


def add(records: storage.Records, sweep: int, configuration: Configuration, *scores: float, stage: str = "fine") -> int:
    """Record a configuration with these scores; it is complete."""
    added = records.register_configuration(sweep, configuration, key=f"{configuration}", stage=stage)
    records.add_repeats(added, "search", [repeat(i, score) for i, score in enumerate(scores)], "w")
    records.settle(added, "search")
    return added


def l2(lambda_: float) -> Configuration:
    return Configuration.tied("l2", lambda_, Target())


def test_nothing_is_there_yet(engine: Engine, sweep: int) -> None:
    assert progress(engine, sweep) == SweepProgress(finished=0, repeats=0, open_repeats=0, leaders=(), workers={})


def test_what_is_counted_and_who_leads(engine: Engine, records: storage.Records, sweep: int) -> None:
    other = records.register_sweep(name="other", config={}, config_hash="b", versions={})
    add(records, other, Configuration(), 1.0)
    add(records, sweep, Configuration(), 0.99, 0.99, stage="control")  # never chosen
    best = add(records, sweep, l2(1e-3), 0.9, 0.8)
    worst = add(records, sweep, l2(1e-2), 0.5, 0.7)
    opened = records.register_configuration(sweep, l2(1e-1), key="open", stage="fine")
    records.add_repeat(opened, "search", repeat(0, 0.95), "w")
    wild = records.register_configuration(sweep, l2(1e-4), key="wild", stage="fine")
    records.add_repeat(wild, "search", diverged(), "w")
    records.settle(wild, "search")
    records.add_repeat(best, "confirm", repeat(0, 0.1), "w")
    found = progress(engine, sweep)
    assert (found.finished, found.repeats, found.open_repeats) == (4, 8, 1)
    assert {type(found.finished), type(found.repeats), type(found.open_repeats)} == {int}
    (leader,) = found.leaders
    assert leader == Leader(id=best, configuration=l2(1e-3), stage="fine", scores=(0.9, 0.8))
    assert [one.id for one in progress(engine, sweep, greater_is_better=False).leaders] == [worst]


def test_all_that_may_tie_with_the_best_is_there(engine: Engine, records: storage.Records, sweep: int) -> None:
    tied = [add(records, sweep, l2(value), *scores) for value, scores in ((1e-3, (0.2, 0.7)), (1e-2, (0.4, 0.5)))]
    add(records, sweep, l2(1e-4), 0.449)
    assert sorted(one.id for one in progress(engine, sweep).leaders) == tied


def test_live_workers_are_named_with_what_they_do(engine: Engine, records: storage.Records, sweep: int) -> None:
    ids = [records.join(sweep, Process("host", "", "", pid, "")) for pid in (3, 1, 2, 4)]
    records.beat(ids[0], "coarse l2 1e-3 on hidden kernel, bias")
    records.leave(ids[2])
    with engine.begin() as connection:
        silent = datetime.now(UTC) - timedelta(seconds=SILENT_S + 1)
        connection.execute(update(Workers).where(Workers.id == ids[3]).values(heartbeat_at=silent))
    assert list(progress(engine, sweep).workers.items()) == [
        ("host:1", None),
        ("host:3", "coarse l2 1e-3 on hidden kernel, bias"),
    ]


def test_it_is_one_statement(engine: Engine, records: storage.Records, sweep: int) -> None:
    add(records, sweep, l2(1e-3), 0.9)
    said: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *args: said.append(args[2]))
    progress(engine, sweep)
    assert len([statement for statement in said if "SELECT" in statement]) == 1
