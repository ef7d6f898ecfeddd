"""The answer of a sweep: what won, against what, and how certain that is."""

from dataclasses import dataclass
from typing import Any

from regsearch.engine_choice import EngineChoice
from regsearch.errors import InputError
from regsearch.layout import Layout, describe_layout
from regsearch.notices import Notice
from regsearch.scoring import Summary, summarize
from regsearch.spec import Configuration, Target
from regsearch.spec.plain import from_plain, to_plain
from regsearch.statistics.equivalence import require_margin
from regsearch.statistics.optimism import Optimism
from storage.details import Looks
from storage.params import to_params
from sweeps.analysis.candidates import Candidate, best_of, by_stage
from sweeps.analysis.comparisons import ClaimedComparison, claimed_comparisons
from sweeps.analysis.diagnosis import Diagnosis, diagnosis
from sweeps.analysis.limits import Edge, Unsearched, edges
from sweeps.analysis.references import ReferenceComparison, reference_comparisons
from sweeps.analysis.selection import best_regularized, choose, not_separable, uncertainty_of
from sweeps.analysis.selection_rule import SelectionRule
from sweeps.analysis.snapshot import Abandoned, SweepSnapshot
from sweeps.analysis.uncertainty import Uncertainty
from sweeps.config import SweepConfig

