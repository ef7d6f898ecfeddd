"""A sweep's report as one page of HTML, which needs nothing beside itself: to send, to print, to keep.

The answer comes first, then the pictures that carry it, tables, what was searched, and how to get the same again. What
is in the page comes from the database through `html.escape`; the page may load nothing and run one script, which sorts
tables.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from typing import Any

import numpy as np
import tomli_w

from regsearch.spec import format_lambda
from sweeps.analysis.answer import Answer
from sweeps.analysis.brief import brief_answer
from sweeps.analysis.candidates import Candidate, ranked
from sweeps.analysis.comparisons import ClaimedComparison
from sweeps.analysis.diagnosis_sentence import describe_diagnosis
from sweeps.analysis.export import to_python
from sweeps.analysis.importance import importances
from sweeps.analysis.references import describe_references
from sweeps.analysis.report import describe_limits
from sweeps.analysis.snapshot import SweepSnapshot
from sweeps.analysis.verdicts import describe_interval, describe_not_separable
from sweeps.plots.embedded import embedded_png
from sweeps.plots.pictures import PICTURES, figure_of
from sweeps.plots.style import title_of

CAPTIONS = {
    "comparison": "What regularization changes, paired by seed and row; an interval across zero shows nothing.",
    "lambda": "The score against λ: too weak a penalty overfits, too strong a one underfits.",
    "targets": "The score by target and λ: which weights to penalize; the brighter the better.",
    "l1_l2": "The score against both coefficients, where each is searched for itself; the brighter the better.",
    "repeats": "Single trainings lie this far apart: the same row of points has the same seeds in each configuration.",
    "gap": "By how much the network does better on the rows it was trained on: a penalty that helps closes the gap.",
    "learning_curves": "How the losses of train and validation rows went in the course of training.",
    "weight_norms": "How long weights are before and after training.",
    "layer_norms": "How each layer's weights shrink as λ rises, along the winner's regularizer.",
    "data": "The rows, and which of them train.",
    "surfaces": "Where the network draws its border.",
}
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'"
STYLE = """
:root { color-scheme: light dark; --line: #8884; --quiet: #6b6b6b; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.25rem; margin-top: 2.2rem; border-bottom: 1px solid var(--line); }
.answer { border-left: .3rem solid #0072b2; padding-left: 1rem; } .answer p { margin: .3rem 0; }
.answer p:first-child { font-weight: 600; }
figure { margin: 1.5rem 0; } img { background: white; height: auto; } figcaption { color: var(--quiet); }
.wide { overflow-x: auto; } table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .2rem .7rem; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap; }
th { white-space: normal; vertical-align: bottom; }
th:first-child, td:first-child { text-align: left; } caption { text-align: left; color: var(--quiet); }
th button { font: inherit; background: none; border: 0; padding: 0; cursor: pointer; text-decoration: underline; }
pre { overflow-x: auto; padding: .7rem; border: 1px solid var(--line); font-size: .85rem; }
@media print { th button { text-decoration: none; } figure { break-inside: avoid; } }
"""
SCRIPT = """
for (const button of document.querySelectorAll("th button")) button.onclick = () => {
  const head = button.parentElement, place = head.cellIndex, body = head.closest("table").tBodies[0];
  const up = head.ariaSort !== "ascending";
  for (const other of head.parentElement.cells) other.removeAttribute("aria-sort");
  head.ariaSort = up ? "ascending" : "descending";
  const value = row => row.cells[place].dataset.value ?? row.cells[place].textContent;
  const order = (a, b) => a - b || String(a).localeCompare(b);
  body.append(...[...body.rows].sort((a, b) => (up ? 1 : -1) * order(value(a), value(b))));
};
"""


def report_page(snapshot: SweepSnapshot, answer: Answer) -> str:
    """Return the report as HTML.

    Args:
        snapshot: of the sweep.
        answer: what it found.
    """
    title = escape(f"{answer.sweep}: which regularization")
    parts = [
        f"<header><h1>{title}</h1><div class='answer'>{_paragraphs(brief_answer(answer))}</div></header>",
        *_section("Evidence", _figures(snapshot)),
        *_section("What limits it", _limits(answer)),
        *_section("Claims", _claims(answer) if answer.has_winner else ()),
        *_section("Configurations", _configurations(snapshot, answer)),
        *_section("What mattered", _importances(snapshot)),
        *_section("To use it", [_pre(to_python(answer))] if answer.has_winner else []),
        *_section("What was searched", [_pre(tomli_w.dumps(snapshot.config.to_dict()))]),
        *_section("To get the same again", _again(snapshot)),
    ]
    head = (
        f"<meta charset='utf-8'><title>{title}</title><meta name='viewport' content='width=device-width'>"
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}"><style>{STYLE}</style>'
    )
    body = f"<main>{chr(10).join(parts)}</main><script>{SCRIPT}</script>"
    return f"<!doctype html>\n<html lang='en'><head>{head}</head>\n<body>{body}</body></html>\n"


def _section(title: str, parts: Iterable[str]) -> Iterator[str]:
    found = list(parts)
    if found:
        yield f"<section><h2>{title}</h2>{''.join(found)}</section>"


def _figures(snapshot: SweepSnapshot) -> Iterator[str]:
    for name, caption in CAPTIONS.items():
        figure = figure_of(PICTURES[name], snapshot)
        if figure is not None:
            image = embedded_png(figure, title_of(figure))
            yield f"<figure>{image}<figcaption>{escape(caption)}</figcaption></figure>"


def _limits(answer: Answer) -> Iterator[str]:
    """Yield, as paragraphs, what the network needs, how far the rows can tell, and all warnings."""
    winner, lines = answer.winner.configuration, list[str]()
    if answer.diagnosis is not None:
        lines.append(describe_diagnosis(answer.diagnosis, answer.config))
    if answer.has_winner:
        lines.append(describe_not_separable(answer))
        if answer.references:
            lines.append(f"Should this be a network at all? {describe_references(str(winner), answer.references)}")
    lines += describe_limits(answer)
    yield _paragraphs(filter(None, lines))
    if answer.penalized:
        yield f"<p>{escape('; '.join(answer.penalized))}.</p>"


def _claims(answer: Answer) -> Iterator[str]:
    against = answer.against
    if against is None:
        return
    rows = [(against.contender, against.validation), *against.confirmed]
    cells = [_claim(candidate, compared) for candidate, compared in rows if compared is not None]
    head = ("against no regularization", "rows", f"difference in {answer.config.metric}", "95 %", "SE by seeds")
    caption = (
        "Validation rows also served to choose; test rows took no part. Claims on test rows hold together at 95 %."
    )
    yield _table((*head, "SE by rows", "finding"), cells, caption)
    if against.looks.comparisons > 1:
        yield f"<p>Comparisons recorded on these test rows so far: {against.looks.comparisons}.</p>"


def _claim(candidate: Candidate, compared: ClaimedComparison) -> Sequence[Any]:
    found, claim = compared.comparison, compared.claim
    rows = f"{found.rows:,} {found.subset}"
    finding = claim.reason if claim.finding == "no claim" else f"{claim.finding}, {claim.scope}"
    errors = ("?" if se is None else f"{se:.4f}" for se in (found.se_seed, found.se_rows))
    return (
        candidate.configuration,
        rows,
        f"{found.difference:+.4f}",
        describe_interval(claim.interval),
        *errors,
        finding,
    )


def _configurations(snapshot: SweepSnapshot, answer: Answer) -> Iterator[str]:
    alike = {candidate.id for candidate in answer.not_separable}
    rows = [
        (
            str(c.configuration) + (" (winner)" if c.id == answer.winner.id and answer.has_winner else ""),
            str(c.configuration.target or "-"),
            (format_lambda(c.lambda_) if c.lambda_ else "-", c.lambda_),
            c.stage,
            c.n,
            f"{c.mean:.4f}",
            "-" if c.std is None else f"{c.std:.4f}",
            f"{c.train_mean:.4f}",
            "no" if c.id in alike else "yes",
        )
        for c in ranked(snapshot.candidates, greater_is_better=snapshot.config.greater_is_better)
    ]
    metric = snapshot.config.metric
    head = (
        "configuration",
        "weights",
        "largest λ",
        "stage",
        "repeats",
        f"mean validation {metric}",
        "std",
        f"train {metric}",
    )
    yield _table(
        (*head, "separable from the winner"), rows, "The best first; a head sorts by its column.", sortable=True
    )


def _importances(snapshot: SweepSnapshot) -> Iterator[str]:
    found = importances(snapshot)
    if found is None:
        return
    rows = [
        (each.parameter, f"{each.divergence:.4f}", f"{each.shuffled:.4f}", "yes" if each.stands_out else "no")
        for each in found.found
    ]
    caption = (
        f"PED-ANOVA: what sets the best {found.top} of {found.configurations} configurations that have a λ apart from "
        "the others. With so few, scores without any meaning give large numbers too: shuffled scores stay below the "
        "third column in 95 of 100 cases. It says nothing of how much the score would change, and configurations crowd "
        "where the search went on."
    )
    yield _table(("hyperparameter", "importance", "of shuffled scores", "more than those"), rows, caption)


def _again(snapshot: SweepSnapshot) -> Iterator[str]:
    file = f"<code>{escape(snapshot.name)}.toml</code>"
    yield f"<p>Save what was searched as {file}, and beside it the files that it names:</p>"
    yield _pre(f"regsearch run {snapshot.name}.toml --out results")
    yield "<p>The numbers are the same to the last digit on this kind of CPU with these versions:</p>"
    yield _table(("part", "version"), list(snapshot.versions.items()), "")
    if files := _files(snapshot.config.inputs.files):
        yield _table(("file", "SHA-256"), files, "")


def _files(files: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(name, digest) for name, digest in files.items() if digest]


def _table(head: Sequence[str], rows: Sequence[Sequence[Any]], caption: str, *, sortable: bool = False) -> str:
    names = [f"<button type='button'>{escape(name)}</button>" if sortable else escape(name) for name in head]
    heads = "".join(f"<th scope='col'>{name}</th>" for name in names)
    body = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in rows)
    said = f"<caption>{escape(caption)}</caption>" if caption else ""
    whole = f"<table>{said}<thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>"
    return f"<div class='wide' tabindex='0'>{whole}</div>"


def _cell(value: Any) -> str:
    """Return a cell; of a pair, what is shown and what it is sorted by."""
    if isinstance(value, tuple):
        shown, number = value
        return f"<td data-value='{np.format_float_positional(number, precision=12)}'>{escape(str(shown))}</td>"
    return f"<td>{escape(str(value))}</td>"


def _paragraphs(lines: Iterable[str]) -> str:
    return "".join(f"<p>{escape(line)}</p>" for line in lines)


def _pre(text: str) -> str:
    return f"<pre>{escape(text)}</pre>"
