"""Fixtures for every test; what is compiled is kept in the checkout, never in the home of whoever runs them."""

import os
from pathlib import Path

from tests.browser import browser
from tests.postgres import database_url, postgres_server, postgres_url

os.environ.setdefault("REGSEARCH_CACHE", str(Path(__file__).parents[1] / ".cache" / "regsearch"))

__all__ = ["browser", "database_url", "postgres_server", "postgres_url"]
