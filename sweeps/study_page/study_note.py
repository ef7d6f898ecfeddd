"""A sweep's note in the dashboard, as Markdown: what it is, the answer so far, and how to get it again."""

import re
from collections.abc import Iterable, Iterator

import tomli_w

from sweeps.analysis.answer import Answer, answer
from sweeps.analysis.brief import brief_answer
from sweeps.analysis.candidates import Candidate, is_tied
from sweeps.analysis.report import describe_limits
from sweeps.analysis.snapshot import SweepSnapshot
from sweeps.analysis.verdicts import describe_not_separable

BELOW = "*regsearch writes what stands above this line, and keeps what you write below it.*"
_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|~$!])")
TIES = "of equal means the larger λ, then l2 before l1 before l1\\_l2"


def study_note(snapshot: SweepSnapshot) -> str:
    """Return the note.

    Args:
        snapshot: of the sweep, which may still run.
    """
    found = answer(snapshot) if snapshot.candidates else None
    parts = [
        *_what_it_is(snapshot),
        "## The answer so far",
        *(_answer(snapshot, found) if found else ["No configuration has all its repeats yet."]),
        "## To get it again",
        *_again(snapshot, has_winner=found is not None and found.has_winner),
    ]
    return "\n\n".join(parts)


def with_own_text(note: str, before: str) -> str:
    """Return a note with what people wrote into the one that stood there before.

    Args:
        note: ours.
        before: the whole note that it replaces: below BELOW, or where nothing of ours is in it, all is theirs.
    """
    _, ours, theirs = before.rpartition(BELOW)
    kept = (theirs if ours else before).strip()
    return "\n\n".join(filter(None, [note, "---", BELOW, kept]))


def escaped(text: str) -> str:
    """Return text as Markdown that shows it unchanged."""
    return _MARKUP.sub(r"\\\1", text)


def _what_it_is(snapshot: SweepSnapshot) -> Iterator[str]:
    config = snapshot.config
    search, repeats = config.search, config.evaluation.repeats
    which = ", ".join(search.regularizers)
    strategy = f"The strategy {search.strategy} searches {which}; each configuration is trained {repeats} times."
    yield f"# {escaped(snapshot.name)}: which regularization"
    value = f"A trial's value is the mean validation {config.metric} of its {repeats} repeats, whose scores are its "
    value += "intermediate values, by their numbers: they are no course of time."
    yield escaped(f"On the data {config.data_spec.source}, with the model {config.model.builder}. {strategy} {value}")
    over = [f"{len(snapshot.finished)} configurations are finished"]
    if snapshot.diverged:
        over.append(f"{len(snapshot.diverged)} diverged")
    if snapshot.eliminated:
        over.append(f"{len(snapshot.eliminated)} were eliminated by the race")
    if snapshot.abandoned:
        over.append(f"{len(snapshot.abandoned)} were abandoned after repeated failures")
    yield f"{', '.join(over)}."


def _answer(snapshot: SweepSnapshot, found: Answer) -> Iterator[str]:
    first, *rest = brief_answer(found)
    yield f"**{escaped(first)}**"
    yield _list(rest)
    if found.has_winner:
        yield from filter(None, [escaped(describe_not_separable(found))])
    yield _list(line for line in describe_limits(found) if not line.startswith("Warning"))
    yield "### Beside the dashboard's best trial"
    yield _beside_top_row(snapshot, found.winner)


def _beside_top_row(snapshot: SweepSnapshot, winner: Candidate) -> str:
    """Return why the winner may be another than the trial that the dashboard calls the best."""
    tied = [c for c in snapshot.candidates if c.id != winner.id and is_tied(c, winner)]
    rule = (
        "The dashboard calls the first trial with the best mean the best, whatever it owes to luck; its objective is "
        f"that mean. regsearch takes {TIES}, and counts means that differ by rounding alone as equal."
    )
    if not tied:
        return f"{rule} Here no other configuration has the same mean, so that both name the same."
    names = ", ".join(escaped(str(c.configuration)) for c in tied[:5])
    more = f" and {len(tied) - 5} more" if len(tied) > 5 else ""
    return f"{rule} Here {names}{more} have the winner's mean, so that the dashboard may name one of them."


def _again(snapshot: SweepSnapshot, *, has_winner: bool) -> Iterator[str]:
    name = snapshot.name
    commands = [f"regsearch best {name}", f"regsearch report {name} --out report.html"]
    if has_winner:
        commands.append(f"regsearch export {name} --to best.py")
    yield _fenced("\n".join(commands), "sh")
    versions = ", ".join(f"{part} {version}" for part, version in snapshot.versions.items())
    yield escaped(f"Numbers are the same to the last bit with {versions}.")
    yield "What was searched:"
    yield _fenced(tomli_w.dumps(snapshot.config.to_dict()).strip(), "toml")


def _list(lines: Iterable[str]) -> str:
    return "\n".join(f"- {escaped(line)}" for line in lines)


def _fenced(text: str, language: str) -> str:
    """Return text as a block of code, whose fence is longer than any in it."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text}\n{fence}"
