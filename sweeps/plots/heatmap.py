"""A plane of configurations, each coloured by its mean score: tiles where they form a grid, else circles."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sweeps.analysis.candidates import Candidate
from sweeps.plots import style
from sweeps.plots.robust_limits import robust_limits

if TYPE_CHECKING:
    from matplotlib.colors import Colormap

GRID = ("coarse", "grid")  # stages that visit the points of a grid
FULL = 0.5  # of a grid's points must be there, for tiles
WRITTEN = 64  # tiles in which the score is written, at most
DARK = 0.55  # of the colours' range, below which text on them is white
BAR_IN = (2.2, 0.13)  # inches of the scale's bar


@dataclass(frozen=True, kw_only=True)
class Spot:
    """One configuration and where it lies."""

    x: float
    y: float
    candidate: Candidate


@dataclass(frozen=True, kw_only=True)
class Scale:
    """Which score has which colour."""

    low: float
    high: float
    greater_is_better: bool

    def colors(self) -> "Colormap":
        """Return the colours: the better the brighter, for colour-blind readers and in grey too."""
        import matplotlib

        return matplotlib.colormaps["viridis" if self.greater_is_better else "viridis_r"]


def scale_of(spots: Iterable[Spot], best: Candidate, *, greater_is_better: bool) -> Scale:
    """Return a scale on which the differences that matter can be seen, though a few scores lie far out."""
    means = [spot.candidate.mean for spot in spots]
    low, high = robust_limits(means, [(mean, mean) for mean in means], keep=[best.mean])
    return Scale(low=low, high=high, greater_is_better=greater_is_better)


def draw_plane(axes: "style.Axes", spots: Sequence[Spot], scale: Scale, best: Candidate, *, log_y: bool) -> None:
    """Draw a plane whose x axis is lambda, and so is its y axis where that is logarithmic."""
    tiles, circles = _tiles_and_circles(spots)
    shown: dict[str, Any] = {"cmap": scale.colors(), "vmin": scale.low, "vmax": scale.high}
    axes.grid(False)
    if tiles:
        grid = _Grid.of(tiles, log_y=log_y)
        x, y = 10**grid.x_edges, 10**grid.y_edges if log_y else grid.y_edges
        axes.pcolormesh(x, y, grid.means(tiles), edgecolors="white", linewidth=1.0, **shown)
        covered = {grid.place(spot) for spot in circles}
        if len(tiles) <= WRITTEN:
            _write(axes, [tile for tile in tiles if grid.place(tile) not in covered], scale)
    if circles:
        places = [spot.x for spot in circles], [spot.y for spot in circles]
        colors = [spot.candidate.mean for spot in circles]
        axes.scatter(*places, c=colors, s=46, edgecolors=style.BLACK, linewidths=0.6, zorder=3, **shown)
    for spot in spots:
        if spot.candidate.id == best.id:
            axes.plot([spot.x], [spot.y], **style.RING | {"markersize": 24 if spot in tiles else 14, "zorder": 4})


def foot(figure: "style.Figure", scale: Scale, name: str, *, ringed: bool) -> None:
    """Put the scale at the foot of a figure, on the left, with its name; what the ring means on the right."""
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize

    width, height = figure.get_size_inches()
    colors: ScalarMappable = ScalarMappable(Normalize(scale.low, scale.high), scale.colors())
    axes = figure.add_axes((0.9 / width, 0.5 / height, BAR_IN[0] / width, BAR_IN[1] / height))
    bar = figure.colorbar(colors, cax=axes, orientation="horizontal", extend="both")
    bar.ax.tick_params(labelsize=style.SMALL)
    bar.set_label(name, fontsize=style.SMALL)
    if ringed:
        place = (1 - 0.4 / width, 0.42 / height)
        handles = [style.handle("Best configuration", **style.RING)]
        figure.legend(handles=handles, loc="lower right", bbox_to_anchor=place, frameon=False, fontsize=style.SMALL)


def _tiles_and_circles(spots: Sequence[Spot]) -> tuple[list[Spot], list[Spot]]:
    """Return what fills a grid, and the rest."""
    tiles = [spot for spot in spots if spot.candidate.stage in GRID]
    size = len({spot.x for spot in tiles}) * len({spot.y for spot in tiles})
    if len({(spot.x, spot.y) for spot in tiles}) < max(FULL * size, 2):
        return [], list(spots)
    return tiles, [spot for spot in spots if spot not in tiles]


@dataclass(frozen=True, kw_only=True, eq=False)
class _Grid:
    """The columns and rows of tiles; where an axis is logarithmic, in powers of ten."""

    log_y: bool
    x_edges: NDArray[np.float64]  # (columns + 1,)
    y_edges: NDArray[np.float64]  # (rows + 1,)

    @classmethod
    def of(cls, tiles: Sequence[Spot], *, log_y: bool) -> "_Grid":
        x = np.log10(sorted({spot.x for spot in tiles}))
        y = sorted({spot.y for spot in tiles})
        return cls(log_y=log_y, x_edges=_edges(x), y_edges=_edges(np.log10(y) if log_y else np.array(y)))

    def place(self, spot: Spot) -> tuple[int, int]:
        """Return the row and the column that a spot lies in."""
        y = np.log10(spot.y) if self.log_y else spot.y
        row, column = np.searchsorted(self.y_edges, y), np.searchsorted(self.x_edges, np.log10(spot.x))
        return int(row) - 1, int(column) - 1

    def means(self, tiles: Sequence[Spot]) -> "np.ma.MaskedArray":
        """Return the mean score of each tile, masked where nothing is finished."""
        found = np.full((len(self.y_edges) - 1, len(self.x_edges) - 1), np.nan)  # (rows, columns)
        for spot in tiles:
            found[self.place(spot)] = spot.candidate.mean
        return np.ma.masked_invalid(found)


def _edges(middles: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the edges halfway between neighbours, and as far beyond the ends."""
    half = np.diff(middles) / 2 if len(middles) > 1 else np.array([0.5])
    return np.concatenate([[middles[0] - half[0]], middles[:-1] + np.diff(middles) / 2, [middles[-1] + half[-1]]])


def _write(axes: "style.Axes", tiles: Sequence[Spot], scale: Scale) -> None:
    for spot in tiles:
        share = (spot.candidate.mean - scale.low) / (scale.high - scale.low)
        bright = share if scale.greater_is_better else 1 - share
        color = "white" if bright < DARK else style.BLACK
        text = f"{spot.candidate.mean:.3g}"
        axes.text(spot.x, spot.y, text, ha="center", va="center", fontsize=8, color=color, zorder=3.5)
