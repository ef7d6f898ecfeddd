"""The answer as text and tables, on stdout."""

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table

from regsearch.spec import format_lambda
from storage.details import Looks
from sweeps.analysis.answer import Against, Answer
from sweeps.analysis.candidates import Candidate, by_score, by_stage, is_tied
from sweeps.analysis.diagnosis_sentence import describe_diagnosis
from sweeps.analysis.limits import describe_edge, describe_unsearched
from sweeps.analysis.references import describe_references
from sweeps.analysis.verdicts import (
    VERDICTS,
    describe_comparison,
    describe_interval,
    describe_not_separable,
    describe_optimism,
    none_is_not_separable,
)

MAX_ROWS, FEWER_ROWS = 40, 20  # of a table: with more than that, so many of the best
WIDTH = 100  # of tables and paragraphs, where nobody's terminal says otherwise


def show(answer: Answer, written: Sequence[str] = (), console: Console | None = None) -> None:
    """Print an answer.

    Args:
        answer: what to print.
        written: where everything was written.
        console: where to; None for stdout.
    """
    console = console or stdout()
    for section in _sections(answer, written):
        console.print(section, highlight=False, markup=False)


def stdout(width: int = WIDTH) -> Console:
    """Return a console on stdout; of this width where that is no terminal."""
    console = Console(markup=False)
    return console if console.is_terminal else Console(width=width, markup=False)


def describe_winner(answer: Answer) -> str:
    """Return the winner with its mean score."""
    winner, metric = answer.winner, answer.config.metric
    target = winner.configuration.target
    where = f" on {target}" if target else ""
    score, n = _score(winner.mean, winner.std), f"n={winner.n}" if winner.std is None else f"std, n={winner.n}"
    return f"{winner.configuration}{where}: mean validation {metric} {score} ({n})"


def describe_no_winner(answer: Answer) -> str:
    """Return that no configuration does better than a constant prediction, and what to look at."""
    best, metric, constant = answer.winner, answer.config.metric, answer.constant_score
    if _all_equal(answer):
        return f"No winner: {describe_all_equal(answer)}"
    hint = "look at training.epochs, training.learning_rate and the data."
    if answer.config.evaluation.file:
        is_less = answer.config.greater_is_better
        hint += f" Or else {'less' if is_less else 'more'} of {metric} is better: set evaluation.greater_is_better."
    return (
        f"No winner: the best, {best.configuration}, has mean validation {metric} {_score(best.mean, best.std)}, and a "
        f"constant prediction {constant:.4f}. The network has learnt nothing that helps: {hint}"
    )


def describe_all_equal(answer: Answer) -> str:
    """Return that no configuration differs from another, and what to look at."""
    count, metric, score = len(_candidates(answer)), answer.config.metric, answer.winner.mean
    return (
        f"all {count} configurations have the same mean validation {metric}, {score:.4f}: nothing that was searched "
        "makes a difference to it. Look at training.epochs, the targets and what the metric can tell apart."
    )


def _all_equal(answer: Answer) -> bool:
    candidates = _candidates(answer)
    return len(candidates) > 1 and all(is_tied(c, answer.winner) for c in candidates)


def _candidates(answer: Answer) -> list[Candidate]:
    return [*answer.coarse, *answer.fine, *answer.published]


def describe_best_decade(answer: Answer) -> str:
    """Return which order of magnitude was chosen, and why."""
    best, metric = answer.best_decade, answer.config.metric
    others = [c for c in answer.coarse if c.id != best.id]
    tied = [c for c in others if is_tied(c, best)]
    extreme = "highest" if answer.config.greater_is_better else "lowest"
    why = f"its mean validation {metric} is the {extreme} ({best.mean:.4f})"
    if tied:
        names = ", ".join(str(c.configuration) for c in tied)
        why += f", as that of {names}; ties go to the larger lambda, then to l2 before l1 before l1_l2"
    elif others:
        second = by_score(others, greater_is_better=answer.config.greater_is_better)[0]
        why += f", ahead of {second.configuration} ({second.mean:.4f})"
    return f"Best order of magnitude: {best.configuration}, because {why}."


