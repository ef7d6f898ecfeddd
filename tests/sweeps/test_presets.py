"""Every preset can be trained as it stands: data, model, metric and targets fit each other."""

import pytest

from regsearch.spec import Configuration
from regsearch.trial import evaluator
from sweeps.config.toml_file import load, preset_names, presets
from sweeps.runtime.checking import check_sweep


@pytest.mark.parametrize("name", preset_names())
def test_a_preset_fits_together(name):
    config = load(name)
    assert check_sweep(config).layout.output
    found = evaluator(config.trial_spec(Configuration()))
    split = found.split(0, 1)
    assert split.test is not None  # so that the winner can be confirmed
    assert len(split.train.x) <= 500  # so that it overfits, and is quick


def test_each_says_what_it_is_in_a_line():
    assert all(about.endswith(".") and len(about) < 130 for about in presets().values())
