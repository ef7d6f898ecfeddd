"""All pictures of a sweep, by the name of their files."""

from pathlib import Path
from types import ModuleType

from regsearch.errors import InputError, chosen
from sweeps.analysis.snapshot import SweepSnapshot
from sweeps.plots import (
    coefficient_map,
    comparison,
    curves,
    dataset,
    gap,
    lambdas,
    layer_norms,
    norms,
    repeats,
    style,
    surfaces,
    target_map,
)

PICTURES = {  # each has collect(snapshot), None where there is nothing to show, and draw(collected, figure)
    "comparison": comparison,
    "data": dataset,
    "learning_curves": curves,
    "lambda": lambdas,
    "targets": target_map,
    "l1_l2": coefficient_map,
    "gap": gap,
    "repeats": repeats,
    "weight_norms": norms,
    "layer_norms": layer_norms,
    "surfaces": surfaces,
}


def draw_all(snapshot: SweepSnapshot, out: str | Path) -> list[Path]:
    """Write every picture of a sweep that there is something to draw for, as PNG and SVG; return the files.

    Args:
        snapshot: of the sweep.
        out: the folder; it is made if it is not there, and older pictures in it are replaced.

    Example:
        >>> sorted({path.stem for path in regsearch.draw_all(found.snapshot, "pictures")})
        ['comparison', 'data', 'gap', 'lambda', 'layer_norms', 'learning_curves', 'repeats', 'weight_norms']
    """
    figures = {name: figure_of(picture, snapshot) for name, picture in PICTURES.items()}
    drawn = ((name, figure) for name, figure in figures.items() if figure is not None)
    return [path for name, figure in drawn for path in style.save(figure, Path(out), name)]


def draw_picture(snapshot: SweepSnapshot, name: str) -> "style.Figure":
    """Return one picture of a sweep as a matplotlib Figure that no global state knows of; its panels are its `axes`.

    Args:
        snapshot: of the sweep.
        name: `comparison`, `data`, `learning_curves`, `lambda`, `targets`, `l1_l2`, `gap`, `repeats`, `weight_norms`,
            `layer_norms` or `surfaces`.

    Raises:
        InputError: there is no picture of that name, or this sweep has nothing to show in it.

    Example:
        >>> len(regsearch.draw_picture(found.snapshot, "learning_curves").axes)
        4
    """
    figure = figure_of(chosen("picture", name, PICTURES), snapshot)
    if figure is None:
        raise InputError("picture", f"{name!r} has nothing to show of {snapshot.name!r}")
    return figure


def figure_of(picture: ModuleType, snapshot: SweepSnapshot) -> "style.Figure | None":
    """Return a picture as a figure; None where there is nothing to show."""
    shown = picture.collect(snapshot)
    if shown is None:
        return None
    figure = style.new_figure()
    picture.draw(shown, figure)
    return figure