def _sections(answer: Answer, written: Sequence[str]) -> Iterable[Table | str]:
    stage = answer.coarse[0].stage if answer.coarse else ""
    if answer.diagnosis:
        yield f"{describe_diagnosis(answer.diagnosis, answer.config)}\n"
    coarse, fine, published = by_stage([*answer.coarse, *answer.fine, *answer.published, *answer.eliminated])
    yield _table("Orders of magnitude" if stage == "coarse" else f"Configurations ({stage})", coarse, answer)
    if stage == "coarse":
        yield f"{describe_best_decade(answer)}\n{_describe_fine(answer, fine)}\n"
    if fine:
        yield _table("Inside the best order", fine, answer)
    if published:
        yield _table("Published settings", published, answer)
    if not answer.has_winner:
        yield f"{describe_no_winner(answer)}\n"
    else:
        if none_is_not_separable(answer):
            yield "No regularization cannot be told from the winner on the validation rows."
        yield f"Winner: {describe_winner(answer)}"
        yield "\n".join(filter(None, (describe_not_separable(answer), _describe_one_se(answer)))) + "\n"
    if limits := describe_limits(answer):
        yield "\n".join(limits) + "\n"
    if answer.against and answer.has_winner:
        yield from _against(answer, answer.against)
    if answer.references and answer.has_winner:
        yield from _references(answer)
    if answer.engine and answer.engine.engine != "xla":
        yield f"Trained by {answer.engine}."
    if answer.penalized:
        yield "\n".join(f"{line[0].upper()}{line[1:]}." for line in answer.penalized)
    yield _norms(answer)
    if written:
        yield "Written: " + ", ".join(written)


def describe_limits(answer: Answer) -> list[str]:
    """Return what limits an answer, a sentence each: edges of ranges, what failed or was left out, warnings."""
    if _all_equal(answer):
        lines = [f"Warning: {describe_all_equal(answer)}"] if answer.has_winner else []
    else:
        lines = [describe_edge(edge, answer.config) for edge in answer.edges]
    if answer.eliminated:
        lines.append(_eliminated(answer))
    if answer.abandoned:
        lines.append(f"Abandoned after repeated failures: {'; '.join(map(str, answer.abandoned))}.")
    if answer.unsearched:
        lines.append(describe_unsearched(answer.unsearched, answer.config))
    return lines + [f"Warning ({notice.code}): {notice.message}." for notice in answer.notices]


def _eliminated(answer: Answer) -> str:
    """Return how many configurations a race eliminated, and after how many repeats."""
    tried = len(answer.eliminated) + len(_candidates(answer))
    said = f"The race eliminated {len(answer.eliminated)} of {tried} configurations; n says after how many repeats."
    race = answer.config.evaluation.race
    if race is None or not race.pooled:
        return said
    return f'{said} With racing = "fast" one whose scores vary more than those of others goes too easily.'


def _table(title: str, candidates: Sequence[Candidate], answer: Answer) -> Table:
    """Return one row per candidate; where there are many, those of the best alone."""
    metric, shown = answer.config.metric, _best_shown(candidates, answer)
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    several = len(answer.config.targets) > 1
    variants = any(c.configuration.variant for c in shown)
    for name in ("regularizer", "lambda", f"train {metric} ± std", f"validation {metric} ± std", "n"):
        table.add_column(name, justify="left" if name == "regularizer" else "right")
    for name, wanted in (("on", several), ("variant", variants)):
        if wanted:
            table.add_column(name)
    for c in shown:
        row = [c.configuration.regularizer, _lambda(c), _score(c.train_mean, c.train_std), _score(c.mean, c.std)]
        row += [str(c.n), *([_target(c)] if several else []), *([c.configuration.variant] if variants else [])]
        table.add_row(*row, style="bold" if c.id == answer.winner.id else "dim" if c in answer.eliminated else "")
    if len(shown) < len(candidates):
        table.caption = f"the best {len(shown)} of {len(candidates)}, all: regsearch trials {answer.sweep}"
        table.caption_justify = "left"
    return table


def _best_shown(candidates: Sequence[Candidate], answer: Answer) -> list[Candidate]:
    if len(candidates) <= MAX_ROWS:
        return list(candidates)
    best = by_score(candidates, greater_is_better=answer.config.greater_is_better)[:FEWER_ROWS]
    return [c for c in candidates if c in best]


def _describe_fine(answer: Answer, fine: Sequence[Candidate]) -> str:
    best = answer.best_decade
    if fine:
        lambdas = [c.lambda_ for c in fine]
        where = f"from {format_lambda(min(lambdas))} to {format_lambda(max(lambdas))}"
        values = "values" if len(set(lambdas)) == len(lambdas) else "settings"
        of = ", ".join(dict.fromkeys(c.configuration.regularizer for c in fine))
        inside = "Inside it" if of == best.configuration.regularizer else "Inside the best orders"
        return f"{inside}: {len(lambdas)} {values} of {of} {where}."
    if not best.lambda_ or best.configuration.schedule is not None:
        name = str(best.configuration)
        return f"{name[0].upper()}{name[1:]} has no order of magnitude to look into, so there is no fine grid."
    return "The fine grid has not been searched yet."


