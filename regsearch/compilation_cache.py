"""Where XLA keeps what it compiled, so that the next process with the same program does not compile it again.

TensorFlow reads and writes the files. A folder holds what one version of TensorFlow made for one kind of CPU: another
CPU may not know the instructions.
"""

import hashlib
import os
import platform
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PLACE = "REGSEARCH_CACHE"  # environment variable: the folder of all caches; empty for none
FLAGS = "TF_XLA_FLAGS"  # environment variable of TensorFlow's
FLAG = "--tf_xla_persistent_cache_directory"
MOST_BYTES = 512 * 2**20  # of all versions and CPUs; the files used longest ago go first
CPU_FACTS = ("model name", "flags", "Features")  # lines of /proc/cpuinfo


def keep_compilations() -> None:
    """Let XLA keep what it compiles, by the environment that TensorFlow reads when it is loaded."""
    given = os.environ.get(FLAGS, "")
    folder = None if FLAG in given else compilation_folder()
    if folder is None:
        return
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        writable = os.access(folder, os.W_OK) and " " not in str(folder)  # TensorFlow divides flags at spaces
    except OSError:
        return
    if writable:
        prune(folder.parent)
        kept = f"{FLAG}={folder} --tf_xla_persistent_cache_device_types=CPU"
        os.environ[FLAGS] = f"{given} {kept}".strip()


def compilation_folder() -> Path | None:
    """Return the folder for this version of TensorFlow and this CPU; None where there shall be none."""
    try:
        made_by = version("tensorflow")
        place = os.environ.get(PLACE, Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "regsearch")
    except (PackageNotFoundError, RuntimeError):  # a package of another name; no home
        return None
    return Path(place).absolute() / "xla" / f"{made_by}-{_cpu()}" if str(place) else None


def forget_compilations() -> bool:
    """Delete what this version keeps for this CPU; return whether there was anything."""
    folder = compilation_folder()
    files = [] if folder is None else [path for path in folder.glob("*") if path.is_file()]
    for path in files:
        with suppress(OSError):
            path.unlink()
    return bool(files)


def prune(folder: Path, most: int = MOST_BYTES) -> None:
    """Delete the files used longest ago until the others in a folder, however deep, take so many bytes at most."""
    kept = 0
    with suppress(OSError):  # others may delete at the same moment
        files = [(path.stat(), path) for path in folder.rglob("*") if path.is_file()]
        for facts, path in sorted(files, key=lambda pair: max(pair[0].st_atime, pair[0].st_mtime), reverse=True):
            kept += facts.st_size
            if kept > most:
                path.unlink(missing_ok=True)


def _cpu() -> str:
    """Return a name for the kind of CPU: 16 hex digits, of its model and what it can do."""
    facts = [platform.machine(), platform.processor(), platform.system()]
    with suppress(OSError):  # not Linux
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
        facts += sorted({line for line in lines if line.partition(":")[0].strip() in CPU_FACTS})
    return hashlib.sha256("\n".join(facts).encode()).hexdigest()[:16]
