"""Conditions, sorting, limits and columns: the same words give the same rows on both databases."""

import operator
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

import storage
from regsearch.errors import QueryError
from regsearch.spec import Configuration, Target
from storage.filters import MOST_OPERATORS
from tests.storage.builders import curve, diverged, norm, repeat

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
        one = records.register_configuration(sweep, configuration, key=str(number) * 64, stage=stage)
        records.register_trial(sweep, number, one)
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
    ("not regularizer <> 'l2' or number == 3", [2, 3]),
    ("regularizer in ('l1', 'l2')", [1, 2]),
    ("regularizer NOT IN ('l1', 'l2')", [0, 3]),
    ("lambda IS NULL", [0]),
    ("lambda IS NOT NULL AND lambda <= 1e-3", [1, 3]),
    ("lambda BETWEEN 1e-3 AND 1e-2", [1, 2]),
    ("number NOT BETWEEN 1 AND 2", [0, 3]),
    ("mean >= .625 AND std > 0", [0, 2]),
    ("mean - std / 2 > 0.5", [0, 1]),  # 0.625 - 0.088, 0.75 - 0, 0.625 - 0.265
    ("-number < -2", [3]),
    ("number / 2 = 1.5", [3]),  # not cut to 1
    ("1 / number > 0.9", [1]),  # and 1 / 0 is nothing
    ("abs(mean - 0.7) < 0.06", [1]),
    ("2 * (number + 1) = 4", [1]),
    ("number = 0 OR number = 1 AND regularizer = 'l2'", [0]),  # AND binds first
    ("(number = 0 OR number = 2) AND regularizer = 'l2'", [2]),
    ("target LIKE '%KERNEL%' AND target LIKE 'out%'", [2]),
    ("target NOT LIKE 'hidden%'", [2]),
    ("stage < 'a'", [3]),  # by bytes: capitals come first
    ('"state" = \'open\' AND stage = \'L3\'', [3]),
    ("stage = 'it''s; DROP TABLE rs_sweeps --'", []),
]


def test_where(filled: storage.Results) -> None:
    for where, numbers in WHERE:
        assert filled.trials("moons", where=where)["number"].tolist() == numbers, where


WRONG_CONDITIONS_SAY_WHERE = [
    ("men > 0.9", "there is no column 'men' (did you mean 'mean'?); columns are number, stage, regularizer, lambda"),
    ("regularizer = l2", "there is no column 'l2'"),
    ("mean", "is no condition but a number"),
    ("", "expected a column, a number or 'text', got its end"),
    ("mean >", "expected a column, a number or 'text', got its end"),
    ("mean > 0.9 regularizer", "expected AND, OR or the end, got 'regularizer' (character 12)"),
    ("mean > 'x'", "cannot compare a number with text; text stands in quotes, numbers without"),
    ("(mean > 1) > 2", "cannot compare a condition with a number"),
    ("regularizer + 1 > 2", "+ wants numbers, got text"),
    ("regularizer LIKE 1", "LIKE compares text with a pattern"),
    ("mean IN 1", "expected (, got '1' (character 9)"),
    ("mean IN (1", "expected ), got its end"),
    ("mean NOT 1", "expected IN, BETWEEN or LIKE, got '1'"),
    ("lambda = NULL", "expected a column, a number or 'text', got 'NULL'"),
    ("mean > 1; DROP TABLE rs_sweeps", "cannot be read from '; DROP TABLE rs_swee' (character 9) on"),
    ("number IN (SELECT 1)", "there is no column 'SELECT'"),
    ("stage = 'open", "cannot be read from \"'open\" (character 9) on"),
    ("(" * 500 + "mean > 1" + ")" * 500, f"is too long; it may have {MOST_OPERATORS} words and signs"),
]


def test_wrong_conditions_say_where(filled: storage.Results) -> None:
    for where, said in WRONG_CONDITIONS_SAY_WHERE:
        with pytest.raises(QueryError) as caught:
            filled.trials("moons", where=where)
        assert caught.value.field == "where" and caught.value.problem.startswith(said), caught.value
        assert "\n" not in str(caught.value)


def test_the_deepest_condition_is_no_trouble(filled: storage.Results) -> None:
    half = MOST_OPERATORS // 2
    deep = ("+".join(["n"] * half) + " > 1", "(" * (half - 1) + "n > 1" + ")" * (half - 1), "NOT " * 98 + "n > 1")
    for where in (*deep, "(n*2-" * 17 + "0" + ")" * 17 + " = 4"):
        assert filled.trials("moons", where=where)["number"].tolist() == [0, 1, 2]


def test_times_are_compared_with_text(filled: storage.Results) -> None:
    now = filled.repeats("moons")["finished_at"].max()
    assert len(filled.repeats("moons", where=f"finished_at <= '{now.isoformat()}'")) == 7
    elsewhere = now.tz_convert("Asia/Kathmandu").isoformat()
    assert len(filled.repeats("moons", where=f"'{elsewhere}' < finished_at")) == 0
    assert len(filled.repeats("moons", where="finished_at > '2026-01-31' AND status = 'ok'")) == 6
    with pytest.raises(QueryError, match="where: 'soon' is no time; it may be as in '2026-01-31'"):
        filled.repeats("moons", where="finished_at > 'soon'")


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
        assert rows_of(filled, name, where=where).dtypes.equals(rows_of(filled, name).dtypes)
    