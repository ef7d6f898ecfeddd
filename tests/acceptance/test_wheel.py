"""A built wheel, installed in an environment of its own, runs away from the checkout."""

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the wheel in it; what it depends on is borrowed from the one that runs the tests."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    shutil.copytree(ROOT, source, ignore=shutil.ignore_patterns(".*", "results", "dist", "*.db*", "__pycache__"))
    uv = [sys.executable, "-m", "uv"]
    build = [*uv, "build", "--quiet", "--wheel", "--no-build-isolation", "--python", sys.executable]
    subprocess.run([*build, "--out-dir", folder, source], check=True)
    venv.create(folder / "venv", symlinks=True)
    (wheel,) = folder.glob("*.whl")
    subprocess.run([Path(sys.executable).with_name("twine"), "check", "--strict", wheel], check=True)
    python = folder / "venv" / "bin" / "python"
    subprocess.run([*uv, "pip", "install", "--quiet", "--no-deps", "--python", python, wheel], check=True)
    site = sysconfig.get_path("purelib", vars={"base": str(folder / "venv")})
    (Path(site) / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder


def test_the_command_runs_from_the_wheel(environment: Path) -> None:
    clean = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "REGSEARCH_STORAGE")}
    command = [environment / "venv" / "bin" / "regsearch"]
    where = "import regsearch, storage, sweeps\nfor m in (regsearch, storage, sweeps): print(m.__path__[0])"

    def run(*args: str | Path) -> str:
        done = subprocess.run(args, cwd=environment, env=clean, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    paths = run(environment / "venv" / "bin" / "python", "-c", where).split()
    assert len(paths) == 3 and all(Path(path).is_relative_to(environment / "venv") for path in paths)
    assert "moons                The classic weight-regularization case study" in run(*command, "presets")
    assert run(*command, "create", "moons") == "moons\n"  # migrations came along
    assert run(*command, "query", "SELECT count(*) AS n FROM rs_results", "--format", "csv") == "n\n0\n"
