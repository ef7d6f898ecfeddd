"""Conditions, sorting, limits and columns, decided in the database."""

import operator
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest
from sqlalchemy.dialects import postgresql

import storage
from regsearch.errors import QueryError
from regsearch.spec import Configuration, Target
from storage.table_query import _order
from storage.views import leaderboard
from tests.storage.builders import curve, diverged, norm, repeat
from tests.storage.checksum import checksum

SCORES = {
    "none": (Configuration(), (0.5, 0.75)),
    "l1": (Configuration.tied("l1", 1e-3, Target()), (0.75, 0.75)),
    "l2": (Configuration.tied("l2", 1e-2, Target(layers="output")), (0.25, 1.0)),
    "L3": (Configuration.tied("l1_l2", 1e-4, Target()), ()),  # its only repeat diverges
}


@pytest.fixture
def filled(records: storage.Records, sweep: int, results: storage.Results) -> storage.Results:
    """Trials 0 to 3: none, l1, l2, l1_l2, in stages called by SCORES' names."""
    for number, (stage, (configuration, scores)) in enumerate(SCORES.items()):
        one = records.begin_trial(sweep, number, configuration, key=str(number) * 64, stage=stage).configuration_id
        for index, score in enumerate(scores):
            records.add_repeat(one, "search", repeat(index, score, curve=curve(2), weight_norms=(norm(),)), "w")
        if not scores:
            records.add_repeat(one, "search", diverged(), "w")
    other = records.register_sweep(name="other", config={}, config_hash="b", versions={})
    records.register_configuration(other, Configuration(), key="9" * 64, stage="coarse")
    return results


WHERE = [
    ("regularizer = 'l2'", [2]),
    ("regularizer != 'l2' AND n > 0", [0, 1]),
    ("not regularizer <> 'l2' or number = 3", [2, 3]),
    ("regularizer in ('l1', 'l2') -- and no more", [1, 2]),
    ("lambda IS NULL", [0]),
    ("lambda BETWEEN 1e-3 AND 1e-2", [1, 2]),
    ("mean - std / 2 > 0.5", [0, 1]),  # 0.625 - 0.088, 0.75 - 0, 0.625 - 0.265
    ("abs(mean - 0.7) < 0.06", [1]),
    ("number = 0 OR number = 1", [0, 1]),  # and nothing of the other sweep
    ("target LIKE '%kernel' AND coalesce(target, ':x %(s)s ?') LIKE 'out%'", [2]),
    ("CAST(mean AS varchar) IS NULL", [3]),
    ("mean = (SELECT max(mean) FROM rs_leaderboard)", [1]),
    ("configuration_id IN (SELECT configuration_id FROM rs_repeats WHERE status = 'diverged')", [3]),
    ("stage = 'it''s; DROP TABLE rs_sweeps --'", []),
]


def test_where(filled: storage.Results) -> None:
    for where, numbers in WHERE:
        assert filled.trials("moons", where=where)["number"].tolist() == numbers, where


WRONG = [
    ("men > 0.9", "there is no column 'men' (did you mean 'mean'?); columns are number, stage, regularizer, lambda"),
    ("regularizer = l2", "there is no column 'l2'"),
    ("", "syntax error"),
    ("mean >", "syntax error"),
    ("mean > 0.9 regularizer", 'near "regularizer"'),
    ("mean > 0.9 regularizer", "(line 1, character 12)"),
    ("mean > 1; DROP TABLE rs_sweeps", 'near ";"'),
    ("mean > 1); DELETE FROM rs_sweeps; SELECT (1", "more than one statement|syntax error"),
    ("mean > 1) UNION DELETE FROM rs_sweeps RETURNING (1", 'near "DELETE"'),
    ("load_extension('x') = 'x'", "only a SELECT is let through|function load_extension"),  # on SQLite|Postgres
    ("pg_sleep(9) IS NULL", "no such function: pg_sleep|only a SELECT is let through"),
    ("nothing(mean) = 1", "nothing"),
]


def test_a_wrong_condition_is_refused_in_one_line(filled: storage.Results, url: str) -> None:
    before = checksum(url)
    for where, said in WRONG:
        with pytest.raises(QueryError) as caught:
            filled.trials("moons", where=where)
        assert caught.value.field == "where" and any(part in str(caught.value) for part in said.split("|")), where
        assert "\n" not in str(caught.value)
    assert checksum(url) == before


def test_times_are_compared_with_text(filled: storage.Results) -> None:
    assert len(filled.repeats("moons", where="finished_at > '2026-01-31' AND status = 'ok'")) == 6
    assert len(filled.repeats("moons", where="finished_at < '2026-01-31'")) == 0


SORT = [
    ("-number", [3, 2, 1, 0]),
    ("-mean", [1, 0, 2, 3]),  # what is missing comes last, and the first trial first among equals
    ("mean", [0, 2, 1, 3]),
    ("mean, -std", [2, 0, 1, 3]),
    ("stage", [3, 1, 2, 0]),  # by bytes
    ("lambda", [3, 1, 2, 0]),
]


def test_sort(filled: storage.Results) -> None:
    for sort, numbers in SORT:
        assert filled.trials("moons", sort=sort)["number"].tolist() == numbers
        assert filled.trials("moons", sort=sort, limit=2)["number"].tolist() == numbers[:2]


def test_postgres_sorts_text_by_bytes_whatever_its_language() -> None:
    (order,) = _order("stage", leaderboard)
    assert str(order.compile(dialect=postgresql.dialect())) == '(rs_leaderboard.stage COLLATE "C") ASC NULLS LAST'


def test_columns(filled: storage.Results) -> None:
    frame = filled.trials("moons", columns=["mean", "number"], limit=1)
    assert frame.to_dict("list") == {"mean": [0.625], "number": [0]}
    assert "configuration_id" in filled.trials("moons", columns=["configuration_id"])
    assert filled.trials("moons", limit=0).dtypes.equals(filled.trials("moons").dtypes)


def test_wrong_choices_name_what_there_is(filled: storage.Results) -> None:
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"sort": "men"}, r"sort: there is no column 'men' \(did you mean 'mean'\?\); columns are number, stage"),
        ({"columns": ["mean", "men"]}, "columns: there is no column 'men'"),
        ({"columns": []}, "columns: are none; give each once, and at least one"),
        ({"columns": ["mean", "mean"]}, "columns: are mean, mean; give each once"),
        ({"limit": -1}, "limit: is -1; it may be 0 or more"),
    ]
    for how, said in wrong:
        with pytest.raises(QueryError, match=said):
            filled.trials("moons", **how)


def rows_of(results: storage.Results, name: str, **how: Any) -> pd.DataFrame:
    ask: Callable[..., pd.DataFrame] = operator.attrgetter(name)(results)
    return ask(**how) if name == "sweeps" else ask("moons", **how)


EVERY_TABLE_TAKES_A_CONDITION = [
    ("leaderboard", "regularizer = 'l2'", 1),
    ("repeats", "regularizer = 'l2' AND validation_score > 0.5", 1),
    ("weight_norms", "lambda >= 1e-3 AND layer = 'hidden'", 4),
    ("curves", "regularizer = 'l2' AND repeat = 1", 2),
    ("sweeps", "name LIKE 'm%' AND repeats = 6", 1),
]


def test_every_table_takes_a_condition(filled: storage.Results) -> None:
    for name, where, count in EVERY_TABLE_TAKES_A_CONDITION:
        assert len(rows_of(filled, name, where=where)) == count
        full = rows_of(filled, name)
        pd.testing.assert_frame_equal(rows_of(filled, name, where="1 = 1"), full)  # with the same dtypes, times too
