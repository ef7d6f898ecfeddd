"""Seeds are pinned: with other values no old sweep could be gone on with."""

import pytest

from regsearch.seeds import derived_seed, fold_seed, fresh_rows_seed, permutation_seed, repeat_seed, split_seed


@pytest.mark.parametrize(
    ("arguments", "seed"),
    [
        ((1, "search", 0), 1079403428),
        ((1, "search", 9), 1048142503),
        ((1, "confirm", 0), 1484719009),
        ((0, "search", 0), 1712632880),
    ],
)
def test_known_seeds_of_repeats(arguments, seed):
    assert repeat_seed(*arguments) == seed


@pytest.mark.parametrize(("entropy", "seed"), [((1, 1), 1502820191), ((1, 1, 0), 1484719009), ((7, 2), 478993077)])
def test_known_derived_seeds(entropy, seed):
    assert derived_seed(*entropy) == seed


def test_seeds_differ_by_sweep_purpose_and_repeat():
    seeds = {repeat_seed(s, p, r) for s in range(20) for p in ("search", "confirm") for r in range(50)}
    assert len(seeds) == 20 * 2 * 50


def test_seeds_fit_every_generator_and_use_the_range():
    seeds = [derived_seed(i) for i in range(200)]
    assert all(0 <= seed < 2**31 for seed in seeds)
    assert max(seeds) > 0.95 * 2**31
    assert min(seeds) < 0.05 * 2**31


def test_entropy_of_any_size_and_in_its_order():
    assert derived_seed(2**80) != derived_seed(2**80 + 1)
    assert derived_seed(1, 2) != derived_seed(2, 1)


def test_streams_are_pinned_and_apart():
    assert permutation_seed(7) == derived_seed(7, 1)
    assert split_seed(7) == derived_seed(7, 2) == 478993077
    assert (fresh_rows_seed(7), fold_seed(7, 4)) == (derived_seed(7, 1), derived_seed(7, 3, 4))
