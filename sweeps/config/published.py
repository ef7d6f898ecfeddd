"""Published settings of weight regularization, as named starting points."""

from dataclasses import dataclass
from typing import Literal

STAGE = "literature"  # of a published setting, and the trial user attribute that names it

Kind = Literal["mlp", "cnn", "lstm"]


@dataclass(frozen=True, kw_only=True)
class Published:
    """A setting that somebody published: L2 on the kernels."""

    name: str  # what a sweep file calls it
    source: str
    kind: Kind  # of network
    lambda_: float


PUBLISHED = {
    setting.name: setting
    for setting in (
        Published(
            name="applied-predictive-modeling-2013",
            source="Kuhn and Johnson, Applied Predictive Modeling (2013): the upper end of 0 to 0.1 on a log scale",
            kind="mlp",
            lambda_=0.1,
        ),
        Published(
            name="neural-smithing-1999", source="Reed and Marks, Neural Smithing (1999)", kind="mlp", lambda_=1e-3
        ),
        Published(
            name="alexnet-2012",
            source="Krizhevsky, Sutskever and Hinton, ImageNet Classification with Deep Convolutional Neural Networks",
            kind="cnn",
            lambda_=5e-4,
        ),
        Published(
            name="vgg-2015",
            source="Simonyan and Zisserman, Very Deep Convolutional Networks for Large-Scale Image Recognition",
            kind="cnn",
            lambda_=5e-4,
        ),
        Published(
            name="inception-v3-2016",
            source="Szegedy et al., Rethinking the Inception Architecture for Computer Vision",
            kind="cnn",
            lambda_=4e-5,
        ),
        Published(
            name="xception-2016",
            source="Chollet, Xception: Deep Learning with Depthwise Separable Convolutions",
            kind="cnn",
            lambda_=1e-5,
        ),
        Published(
            name="pereyra-2017",
            source="Pereyra et al., Regularizing Neural Networks by Penalizing Confident Output Distributions",
            kind="lstm",
            lambda_=1e-6,
        ),
        Published(
            name="weiss-2017",
            source="Weiss et al., Sequence-to-Sequence Models Can Directly Translate Foreign Speech",
            kind="lstm",
            lambda_=1e-6,
        ),
        Published(
            name="zoph-le-2017",
            source="Zoph and Le, Neural Architecture Search with Reinforcement Learning",
            kind="lstm",
            lambda_=1e-4,
        ),
    )
}


def fitting(builder: str) -> tuple[Published, ...]:
    """Return the settings for a builder's kind of network; all of them for a builder of the user's own."""
    kinds = {setting.kind for setting in PUBLISHED.values()}
    return tuple(s for s in PUBLISHED.values() if s.kind == builder or builder not in kinds)
