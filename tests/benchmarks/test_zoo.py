"""The zoo's networks build, and its bars are judged; what they take is for the benchmark itself to say."""

import pytest

from benchmarks import zoo
from benchmarks.zoo_networks import NETWORKS, Network

STEP_S = {"fit": 4e-3, "fit-F": 3e-3, "fit-T": 5e-3, "xla": 1e-3, "xla x 2": 5e-4, "graph": 2e-3, "graph x 2": 1e-3}
FOUND = {
    "step_s": STEP_S,
    "chosen": "xla",
    "of_fit": 4.0,
    "of_best": 3.0,
    "together_of_best": 6.0,
    "graph_memory": 2**20,
}


def test_there_are_many():
    assert len(NETWORKS) >= 25
    assert {network.words for network in NETWORKS.values()} == {None, 10_000}


@pytest.mark.parametrize("name", NETWORKS)
def test_each_is_built(name):
    network = NETWORKS[name]
    assert network.model(network.shape, 10).output_shape == (None, 10)


def test_a_network_is_measured():
    found = zoo.measure(Network(shape=(4,), build=lambda L: [L.Dense(3)], batch=8, rows=16), quick=True)
    assert set(found["step_s"]) == {*STEP_S}
    assert all(seconds > 0 for seconds in found["step_s"].values())


def test_bars_that_are_missed_are_named():
    assert zoo.shortfalls({"a": FOUND}) == []
    slow = FOUND | {"of_fit": 0.9, "step_s": STEP_S | {"graph x 2": 1e-4}, "together_of_best": 1.0}
    assert zoo.shortfalls({"b": slow}) == [
        "b: of_fit 0.90, at least 0.95",
        "two at once, geometric mean: 1.00, at least 1.3",
        "chosen within 1.1x of the best engine: 0 of 1",
    ]


def test_a_line_of_the_table():
    assert (
        zoo.line("a", FOUND)
        == "| a | 4,000 | 3,000 | 5,000 | 1,000 | 2,000 | 500 | 1,000 | xla | 4.00 | 3.00 | 6.00 | 1 MiB |"
    )
    assert zoo.HEADER.splitlines()[0].count("|") == zoo.line("a", FOUND).count("|")
