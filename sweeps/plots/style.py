"""What the pictures share: size, colours, fonts, wording, and how they are saved.

Colours are Okabe and Ito's (2008), which colour-blind readers can tell apart; colour is never alone: a marker, a fill
or a line style says the same. Matplotlib is used through its objects, never through pyplot: nothing is left behind, and
any thread may draw. It is loaded when the first figure is made.
"""

import io
import os
import tempfile
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, Any

import numpy as np

from regsearch.scoring import TOP_K
from regsearch.spec import Configuration, Regularizer, format_lambda

if TYPE_CHECKING:
    from matplotlib.axes import Axes as Axes  # for all pictures: as style.Axes
    from matplotlib.figure import Figure as Figure
    from matplotlib.lines import Line2D as Line2D

BLACK, GREY = "#000000", "#6B6B6B"
ORANGE, SKY, GREEN, BLUE, VERMILLION, PURPLE = "#E69F00", "#56B4E9", "#009E73", "#0072B2", "#D55E00", "#CC79A7"

WIDTH = 8.0  # inches
DPI = 150  # so that a PNG is 1,200 pixels wide, and its smallest text 12 pixels high when shown at 800
TEXT, SMALL = 10.5, 9.5  # points
POWER = 0.34  # inches that the label of a power of ten takes
WIDE = 20.0  # largest over smallest value from which a log axis shows more
HASH_SALT = "regsearch"  # of the ids inside an SVG
LAMBDA = "λ (log scale)"

METRIC_NAMES = {
    "accuracy": "Accuracy",
    "log_loss": "Log loss",
    "auc": "AUC",
    "f1": "F1",
    "balanced_accuracy": "Balanced accuracy",
    "average_precision": "Average precision",
    "brier": "Brier score",
    "subset_accuracy": "Subset accuracy",
    "r2": "R²",
    "mse": "Mean squared error",
    "rmse": "Root mean squared error",
    "mae": "Mean absolute error",
    "mape": "Mean absolute percentage error",
    "top_k": "Top-2 accuracy",
}
REGULARIZER_NAMES: dict[Regularizer, str] = {
    "none": "No regularization",
    "l1": "L1",
    "l2": "L2",
    "l1_l2": "L1 + L2",
    "weight_decay": "Weight decay",
    "early_stopping": "Early stopping",
}

_saving = threading.Lock()  # the salt is one setting for the whole process


@dataclass(frozen=True, kw_only=True)
class LineStyle:
    """Colour, dashes and markers of one line."""

    color: str
    linestyle: str
    marker: str
    fill: bool = True

    def line(self) -> dict[str, Any]:
        """Return matplotlib's arguments for a line without markers."""
        return {"color": self.color, "linestyle": self.linestyle, "linewidth": 1.6}

    def line_and_markers(self) -> dict[str, Any]:
        """Return matplotlib's arguments for a line with markers."""
        face = self.color if self.fill else "white"
        return self.line() | {"marker": self.marker, "markersize": 5, "markerfacecolor": face}


TRAIN = LineStyle(color=SKY, linestyle="--", marker="s", fill=False)
VALIDATION = LineStyle(color=VERMILLION, linestyle="-", marker="o")
REGULARIZERS: dict[Regularizer, LineStyle] = {
    "l2": LineStyle(color=BLUE, linestyle="-", marker="o"),
    "l1": LineStyle(color=VERMILLION, linestyle="--", marker="s"),
    "l1_l2": LineStyle(color=GREEN, linestyle="-.", marker="^"),
    "weight_decay": LineStyle(color=PURPLE, linestyle=":", marker="D"),
}

RING: dict[str, Any] = {  # around the best
    "color": BLACK,
    "linestyle": "",
    "marker": "o",
    "markersize": 12,
    "markerfacecolor": "none",
    "markeredgewidth": 1.6,
}


TITLE_LETTER, TITLE_LINE = 0.12, 0.2  # inches: how wide a letter of a figure's title is at most, and how high a line


def new_figure() -> "Figure":
    """Return an empty figure that no global state knows of."""
    from sweeps.plots.shown_figure import ShownFigure

    return ShownFigure(facecolor="white")


