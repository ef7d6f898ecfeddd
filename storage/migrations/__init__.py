"""Alembic's scripts for the rs_ tables; `storage.schema` runs them."""