def _describe_one_se(answer: Answer) -> str:
    if answer.one_se.id == answer.winner.id:
        return "No stronger penalty lies within one standard error of the best."
    return (
        f"Within one standard error of the best, paired, the strongest is {answer.one_se.configuration} "
        f"({answer.one_se.mean:.4f}): `regsearch best {answer.sweep} --rule one-se`."
    )


def _against(answer: Answer, against: Against) -> Iterable[Table | str]:
    metric = answer.config.metric
    name = str(against.contender.configuration)
    yield f"{name} against no regularization:"
    if against.validation:
        yield describe_comparison(against.validation, answer.config, name)
    if against.test and against.contender_test and against.baseline_test:
        yield describe_comparison(against.test, answer.config, name)
        with_, without = against.contender_test, against.baseline_test
        yield (
            f"Test {metric} ± std: {_score(with_.mean, with_.std)} with, {_score(without.mean, without.std)} without "
            f"(n={with_.n} fresh seeds)."
        )
        if against.optimism:
            yield f"{describe_optimism(against.optimism, answer.config)}\n"
        if against.looks.comparisons > 1:
            yield _looks(against.looks)
        if len(against.confirmed) > 1:
            yield f"Confirmed; all {len(against.confirmed)} claims against no regularization together hold at 95 %:"
            yield _confirmed(against, metric)
    else:
        yield f"Not confirmed on test data yet: `regsearch confirm {answer.sweep}`.\n"


def _looks(found: Looks) -> str:
    where = f", in {found.sweeps} sweeps" if found.sweeps > 1 else ""
    so_far = f"Comparisons recorded on these test rows so far: {found.comparisons}{where}"
    return f"{so_far}; each makes it likelier that one of them is wrong."


def _confirmed(against: Against, metric: str) -> Table:
    """Return one row per configuration that was compared on test rows; their claims hold all together."""
    table = Table(box=None, pad_edge=False)
    for name in ("configuration", f"gain in {metric}", "95 %, each", "finding"):
        table.add_column(name, justify="right" if name.startswith("gain") else "left")
    for candidate, found in against.confirmed:
        gain, interval = f"{found.claim.difference:+.4f}", describe_interval(found.claim.interval)
        finding = VERDICTS.get(found.claim.finding, found.claim.finding)
        table.add_row(str(candidate.configuration), gain, interval, finding)
    return table


def _references(answer: Answer) -> Iterable[Table | str]:
    """Yield the winner against the models of [compare]."""
    first, winner, metric = answer.references[0], str(answer.winner.configuration), answer.config.metric
    table = Table(box=None, pad_edge=False)
    for name in ("model", f"{first.subset} {metric} ± std", "gain", "95 %, each", "finding"):
        table.add_column(name, justify="left" if name in ("model", "95 %, each", "finding") else "right")
    for one in answer.references:
        gain, interval = f"{one.claim.difference:+.4f}", describe_interval(one.claim.interval)
        score, finding = _score(one.scores.mean, one.scores.std), VERDICTS.get(one.claim.finding, one.claim.finding)
        table.add_row(one.model, score, gain, interval, finding)
    yield f"Should this be a network at all? On the {first.rows:,} {first.subset} rows:"
    yield table
    yield f"{describe_references(winner, answer.references)}\n"


def _norms(answer: Answer) -> Table:
    table = Table(title="Weight norms √Σw², mean over repeats", title_justify="left", box=None, pad_edge=False)
    name = str(answer.against.contender.configuration if answer.against else answer.winner.configuration)
    for column in ("layer", "weight", "before training", "no regularization", name):
        table.add_column(column, justify="left" if column in ("layer", "weight") else "right")
    for norm in answer.norms:
        without = "" if norm.without is None else f"{norm.without:.3f}"
        table.add_row(norm.layer, norm.weight, f"{norm.before:.3f}", without, f"{norm.with_:.3f}")
    return table


def _target(candidate: Candidate) -> str:
    return str(candidate.configuration.target or "")


def _lambda(candidate: Candidate) -> str:
    configuration = candidate.configuration
    if configuration.lambda_ is not None:
        return format_lambda(configuration.lambda_)
    pair = (configuration.lambda_l1, configuration.lambda_l2)
    return " + ".join(map(format_lambda, pair)) if any(pair) else "-"


def _score(mean: float, std: float | None) -> str:
    return f"{mean:.4f}" if std is None else f"{mean:.4f} ± {std:.4f}"
