"""regsearch beside what people would use instead: seconds, memory, what a SIGKILL costs, what is kept, growth.

`python -m benchmarks.compare` makes an environment of pinned versions for each peer under `--environments`, then runs
every peer on the same rows and the same number of trainings. Who is too slow trains a stated part, and its search is
scaled to the whole; the table marks it. Linux only, as memory is read from /proc. About an hour on two cores.
"""

import argparse
import itertools
import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.datasets import make_classification, make_moons

from benchmarks.machine import facts
from benchmarks.peer_runs import PEERS, DidNotRun, Run, environment, plain, run, user_lines, write_task

KERAS = ("tensorflow==2.21.0", "keras==3.15.1", "numpy==2.4.6")
LAMBDAS = (0.0, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1)
LIMIT_S = 1800.0


@dataclass(frozen=True, kw_only=True)
class Part:
    """The share of a task that a slow peer trains: the first lambdas, some repeats, some epochs."""

    lambdas: int
    repeats: int
    epochs: int


@dataclass(frozen=True, kw_only=True)
class Peer:
    """A tool, how it is set up, and what it keeps of a search."""

    name: str
    script: str
    packages: tuple[str, ...]  # none: regsearch's own environment
    keeps: str  # each repeat, the std over repeats, learning curves
    parts: dict[str, Part] = field(default_factory=dict)  # by task; missing: all of it


SLOW = {"moons": Part(lambdas=1, repeats=1, epochs=500), "table": Part(lambdas=2, repeats=2, epochs=50)}
RAY = {"moons": Part(lambdas=1, repeats=2, epochs=500), "table": Part(lambdas=2, repeats=2, epochs=50)}
PEER_LIST = (
    Peer(name="regsearch, command", script="regsearch_cli", packages=(), keeps="repeats, std, curves"),
    Peer(name="regsearch, Python", script="regsearch_python", packages=(), keeps="repeats, std, curves"),
    Peer(name="regsearch, scikit-learn", script="regsearch_sklearn", packages=(), keeps="repeats and std, in memory"),
    Peer(name="Keras `fit`, a loop", script="keras_loop", packages=KERAS, keeps="what the loop writes", parts=SLOW),
    Peer(name="Keras `fit`, tuned", script="keras_tuned", packages=KERAS, keeps="what the loop writes"),
    Peer(
        name="KerasTuner GridSearch",
        script="keras_tuner_grid",
        packages=(*KERAS, "keras-tuner==1.4.8", "tensorboard==2.20.0"),
        keeps="the mean alone",
        parts=SLOW,
    ),
    Peer(
        name="Ray Tune and Keras",
        script="ray_tune",
        packages=(*KERAS, "ray[tune]==2.60.0", "pandas==3.1.1"),
        keeps="repeats",
        parts=RAY,
    ),
    Peer(
        name="Optuna and Keras",
        script="optuna_keras",
        packages=(*KERAS, "optuna==5.0.0"),
        keeps="what the objective writes",
        parts=SLOW,
    ),
    Peer(
        name="GridSearchCV, MLPClassifier",
        script="sklearn_mlp",
        packages=("scikit-learn==1.9.1", "numpy==2.4.6"),
        keeps="repeats and std, in memory",
    ),
    Peer(
        name="GridSearchCV, scikeras",
        script="scikeras_grid",
        packages=(*KERAS, "scikeras==0.13.0", "scikit-learn==1.5.2"),
        keeps="repeats and std, in memory",
        parts=SLOW,
    ),
)
BY_SCRIPT = {peer.script: peer for peer in PEER_LIST}
GROWTH = {
    "regsearch": (),
    "optuna": ("optuna==5.0.0",),
    "keras-tuner": BY_SCRIPT["keras_tuner_grid"].packages,
    "ray": BY_SCRIPT["ray_tune"].packages,
}


@dataclass(frozen=True, kw_only=True)
class Found:
    """What a peer came to on one task."""

    peer: str
    task: str
    run: Run
    scaled_s: float  # the whole search, imports included
    share: float  # of the work that was done
    lines: int
    no_penalty: float  # mean validation accuracy


@dataclass(frozen=True, kw_only=True)
class Durability:
    """What a SIGKILL in the middle cost: trainings that had ended and were done again, and whether scores stayed.

    Where the same command does not go on, `stuck` says with which error, and the rest is None.
    """

    ended_before: int
    trained_again: int | None
    same_numbers: bool | None
    stuck: str = ""


