"""Published settings of weight regularization, as named starting points; docs/presets.md has their sources."""

from dataclasses import dataclass
from typing import Literal

STAGE = "literature"  # of a published setting, and the trial user attribute that names it

Kind = Literal["mlp", "cnn", "lstm"]


@dataclass(frozen=True, kw_only=True)
class Published:
    """A setting that somebody published: L2 on the kernels."""

    name: str  # what a sweep file calls it
    kind: Kind  # of network
    lambda_: float


_SETTINGS = (
    Published(name="applied-predictive-modeling-2013", kind="mlp", lambda_=0.1),
    Published(name="neural-smithing-1999", kind="mlp", lambda_=1e-3),
    Published(name="alexnet-2012", kind="cnn", lambda_=5e-4),
    Published(name="vgg-2015", kind="cnn", lambda_=5e-4),
    Published(name="inception-v3-2016", kind="cnn", lambda_=4e-5),
    Published(name="xception-2016", kind="cnn", lambda_=1e-5),
    Published(name="pereyra-2017", kind="lstm", lambda_=1e-6),
    Published(name="weiss-2017", kind="lstm", lambda_=1e-6),
    Published(name="zoph-le-2017", kind="lstm", lambda_=1e-4),
)
PUBLISHED = {setting.name: setting for setting in _SETTINGS}


def fitting(builder: str) -> tuple[Published, ...]:
    """Return the settings for a builder's kind of network; all of them for a builder of the user's own."""
    kinds = {setting.kind for setting in _SETTINGS}
    return tuple(s for s in _SETTINGS if s.kind == builder or builder not in kinds)
