"""The set-up that `make` does: what it would run, and what it says when something is missing. Nothing is downloaded."""

import os
import re
import shutil
import subprocess
import tomllib
from itertools import chain, pairwise
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
TOOLS = ("sh", "make", "sed", "awk", "cat", "rm", "mkdir", "dirname", "id", "head", "tail", "grep", "cp")
NEEDED = ("Makefile", "scripts", "requirements.lock", "pyproject.toml", ".ci")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout without .venv, in a folder with a space in its name."""
    folder = tmp_path / "a checkout"
    folder.mkdir()
    for name in NEEDED:
        source = ROOT / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, folder / name)
    return folder


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A PATH with the few tools that set-up needs, and no Python."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for tool in TOOLS:
        found = shutil.which(tool)
        assert found is not None, tool
        (folder / tool).symlink_to(found)
    return folder


def fake_python(folder: Path, version: str, *, name: str = "python3", cases: str = "*) exit 1 ;;") -> None:
    """A program that says it is Python `version`; `cases` is what it does when asked for anything else."""
    script = folder / name
    script.write_text(f'#!/bin/sh\ncase "$*" in\n*version_info*) echo {version} ;;\n{cases}\nesac\n')
    script.chmod(0o755)


def make(checkout: Path, path: Path | str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", "--no-print-directory", "-C", str(checkout), *arguments],
        env={"PATH": str(path), **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )


def find_python(path: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", str(ROOT / "scripts/find_python.sh")],
        env={"PATH": str(path), **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )


def first_line(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    return done.stderr.splitlines()[0]


def test_help_is_the_default_and_lists_every_target(checkout: Path, path: Path) -> None:
    done = make(checkout, path)
    assert done.returncode == 0
    for target in ("sweep", "test", "check", "lock", "wheel", "clean"):
        assert f"make {target}\t" in done.stdout


def test_sweep_sets_up_and_then_runs_the_case_study(checkout: Path, path: Path) -> None:
    lines = make(checkout, path, "-n", "sweep").stdout.splitlines()
    assert lines == ["sh scripts/setup.sh", ".venv/bin/regsearch run moons --out results"]


def test_tests_run_cheapest_first(checkout: Path, path: Path) -> None:
    lines = make(checkout, path, "-n", "test").stdout.splitlines()
    commands = [line.removeprefix(".venv/bin/").split()[0] for line in lines if line.startswith(".venv/bin/")]
    assert commands == ["ruff", "ruff", "mypy", "lint-imports", "pytest"]


def test_set_up_is_not_done_twice(checkout: Path, path: Path) -> None:
    (checkout / ".venv").mkdir()
    (checkout / ".venv/ready").write_text(f"{checkout.resolve()}\n")
    assert make(checkout, path, "-n", "sweep").stdout.splitlines() == [".venv/bin/regsearch run moons --out results"]


@pytest.mark.parametrize("changed", ["requirements.lock", "pyproject.toml"])
def test_set_up_is_done_again_when_what_it_installs_changed(changed: str, checkout: Path, path: Path) -> None:
    (checkout / ".venv").mkdir()
    ready = checkout / ".venv/ready"
    ready.write_text(f"{checkout.resolve()}\n")
    later = ready.stat().st_mtime + 10
    os.utime(checkout / changed, (later, later))
    assert "sh scripts/setup.sh" in make(checkout, path, "-n", "sweep").stdout


def test_set_up_is_done_again_in_a_moved_checkout(checkout: Path, path: Path) -> None:
    (checkout / ".venv").mkdir()
    (checkout / ".venv/ready").write_text("/somewhere/else\n")
    assert "sh scripts/setup.sh" in make(checkout, path, "-n", "sweep").stdout


@pytest.mark.parametrize("target", ["sweep", "test", "check"])
def test_no_python_is_said_in_one_line(target: str, checkout: Path, path: Path) -> None:
    line = first_line(make(checkout, path, target))
    assert line.startswith("regsearch: no Python 3.11-3.13 on PATH (no python3 at all)")
    assert not (checkout / ".venv").exists()


@pytest.mark.parametrize("version", ["2.7", "3.10", "3.14", "4.11"])
def test_python_outside_the_range_is_said_in_one_line(version: str, checkout: Path, path: Path) -> None:
    fake_python(path, version)
    line = first_line(make(checkout, path, "sweep"))
    assert line.startswith(f"regsearch: no Python 3.11-3.13 on PATH (python3 is {version})")


def test_python3_is_preferred_where_it_fits(path: Path) -> None:
    fake_python(path, "3.11")
    fake_python(path, "3.13", name="python3.13")
    assert find_python(path).stdout == f"{path}/python3\n"


def test_newest_fitting_python_is_taken_where_python3_does_not_fit(path: Path) -> None:
    fake_python(path, "3.14")
    fake_python(path, "3.11", name="python3.11")
    fake_python(path, "3.12", name="python3.12")
    assert find_python(path).stdout == f"{path}/python3.12\n"


def test_named_python_is_taken(path: Path) -> None:
    fake_python(path, "3.11")
    fake_python(path, "3.12", name="mine")
    assert find_python(path, PYTHON="mine").stdout == "mine\n"


@pytest.mark.parametrize(
    ("version", "says"), [("3.10", "is Python 3.10; regsearch needs 3.11-3.13"), ("", "does not run")]
)
def test_named_python_that_does_not_fit_is_refused(version: str, says: str, checkout: Path, path: Path) -> None:
    fake_python(path, "3.11")
    if version:
        fake_python(path, version, name="mine")
    assert says in first_line(make(checkout, path, "sweep", "PYTHON=mine"))


def test_missing_venv_module_is_said_in_one_line(checkout: Path, path: Path) -> None:
    fake_python(path, "3.11")
    assert "has no venv module; install it" in first_line(make(checkout, path, "sweep"))


def test_no_index_is_said_in_one_line_without_its_password_and_leaves_no_stamp(checkout: Path, path: Path) -> None:
    cases = """
    *"-m venv"*) mkdir -p .venv/bin && cp "$0" .venv/bin/python ;;
    *"pip install"*) echo "connection broken by NewConnectionError: Connection refused"; exit 1 ;;
    *) ;;
    """
    fake_python(path, "3.11", cases=cases)
    done = make(checkout, path, "sweep", UV_INDEX_URL="http://me:secret@127.0.0.1:9/index")
    says = "regsearch: installing uv failed: the package index http://127.0.0.1:9/index cannot be reached; "
    assert first_line(done).startswith(says)
    assert "secret" not in done.stdout + done.stderr
    assert not (checkout / ".venv/ready").exists()


def test_continuous_integration_hands_on_the_exit_code(checkout: Path, path: Path) -> None:
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("no bash")
    command = [bash, str(checkout / ".ci/run")]
    done = subprocess.run(command, env={"PATH": str(path)}, capture_output=True, text=True, timeout=60)
    assert "no Python 3.11-3.13" in first_line(done)


def test_lock_holds_hashes_for_everything_and_no_address() -> None:
    lines = (ROOT / "requirements.lock").read_text().splitlines()
    assert not [line for line in lines if "://" in line or line.startswith("-")]
    for line, following in pairwise(lines):
        if not line.startswith(" "):
            assert "==" in line
            assert following.startswith("    --hash=sha256:"), line


def test_lock_holds_a_fitting_version_of_every_dependency() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    del extras["gp"]  # PyTorch for every platform is gigabytes
    wanted = [*project["dependencies"], *chain.from_iterable(extras.values())]
    locked = dict(re.findall(r"^([\w.-]+)==([^ ;]+)", (ROOT / "requirements.lock").read_text(), re.MULTILINE))
    for requirement in map(Requirement, wanted):
        assert locked[canonicalize_name(requirement.name)] in requirement.specifier, f"{requirement}: run `make lock`"


def test_no_committed_file_names_a_package_index() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, timeout=60)
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    files = [name for name in listed.stdout.split("\0") if name]
    command = ["sh", "scripts/no_addresses.sh", *files]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert not {"uv.lock", "pylock.toml"} & {Path(name).name for name in files}
