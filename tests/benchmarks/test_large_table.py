"""The benchmark of large tables: it makes each kind of file, and trains on it."""

from benchmarks import large_table


def test_each_kind_of_file_is_loaded_and_trained_on(tmp_path):
    large_table.make(tmp_path, 2000)
    for name in large_table.FILES:
        loaded, trained, peak = large_table.train(tmp_path / name)
        assert 0 < loaded < trained
        assert 0.1 < peak  # GB, of TensorFlow alone and whatever this process did before
