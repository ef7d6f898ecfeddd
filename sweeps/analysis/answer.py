"""The answer of a sweep: what won, against what, and how sure that is; read from the database alone."""

from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from regsearch.results import Comparison
from regsearch.scoring import Summary, summarize
from regsearch.spec import Configuration, Purpose, Target
from regsearch.spec.plain import to_plain
from storage.params import to_params
from storage.queries import Results
from sweeps.analysis.limits import Abandoned, Edge, Unsearched, abandoned, edges
from sweeps.analysis.selection import (
    Candidate,
    Doubt,
    Rule,
    best_of,
    by_stage,
    candidates,
    choose,
    compare_candidates,
    doubt_of,
    finished,
    separates,
)
from sweeps.config import SweepConfig

ORDERED = ("coarse-to-fine", "coarse-to-tpe", "grid")  # strategies that visit every order of magnitude
VARIANTS = ("weight_decay", "ratio", "lambdas", "schedule", "early_stopping")
PLAIN = to_plain(Configuration())


@dataclass(frozen=True, kw_only=True)
class Norm:
    """√Σw² of one weight tensor, mean over repeats."""

    layer: str
    weight: str
    before: float
    without: float | None
    with_: float


@dataclass(frozen=True, kw_only=True)
class Against:
    """One configuration against no regularization.

    Args:
        contender: the winner; the best that does regularize where no regularization won.
        baseline: no regularization.
        validation: how they compare where the choice was made.
        test: how they compare on the test part; None before a confirmation, and where there is no test part.
        contender_test: the contender's test scores over the confirmation's repeats.
        baseline_test: likewise of no regularization.
    """

    contender: Candidate
    baseline: Candidate
    validation: Comparison | None
    test: Comparison | None
    contender_test: Summary | None
    baseline_test: Summary | None


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a sweep found.

    Args:
        sweep: its name.
        config: what it searched.
        rule: how the winner was chosen.
        coarse: the candidates of the first stage.
        fine: those of the stages after it.
        published: published settings that are no cell of a stage.
        level: the best of the first stage.
        winner: the configuration to use.
        doubt: how unsure its mean score is.
        strongest: the largest lambda within one standard error of the best.
        against: the winner against no regularization; None where that was not trained.
        norms: the weight norms of the contender and of no regularization.
        abandoned: the configurations that failed too often.
        edges: the ends of ranges at which the best order of magnitude lies.
        unsearched: what a budget left out; None where nothing is known of that.
    """

    sweep: str
    config: SweepConfig
    rule: Rule
    coarse: tuple[Candidate, ...]
    fine: tuple[Candidate, ...]
    published: tuple[Candidate, ...]
    level: Candidate
    winner: Candidate
    doubt: Doubt
    strongest: Candidate
    against: Against | None
    norms: tuple[Norm, ...]
    abandoned: tuple[Abandoned, ...]
    edges: tuple[Edge, ...]
    unsearched: Unsearched | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the winner and how sure it is, ready for JSON."""
        c = self.winner.configuration
        return {
            "sweep": self.sweep,
            "metric": self.config.metric,
            "rule": self.rule,
            "regularizer": c.regularizer,
            "lambda": c.lambda_,
            "lambda_l1": c.lambda_l1,
            "lambda_l2": c.lambda_l2,
            "target": None if c.target is None else _target_to_dict(c.target),
            "variant": c.variant or None,
            **{name: value for name, value in to_plain(c).items() if name in VARIANTS and value != PLAIN[name]},
            "stage": self.winner.stage,
            "n": self.winner.n,
            "mean": self.winner.mean,
            "std": self.winner.std,
            "se": self.winner.se,
            "se_rows": self.doubt.se_rows,
            "se_total": self.doubt.se,
            "train_mean": self.winner.train_mean,
            "against_none": None if self.against is None else _against_to_dict(self.against),
            "given_up": [{**to_params(each.configuration), "reason": each.reason} for each in self.abandoned],
            "edges": [vars(edge) for edge in self.edges],
        }