def panels(
    figure: "Figure",
    rows: int,
    columns: int,
    *,
    title: str,
    height: float,
    header: float = 0.75,
    footer: float = 0.75,
    shared: bool = True,
    gap: float | None = None,
    left: float = 0.9,
) -> list[list["Axes"]]:
    """Divide an empty figure, whose size is set, into panels under a title; all sizes are in inches.

    A panel has a height; the header has room for the title above the highest panel, and for that panel's own; the
    footer for legend and caption under the lowest axis label; the gap between two rows for axis labels, unless told;
    the left for the y axis's.
    Where axes are shared, all panels of a row have the same y axis, and all of a column the same x axis.
    """
    right, bottom = 0.4, 0.55 + footer  # inches
    between, gap_of_labels = (0.22, 0.45) if shared else (0.7, 0.95)
    gap = gap_of_labels if gap is None else gap
    width = WIDTH if columns > 1 else 0.8 * WIDTH
    lines = wrap(title, int((width - min(left, 0.9)) / TITLE_LETTER)) or [""]
    header += TITLE_LINE * (len(lines) - 1)
    total = header + rows * height + (rows - 1) * gap + bottom
    figure.set_size_inches(width, total)
    panel_width = (width - left - right - (columns - 1) * between) / columns
    place = {"x": min(left, 0.9) / width, "y": 1 - 0.12 / total, "ha": "left", "va": "top"}
    figure.suptitle("\n".join(lines), fontsize=12.5, fontweight="bold", **place)
    found = figure.subplots(
        rows,
        columns,
        squeeze=False,
        sharex=shared,
        sharey="row" if shared else False,
        gridspec_kw={
            "left": left / width,
            "right": 1 - right / width,
            "top": 1 - header / total,
            "bottom": bottom / total,
            "wspace": between / panel_width,
            "hspace": gap / height,
        },
    )
    for axes in found.flat:
        _dress(axes)
    return [list(row) for row in found]


def title_of(figure: "Figure") -> str:
    """Return a figure's title in one line."""
    return figure.get_suptitle().replace("\n", " ")


def panel_title(axes: "Axes", text: str, *, pad: float = 8) -> None:
    """Write a panel's title above its left corner, `pad` points up."""
    axes.set_title(text, loc="left", fontsize=TEXT, pad=pad)


def label(axes: "Axes", *, x: str = "", y: str = "") -> None:
    """Name a panel's axes."""
    axes.set_xlabel(x, fontsize=TEXT)
    axes.set_ylabel(y, fontsize=TEXT)


def note(axes: "Axes", text: str) -> None:
    """Say why a panel is empty, in its middle."""
    axes.text(0.5, 0.5, text, ha="center", va="center", transform=axes.transAxes, fontsize=SMALL, color=GREY)
    axes.set_yticks([])


def handle(text: str, **line: Any) -> "Line2D":
    """Return a legend's entry for lines drawn so."""
    from matplotlib.lines import Line2D

    return Line2D([], [], label=text, **line)


def legend(figure: "Figure", handles: Sequence["Line2D"], *, columns: int, caption: str = "") -> None:
    """Put a legend, and a caption under it, at the foot of a figure, where it hides no data."""
    _, height = figure.get_size_inches()
    figure.legend(
        handles=handles,
        loc="lower center",
        bbox_to_anchor=(0.5, (0.28 if caption else 0.06) / height),
        ncols=columns,
        frameon=False,
        fontsize=SMALL,
        handlelength=2.6,
        columnspacing=1.6,
        borderaxespad=0,
    )
    if caption:
        figure.text(0.5, 0.1 / height, caption, ha="center", va="bottom", fontsize=SMALL, color=GREY)


