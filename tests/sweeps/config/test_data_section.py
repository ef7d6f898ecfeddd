"""[data] and a metric of the user's own: what the file says, as regsearch.spec has it, and what is refused."""

import pytest

from regsearch.errors import InputError
from regsearch.spec import Configuration
from sweeps.config.toml_file import parse, parse_tables, restore


def plain(data, **tables):
    return {"name": "s", "data": data} | tables


def config(data):
    return parse_tables(plain(data))


def table(**keys):
    return {"source": "t.csv", "target": "y"} | keys


def spec(**keys):
    return config(table(**keys)).data.spec().table


def test_categories_in_their_order():
    written = {"size": ["low", "high"], "grade": [1, 2.5, 3.0], "flag": [True, False], "city": "one-hot"}
    assert dict(spec(encode=written).encode) == {
        "size": ("low", "high"),
        "grade": ("1", "2.5", "3"),
        "flag": ("true", "false"),
        "city": "one-hot",
    }
    assert dict(spec(encode="ordinal").encode) == {"": "ordinal"}


def test_how_values_are_written():
    found = spec(missing_values=["?", "-999"], thousands="'", encoding="Latin1", separator=";")
    assert (found.missing_values, found.thousands, found.encoding) == (("?", "-999"), "'", "iso8859-1")
    assert (spec().missing_values, spec(missing_values=[]).missing_values) == (None, ())


@pytest.mark.parametrize(
    ("data", "scale"),
    [
        (table(), "auto"),
        (table(scale="standard"), "standard"),
        ({"source": "a.npz"}, "auto"),
        ({"source": "digits"}, "standard"),
        ({"source": "moons"}, "none"),
    ],
)
def test_the_scale_follows_from_the_source(data, scale):
    assert config(data).data.spec().scale == scale


@pytest.mark.parametrize("asked", [None, True, False])
def test_scale_target(asked):
    data = table() if asked is None else table(scale_target=asked)
    assert config(data).data.spec().scale_target is asked


REFUSED = {
    "an encoding that is none": (
        table(encoding="latin-11"),
        "data.encoding: must be an encoding that Python knows, such as",
    ),
    "an encoding of Parquet": (
        {"source": "t.parquet", "target": "y", "encoding": "latin-1"},
        "data.encoding: goes with CSV files, not with t.parquet",
    ),
    "one mark for two things": (table(decimal=",", thousands=","), "data.thousands: must differ from the decimal mark"),
    "text without a separator": ({"source": "t.txt", "target": "y"}, "data.separator: is required for a .txt file"),
    "a category twice": (
        table(encode={"a": ["u", "u"]}),
        "data.encode: of 'a' must list two categories",
    ),
    "one category": (table(encode={"a": ["u"]}), "data.encode: of 'a' must list two categories or more"),
    "a category that is a list": (
        table(encode={"a": ["u", ["v"]]}),
        "data.encode: may list strings and numbers",
    ),
    "an encoding of all columns in a list": (
        table(encode=["u", "v"]),
        "data.encode: may be one-hot, ordinal",
    ),
    "marks of an array": (
        {"source": "a.npz", "missing_values": ["?"]},
        "data.missing_values: goes with tables",
    ),
}


@pytest.mark.parametrize(("data", "told"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused(data, told):
    with pytest.raises(InputError) as caught:
        config(data)
    assert str(caught.value).startswith(told)


@pytest.mark.parametrize("name", ["t.txt", "t.xlsx", "T.XLSX", "t.TXT"])
def test_more_kinds_of_tables(name):
    separator = {"separator": ";"} if name.lower().endswith("txt") else {}
    assert config({"source": name, "target": "y", **separator}).data.is_table


MOONS = {"source": "moons"}
OWN = {"metric": "my_metrics.py:cost"}


def test_a_metric_of_ones_own(tmp_path):
    (tmp_path / "my_metrics.py").write_text("def cost(y, p): return 0.5\n")
    found = parse(plain(MOONS, evaluation=OWN | {"greater_is_better": False}), str(tmp_path))
    assert (found.metric, found.greater_is_better) == ("my_metrics.py:cost", False)
    trial = found.trial_spec(Configuration())
    assert (trial.metric, trial.metric_folder, len(trial.metric_digest)) == ("my_metrics.py:cost", str(tmp_path), 64)
    assert restore(found.to_dict()).hash() == found.hash()
    other = parse(plain(MOONS, evaluation=OWN), str(tmp_path))
    assert other.greater_is_better
    assert other.hash() != found.hash()


def test_a_direction_goes_with_a_metric_of_ones_own():
    with pytest.raises(InputError, match=r"^evaluation.greater_is_better: goes with a metric of your own"):
        parse(plain(MOONS, evaluation={"metric": "f1", "greater_is_better": True}))


def test_a_metric_that_is_not_there(tmp_path):
    with pytest.raises(InputError, match=r"^evaluation.metric: there is no file"):
        parse(plain(MOONS, evaluation=OWN), str(tmp_path))
