"""optuna-dashboard over the sweeps' database: read-only unless asked, behind a password where others can reach it."""

from sweeps.runtime.dashboard.serving import Settings, serve

__all__ = ["Settings", "serve"]
