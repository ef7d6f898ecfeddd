"""What importing storage loads, seen in a process of its own."""

import subprocess
import sys

import pytest

import storage

HEAVY = ("pandas", "alembic", "keras", "tensorflow", "optuna", "sweeps", "psycopg")


@pytest.mark.parametrize("statement", ["import storage", "from storage import Records, connect, upgrade"])
def test_importing_is_cheap(statement: str) -> None:
    program = f"import sys; {statement}; print([name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_public_names_are_sorted_and_all_there() -> None:
    assert storage.__all__ == sorted(storage.__all__)
    assert all(hasattr(storage, name) for name in storage.__all__)
    with pytest.raises(AttributeError, match="no attribute 'close'"):
        _ = storage.close  # type: ignore[attr-defined]
