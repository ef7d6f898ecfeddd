"""What `import storage` offers."""

from storage.database import connect as connect
from storage.database import tune_sqlite as tune_sqlite
from storage.queries import Results as Results
from storage.queries import open as open
from storage.records import Records as Records
from storage.schema import schema_status as schema_status
from storage.schema import upgrade as upgrade
from storage.sweep_reader import SweepRow as SweepRow
from storage.urls import DEFAULT_URL as DEFAULT_URL
from storage.urls import resolve_url as resolve_url
from storage.urls import safe_url as safe_url
