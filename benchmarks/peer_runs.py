"""Run a script of benchmarks/peers in its own environment: its seconds, its memory, its marks, and a SIGKILL."""

import hashlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import psutil

PEERS = Path(__file__).parent / "peers"
LOOK_S = 0.2  # between two looks at the memory


@dataclass(frozen=True, kw_only=True)
class Mark:
    """A training that has ended."""

    lambda_: float
    score: float
    at: float  # seconds since 1970


@dataclass(frozen=True, kw_only=True)
class Run:
    """What one run of a script came to; memory is that of its processes together, each shared page counted once."""

    seconds: float
    search_s: float  # of these, after everything was imported
    peak_bytes: int
    marks: tuple[Mark, ...]


class DidNotRun(Exception):
    """The script failed; the message is the end of what it wrote."""


def environment(requirements: Sequence[str], folder: Path) -> Path:
    """Return the Python of an environment with these packages, made where it is not there; none: this one."""
    if not requirements:
        return Path(sys.executable)
    home = folder / hashlib.sha256("\n".join(requirements).encode()).hexdigest()[:12]
    python = home / "bin" / "python"
    if not (home / "ready").exists():
        uv = str(Path(sys.executable).with_name("uv"))
        install = ["pip", "install", "--quiet", "--compile-bytecode", "--python", str(python)]
        for command in (
            ["venv", "--quiet", "--clear", "--python", sys.executable, str(home)],
            [*install, *requirements],
        ):
            made = subprocess.run([uv, *command], capture_output=True, text=True)
            if made.returncode:
                raise DidNotRun(made.stderr.strip().splitlines()[-1])
        (home / "ready").write_text("\n".join(requirements))
    return python


def write_task(folder: Path, task: dict[str, Any], data: dict[str, np.ndarray[Any, Any]]) -> None:
    """Write what a script is given: the numbers of the task, and the data as arrays and as a table."""
    (folder / "kept").mkdir(parents=True)
    (folder / "given.json").write_text(json.dumps(task))
    np.savez(folder / "data.npz", **data)
    names = [f"x{index}" for index in range(data["x"].shape[1])]
    lines = [",".join([*names, "y", "part"])]
    for part, x, y in (("train", "x", "y"), ("validation", "x_validation", "y_validation")):
        lines += [
            ",".join([*map(repr, row.tolist()), str(int(label)), part])
            for row, label in zip(data[x], data[y], strict=True)
        ]
    (folder / "data.csv").write_text("\n".join(lines) + "\n")


def run(python: Path, script: str, folder: Path, *, limit_s: float, kill_after: int | None = None) -> Run:
    """Run a script to its end, or SIGKILL all its processes once so many trainings are on disk.

    Raises:
        DidNotRun: it failed or took longer than `limit_s`.
    """
    began = folder / "began"
    began.unlink(missing_ok=True)
    environ = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    since, before = time.time(), len(marks(folder))
    with (folder / "output").open("w+") as output:
        process = subprocess.Popen(
            [str(python), str(PEERS / f"{script}.py"), str(folder)],
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environ,
            start_new_session=True,
        )
        wanted = None if kill_after is None else lambda: len(marks(folder)) - before >= kill_after
        peak = _watch(process, since + limit_s, wanted)
        output.seek(0)
        said = output.read().strip().splitlines()[-3:]
    ended = time.time()
    if process.returncode and wanted is None:
        raise DidNotRun(f"exit code {process.returncode}: " + " / ".join(said))
    began_at = float(began.read_text()) if began.exists() else since
    return Run(seconds=ended - since, search_s=ended - began_at, peak_bytes=peak, marks=marks(folder))


def marks(folder: Path) -> tuple[Mark, ...]:
    """Return the trainings that have ended, first to last: as the script noted them, or from a database of ours."""
    database = folder / "kept" / "grid.db"
    if database.exists():
        return _rows(database)
    try:
        lines = (folder / "marks.jsonl").read_text().splitlines()
    except FileNotFoundError:
        return ()
    found = [json.loads(line) for line in lines]
    return tuple(Mark(lambda_=line["lambda"], score=line["score"], at=line["at"]) for line in found)


def _rows(database: Path) -> tuple[Mark, ...]:
    select = (
        "SELECT coalesce(c.lambda_l2, 0), r.validation_score, (julianday(r.finished_at) - 2440587.5) * 86400"
        " FROM rs_repeats r JOIN rs_configurations c ON c.id = r.configuration_id"
        " WHERE r.purpose = 'search' ORDER BY r.finished_at, r.id"
    )
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=10)) as connection:
        try:
            return tuple(Mark(lambda_=lam, score=score, at=at) for lam, score, at in connection.execute(select))
        except sqlite3.OperationalError:  # the tables are not there yet
            return ()


def _watch(process: "subprocess.Popen[bytes]", until: float, kill: Callable[[], bool] | None) -> int:
    """Return the most memory seen, once the process has ended or was killed with all that it started."""
    peak, family = 0, {}
    while process.poll() is None:
        try:
            top = psutil.Process(process.pid)
            family.update({one.pid: one for one in (top, *top.children(recursive=True))})
        except psutil.NoSuchProcess:
            continue
        peak = max(peak, sum(map(_bytes, family.values())))
        if time.time() > until or (kill is not None and kill()):
            _kill(family.values())
            process.wait()
            if time.time() > until:
                raise DidNotRun("it took longer than its limit")
            return peak
        time.sleep(LOOK_S if kill is None else LOOK_S / 20)
    _kill(one for one in family.values() if one.pid != process.pid)
    return peak


def _bytes(process: psutil.Process) -> int:
    try:
        return int(process.memory_full_info().pss)
    except (psutil.Error, AttributeError):  # it has ended
        return 0


def _kill(processes: Any) -> None:
    for one in processes:
        try:
            one.send_signal(signal.SIGKILL)  # psutil knows it by its start time, so never another's
        except psutil.Error:
            continue


def user_lines(script: str) -> int:
    """Return how many lines somebody writes for it: code between the marks, its own and the network's."""
    text = (PEERS / f"{script}.py").read_text()
    shared = (PEERS / "shared.py").read_text() if "network" in text else ""
    return _marked(text) + _marked(shared.partition("def network")[2])


def _marked(text: str) -> int:
    counted, inside = 0, False
    for line in map(str.strip, text.splitlines()):
        if line in ("# the user's", "# end"):
            inside = line != "# end"
        elif inside and line and not line.startswith(("#", '"""')) and not line.startswith("mark("):
            counted += 1
    return counted


def plain(found: Run) -> dict[str, Any]:
    """Return a run as JSON takes it."""
    return asdict(found)
