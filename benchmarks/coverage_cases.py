"""Differences whose truth is known: what benchmarks/coverage.py draws a thousand times each.

A case draws what two configurations scored, row by row and repeat by repeat, from a model that says what the difference
would be over all rows and all repeats; the interval should hold that.
"""

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from regsearch.scoring import METRICS
from regsearch.statistics.claim import Estimate
from regsearch.statistics.metric_error import metric_error
from regsearch.statistics.new_training_sets import new_training_sets_error
from regsearch.statistics.paired_error import Floats, paired_error
from regsearch.statistics.refusal import refusal
from regsearch.statistics.time_blocks import time_blocks

POPULATION = 400_000  # rows that stand for all there are


@dataclass(frozen=True, kw_only=True)
class Draw:
    """One simulated comparison.

    Args:
        truth: the difference over all rows and all repeats.
        estimate: what was found.
        refusal: why it allows no claim; None where it does.
    """

    truth: float
    estimate: Estimate
    refusal: str | None = None


@dataclass(frozen=True, kw_only=True)
class Case:
    """A kind of comparison.

    Args:
        kind: what is simulated.
        setting: its numbers, in words.
        draw: draws one.
        least: how often intervals must hold the truth, where they are given.
    """

    kind: str
    setting: str
    draw: Callable[[np.random.Generator], Draw]
    least: float = 0.93


def cases() -> Iterator[Case]:
    """Yield every kind of interval in its settings."""
    yield from _fixed_splits()
    yield from _groups()
    yield from _time()
    yield from _accuracy()
    yield from _r2()
    yield from _log_loss()
    yield from _auc()
    yield from _pools()


def _fixed_splits() -> Iterator[Case]:
    for repeats, rows, seeds, row, both in (
        (10, 70, 0.02, 1.0, 0.5),
        (10, 319, 0.1, 1.0, 1.0),
        (10, 319, 0.02, 0.2, 2.0),
        (4, 50, 0.3, 1.0, 1.0),
        (2, 100, 0.1, 1.0, 1.0),
        (10, 5000, 0.02, 1.0, 1.0),
    ):

        def draw(rng: np.random.Generator, s=(repeats, rows, seeds, row, both)) -> Draw:  # type: ignore[no-untyped-def]
            return Draw(truth=0.3, estimate=paired_error(0.3 + crossed(rng, *s)))

        setting = f"{repeats} repeats, {rows:,} rows; sd over seeds {seeds:g}, rows {row:g}, both {both:g}"
        yield Case(kind="fixed split", setting=setting, draw=draw)


def crossed(rng: np.random.Generator, repeats: int, rows: int, seeds: float, row: float, both: float) -> Floats:
    """Return gains of mean 0 with these standard deviations.  # (repeats, rows)."""
    return np.asarray(
        seeds * rng.normal(size=(repeats, 1))
        + row * rng.normal(size=(1, rows))
        + both * rng.normal(size=(repeats, rows))
    )


def _groups() -> Iterator[Case]:
    for groups, size in ((20, 10), (60, 5), (10, 30)):

        def draw(rng: np.random.Generator, groups: int = groups, size: int = size) -> Draw:
            code = np.repeat(np.arange(groups), size)
            shared = 0.3**0.5 * rng.normal(size=groups)[code] + 0.7**0.5 * rng.normal(size=groups * size)
            gains = crossed(rng, 10, groups * size, 0.05, 0.0, 0.5) + shared
            return Draw(truth=0.0, estimate=paired_error(gains, groups=code))

        yield Case(kind="groups, ICC 0.3", setting=f"{groups} groups of {size} rows", draw=draw)


def _time() -> Iterator[Case]:
    for rows, forgets in ((150, 0.8), (300, 0.8), (1000, 0.8), (300, 0.0), (5000, 0.8)):

        def draw(rng: np.random.Generator, rows: int = rows, forgets: float = forgets) -> Draw:
            gains = crossed(rng, 10, rows, 0.02, 0.0, 0.2) + autoregressive(rng, rows, forgets)
            return Draw(truth=0.0, estimate=paired_error(gains, groups=time_blocks(gains.mean(axis=0))))

        yield Case(kind=f"time, AR {forgets:g}", setting=f"{rows:,} rows in order", draw=draw)


def autoregressive(rng: np.random.Generator, rows: int, r: float) -> Floats:
    """Return x with x_i = r·x_{i-1} + normal noise, begun long before.  # (rows,)."""
    kernel = r ** np.arange(120.0)
    return np.convolve(rng.normal(size=rows + 119), kernel, mode="valid")


