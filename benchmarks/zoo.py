"""Whether any network trains slower than by `fit`: `python -m benchmarks.zoo`, about an hour on two cores.

Each network has a process of its own, in which contenders take turns: `fit` as written; fit-F, 100 steps a call on
cached data; fit-T, the same by XLA; our program by XLA and as a graph, alone and two trainings at once; and the choice
that a sweep of the network would make.
"""

import argparse
import json
import math
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np

from benchmarks.keras_loops import fit_as_written, fit_tuned
from benchmarks.machine import facts
from benchmarks.measure import Contender, round_robin, times
from benchmarks.zoo_networks import NETWORKS, Network
from regsearch.data import Split
from regsearch.models import BUILDERS
from regsearch.scoring import METRICS
from regsearch.spec import ModelSpec, TrainingSpec
from regsearch.trainers import compiled
from regsearch.trainers.base import TrainerPhase
from regsearch.trainers.choice import TrainerChoice
from regsearch.trainers.compiled import CompiledTrainer
from regsearch.trainers.problem import Problem
from regsearch.trainers.timing import Work

LOSS, BUILDER = "sparse_categorical_crossentropy", "zoo"
ROUNDS, ROUND_S = 3, 0.4  # and about how long a contender runs in each
TRAININGS, EPOCHS = 270, 200  # of the search that the choice is made for
AT_ONCE = 2
MIN_STEPS, MAX_STEPS, MAX_EPOCHS = 10, 1000, 30  # a round, by `fit`
FITS = ("fit", "fit-F", "fit-T")
ALONE, ALONE_OF_BEST, TOGETHER, TOGETHER_MEAN = 0.95, 0.9, 0.95, 1.3  # times as fast as fits, at least
WITHIN, ENOUGH = 1.1, 0.92  # of the best engine's time, on so many of the networks

Found = Mapping[str, Any]


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a line for each network, then the bars; return 1 where one is missed."""
    options = _parser().parse_args(arguments)
    if options.network:
        print(json.dumps(measure(NETWORKS[options.network], quick=options.quick)))
        return 0
    print(*(f"{name}: {value}" for name, value in facts().items()), sep="\n", end="\n\n")
    names = [name for name in NETWORKS if not options.only or any(part in name for part in options.only)]
    print(HEADER, flush=True)
    found = {}
    for name in names:
        command = [sys.executable, "-m", "benchmarks.zoo", "--network", name, *(["--quick"] if options.quick else [])]
        answer = subprocess.run(command, capture_output=True, text=True, check=False)
        if answer.returncode:
            print(f"| {name} | failed: {answer.stderr.strip().splitlines()[-1]} |", flush=True)
            continue
        found[name] = json.loads(answer.stdout.splitlines()[-1])
        print(line(name, found[name]), flush=True)
        if options.json:
            options.json.write_text(json.dumps({"machine": facts(), "networks": found}, indent=1) + "\n")
    missed = list(shortfalls(found))
    print("", *missed, "pass" if not missed else "FAIL", sep="\n")
    return 1 if missed and not options.quick else 0


def measure(network: Network, *, quick: bool = False) -> dict[str, Any]:
    """Return what the contenders took on a network, in seconds a step, and what a sweep would choose."""
    data, split = network.data()
    build = partial(network.model, network.shape, data.n_outputs)
    training = TrainingSpec(epochs=EPOCHS, batch_size=network.batch)
    with patch.dict(BUILDERS, {BUILDER: network.model}), patch.object(compiled, "curve_epochs", _last_epoch_alone):
        problem = Problem(
            data=data, model=ModelSpec(builder=BUILDER, options=()), training=training, metric=METRICS["accuracy"]
        )
        choice = TrainerChoice(problem)
        phase = TrainerPhase(epochs=EPOCHS, coefficients=np.zeros((len(choice.trainer.weights), 2), np.float32))
        work = Work(trainings=TRAININGS, phase=phase)
        first = choice.trainer
        assert isinstance(first, CompiledTrainer)
        before, started = _peak(), time.perf_counter()
        graph = CompiledTrainer(choice.trainer.problem, engine="graph", like=choice.trainer)
        graph.steps(split, phase, network.rows // network.batch)()
        memory = _peak() - before
        chosen = choice.decide(split, work, seed=0)
        decided = time.perf_counter() - started
        programs = {"graph": graph, first.engine: first}
        seconds = 0.0 if quick else ROUND_S
        contenders = [
            contender
            for name, trainer in programs.items()
            for contender in _ours(name, partial(trainer.steps, split, phase), seconds)
        ]
        steps = max(MIN_STEPS, min(MAX_STEPS, int(seconds / min(chosen.step_s.values(), default=0.01))))
        contenders += _fits(network, build, split, steps, by_xla="xla" in programs)
        figures = round_robin(contenders, 1 if quick else ROUNDS)
    best = min((name for name in FITS if name in figures), key=lambda name: figures[name].median)
    mine = chosen.engine if chosen.engine != "fit" else "fit-F"
    together = f"{mine} x {AT_ONCE}" if mine in programs else best
    return {
        "step_s": {name: figure.median for name, figure in figures.items()},
        "chosen": mine,
        "reason": chosen.reason,
        "decided_s": decided,
        "graph_memory": memory,
        "of_fit": times(figures["fit"], figures[mine]),
        "of_best": times(figures[best], figures[mine]),
        "together_of_best": times(figures[best], figures[together]),
    }


HEADER = (
    "| network | fit | fit-F | fit-T | xla | graph | xla, two | graph, two | chosen | times fit | times the best fit "
    "| two at once, times the best fit | graph's memory |\n|" + "---|" * 13
)


def line(name: str, found: Found) -> str:
    """Return a network's row of the table: microseconds a step, then ratios."""
    columns = (*FITS, "xla", "graph", f"xla x {AT_ONCE}", f"graph x {AT_ONCE}")
    shown = [f"{found['step_s'][c] * 1e6:,.0f}" if c in found["step_s"] else "" for c in columns]
    ratios = [f"{found[key]:.2f}" for key in ("of_fit", "of_best", "together_of_best")]
    memory = f"{found['graph_memory'] / 2**20:,.0f} MiB"
    return f"| {' | '.join([name, *shown, found['chosen'], *ratios, memory])} |"


