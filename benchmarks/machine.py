"""What the figures were measured on."""

import os
import platform
from importlib.metadata import version
from pathlib import Path

PACKAGES = ("tensorflow", "keras", "numpy", "scikit-learn", "regsearch")


def facts() -> dict[str, str]:
    """Return the CPU, the CPUs this process may use, how busy they are, and versions."""
    found = {
        "CPU": _cpu_model(),
        "CPUs": str(cpus()),
        "system": platform.platform(),
        "Python": platform.python_version(),
    }
    if hasattr(os, "getloadavg"):
        found["load in the last minute"] = f"{os.getloadavg()[0]:.2f}"
    return found | {name: version(name) for name in PACKAGES}


def cpus() -> int:
    """Return how many CPUs this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _cpu_model() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:  # not Linux
        lines = []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.processor() or platform.machine()