def answer(results: Results, sweep: str, config: SweepConfig, rule: Rule = "mean") -> Answer:
    """Return the answer of a sweep, as far as it is.

    Args:
        results: where its repeats are.
        sweep: its name.
        config: what it searched.
        rule: `mean` for the best mean; `one-se` for the strongest within one standard error of it.

    Raises:
        RegsearchError: no configuration has all its repeats yet.
    """
    found = candidates(results, sweep)
    stages = by_stage(found)
    winner = choose(results, sweep, config, rule)
    level = best_of(stages.coarse, greater_is_better=config.greater_is_better) or winner
    against = _against(results, sweep, config, winner)
    return Answer(
        sweep=sweep,
        config=config,
        rule=rule,
        coarse=stages.coarse,
        fine=stages.finer,
        published=stages.published,
        level=level,
        winner=winner,
        doubt=doubt_of(results, winner),
        strongest=choose(results, sweep, config, "one-se"),
        against=against,
        norms=_norms(results, sweep, against.contender if against else winner, against),
        abandoned=abandoned(results, sweep),
        edges=edges(level, stages.coarse, config) if config.search.strategy in ORDERED else (),
    )


def _against(results: Results, sweep: str, config: SweepConfig, winner: Candidate) -> Against | None:
    known = finished(results, sweep)
    baseline = next((c for c in known if c.configuration.regularizer == "none"), None)
    regularized = [c for c in candidates(results, sweep) if c.configuration.regularizer != "none"]
    best = best_of(regularized, greater_is_better=config.greater_is_better)
    contender = best if winner.configuration.regularizer == "none" else winner
    if baseline is None or contender is None:
        return None
    return Against(
        contender=contender,
        baseline=baseline,
        validation=_comparison(results, sweep, contender, baseline, "search", "validation"),
        test=_comparison(results, sweep, contender, baseline, "confirm", "test"),
        contender_test=_test_scores(results, sweep, contender),
        baseline_test=_test_scores(results, sweep, baseline),
    )


def _comparison(
    results: Results,
    sweep: str,
    contender: Candidate,
    baseline: Candidate,
    purpose: Purpose,
    part: Literal["validation", "test"],
) -> Comparison | None:
    """Return the comparison as it is recorded, else as it can be made from the rows that are there."""
    try:
        made = compare_candidates(results, contender.id, baseline.id, purpose=purpose, part=part)
    except ValueError:  # nothing to pair yet
        return None
    table = results.comparisons(sweep)
    same = (table["configuration_id"] == contender.id) & (table["baseline_id"] == baseline.id)
    rows = table[same & (table["part"] == part) & (table["repeats"] == made.repeats)]
    return made if rows.empty else _from_row(rows.iloc[-1], part)


def _from_row(row: "pd.Series[Any]", part: Literal["validation", "test"]) -> Comparison:
    errors = {name: None if pd.isna(row[name]) else float(row[name]) for name in ("se_seed", "se_rows", "se")}
    return Comparison(
        part=part, repeats=int(row["repeats"]), rows=int(row["rows"]), difference=float(row["difference"]), **errors
    )


def _test_scores(results: Results, sweep: str, candidate: Candidate) -> Summary | None:
    scores = results.repeats(sweep, "confirm", candidate.id)["test_score"].dropna()
    return None if scores.empty else summarize(scores.to_numpy(float))


def _norms(results: Results, sweep: str, contender: Candidate, against: Against | None) -> tuple[Norm, ...]:
    table = results.weight_norms(sweep)
    means: Any = table.groupby(["configuration_id", "layer", "weight"], sort=False)[["l2_before", "l2_after"]].mean()
    without: Any = {} if against is None else means["l2_after"].loc[against.baseline.id].to_dict()
    found: Any = means.loc[contender.id].to_dict("index")
    return tuple(
        Norm(
            layer=layer,
            weight=weight,
            before=norms["l2_before"],
            with_=norms["l2_after"],
            without=without.get((layer, weight)),
        )
        for (layer, weight), norms in found.items()
    )


def _target_to_dict(target: Target) -> dict[str, Any]:
    layers = target.layers if isinstance(target.layers, str) else list(target.layers)
    return {"layers": layers, "weights": list(target.weights)}


def _against_to_dict(against: Against) -> dict[str, Any]:
    contender = against.contender.configuration
    return {
        "regularizer": contender.regularizer,
        "lambda": contender.lambda_,
        "validation": _comparison_to_dict(against.validation),
        "test": _comparison_to_dict(against.test),
        "test_mean": against.contender_test.mean if against.contender_test else None,
        "none_test_mean": against.baseline_test.mean if against.baseline_test else None,
    }


def _comparison_to_dict(comparison: Comparison | None) -> dict[str, Any] | None:
    return None if comparison is None else {**vars(comparison), "separated": separates(comparison)}
