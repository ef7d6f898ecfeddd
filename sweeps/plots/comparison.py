"""How much regularization changes the score: paired differences to no regularization, with what is uncertain of them.

A whisker is the 95 % interval of a difference alone. Under it stand the two parts it is made of, each as ± one standard
error: other seeds, and other rows. Validation rows also served to choose, test rows did not.
"""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from regsearch.results import ScoredSubset
from sweeps.analysis.candidates import Candidate
from sweeps.analysis.comparisons import ClaimedComparison, claimed_comparisons
from sweeps.analysis.selection import best_regularized, choose
from sweeps.analysis.snapshot import SweepSnapshot
from sweeps.plots import style
from sweeps.plots.robust_limits import robust_limits

MOST = 12  # configurations
LABEL = 27  # characters in a line of a configuration's name
SEEDS, ROWS = 0.2, 0.34  # under the whisker, in rows of the picture
SUBSETS: tuple[ScoredSubset, ScoredSubset] = ("validation", "test")
TITLES = {"validation": "Validation rows (served to choose)", "test": "Test rows (untouched)"}
_INTERVAL: dict[str, Any] = {"color": style.BLACK, "linewidth": 1.6}
_SEEDS: dict[str, Any] = {"color": style.ORANGE, "linewidth": 3.0}
_ROWS: dict[str, Any] = {"color": style.BLUE, "linewidth": 3.0, "linestyle": (0, (1.2, 0.6))}


@dataclass(frozen=True, kw_only=True)
class Compared:
    """A configuration against no regularization; None on rows where there is nothing to compare."""

    candidate: Candidate
    validation: ClaimedComparison | None
    test: ClaimedComparison | None

    def on(self, subset: ScoredSubset) -> ClaimedComparison | None:
        """Return how it compares on these rows."""
        return self.validation if subset == "validation" else self.test


@dataclass(frozen=True, kw_only=True)
class ComparisonPicture:
    """What the picture shows."""

    sweep: str
    metric: str
    greater_is_better: bool
    several_targets: bool
    winner: Candidate
    compared: tuple[Compared, ...]  # the winner first, then by the mean validation score

    def label(self, candidate: Candidate) -> str:
        """Return a configuration as the picture names it."""
        text = style.describe(candidate.configuration, with_target=self.several_targets)
        return f"{text} (best)" if candidate.id == self.winner.id else text

    @property
    def subsets(self) -> list[ScoredSubset]:
        """The rows of which anything is known."""
        return [subset for subset in SUBSETS if any(one.on(subset) for one in self.compared)]


def collect(snapshot: SweepSnapshot) -> ComparisonPicture | None:
    """Return what the picture shows; None without no regularization and another whose row scores are known."""
    baseline = snapshot.baseline
    if baseline is None:
        return None
    winner = choose(snapshot, "mean")
    shown = _shown(snapshot, winner)
    on_rows = [claimed_comparisons(snapshot, shown, baseline, subset) for subset in SUBSETS]
    compared = [
        Compared(candidate=candidate, validation=validation, test=test)
        for candidate, validation, test in zip(shown, *on_rows, strict=True)
        if validation or test
    ]
    if not compared:
        return None
    return ComparisonPicture(
        sweep=snapshot.name,
        metric=snapshot.config.metric,
        greater_is_better=snapshot.config.greater_is_better,
        several_targets=len(snapshot.config.targets) > 1,
        winner=winner,
        compared=tuple(compared),
    )


def _shown(snapshot: SweepSnapshot, winner: Candidate) -> list[Candidate]:
    """Return the winner, the best of each family, and what was confirmed, as far as their row scores were read."""
    ranked = [c for c in snapshot.candidates if not c.is_baseline and c.id in snapshot.details]
    families: dict[Any, Candidate] = {}
    for candidate in ranked:
        families.setdefault(candidate.configuration.family, candidate)
    first = [winner, *best_regularized(snapshot, 1)]
    wanted = [*first, *snapshot.confirmed, *families.values()]
    found = {c.id: c for c in wanted if not c.is_baseline and c.id in snapshot.details}
    kept = list(found.values())[:MOST]
    order = {c.id: place for place, c in enumerate([*first, *ranked])}
    return sorted(kept, key=lambda c: c.id != winner.id and 1 + order.get(c.id, len(order)))


