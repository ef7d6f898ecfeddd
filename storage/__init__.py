"""Where results live: the rs_ tables, the write path and the read path.

`open(url)` reads; `connect`, `upgrade` and `Records` write. Names are loaded when they are first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from storage.database import DEFAULT_URL, connect, resolve_url, safe_url, tune_sqlite
    from storage.queries import Results, open
    from storage.records import Records
    from storage.schema import schema_status, upgrade
    from storage.sweep_reader import SweepRow

__all__ = [
    "DEFAULT_URL",
    "Records",
    "Results",
    "SweepRow",
    "connect",
    "open",
    "resolve_url",
    "safe_url",
    "schema_status",
    "tune_sqlite",
    "upgrade",
]

_HOMES = {
    "storage.database": ("DEFAULT_URL", "connect", "resolve_url", "safe_url", "tune_sqlite"),
    "storage.queries": ("Results", "open"),
    "storage.records": ("Records",),
    "storage.schema": ("schema_status", "upgrade"),
    "storage.sweep_reader": ("SweepRow",),
}


def __getattr__(name: str) -> Any:
    for home, names in _HOMES.items():
        if name in names:
            return getattr(import_module(home), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
