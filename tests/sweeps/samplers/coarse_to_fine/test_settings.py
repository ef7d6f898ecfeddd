"""What differs from the study's record is said field by field."""

import json

import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

from sweeps.samplers.coarse_to_fine.grid import Grid
from sweeps.samplers.coarse_to_fine.settings import differences, settings

KIND = CategoricalDistribution(("none", "l2"))
LAMBDA = FloatDistribution(1e-6, 1e1, log=True)


def record(space=None, conditions=None, promote="best", **options):
    space = space or {"kind": KIND, "lambda": LAMBDA}
    grid = Grid(space, conditions, **options)
    found = settings(grid.space, fine=grid.fine, promote=promote, grow=grid.grow)
    return json.loads(json.dumps(found))  # as it comes back from a database


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (record(), []),
        (
            record({"kind": KIND, "lambda": FloatDistribution(1e-5, 1e2, log=True)}),
            [
                "space['lambda'].low: this study was made with 1e-06, not 1e-05",
                "space['lambda'].high: this study was made with 10.0, not 100.0",
            ],
        ),
        (
            record({"kind": CategoricalDistribution(("none", "l1")), "lambda": LAMBDA}),
            ["space['kind'].choices: this study was made with ['none', 'l2'], not ['none', 'l1']"],
        ),
        (
            record({"kind": IntDistribution(0, 1), "lambda": LAMBDA}),
            ["space['kind']: this study was made with CategoricalDistribution, not IntDistribution"],
        ),
        (
            record({"kind": KIND, "mu": LAMBDA}),
            ["space: this study was made with 'lambda'", "space: this study was made without 'mu'"],
        ),
        (
            record({"lambda": LAMBDA, "kind": KIND}),
            ["space: this study was made with the order kind, lambda, not lambda, kind"],
        ),
        (record(points=5), ["points: this study was made with 9, not 5"]),
        (record(promote=["kind"]), ["promote: this study was made with best, not ['kind']"]),
        (record(grow={"lambda": (1e-6, 1)}), ["grow['lambda']: this study was made with None, not [1e-06, 1.0]"]),
        (
            record(conditions={"lambda": ("kind", ("l2",))}),
            ["conditions['lambda']: this study was made with None, not ['kind', ['l2']]"],
        ),
    ],
)
def test_differences_name_the_field(other, expected):
    assert differences(record(), other) == expected


def test_a_study_from_before_promote_and_grow_is_as_they_are_by_default():
    old = {name: value for name, value in record().items() if name not in ("promote", "grow")}
    assert differences(old, record()) == []
    assert differences(old, record(promote="each")) == ["promote: this study was made with best, not each"]
