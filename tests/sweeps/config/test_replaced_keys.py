"""Keys of a sweep file that are given beside it."""

import tomllib

import pytest

from regsearch.errors import InputError
from sweeps.config.replaced_keys import parse_pairs, with_replaced
from sweeps.config.toml_file import load, parse
from tests.sweeps.small import TOML


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("50", 50),
        (" 1e-3 ", 1e-3),
        ("true", True),
        ('"50"', "50"),
        ("adam", "adam"),
        ("my_data.py:load", "my_data.py:load"),
        ('["l1", "l2"]', ["l1", "l2"]),
        ('{name = "sgd", momentum = 0.9}', {"name": "sgd", "momentum": 0.9}),
        ("a=b", "a=b"),
        ("1\nb = 2", "1\nb = 2"),
        ("", ""),
    ],
)
def test_a_value_is_tomls_or_a_text_as_it_stands(text: str, value: object) -> None:
    assert parse_pairs([f"a.b={text}"]) == {"a.b": value}


@pytest.mark.parametrize("pair", ["a", "=1", "a..b=1", "a.=1"])
def test_what_is_no_key_and_value_is_refused(pair: str) -> None:
    with pytest.raises(InputError, match=r"^--set: .* is no KEY=VALUE; it may be as in --set training.epochs=50$"):
        parse_pairs([pair])


def test_it_counts_as_if_the_file_said_it(tmp_path) -> None:
    tables = tomllib.loads(TOML)
    replaced = {"name": "short", "training.epochs": 50, "training.early_stopping.patience": 5}
    found = with_replaced(tables, replaced)
    assert tables == tomllib.loads(TOML)  # what was given stays as it is
    said = tables | {"name": "short"}
    said["training"] = tables["training"] | {"epochs": 50, "early_stopping": {"patience": 5}}
    assert found == said
    (tmp_path / "sweep.toml").write_text(TOML)
    assert load(tmp_path / "sweep.toml", replaced).to_dict() == parse(said, str(tmp_path)).to_dict()
