"""Published settings as they were published."""

import pytest

from sweeps.config.published import PUBLISHED, fitting


@pytest.mark.parametrize(
    ("name", "kind", "lambda_"),
    [  # the values of the papers and books that docs/presets.md names
        ("applied-predictive-modeling-2013", "mlp", 0.1),
        ("neural-smithing-1999", "mlp", 1e-3),
        ("alexnet-2012", "cnn", 5e-4),
        ("vgg-2015", "cnn", 5e-4),
        ("inception-v3-2016", "cnn", 4e-5),
        ("xception-2016", "cnn", 1e-5),
        ("pereyra-2017", "lstm", 1e-6),
        ("weiss-2017", "lstm", 1e-6),
        ("zoph-le-2017", "lstm", 1e-4),
    ],
)
def test_what_was_published(name: str, kind: str, lambda_: float) -> None:
    setting = PUBLISHED[name]
    assert (setting.kind, setting.lambda_) == (kind, lambda_)


def test_there_are_no_others() -> None:
    assert len(PUBLISHED) == 9


@pytest.mark.parametrize(("builder", "count"), [("mlp", 2), ("cnn", 4), ("lstm", 3), ("my_model.py:build", 9)])
def test_a_builder_gets_those_of_its_kind_of_network(builder: str, count: int) -> None:
    settings = fitting(builder)
    assert len(settings) == count
    assert len({s.kind for s in settings}) == (1 if builder in ("mlp", "cnn", "lstm") else 3)
