"""The data: a scatter of the classes, with the rows to train on told apart from the rows to validate on."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from regsearch.data import Subset, load
from regsearch.repeat_splits import repeat_split
from regsearch.seeds import repeat_seed
from sweeps.analysis.snapshot import SweepSnapshot
from sweeps.plots import style

CLASSES = (  # marker and colour
    ("o", style.BLUE),
    ("^", style.ORANGE),
    ("s", style.GREEN),
    ("D", style.PURPLE),
    ("v", style.SKY),
    ("P", style.VERMILLION),
    ("X", style.BLACK),
    ("*", style.GREY),
)


@dataclass(frozen=True, kw_only=True, eq=False)
class DataPicture:
    """What the picture shows."""

    source: str  # the data set's name
    names: tuple[str, ...]  # of the two features
    train: Subset  # the rows to train on
    validation: Subset  # the rows to choose by
    one_of_many: bool  # whether this is the first repeat's split, others having their own

    @property
    def classes(self) -> list[int]:
        """The classes there are, in order."""
        return sorted({int(value) for subset in (self.train, self.validation) for value in subset.y[:, 0]})


def collect(snapshot: SweepSnapshot) -> DataPicture | None:
    """Return what the picture shows; None where the data are not a few classes in a plane."""
    config = snapshot.config
    spec = config.data_spec
    data = load(spec)
    if data.task == "regression" or data.x.shape[1:] != (2,) or len(np.unique(data.y)) > len(CLASSES):
        return None
    seed = repeat_seed(config.seed, "search", 0)
    split = repeat_split(spec, resample=config.resample, repeat=0, seed=seed)
    return DataPicture(
        source=spec.source,
        names=data.feature_names,
        train=split.train,
        validation=split.validation,
        one_of_many=config.varied_rows,
    )


def draw(picture: DataPicture, figure: "style.Figure") -> None:
    """Draw it on an empty figure: shape and colour tell the class, filled or hollow the subset."""
    title = f"{picture.source}: the data" + (" as the first repeat splits them" if picture.one_of_many else "")
    ((axes,),) = style.panels(figure, 1, 1, title=title, height=3.9, header=0.5, footer=0.45)
    for subset, filled in ((picture.validation, False), (picture.train, True)):
        for number in picture.classes:
            scatter(axes, subset, number, filled=filled)
    style.label(axes, x=picture.names[0], y=picture.names[1])
    axes.set_aspect("equal", adjustable="datalim")
    style.legend(figure, _handles(picture), columns=2)


def scatter(axes: "style.Axes", subset: Subset, number: int, *, filled: bool, size: float | None = None) -> None:
    """Draw the rows of a subset that are of one class, as markers of a size in points."""
    mine = subset.x[subset.y[:, 0] == number]  # (rows of this class, 2)
    own = {} if size is None else {"markersize": size}
    axes.plot(mine[:, 0], mine[:, 1], **_marker(number, filled=filled) | own)


def _marker(number: int, *, filled: bool) -> dict[str, Any]:
    marker, color = CLASSES[number]
    return {
        "linestyle": "",
        "marker": marker,
        "markersize": 8 if filled else 7,
        "markerfacecolor": color if filled else "none",
        "markeredgecolor": style.BLACK if filled else color,
        "markeredgewidth": 0.8 if filled else 1.5,
    }


def _handles(picture: DataPicture) -> list["style.Line2D"]:
    subsets = ((picture.train, "train", True), (picture.validation, "validation", False))
    return [
        style.handle(
            f"Class {number}, {name} ({(subset.y[:, 0] == number).sum()} rows)", **_marker(number, filled=filled)
        )
        for subset, name, filled in subsets
        for number in picture.classes
    ]