def shortfalls(found: Mapping[str, Found]) -> list[str]:
    """Return which bars are missed, a line each."""
    bars = {"of_fit": ALONE, "of_best": ALONE_OF_BEST, "together_of_best": TOGETHER}
    missed = [
        f"{name}: {key} {each[key]:.2f}, at least {bar}"
        for name, each in found.items()
        for key, bar in bars.items()
        if each[key] < bar
    ]
    if not found:
        return missed
    mean = math.exp(sum(math.log(each["together_of_best"]) for each in found.values()) / len(found))
    if mean < TOGETHER_MEAN:
        missed.append(f"two at once, geometric mean: {mean:.2f}, at least {TOGETHER_MEAN}")
    well = sum(well_chosen(each) for each in found.values())
    if well < ENOUGH * len(found):
        missed.append(f"chosen within {WITHIN}x of the best engine: {well} of {len(found)}")
    return missed


def well_chosen(found: Found) -> bool:
    """Whether the chosen engine takes at most a tenth longer than the best, two trainings at once."""
    step_s = found["step_s"]
    taken = {name: step_s.get(f"{name} x {AT_ONCE}", step_s.get(name)) for name in ("xla", "graph", "fit-F")}
    known = {name: seconds for name, seconds in taken.items() if seconds is not None}
    return bool(known[found["chosen"]] <= WITHIN * min(known.values()))


def _ours(name: str, steps: Callable[[int], Callable[[], int]], seconds: float) -> list[Contender]:
    """Return our program alone, and two trainings at once; a unit is a step."""
    count = _count(steps, seconds)
    runs = [steps(count) for _ in range(AT_ONCE)]
    done = runs[0]()
    pool = ThreadPoolExecutor(AT_ONCE)
    return [
        Contender(name=name, units=done, work=runs[0]),
        Contender(
            name=f"{name} x {AT_ONCE}", units=AT_ONCE * done, work=lambda: list(pool.map(lambda run: run(), runs))
        ),
    ]


def _count(steps: Callable[[int], Callable[[], int]], seconds: float) -> int:
    once = steps(1)
    once()
    started = time.perf_counter()
    once()
    return max(1, int(seconds / (time.perf_counter() - started)))


def _fits(network: Network, build: Callable[[], Any], split: Split, steps: int, *, by_xla: bool) -> list[Contender]:
    """Return `fit` as written, and tuned; XLA left out where a step by it takes seconds."""
    batches = -(-network.rows // network.batch)
    epochs = max(1, min(MAX_EPOCHS, steps // batches))
    written = fit_as_written("fit", build, split, loss=LOSS, epochs=epochs, steps=batches, batch=network.batch)
    tuned = {"fit-F": False, "fit-T": True} if by_xla else {"fit-F": False}
    return [
        written,
        *(
            fit_tuned(name, build, split.train, loss=LOSS, steps=steps, batch=network.batch, jit_compile=jit)
            for name, jit in tuned.items()
        ),
    ]


def _last_epoch_alone(phases: Sequence[TrainerPhase], split: Any) -> Any:
    return np.array([sum(phase.epochs for phase in phases)], np.int32)


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.zoo", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="too few steps to mean anything: does it all run?")
    parser.add_argument("--only", nargs="*", metavar="PART", help="networks whose names contain one of these")
    parser.add_argument("--network", choices=NETWORKS, help="this one, in this process, as JSON")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there")
    return parser


if __name__ == "__main__":
    sys.exit(main())