ORDERED = ("coarse-to-fine", "coarse-to-tpe", "grid")  # strategies that visit every decade
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
        test: how they compare on the test rows; None before a confirmation, and where there are none.
        optimism: what its gain owes to having been chosen by it; None before a confirmation.
        confirmed: every configuration that was confirmed, with how it compares on the test rows; claims hold together.
        looks: how many comparisons on these test rows were recorded, of any configuration and number of repeats, and in
            how many sweeps.
        contender_test: the contender's test scores over the confirmation's repeats.
        baseline_test: likewise of no regularization.
    """

    contender: Candidate
    baseline: Candidate
    validation: ClaimedComparison | None
    test: ClaimedComparison | None
    optimism: Optimism | None
    confirmed: tuple[tuple[Candidate, ClaimedComparison], ...]
    looks: Looks
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
        best_decade: the best of the first stage.
        winner: the configuration to use; where `has_winner` is false, the best of those that are of no use.
        uncertainty: of its mean score.
        not_separable: the configurations that the validation rows cannot tell from the winner, and the winner.
        one_se: what the rule `one-se` chooses: the largest lambda within one standard error of the best.
        against: the winner against no regularization; None where that was not trained.
        norms: the weight norms of the contender and of no regularization.
        abandoned: the configurations that failed too often.
        eliminated: the configurations that a race repeated no further.
        edges: the ends of ranges at which the best decade lies.
        constant_score: the mean validation score of the best constant prediction; None where that is not known.
        penalized: which weights each target penalizes, a line each.
        notices: what a reader should know of the data, the model and the settings.
        unsearched: what a budget left out; None where nothing is known of that.
        references: the winner against the models of [compare].
        diagnosis: what the network needs; None where no regularization was not trained.
        engine: with which engine all was trained, and why; None where nothing was checked.
        chosen: how the winner was named, as in `rank 2` or `trial 7`; empty where the rule chose it.

    Example:
        >>> answer = regsearch.answer("small")
        >>> answer.winner.n, answer.has_winner, answer.against.baseline.configuration.regularizer
        (2, True, 'none')
    """

    sweep: str
    config: SweepConfig
    rule: SelectionRule
    coarse: tuple[Candidate, ...]
    fine: tuple[Candidate, ...]
    published: tuple[Candidate, ...]
    best_decade: Candidate
    winner: Candidate
    uncertainty: Uncertainty
    not_separable: tuple[Candidate, ...]
    one_se: Candidate
    against: Against | None
    norms: tuple[Norm, ...]
    abandoned: tuple[Abandoned, ...]
    edges: tuple[Edge, ...]
    eliminated: tuple[Candidate, ...] = ()
    constant_score: float | None = None
    penalized: tuple[str, ...] = ()
    notices: tuple[Notice, ...] = ()
    unsearched: Unsearched | None = None
    references: tuple[ReferenceComparison, ...] = ()
    diagnosis: Diagnosis | None = None
    engine: EngineChoice | None = None
    chosen: str = ""

    def __repr__(self) -> str:
        from sweeps.analysis.brief import brief_answer  # which is made of an answer itself

        return "\n".join([f"Answer of {self.sweep!r}", *brief_answer(self)])

    @property
    def has_winner(self) -> bool:
        """Whether the best predicts better than a constant: else its network was not trained, or cannot be as set."""
        if self.constant_score is None:
            return True
        gain = self.winner.mean - self.constant_score
        return gain > 0 if self.config.greater_is_better else gain < 0

    def require_winner(self) -> None:
        """Raise where there is nothing to put to use.

        Raises:
            InputError: the winner predicts no better than a constant.
        """
        if self.has_winner:
            return
        if self.chosen:
            what = f"{self.chosen} of {self.sweep!r}, {self.winner.configuration},"
            raise InputError("name", f"{what} predicts no better than a constant")
        raise InputError("name", f"{self.sweep!r} has no winner: no configuration predicts better than a constant")

    def to_dict(self) -> dict[str, Any]:
        """Return the winner and its uncertainty, ready for JSON; where there is no winner, None for all of it."""
        winner = self._winner_to_dict()
        return {
            "sweep": self.sweep,
            "metric": self.config.metric,
            "rule": self.chosen or self.rule,
            **(winner if self.has_winner else dict.fromkeys(winner)),
            "constant_score": self.constant_score,
            "diagnosis": None if self.diagnosis is None else self.diagnosis.to_dict(),
            "given_up": [{**to_params(each.configuration), "reason": each.reason} for each in self.abandoned],
            "eliminated": [
                {**to_params(each.configuration), "n": each.n, "mean": each.mean} for each in self.eliminated
            ],
            "edges": [vars(edge) for edge in self.edges],
            "penalized": list(self.penalized),
            "warnings": [vars(notice) for notice in self.notices],
            "baselines": [each.to_dict() for each in self.references],
            "engine": None if self.engine is None else self.engine.to_dict(),
        }

    def _winner_to_dict(self) -> dict[str, Any]:
        c = self.winner.configuration
        return {
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
            "se_rows": self.uncertainty.se_rows,
            "se_total": self.uncertainty.se,
            "train_mean": self.winner.train_mean,
            "not_separable": [str(each.configuration) for each in self.not_separable],
            "against_none": None if self.against is None else _against_to_dict(self.against),
        }


def answer(
    snapshot: SweepSnapshot,
    rule: SelectionRule = "mean",
    margin: float | None = None,
    *,
    chosen: Candidate | None = None,
    called: str = "",
) -> Answer:
    """Return the answer of a sweep, as far as it is.

    Args:
        snapshot: of the sweep.
        rule: `mean` for the best mean; `one-se` for the largest lambda within one standard error of it.
        margin: a difference that does not matter, in the metric's unit; None where none is named.
        chosen: what is taken for the winner; None for what the rule chooses.
        called: how that was named.

    Raises:
        InputError: there is no such rule, or the margin is not above 0.
        RegsearchError: no configuration has all its repeats yet.
    """
    if margin is not None:
        require_margin(margin)
    config = snapshot.config
    winner = choose(snapshot, rule) if chosen is None else chosen
    coarse, fine, published = by_stage(snapshot.candidates)
    best_decade = best_of(coarse, greater_is_better=config.greater_is_better) or winner
    against = _against(snapshot, winner, margin)
    return Answer(
        sweep=snapshot.name,
        config=config,
        rule=rule,
        coarse=coarse,
        fine=fine,
        published=published,
        best_decade=best_decade,
        winner=winner,
        uncertainty=uncertainty_of(snapshot, winner),
        not_separable=tuple(not_separable(snapshot, winner)),
        one_se=choose(snapshot, "one-se"),
        against=against,
        norms=_norms(snapshot, against.contender if against else winner, against),
        abandoned=snapshot.abandoned,
        eliminated=snapshot.eliminated,
        edges=edges(best_decade, coarse, config) if config.search.strategy in ORDERED else (),
        constant_score=snapshot.checks.get("constant_score"),
        penalized=_penalized(snapshot),
        notices=tuple(Notice(**stored) for stored in snapshot.checks.get("notices", ())),
        references=reference_comparisons(snapshot, winner),
        diagnosis=diagnosis(snapshot),
        engine=snapshot.engine,
        chosen=called,
    )


