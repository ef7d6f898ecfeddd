"""Fixtures for every test; none keeps compilations in the home of whoever runs them."""

import os

from tests.browser import browser
from tests.postgres import database_url, postgres_server, postgres_url

os.environ.setdefault("REGSEARCH_CACHE", "")

__all__ = ["browser", "database_url", "postgres_server", "postgres_url"]