def foot_of(handles: int, columns: int, *, caption: bool = True) -> float:
    """Return the inches that a legend of so many entries needs, with its caption, under the lowest axis label."""
    return (0.3 if caption else 0.1) + 0.21 * -(-handles // columns)


def error_bars(
    axes: "Axes", x: Sequence[float], mean: Sequence[float], std: Sequence[float | None], line: Mapping[str, Any]
) -> None:
    """Draw a line through means, with bars of ± 1 standard deviation where one is known."""
    bars = [np.nan if one is None else one for one in std]
    known = bool(np.isfinite(bars).any())
    axes.errorbar(x, mean, bars if known else None, capsize=2.5, elinewidth=1.1, **line)


def log_lambdas(axes: "Axes", lambdas: Iterable[float]) -> None:
    """Put lambda on a log axis, with as many powers of ten marked as there is room for."""
    from matplotlib.ticker import LogLocator, NullLocator

    width = axes.bbox.width / axes.figure.dpi  # inches
    axes.set_xscale("log")
    if len(shown := set(lambdas)) == 1:
        axes.set_xlim(min(shown) / 10, min(shown) * 10)
    axes.xaxis.set_major_locator(LogLocator(numticks=int(width / POWER)))
    axes.xaxis.set_minor_locator(NullLocator())


def log_values(axes: "Axes") -> None:
    """Put what is measured on a log axis, marked at 1, 2, 5, 10 and so on."""
    from matplotlib.ticker import LogLocator, NullLocator

    axes.set_yscale("log")
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.yaxis.set_major_formatter("{x:g}")
    axes.yaxis.set_minor_locator(NullLocator())


def is_wide(values: Iterable[float]) -> bool:
    """Return whether positive values span so much that a log axis shows them better; never for others."""
    found = np.asarray(list(values), np.float64)
    return bool(len(found) and found.min() > 0 and found.max() > WIDE * found.min())


def spread(repeats: int, what: str) -> str:
    """Return what bars or a band mean; nothing where there was a single repeat."""
    return f"{what}: ± 1 standard deviation over {repeats} repeats" if repeats > 1 else ""


def metric_name(metric: str) -> str:
    """Return a metric as an axis says it; one of the user's own by the name of its function."""
    if found := TOP_K.match(metric):
        return f"Top-{found[1]} accuracy"
    return METRIC_NAMES.get(metric, metric.rpartition(":")[2])


def in_title(name: str) -> str:
    """Return a metric's name as it stands within a sentence: accuracy, but R² and AUC."""
    return name[:1].lower() + name[1:] if name[1:2].islower() else name


def describe(configuration: Configuration, *, with_target: bool) -> str:
    """Return a configuration as a title says it."""
    text = REGULARIZER_NAMES[configuration.regularizer]
    if with_target and configuration.target is not None:
        text += f" on {configuration.target}"
    if configuration.variant:
        text += f", {configuration.variant}"
    if configuration.schedule is not None or configuration.lambdas:
        return text
    if configuration.lambda_ is None:
        l1, l2 = configuration.lambda_l1, configuration.lambda_l2
        return f"{text}, λ = {format_lambda(l1)} and {format_lambda(l2)}" if l1 or l2 else text
    return f"{text}, λ = {format_lambda(configuration.lambda_)}"


def save(figure: "Figure", out: Path, name: str) -> list[Path]:
    """Write a figure as NAME.png and NAME.svg and return their paths; no reader ever sees half a file.

    The folder is made if it is not there. The same figure gives the same bytes. Both files carry the figure's title as
    theirs, and the SVG has its text as text, which can be searched and read aloud.
    """
    import matplotlib

    out.mkdir(parents=True, exist_ok=True)
    png, svg = io.BytesIO(), io.BytesIO()
    title = title_of(figure)
    figure.savefig(png, format="png", dpi=DPI, metadata={"Title": title})
    with _saving, matplotlib.rc_context({"svg.hashsalt": HASH_SALT, "svg.fonttype": "none"}):
        figure.savefig(svg, format="svg", metadata={"Date": None, "Title": title})
    return [_replace_file(out / f"{name}.png", png), _replace_file(out / f"{name}.svg", svg)]


def _replace_file(path: Path, content: io.BytesIO) -> Path:
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content.getvalue())
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
    return path


def _dress(axes: "Axes") -> None:
    axes.tick_params(labelsize=SMALL)
    axes.grid(True, color="#E4E4E4", linewidth=0.7)
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
