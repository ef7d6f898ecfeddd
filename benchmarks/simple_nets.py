"""Are well-regularized simple networks enough for tables? Kadra et al. (2021) asked; here on scikit-learn's tables.

`python -m benchmarks.simple_nets` searches the regularization of their network, nine layers of 512 units with batches
of 128 and 105 epochs, on each table, and holds the best against no regularization, gradient boosting and a linear model
on test rows. What was trained is kept in `--storage`; the same command goes on from there. Two hours on two cores.

A. Kadra, M. Lindauer, F. Hutter, J. Grabocka: Well-tuned simple nets excel on tabular datasets. NeurIPS 2021.
"""

import argparse
import json
import tomllib
from collections.abc import Iterable
from pathlib import Path

import regsearch
from benchmarks.machine import facts
from regsearch.statistics.claim import Claim
from sweeps.analysis.answer import Answer
from sweeps.config.toml_file import parse

ROWS = {"iris": 150, "wine": 178, "breast_cancer": 569, "diabetes": 442, "digits": 1797}
TABLES = tuple(ROWS)
BASELINES = ("hist_gradient_boosting", "linear")
SWEEP = """
name = "simple-nets-{table}"
seed = 1

[data]
source = "{table}"
split = {{ train = {train}, validation = {validation}, test = {test} }}

[model]
hidden = {hidden}

[training]
epochs = {epochs}
batch_size = 128

[search]
strategy = "grid"
regularizers = ["none", "l1", "l2", "weight_decay", "early_stopping"]
lambda = {{ low = 1e-6, high = 1e-2 }}
targets = [{{ layers = "all" }}]

[evaluation]
repeats = {repeats}

[compare]
baselines = {baselines}
"""


def sweep_file(table: str, *, quick: bool = False) -> str:
    """Return the sweep of a table: 2 rows of 5 to train on, 1 to validate on, 2 to test on.

    >>> 'train = 60, validation = 30, test = 60' in sweep_file("iris")
    True
    """
    fifth = ROWS[table] // 5
    size = {"epochs": 40, "repeats": 2, "hidden": [16]} if quick else {"epochs": 105, "repeats": 5, "hidden": [512] * 9}
    rows = {"train": 2 * fifth, "validation": fifth, "test": ROWS[table] - 3 * fifth}
    return SWEEP.format(table=table, baselines=json.dumps(BASELINES), **rows, **size)


def row(table: str, answer: Answer) -> str:
    """Return what was found on a table as a row of Markdown: differences on test rows with their 95 % intervals."""
    against = answer.against
    if against is None or against.test is None or against.contender_test is None or against.baseline_test is None:
        return f"| {table} | the network has learnt nothing |" + " |" * 5
    claims = {"none": against.test.claim, **{one.model: one.claim for one in answer.references}}
    cells = [
        f"{table}, {answer.config.metric}",
        str(against.test.comparison.rows),
        str(against.contender.configuration),
        f"{against.contender_test.mean:.4f}",
        *(_difference(claims[name]) for name in ("none", *BASELINES)),
    ]
    return f"| {' | '.join(cells)} |"


def _difference(claim: Claim) -> str:
    if claim.interval is None:
        return f"{claim.difference:+.4f} (no interval)"
    shown = {"better": "**better**", "worse": "**worse**"}.get(claim.finding, "not shown")
    return f"{claim.difference:+.4f} ({claim.interval.low:+.4f} to {claim.interval.high:+.4f}), {shown}"


def table_of(rows: Iterable[str]) -> str:
    """Return rows under their head."""
    head = ["table, metric", "test rows", "best that regularizes", "its test score", "minus no regularization"]
    head += [f"minus {name}" for name in BASELINES]
    return "\n".join([f"| {' | '.join(head)} |", "|---" * len(head) + "|", *rows])


def main(arguments: list[str] | None = None) -> int:
    """Search, confirm, compare, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--table", action="append", choices=TABLES, help="only this one; may be given several times")
    parser.add_argument("--storage", type=Path, default=Path("simple-nets.db"), help="the database to keep it in")
    parser.add_argument("--quick", action="store_true", help="a small network for 40 epochs, to see that it runs")
    options = parser.parse_args(arguments)
    rows = []
    for table in options.table or TABLES:
        config = parse(tomllib.loads(sweep_file(table, quick=options.quick)))
        rows.append(row(table, regsearch.run(config, storage=options.storage, progress=False).answer))
        print(rows[-1], flush=True)
    print("\n".join(f"{name}: {value}" for name, value in facts().items()))
    print(f"\n{table_of(rows)}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
