"""An answer in a few lines, for where the whole report is too long."""

from collections.abc import Iterator

from sweeps.analysis.answer import Against, Answer
from sweeps.analysis.comparisons import ClaimedComparison
from sweeps.analysis.limits import describe_unsearched
from sweeps.analysis.report import describe_no_winner, describe_winner
from sweeps.analysis.verdicts import VERDICTS, describe_interval

MOST_LINES = 6


def brief_answer(answer: Answer) -> tuple[str, ...]:
    """Return the winner, how it compares with no regularization, and what limits that: at most `MOST_LINES` lines."""
    return tuple(_lines(answer))[:MOST_LINES]


def _lines(answer: Answer) -> Iterator[str]:
    if not answer.has_winner:
        yield describe_no_winner(answer)
        return
    yield f"Winner: {describe_winner(answer)}"
    if answer.against is not None:
        against, metric = answer.against, answer.config.metric
        for compared in filter(None, (against.validation, against.test)):
            yield _compared(against, compared, metric)
        if against.test is None:
            yield "Not confirmed on test rows."
    if len(answer.not_separable) > 1:
        yield f"The validation rows cannot tell {len(answer.not_separable) - 1} others from it."
    if answer.unsearched is not None:
        yield describe_unsearched(answer.unsearched, answer.config)
    if answer.notices:
        codes = ", ".join(dict.fromkeys(notice.code for notice in answer.notices))
        yield f"Warnings: {codes}."


def _compared(against: Against, compared: ClaimedComparison, metric: str) -> str:
    """Return one comparison as 'On 5,000 test rows: +0.0128 accuracy (95 %: … to …), l2 1e-3 beats …'."""
    comparison, claim = compared.comparison, compared.claim
    where = f"On {comparison.rows:,} {comparison.subset} rows: {comparison.difference:+.4f} {metric}"
    interval = "" if claim.interval is None else f" (95 %: {describe_interval(claim.interval)})"
    return f"{where}{interval}, {_finding(against, compared)}."


def _finding(against: Against, compared: ClaimedComparison) -> str:
    finding = compared.claim.finding
    if finding in ("no claim", "not shown"):
        return f"{VERDICTS.get(finding, finding)} from no regularization" if finding == "not shown" else "no claim"
    if compared.comparison.subset == "validation":
        return "separated from no regularization, on the rows that also served to choose"
    return f"{against.contender.configuration} {VERDICTS[finding]} no regularization"
