"""Pictures: each is a function that gets its data and one that draws it; drawing never trains.

`collect(results, sweep, config)` of a module returns its dataset, `draw(picture, figure)` draws them, and
`figure(results, sweep, config)` does both.
"""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from storage.queries import Results
    from sweeps.config import SweepConfig

__all__ = ["draw_all"]


def draw_all(results: "Results", sweep: str, config: "SweepConfig", out: Path) -> list[Path]:
    """Write every picture of a sweep that there is something to draw for, as PNG and SVG.

    Args:
        results: where the sweep's repeats are.
        sweep: its name.
        config: what it searched.
        out: the folder, made if it is not there; older pictures in it are replaced.

    Returns:
        The files written: data, learning_curves, lambda, weight_norms and surfaces, `.png` and `.svg` of each.
    """
    from sweeps.plots import curves, dataset, lambdas, norms, style, surfaces

    figures = {
        "data": dataset.figure(results, sweep, config),
        "learning_curves": curves.figure(results, sweep, config),
        "lambda": lambdas.figure(results, sweep, config),
        "weight_norms": norms.figure(results, sweep, config),
        "surfaces": surfaces.figure(results, sweep, config),
    }
    drawn = ((name, figure) for name, figure in figures.items() if figure is not None)
    return [path for name, figure in drawn for path in style.save(figure, out, name)]
