"""Whatever a sweep file says, it is a sweep, or one line that says what is wrong."""

import tomllib
from typing import Any

import pytest
import tomli_w
from hypothesis import given
from hypothesis import strategies as st

from regsearch.errors import InputError, RegsearchError
from regsearch.spec import Configuration
from sweeps.config import SweepConfig
from sweeps.config.toml_file import load, parse, preset_names, restore
from tests.fuzz.cases import cases
from tests.fuzz.one_line import is_one_line

KEYS = {
    "data": "source target features drop encode missing group time weights separator decimal task shape split scale "
    "params n_samples noise fresh_test random_state",
    "model": "builder own_penalties hidden activation dropout batch_normalization filters kernel_size units cell",
    "training": "epochs batch_size optimizer learning_rate learning_rate_schedule loss class_weight early_stopping "
    "engine timeout",
    "search": "strategy regularizers lambda l1_l2 targets depth ratio schedules weight_decay early_stopping warm_start "
    "trials trainings stop_after fine stages promote grow",
    "evaluation": "repeats metric resample racing",
}
WORDS = [  # values that are right somewhere, and mostly wrong elsewhere
    *("moons", "iris", "diabetes", "digits", "none", "l1", "l2", "l1_l2", "weight_decay", "early_stopping", "hidden"),
    *("output", "all", "kernel", "bias", "adam", "sgd", "huber", "accuracy", "r2", "auc", "grid", "random", "tpe"),
    *("coarse-to-fine", "each", "same", "rising", "fixed", "tied", "independent", "30m", "0s", "balanced", "standard"),
    *("mlp", "cnn", "lstm", "no.csv", "no.py:f", "literature", "", " ", "\u0000", "ä", "x" * 70, "../..", "a\nb"),
]
SCALARS = st.one_of(
    st.sampled_from(WORDS),
    st.text(max_size=8),
    st.booleans(),
    st.integers(-3, 12),
    st.sampled_from([0, -1, 2**31, 2**63, 10**18, 1e-300, 1e300, 1e-6, 0.1, 0.5, 1.0, -0.0, 1.5]),
    st.floats(allow_nan=True, allow_infinity=True),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                "name low high limit layers weights epochs lambda levels train validation test folds".split()
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=6,
)


@st.composite
def sweeps(draw: st.DrawFn) -> dict[str, Any]:
    """A right sweep, with up to five keys replaced by anything."""
    plain: dict[str, Any] = {"name": "s", "data": {"source": draw(st.sampled_from(["moons", "iris", "diabetes"]))}}
    for _ in range(draw(st.integers(0, 5))):
        section = draw(st.sampled_from([*KEYS, ""]))
        if section and isinstance(plain.get(section, {}), dict):
            plain.setdefault(section, {})[draw(st.sampled_from(KEYS[section].split()))] = draw(VALUES)
        else:
            plain[draw(st.sampled_from(["name", "seed", "data", "search", "found", "trials"]))] = draw(VALUES)
    return plain


@given(plain=sweeps())
@cases(600)
def test_tables_are_a_sweep_or_an_error_in_one_line(plain: dict[str, Any]) -> None:
    try:
        config = parse(plain)
    except InputError as error:
        assert is_one_line(str(error))
        return
    assert_it_means_what_it_says(config)


@given(plain=sweeps())
@cases(200)
def test_files_are_read_as_their_tables_are(plain: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.getbasetemp() / "fuzzed.toml"
    path.write_bytes(tomli_w.dumps(plain).encode())
    plain = tomllib.loads(path.read_text("utf-8"))  # in the order of the file
    outcomes = []
    for read in (lambda: load(path), lambda: parse(plain, str(path.parent))):
        try:
            outcomes.append(read().hash())
        except InputError as error:
            outcomes.append(str(error))
    assert outcomes[0] == outcomes[1]


@given(text=st.text(max_size=200) | st.binary(max_size=200))
@cases(150)
def test_any_file_is_a_sweep_or_an_error_in_one_line(
    text: str | bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass"))
    with pytest.raises(InputError) as caught:
        load(path)
    assert is_one_line(str(caught.value))


@given(name=st.text(max_size=80))
@cases(150)
def test_any_name_is_a_preset_a_file_or_an_error_in_one_line(name: str) -> None:
    try:
        load(name)
    except RegsearchError as error:
        assert is_one_line(str(error))
    else:
        assert name in preset_names()


def assert_it_means_what_it_says(config: SweepConfig) -> None:
    """What is stored of it reads back as the same, and it says what to train."""
    again = restore(config.to_dict())
    assert again == config
    assert again.hash() == config.hash()
    assert config.trial_spec(Configuration()).key() == again.trial_spec(Configuration()).key()
