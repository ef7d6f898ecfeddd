"""What `regsearch check` prints."""

from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.table import Table

from regsearch.data import DataDescription
from regsearch.layout import describe_layout
from sweeps.analysis.diagnosis import Diagnosis
from sweeps.analysis.diagnosis_sentence import describe_diagnosis
from sweeps.config import SweepConfig
from sweeps.config.racing_section import FEWEST, STRATEGIES
from sweeps.runtime.checking import SweepCheck, most_trainings


def show_check(check: SweepCheck, config: SweepConfig, diagnosis: Diagnosis | None, console: Console) -> None:
    """Print what will be done for a sweep, and what its network needs, where that was found out."""
    for section in _sections(check, config.metric):
        console.print(section, highlight=False, markup=False)
    console.print(_racing(config), highlight=False, markup=False)
    if diagnosis is not None:
        console.print(describe_diagnosis(diagnosis, config), highlight=False, markup=False)


def _sections(check: SweepCheck, metric: str) -> Iterator[Table | str]:
    yield _columns(check.data)
    if check.data.classes:
        yield f"Classes: {_counted(check.data.classes)}"
    yield f"Rows: {_counted(check.data.subsets)}"
    yield "\n".join(f"{line[0].upper()}{line[1:]}" for line in describe_layout(check.layout))
    yield f"Engine: {check.engine}."
    yield f"Proof: {check.proof} ({check.proof.seconds:.1f} s)."
    yield f"A constant prediction has validation {metric} {check.constant_score:.4f}."
    yield from (f"Warning ({notice.code}): {notice.message}." for notice in check.notices)


def _racing(config: SweepConfig) -> str:
    """Return how many trainings a search takes, and what a race saves or would save of them."""
    race, most, repeats = config.evaluation.race, most_trainings(config), config.evaluation.repeats
    if race is not None:
        least, rungs = most * race.rungs[0] // repeats, ", ".join(map(str, race.rungs))
        price = " A configuration whose scores vary more than others' is eliminated too easily." if race.pooled else ""
        return f"Trainings: {least:,} to {most:,}, as the race goes (rungs {rungs}).{price}"
    if repeats <= FEWEST or config.search.strategy not in STRATEGIES:
        return f"Trainings: {most:,} at most."
    return f"Trainings: {most:,} at most; with evaluation.racing = true from {most * FEWEST // repeats:,} on."


def _columns(data: DataDescription) -> Table:
    table = Table(title=f"Data ({data.task})", title_justify="left", box=None, pad_edge=False)
    inputs = ["input"] if any(c.input for c in data.columns) else []
    for name in ("column", "kind", "use", *inputs, "missing", "what is done to it"):
        table.add_column(name, justify="right" if name == "missing" else "left")
    for c in data.columns:
        table.add_row(c.name, c.kind, c.use, *[c.input for _ in inputs], str(c.missing or ""), c.treatment)
    return table


def _counted(pairs: Sequence[tuple[str, int]]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in pairs)
