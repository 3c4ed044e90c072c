"""Where the checked tables are: in frames, or in a database that computes the checks itself."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import polars as pl
import polars.selectors as cs

from probation_etl.contracts.identifiers import quoted

if TYPE_CHECKING:
    from great_expectations.data_context.data_context.abstract_data_context import AbstractDataContext
    from great_expectations.datasource.fluent.interfaces import Batch
    from great_expectations.datasource.fluent.pandas_datasource import PandasDatasource

#: The library asks for a URL; the connection is one that is open already, so nothing is ever looked up there.
_NOWHERE = "postgresql+psycopg://store@localhost/store"


class Grounds(ABC):
    """Gives the library the tables to check."""

    @abstractmethod
    def has(self, table: str) -> bool:
        """Whether there is that table."""

    @abstractmethod
    def enter(self, context: AbstractDataContext) -> None:
        """Registers the tables with the library's context."""

    @abstractmethod
    def table(self, name: str) -> Batch:
        """A unified table or view."""

    def key(self, name: str, columns: Sequence[str]) -> Batch | None:  # noqa: ARG002 -- for those that need it
        """The compound key of a table in one column ``key``; None where the library can hold the columns themselves."""
        return None


class InFrames(Grounds):
    """Tables as frames in memory."""

    def __init__(self, frames: Mapping[str, pl.DataFrame]) -> None:
        """Each unified table or view by its name."""
        self._frames = frames

    def has(self, table: str) -> bool:
        return table in self._frames

    def enter(self, context: AbstractDataContext) -> None:
        self._source = context.data_sources.add_pandas("unified")

    def table(self, name: str) -> Batch:
        return batch_of(self._source, name, self._frames[name])


class InDatabase(Grounds):
    """Tables in the schema ``unified`` of a PostgreSQL database: every check is computed there, and counts come back."""

    def __init__(self, connection: Any, tables: Mapping[str, object] | frozenset[str]) -> None:
        """Tables in a database.

        Args:
            connection: An open connection of psycopg, as :meth:`Store.lent` gives it: the library's SQL runs in the
                transaction that it is in, and sees what is not committed yet.
            tables: The unified tables and views that there are.
        """
        self._connection, self._tables = connection, tables

    def has(self, table: str) -> bool:
        return table in self._tables

    def enter(self, context: AbstractDataContext) -> None:
        from sqlalchemy.pool import StaticPool

        options: dict[str, Any] = {"creator": lambda: self._connection, "poolclass": StaticPool}
        # Nothing is reset when the library lets go of the connection: the transaction is not its own.
        options |= {"pool_reset_on_return": None, "use_native_hstore": False}
        self._source = context.data_sources.add_postgres("unified", connection_string=_NOWHERE, kwargs=options)  # type: ignore[call-arg] # the stub lacks what the class has

    def table(self, name: str) -> Batch:
        asset = self._source.add_table_asset(name, table_name=name, schema_name="unified")
        return asset.add_batch_definition_whole_table("whole").get_batch()

    def key(self, name: str, columns: Sequence[str]) -> Batch | None:
        # In SQL the library joins keys, and what is missing joins with nothing. Written as a row it is a value like others.
        row = ", ".join(map(quoted, columns))
        query = f"SELECT CAST(ROW({row}) AS VARCHAR) AS key FROM unified.{quoted(name)}"
        return (
            self._source.add_query_asset(f"{name} key", query=query)
            .add_batch_definition_whole_table("whole")
            .get_batch()
        )


def batch_of(source: PandasDatasource, name: str, frame: pl.DataFrame) -> Batch:
    """A frame as the library checks it."""
    whole = source.add_dataframe_asset(name).add_batch_definition_whole_dataframe("whole")
    # The library turns bounds into floats or dates, but no values; and Decimal("0.1") is less than 0.1, and a timestamp
    # compares with no date. Hence floats, exact to 15 digits, and dates.
    data = frame.with_columns(cs.decimal().cast(pl.Float64)).to_pandas(date_as_object=True)
    return whole.get_batch({"dataframe": data})