def draw(picture: ComparisonPicture, figure: "style.Figure") -> None:
    """Draw it on an empty figure: a panel for validation rows, and one for test rows where some were confirmed."""
    count = len(picture.compared)
    name = style.metric_name(picture.metric)
    title = f"{picture.sweep}: what regularization changes in {style.in_title(name)}"
    height = 0.5 + 0.52 * count
    (places,) = style.panels(figure, 1, len(picture.subsets), title=title, height=height, footer=1.0, left=2.2)
    limits = _limits(picture)
    for axes, subset in zip(places, picture.subsets, strict=True):
        style.panel_title(axes, TITLES[subset])
        axes.axvline(0.0, color=style.GREY, linestyle="--", linewidth=1.2, zorder=1)
        for place, one in enumerate(picture.compared):
            _draw_one(axes, place, one.on(subset), limits)
        axes.set_xlim(*limits)
        axes.locator_params(axis="x", nbins=5)
        style.label(axes, x=f"Difference in {style.in_title(name)}")
    places[0].set_ylim(count - 0.4, -0.6)
    places[0].set_yticks(range(count), [textwrap.fill(picture.label(one.candidate), LABEL) for one in picture.compared])
    style.legend(figure, _handles(), columns=2, caption=_caption(picture))


def _draw_one(axes: "style.Axes", place: int, found: ClaimedComparison | None, limits: tuple[float, float]) -> None:
    if found is None:
        axes.text(
            0.99, place, "not confirmed", ha="right", va="center", transform=axes.get_yaxis_transform(), **_small()
        )
        return
    d, interval = found.comparison.difference, found.claim.interval
    if interval is not None:
        axes.plot([interval.low, interval.high], [place, place], marker="|", markersize=8, **_INTERVAL)
    _part(axes, place + SEEDS, d, found.comparison.se_seed, _SEEDS)
    _part(axes, place + ROWS, d, found.comparison.se_rows, _ROWS)
    inside = min(max(d, limits[0]), limits[1])
    marker = "o" if inside == d else "<" if d < inside else ">"
    face = style.BLACK if found.separates else "white"
    axes.plot([inside], [place], marker=marker, color=style.BLACK, markerfacecolor=face, markersize=7, clip_on=False)
    if inside != d:
        side = "left" if d < inside else "right"
        axes.annotate(f"{d:+.3g}", (inside, place), (0, 6), textcoords="offset points", ha=side, **_small())


def _part(axes: "style.Axes", y: float, middle: float, se: float | None, line: dict[str, Any]) -> None:
    if se is not None:
        axes.plot([middle - se, middle + se], [y, y], solid_capstyle="butt", dash_capstyle="butt", **line)


def _limits(picture: ComparisonPicture) -> tuple[float, float]:
    """Return one x axis for both panels, with room for zero and for all that is known of the winner.

    Of the others, what lies far out is left to marks at its ends.
    """
    found = [c for one in picture.compared for c in (one.validation, one.test) if c is not None]
    first = [c for c in (picture.compared[0].validation, picture.compared[0].test) if c is not None]
    keep = (0.0, *(end for c in first for end in (c.comparison.difference, *_ends(c))))
    return robust_limits([c.comparison.difference for c in found], [_ends(c) for c in found], keep=keep)


def _ends(found: ClaimedComparison) -> tuple[float, float]:
    interval = found.claim.interval
    return _of_parts(found) if interval is None else (interval.low, interval.high)


def _of_parts(found: ClaimedComparison) -> tuple[float, float]:
    d, reach = found.comparison.difference, max(found.comparison.se_seed or 0.0, found.comparison.se_rows or 0.0)
    return d - reach, d + reach


def _handles() -> list["style.Line2D"]:
    point: dict[str, Any] = {"color": style.BLACK, "linestyle": "", "marker": "o", "markersize": 7}
    return [
        style.handle("Difference, shown at 95 %", **point),
        style.handle("Difference, not shown", markerfacecolor="white", **point),
        style.handle("95 % interval", marker="|", markersize=8, **_INTERVAL),
        style.handle("No regularization", color=style.GREY, linestyle="--"),
        style.handle("± 1 SE by the seeds", **_SEEDS),
        style.handle("± 1 SE by which rows these are", **_ROWS),
    ]


def _caption(picture: ComparisonPicture) -> str:
    better = "right" if picture.greater_is_better else "left"
    found: Sequence[ClaimedComparison | None] = [c for one in picture.compared for c in (one.validation, one.test)]
    refused = "; no interval: no claim" if any(c and c.claim.interval is None for c in found) else ""
    return f"Better lies on the {better} of zero; paired by repeat and by row{refused}"


def _small() -> dict[str, Any]:
    return {"fontsize": style.SMALL, "color": style.GREY}
