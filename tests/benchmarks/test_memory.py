"""The benchmark of memory: what it trains, what it reads, what it says."""

from dataclasses import replace
from itertools import islice

import numpy as np
import pytest

from benchmarks import memory

MIB = 2**20


def test_ten_configurations_meet_the_same_ten_seeds_and_the_next_ten_meet_others():
    sweeps = [list(islice(memory.work(), 10 * i, 10 * i + 10)) for i in range(3)]
    met = [{seed for _, seeds in sweep for seed in seeds.values()} for sweep in sweeps]
    assert [len(seeds) for seeds in met] == [10, 10, 10]
    assert len(set.union(*met)) == 30
    specs = [spec for spec, _ in sweeps[0]]
    assert len({spec.key() for spec in specs}) == 10
    assert len({replace(spec, penalties=()).key() for spec in specs}) == 1  # one compilation


def test_growth_is_from_the_lowest_reading():
    assert memory.growth([100]) == 0
    assert memory.growth([100, 80, 84]) == pytest.approx(5.0)
    assert memory.growth([100, 80, 120, 80]) == 0


def test_resident_memory_holds_what_was_written_to():
    before = memory.resident_bytes()
    held = np.ones(64 * MIB, np.uint8)
    assert memory.resident_bytes() - before == pytest.approx(held.nbytes, abs=8 * MIB)


def test_it_reads_memory_after_100_trainings_and_at_the_end(capsys):
    status = memory.main(["--trainings", "120"])
    printed = capsys.readouterr().out
    table = [line.split() for line in printed.splitlines() if line.endswith("%")]
    assert [row[0] for row in table] == ["100", "120"]
    assert all(float(row[1].replace(",", "")) > 100 for row in table)  # MiB: TensorFlow alone is more
    assert printed.splitlines()[-1].split()[-1] == ("FAIL" if status else "pass")


def test_too_few_trainings_are_refused(capsys):
    with pytest.raises(SystemExit):
        memory.main(["--trainings", "100"])
    assert "more than 100" in capsys.readouterr().err
