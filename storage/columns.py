"""What the rs_ tables are made of: types, names of constraints, and the conditions that several tables share."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    DateTime,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    LargeBinary,
    MetaData,
    String,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, mapped_column
from sqlalchemy.types import TypeDecorator

PREFIX = "rs_"
LARGEST = "1.7976931348623157e308"  # NaN and infinity are past it on both databases


class UTCDateTime(TypeDecorator[datetime]):
    """A time in UTC, with its time zone also where the database keeps none."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the time in UTC; SQLite would drop the zone of any other."""
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the time with its zone."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """What all rs_ tables share: types, and names of constraints that migrations can rely on."""

    metadata = MetaData(
        naming_convention={
            "pk": "pk_%(table_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy's own way to write it
        str: String(),
        float: Double(),
        bytes: LargeBinary(),
        datetime: UTCDateTime(),
        dict[str, Any]: JSON().with_variant(JSONB(), "postgresql"),
        list[Any]: JSON().with_variant(JSONB(), "postgresql"),
    }


def one_of(column: str, *values: str) -> CheckConstraint:
    """Return the constraint that a column holds one of these words."""
    words = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({words})", name=column)


def finite(*columns: str, at_least: str = f"-{LARGEST}") -> str:
    """Return the condition that columns are numbers, or null; neither NaN nor infinite."""
    return " AND ".join(f"{column} BETWEEN {at_least} AND {LARGEST}" for column in columns)


def of_sweep(column: str) -> ForeignKeyConstraint:
    """Return the constraint that a column names a configuration of the same sweep."""
    there = ["rs_configurations.sweep_id", "rs_configurations.id"]
    return ForeignKeyConstraint(["sweep_id", column], there, ondelete="CASCADE")


def owner(table: str, **options: Any) -> Any:
    """Return a column that refers to a row of another table and goes with it; options are those of `mapped_column`."""
    return mapped_column(ForeignKey(f"{table}.id", ondelete="CASCADE"), **options)
