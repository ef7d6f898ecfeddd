"""Between parameters and keys."""

import pytest

from sweeps.samplers.coarse_to_fine.cell_space import CellSpace
from tests.sweeps.samplers.coarse_to_fine.moons import CONDITIONS, space

NONE, L2 = range(2)  # a category's key is its index


@pytest.mark.parametrize(
    ("params", "key"),
    [
        ({"regularizer": "l2", "lambda": 0.001000004}, (L2, 1e-3)),
        ({"regularizer": "none"}, (NONE, None)),
        ({"regularizer": "none", "lambda": 1e-3}, None),
        ({"regularizer": "l2"}, None),
        ({"regularizer": "l3", "lambda": 1e-3}, None),
        ({"regularizer": "l2", "lambda": 1.0}, None),
        ({"regularizer": "l2", "lambda": 1e-3, "other": 1}, None),
    ],
)
def test_key_is_for_exactly_one_setting_of_the_whole_space(params, key):
    cells = CellSpace(space(), CONDITIONS)
    assert cells.key(params) == key
    assert key is None or cells.key(cells.params(key)) == key