def _against(snapshot: SweepSnapshot, winner: Candidate, margin: float | None) -> Against | None:
    baseline = snapshot.baseline
    contenders = best_regularized(snapshot, 1) if winner.is_baseline else [winner]
    if baseline is None or not contenders:
        return None
    (contender,) = contenders
    (validation,) = claimed_comparisons(snapshot, [contender], baseline, "validation", margin)
    tested = [contender, *(c for c in snapshot.confirmed if c.id not in (contender.id, baseline.id))]
    found = claimed_comparisons(snapshot, tested, baseline, "test", margin)
    confirmed = [(c, compared) for c, compared in zip(tested, found, strict=True) if compared is not None]
    return Against(
        contender=contender,
        baseline=baseline,
        validation=validation,
        test=found[0],
        optimism=_optimism(snapshot, contender, baseline),
        confirmed=tuple(confirmed),
        looks=snapshot.looks,
        contender_test=_test_scores(snapshot, contender),
        baseline_test=_test_scores(snapshot, baseline),
    )


def _optimism(snapshot: SweepSnapshot, contender: Candidate, baseline: Candidate) -> Optimism | None:
    with_, without = snapshot.details_of(contender), snapshot.details_of(baseline)
    if not len(with_.test_scores) or not len(without.test_scores):
        return None
    return Optimism(
        chosen=contender.mean - baseline.mean,
        fresh_seeds=float(with_.confirmed_scores.mean() - without.confirmed_scores.mean()),
        confirmed=float(with_.test_scores.mean() - without.test_scores.mean()),
    )


def _penalized(snapshot: SweepSnapshot) -> tuple[str, ...]:
    stored = snapshot.checks.get("layout")
    return () if stored is None else describe_layout(from_plain(Layout, stored))


def _test_scores(snapshot: SweepSnapshot, candidate: Candidate) -> Summary | None:
    scores = snapshot.details_of(candidate).test_scores  # (confirmed repeats,)
    return summarize(scores) if len(scores) else None


def _norms(snapshot: SweepSnapshot, contender: Candidate, against: Against | None) -> tuple[Norm, ...]:
    groups = snapshot.weight_norms.groupby(["configuration_id", "layer", "weight"], sort=False)
    means: Any = groups[["l2_before", "l2_after"]].mean()
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
    contender, optimism = against.contender.configuration, against.optimism
    return {
        "regularizer": contender.regularizer,
        "lambda": contender.lambda_,
        "validation": against.validation.to_dict() if against.validation else None,
        "test": against.test.to_dict() if against.test else None,
        "test_mean": against.contender_test.mean if against.contender_test else None,
        "none_test_mean": against.baseline_test.mean if against.baseline_test else None,
        "looks": against.looks.comparisons,
        "sweeps_that_looked": against.looks.sweeps,
        "optimism": None if optimism is None else to_plain(optimism),
        "confirmed": [
            {"configuration": str(candidate.configuration), **compared.to_dict()}
            for candidate, compared in against.confirmed
        ],
    }