def _accuracy() -> Iterator[Case]:
    for rows, gained, lost, groups in (
        (70, 0.05, 0.0, None),
        (70, 0.03, 0.01, None),
        (50, 0.02, 0.0, None),
        (50, 0.10, 0.05, None),
        (150, 0.02, 0.02, None),
        (319, 0.01, 0.0, None),
        (319, 0.03, 0.01, None),
        (1297, 0.005, 0.002, None),
        (200, 0.05, 0.0, 40),
        (300, 0.03, 0.01, 30),
    ):

        def draw(rng: np.random.Generator, s=(rows, gained, lost, groups)) -> Draw:  # type: ignore[no-untyped-def]
            return _accuracy_draw(rng, *s)

        where = "" if groups is None else f", in {groups} groups"
        setting = f"{rows:,} rows{where}; {gained:.1%} gained, {lost:.1%} lost"
        yield Case(kind="accuracy", setting=setting, draw=draw)


def _accuracy_draw(rng: np.random.Generator, rows: int, gained: float, lost: float, groups: int | None) -> Draw:
    chances, kept = [gained, lost, 1 - gained - lost], 0.9  # in a tenth of the repeats the row is judged alike
    state = rng.choice([1.0, -1.0, 0.0], size=rows, p=chances)
    code = None if groups is None else np.repeat(np.arange(groups), rows // groups)
    if code is not None and groups is not None:
        of_group = rng.choice([1.0, -1.0, 0.0], size=groups, p=chances)
        state = np.where(rng.random(rows) < 0.3, of_group[code], state)
    gains = state * (rng.random((10, rows)) < kept)
    return Draw(
        truth=kept * (gained - lost), estimate=metric_error("accuracy", gains, np.zeros_like(gains), groups=code)
    )


def _r2() -> Iterator[Case]:
    for rows, noise, better, worse in ((50, 0.3, 0.2, 0.5), (150, 0.3, 0.2, 0.9), (242, 1.0, 0.3, 0.6)):

        def draw(rng: np.random.Generator, s=(rows, noise, better, worse)) -> Draw:  # type: ignore[no-untyped-def]
            rows, noise, *spreads = s
            y, off = rng.standard_t(6, size=(rows, 1)) * (2 / 3) ** 0.5, rng.normal(size=(2, rows, 1))  # Var(y) = 1
            predicted = [
                [y + spread * off[i] + noise * rng.normal(size=(rows, 1)) for _ in range(10)]
                for i, spread in enumerate(spreads)
            ]
            good, bad = (np.array([METRICS["r2"].row_scores(y, p) for p in of_one]) for of_one in predicted)
            return Draw(truth=spreads[1] ** 2 - spreads[0] ** 2, estimate=paired_error(good - bad))

        yield Case(kind="R²", setting=f"{rows} rows; errors {better:g} and {worse:g} of the labels' sd", draw=draw)


def _log_loss() -> Iterator[Case]:
    for hardness, spread in (("hard", 1.5), ("middling", 4.0), ("easy", 8.0)):
        for sharp in ((1.0, 3.0), (1.5, 6.0), (1.0, 1.0)):
            for rows in (50, 150, 300):

                def draw(rng: np.random.Generator, s=(spread, sharp, rows)) -> Draw:  # type: ignore[no-untyped-def]
                    everyone = losses(*s[:2])
                    return _of_rows(rng, "log_loss", everyone[:, rng.integers(POPULATION, size=s[2])], everyone)

                setting = f"{rows} rows, {hardness}; logits × {sharp[0]:g} and × {sharp[1]:g}"
                yield Case(kind="log loss", setting=setting, draw=draw, least=0.9)


@functools.cache
def losses(spread: float, sharp: tuple[float, float]) -> Floats:
    """Return the log losses of two networks on all rows; the true logits have this spread.  # (2, POPULATION)."""
    rng = np.random.default_rng(1)
    logits = spread * rng.normal(size=POPULATION)
    y = (rng.random(POPULATION) < 1 / (1 + np.exp(-logits)))[:, None]
    seen = logits + 0.5 * rng.normal(size=POPULATION)
    found = [s * min(1.0, 4 / spread) * (seen + 0.3 * rng.normal(size=POPULATION)) for s in sharp]
    return np.array([METRICS["log_loss"].rows(np, y, 1 / (1 + np.exp(-one[:, None]))) for one in found])


def _of_rows(rng: np.random.Generator, metric: str, scores: Floats, everyone: Floats) -> Draw:
    truth = float((everyone[0] - everyone[1]).mean())
    twice = np.repeat(scores[:, None], 2, axis=1)  # seeds that all do the same
    error = metric_error(metric, twice[0], twice[1])
    return Draw(truth=truth, estimate=error, refusal=refusal(error, metric))


def _auc() -> Iterator[Case]:
    for positive in (0.5, 0.07):
        for apart in (1.0, 2.5, 4.0):
            for rows in (50, 150, 300):

                def draw(rng: np.random.Generator, s=(positive, apart, (0.3, 0.6), rows)) -> Draw:  # type: ignore[no-untyped-def]
                    return _auc_draw(rng, *s)

                setting = f"{rows} rows, {positive:.0%} positive, classes {apart:g} sd apart"
                yield Case(kind="AUC", setting=setting, draw=draw, least=0.9)


def _auc_draw(rng: np.random.Generator, positive: float, apart: float, noise: tuple[float, float], rows: int) -> Draw:
    y = np.zeros((0, 1), np.int64)
    while not 0 < y.sum() < len(y) or len(y) == 0:  # a test part of one class has no curve
        y = (rng.random((rows, 1)) < positive).astype(np.int64)
    seen = apart * y + rng.normal(size=(rows, 1))
    scores = [METRICS["auc"].rows(np, y, seen + n * rng.normal(size=(rows, 1))) for n in noise]
    twice = np.repeat(np.array(scores)[:, None], 2, axis=1)
    error = metric_error("auc", twice[0], twice[1])
    truth = area(apart, noise[0]) - area(apart, noise[1])
    return Draw(truth=truth, estimate=error, refusal=refusal(error, "auc"))


def area(apart: float, noise: float) -> float:
    """Return the area under the curve of two normal classes: Φ(apart / √(2(1 + noise²)))."""
    from scipy.special import ndtr

    return float(ndtr(apart / (2 * (1 + noise**2)) ** 0.5))


def _pools() -> Iterator[Case]:
    for train, pool, rows, splits, training, seeds in (
        (100, 250, 319, 10, 0.02, 0.01),
        (100, 250, 5000, 10, 0.02, 0.01),
        (100, 500, 1297, 10, 0.02, 0.005),
        (50, 75, 319, 10, 0.02, 0.01),
        (100, 250, 319, 5, 0.02, 0.01),
        (200, 300, 5000, 10, 0.02, 0.01),
        (30, 30_000, 5000, 10, 0.02, 0.01),
    ):

        def resampled(rng: np.random.Generator, s=(train, pool, rows, splits, training, seeds)) -> Draw:  # type: ignore[no-untyped-def]
            train, pool, rows, splits, training, seeds = s
            effects = pool_effects(rng, train, pool, splits, training)
            gains = effects[:, None] + seeds * rng.normal(size=(splits, 2))
            of_rows = 0.2 * rng.normal(size=rows)
            v_rows = float(of_rows.var(ddof=1) / rows)
            error = new_training_sets_error(gains + of_rows.mean(), v_rows, overlap=train / pool, rows=rows)
            return Draw(truth=0.0, estimate=error)

        setting = f"{splits} splits × 2 seeds, {train} of {pool:,} rows, {rows:,} test rows"
        yield Case(kind="new training sets", setting=setting, draw=resampled)

    def of_pool(rng: np.random.Generator) -> Draw:
        effects = pool_effects(rng, 100, 250, 400, 0.02)  # the truth: the mean over splits of this pool
        gains = crossed(rng, 10, 319, 0.01, 0.2, 0.2) + effects[:10, None]
        return Draw(truth=float(effects.mean()), estimate=paired_error(gains))

    yield Case(kind="splits of one pool", setting="10 splits, 100 of 250 rows, 319 test rows", draw=of_pool)


def pool_effects(rng: np.random.Generator, train: int, pool: int, splits: int, training: float) -> Floats:
    """Return what training on each split of one pool adds: a sum over its rows, of this sd over new training sets."""
    of_rows = training / train**0.5 * rng.normal(size=pool)
    return np.array([of_rows[_some(rng, pool, train)].sum() for _ in range(splits)])


def _some(rng: np.random.Generator, pool: int, train: int) -> NDArray[np.intp]:
    return rng.choice(pool, train, replace=False)