def tasks(quick: bool) -> dict[str, tuple[dict[str, Any], dict[str, np.ndarray[Any, Any]]]]:
    """Return the tasks: the case study's grid, and a table of 5,000 rows and 30 columns."""
    moons = make_moons(n_samples=100, noise=0.2, random_state=1)
    table = make_classification(n_samples=5000, n_features=30, n_informative=8, flip_y=0.1, random_state=1)
    lambdas, repeats = (LAMBDAS[:3], 2) if quick else (LAMBDAS, 10)
    return {
        "moons": task_of(
            moons, 30, lambdas=lambdas, repeats=repeats, hidden=500, epochs=20 if quick else 4000, size=30
        ),
        "table": task_of(
            table, 3750, lambdas=lambdas, repeats=repeats, hidden=128, epochs=2 if quick else 50, size=125
        ),
    }


def task_of(
    data: Any, train: int, *, lambdas: tuple[float, ...], repeats: int, hidden: int, epochs: int, size: int
) -> tuple[dict[str, Any], dict[str, np.ndarray[Any, Any]]]:
    """Return a task on these rows: the first `train` of them to train on, the others to validate on."""
    x, y = data[0].astype(np.float32), data[1].astype(np.float32)
    given = {"lambdas": lambdas, "repeats": repeats, "hidden": hidden, "epochs": epochs, "batch_size": size}
    return given, {"x": x[:train], "y": y[:train], "x_validation": x[train:], "y_validation": y[train:]}


def compare(peer: Peer, name: str, task: Any, python: Path, folder: Path, *, quick: bool) -> Found:
    """Run a peer once on a task, or on its part of it."""
    given, data = task
    part = None if quick else peer.parts.get(name)
    if part:
        lambdas = given["lambdas"][: part.lambdas]
        given = given | {"lambdas": lambdas, "repeats": part.repeats, "epochs": part.epochs}
    share = _work(given) / _work(task[0])
    write_task(folder, given, data)
    found = run(python, peer.script, folder, limit_s=LIMIT_S)
    wanted = len(given["lambdas"]) * given["repeats"]
    if len(found.marks) != wanted:
        raise DidNotRun(f"{len(found.marks)} of {wanted} trainings")
    none = [mark.score for mark in found.marks if mark.lambda_ == 0]
    imports_s = found.seconds - found.search_s
    return Found(
        peer=peer.name,
        task=name,
        run=found,
        scaled_s=imports_s + found.search_s / share,
        share=share,
        lines=user_lines(peer.script),
        no_penalty=statistics.fmean(none),
    )


def _work(given: dict[str, Any]) -> int:
    return len(given["lambdas"]) * int(given["repeats"]) * int(given["epochs"])


def durability(peer: Peer, python: Path, folder: Path) -> Durability:
    """Kill a small search after a third of its trainings, run the same command again; and once more from nothing."""
    given, data = tasks(quick=False)["table"]
    given = given | {"lambdas": LAMBDAS[:4], "repeats": 3, "epochs": 20}
    for name in ("killed", "again"):
        write_task(folder / name, given, data)
    before = run(python, peer.script, folder / "killed", limit_s=LIMIT_S, kill_after=4).marks
    again = run(python, peer.script, folder / "again", limit_s=LIMIT_S).marks
    try:
        after = run(python, peer.script, folder / "killed", limit_s=LIMIT_S).marks
    except DidNotRun as reason:
        return Durability(ended_before=len(before), trained_again=None, same_numbers=None, stuck=str(reason))
    new = sum(mark not in before for mark in after)
    wanted = len(given["lambdas"]) * given["repeats"]
    return Durability(
        ended_before=len(before),
        trained_again=max(0, new - (wanted - len(before))),
        same_numbers=_scores(after) == _scores(again),
    )


def _scores(marks: Iterable[Any]) -> dict[float, set[float]]:
    found: dict[float, set[float]] = {}
    for mark in marks:
        found.setdefault(mark.lambda_, set()).add(round(mark.score, 6))
    return found


