"""The picture of benchmarks/search.py: regret against trainings."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sweeps.plots.style import BLACK, BLUE, GREEN, GREY, ORANGE, PURPLE, VERMILLION

if TYPE_CHECKING:
    from benchmarks.search import Runs

LINES = {  # colour is never alone
    "coarse-to-fine": (VERMILLION, "-"),
    "coarse-to-tpe": (ORANGE, "--"),
    "grid": (BLACK, ":"),
    "random": (GREY, "-"),
    "qmc": (GREY, "--"),
    "tpe": (BLUE, "-"),
    "gp": (GREEN, "-."),
    "cmaes": (PURPLE, ":"),
}


def draw(found: Sequence["Runs"], file: Path) -> None:
    """Draw a panel for each data set, and save it as a PNG."""
    from matplotlib.figure import Figure

    sets = list(dict.fromkeys(one.data for one in found))
    columns = 2 if len(sets) > 1 else 1
    rows = -(-len(sets) // columns)
    figure = Figure(figsize=(8, 3 * rows + 0.6), layout="constrained")
    axes = figure.subplots(rows, columns, sharex=True, squeeze=False)
    for ax, data in zip(axes.flat, sets, strict=False):
        for one in (one for one in found if one.data == data):
            colour, style = LINES[one.strategy]
            at = np.arange(10, one.trainings + 1, 10)
            regret = [100 * one.regret(int(trainings)) for trainings in at]
            ax.plot(at, regret, style, color=colour, label=one.strategy, drawstyle="steps-post")
        ax.set_title(data)
        ax.set_ylim(0, 100)
        ax.grid(alpha=0.3)
    figure.supxlabel("trainings")
    figure.supylabel("regret, % of the best cell's gain")
    figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside upper center", ncols=4, frameon=False)
    figure.savefig(file, dpi=150, metadata={"Software": None})
