"""Fixtures for every test."""

from tests.browser import browser
from tests.postgres import database_url, postgres_server, postgres_url

__all__ = ["browser", "database_url", "postgres_server", "postgres_url"]
