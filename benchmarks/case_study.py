"""An epoch of the case study's network, by regsearch and by what it stands in for."""

from dataclasses import dataclass
from typing import Any

from benchmarks import arithmetic, elsewhere, keras_loops, ours
from benchmarks.machine import cpus
from benchmarks.measure import Contender, Figure, Ratio, Report, round_robin, times
from regsearch.backend import load_keras
from regsearch.data import make_split
from regsearch.spec import DataSpec, ModelSpec, Penalty, SplitSpec, TrainingSpec, TrialSpec

HIDDEN, L2 = 500, 1e-3
DATA = DataSpec(source="moons", split=SplitSpec(train=30, validation=70))
LOSS = "binary_crossentropy"

FIT, TUNED, STEP = "fit as written", "fit tuned: XLA, 100 steps a call", "a loop over a compiled step"
SKLEARN, TORCH, ONE = "scikit-learn's MLPClassifier", "PyTorch's usual loop on 1 thread", "ours, trainings one by one"


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """How much work a round is, in epochs, and how many rounds there are."""

    rounds: int = 9
    fit: int = 30
    tuned: int = 4000
    step: int = 2000
    elsewhere: int = 600
    ours: int = 4000
    trainings: int = 16
    products: int = 30


QUICK = Sizes(rounds=1, fit=1, tuned=10, step=5, elsewhere=5, ours=20, trainings=2, products=1)


def report(sizes: Sizes) -> Report:
    """Measure and return the section."""
    threads = sorted({1, 2, cpus()} if cpus() > 1 else {1})
    torch = elsewhere.torch_loop(TORCH, make_split(DATA).train, hidden=HIDDEN, l2=L2, epochs=sizes.elsewhere)
    others = [*([torch] if torch else []), *_others(sizes), *_limits(sizes, threads)]
    found = round_robin([*others, *_ours(sizes, threads)], sizes.rounds)
    return Report(
        title="Case study: 30 rows, Dense 500 and 1, Adam, l2 1e-3",
        unit="epoch",
        figures=tuple(found.values()),
        ratios=_ratios(found, threads),
        notes=_notes(torch is not None, threads),
    )


def spec(epochs: int) -> TrialSpec:
    """Return the case study's regularized training."""
    return TrialSpec(
        data=DATA,
        metric="accuracy",
        model=ModelSpec(options=(("hidden", (HIDDEN,)),)),
        training=TrainingSpec(epochs=epochs, batch_size=keras_loops.BATCH),
        penalties=(Penalty(l2=L2),),
    )


def model() -> Any:
    """Return the case study's model as one writes it in Keras."""
    keras = load_keras()
    hidden = keras.layers.Dense(HIDDEN, activation="relu", kernel_regularizer=keras.regularizers.L2(L2))
    return keras.Sequential([keras.Input((2,)), hidden, keras.layers.Dense(1, activation="sigmoid")])


def _others(sizes: Sizes) -> list[Contender]:
    split = make_split(DATA)
    train = split.train
    return [
        keras_loops.fit_as_written(FIT, model, split, loss=LOSS, epochs=sizes.fit, validate=True),
        keras_loops.fit_tuned(TUNED, model, train, loss=LOSS, steps=sizes.tuned),
        keras_loops.step_by_hand(STEP, model, train, loss=LOSS, steps=sizes.step),
        elsewhere.sklearn_mlp(SKLEARN, train, hidden=HIDDEN, l2=L2, epochs=sizes.elsewhere),
    ]


def _limits(sizes: Sizes, threads: list[int]) -> list[Contender]:
    flops = arithmetic.step_flops(len(make_split(DATA).train.x), 2, HIDDEN)
    return [arithmetic.limit(_limit(n), flops, products=sizes.products, threads=n) for n in threads]


def _ours(sizes: Sizes, threads: list[int]) -> list[Contender]:
    wanted, epochs = spec(sizes.ours), sizes.ours
    return [
        ours.training(ONE, wanted, units=epochs, trainings=sizes.trainings),
        *(
            ours.repeats(_on(n), wanted, units=epochs, trainings=sizes.trainings * n, threads=n)  # as many each
            for n in threads
        ),
    ]


def _ratios(found: dict[str, Figure], threads: list[int]) -> tuple[Ratio, ...]:
    bars = {FIT: 2000.0, TUNED: 12.0, STEP: None, SKLEARN: 20.0, TORCH: None}
    faster = [
        Ratio(name=f"{name} / ours", value=times(found[name], found[ONE]), at_least=bar)
        for name, bar in bars.items()
        if name in found
    ]
    above_limit = Ratio(name=f"ours / {_limit(1)}", value=times(found[ONE], found[_limit(1)]))
    scaling = [
        Ratio(name=f"{_on(1)} / on {n}", value=times(found[_on(1)], found[_on(n)]), at_least=1.8 if n == 2 else None)
        for n in threads[1:]
    ]
    machine = [
        Ratio(name=f"{_limit(1)} / of {n}", value=times(found[_limit(1)], found[_limit(n)])) for n in threads[1:]
    ]
    return *faster, above_limit, *scaling, *machine


def _notes(has_torch: bool, threads: list[int]) -> tuple[str, ...]:
    notes = ["fit, the loop and scikit-learn run as they are by default, on as many threads as they like: see cores."]
    if not has_torch:
        notes.append("PyTorch: not installed.")
    if len(threads) == 1:
        notes.append("Scaling with threads: not measured on 1 CPU.")
    return tuple(notes)


def _limit(cores: int) -> str:
    return f"arithmetic limit of {'one core' if cores == 1 else f'{cores} cores'}"


def _on(threads: int) -> str:
    return f"ours, repeats on {threads} thread{'s' if threads > 1 else ''}"