def growth(tool: str, python: Path, trials: int, limit_s: float) -> dict[int, float]:
    """Return the milliseconds of a trial of nothing, the median of the 20 around each mark that was reached in time."""
    with tempfile.TemporaryDirectory() as folder:
        command = [str(python), str(PEERS / "nothing.py"), tool, folder, str(trials)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
            times = list(_until(process, limit_s))
    took = [1e3 * (late - early) for early, late in itertools.pairwise(times)]
    marks = [mark for mark in (10, 1_000, 10_000) if mark <= len(took)]
    return {mark: statistics.median(took[max(1, mark - 10) : mark + 10]) for mark in marks}


def _until(process: "subprocess.Popen[str]", limit_s: float) -> Iterator[float]:
    first = None
    for line in process.stdout or ():
        first = first or float(line)
        yield float(line)
        if float(line) - first > limit_s:
            process.terminate()
            return


def seconds_table(found: Iterable[Found]) -> str:
    """Return the seconds, memory and lines of each peer, as a Markdown table; * marks a search that was scaled."""
    rows = {}
    for one in found:
        rows.setdefault(one.peer, {})[one.task] = one
    tasks_ = sorted({name for row in rows.values() for name in row})
    heads = [f"{name}: seconds | times ours | GB | accuracy, no penalty" for name in tasks_]
    lines = [f"| | {' | '.join(heads)} | lines |", "|---" * (2 + 4 * len(tasks_)) + "|"]
    if not rows:
        return "No peer ran."
    ours = next(iter(rows.values()))
    for peer, row in rows.items():
        cells = [_cells(row.get(name), ours.get(name)) for name in tasks_]
        lines.append(f"| {peer} | {' | '.join(cells)} | {next(iter(row.values())).lines} |")
    return "\n".join(lines)


def _cells(one: Found | None, ours: Found | None) -> str:
    if one is None:
        return "– | – | – | –"
    star = "*" if one.share < 1 else ""
    times = f"{one.scaled_s / ours.scaled_s:,.1f}" if ours else "–"
    whole = f"{one.no_penalty:.3f}" if not star else "–"
    return f"{one.scaled_s:,.0f}{star} | {times} | {one.run.peak_bytes / 1e9:.1f} | {whole}"


def durability_table(found: dict[str, Durability]) -> str:
    """Return what a SIGKILL cost each peer, and what each keeps, as a Markdown table."""
    lines = [
        "| | trainings ended before SIGKILL | of these trained again | the same numbers, killed or not | keeps |",
        "|---|---|---|---|---|",
    ]
    for peer in PEER_LIST:
        if peer.name in found:
            one = found[peer.name]
            again = "all: it does not go on" if one.stuck else one.trained_again
            same = {True: "yes", False: "no", None: "–"}[one.same_numbers]
            lines.append(f"| {peer.name} | {one.ended_before} | {again} | {same} | {peer.keeps} |")
    return "\n".join(lines)


def growth_table(found: dict[str, dict[int, float]]) -> str:
    """Return the milliseconds of a trial of nothing, as a Markdown table."""
    marks = (10, 1_000, 10_000)
    lines = ["| milliseconds a trial | " + " | ".join(f"at {mark:,}" for mark in marks) + " |", "|---" * 4 + "|"]
    for tool, figures in found.items():
        cells = [f"{figures[mark]:.1f}" if mark in figures else "not reached" for mark in marks]
        lines.append(f"| {tool} | {' | '.join(cells)} |")
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> int:
    """Measure, print, and write the raw figures where asked."""
    options = _options(arguments)
    home = Path(options.environments).expanduser()
    chosen = [peer for peer in PEER_LIST if not options.peer or peer.script in options.peer]
    raw: dict[str, Any] = {"machine": facts(), "peers": [], "durability": {}, "growth": {}}
    found, killed = [], {}
    with tempfile.TemporaryDirectory() as folder:
        for peer in chosen:
            try:
                python = environment(peer.packages, home)
                for name, task in tasks(options.quick).items():
                    one = compare(peer, name, task, python, Path(folder, peer.script, name), quick=options.quick)
                    found.append(one)
                    raw["peers"].append(
                        {"peer": peer.name, "task": name, "seconds": one.scaled_s, "run": plain(one.run)}
                    )
                    print(f"{peer.name}, {name}: {one.scaled_s:,.1f} s", file=sys.stderr)
                killed[peer.name] = durability(peer, python, Path(folder, peer.script, "durability"))
            except DidNotRun as reason:
                print(f"{peer.name}: did not run: {reason}", file=sys.stderr)
        if options.growth:
            trials, limit_s = (30, 60.0) if options.quick else (10_010, 900.0)
            for tool, packages in GROWTH.items():
                raw["growth"][tool] = growth(tool, environment(packages, home), trials, limit_s)
    raw["durability"] = {name: vars(one) for name, one in killed.items()}
    print("\n".join(f"{name}: {value}" for name, value in raw["machine"].items()))
    for text in (seconds_table(found), durability_table(killed), growth_table(raw["growth"])):
        print(f"\n{text}")
    if options.json:
        options.json.write_text(json.dumps(raw, indent=1, default=str) + "\n", encoding="utf-8")
    return 0 if len(found) == len(chosen) * len(tasks(options.quick)) else 1


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    scripts = [peer.script for peer in PEER_LIST]
    parser.add_argument("--peer", action="append", choices=scripts, help="only this one; may be given several times")
    parser.add_argument("--environments", default="~/.cache/regsearch-peers", help="where the peers are installed")
    parser.add_argument("--growth", action="store_true", help="also the cost of a trial of nothing, up to 10,000")
    parser.add_argument("--quick", action="store_true", help="a few trainings, to see that everything runs")
    parser.add_argument("--json", type=Path, help="write the raw figures there")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    raise SystemExit(main())
