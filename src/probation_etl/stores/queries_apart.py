"""Counts of contracts in an engine of their own, beside an embedded store.

A query that fails, or is ended, takes the whole transaction of its connection with it: a fault of one release check would undo
the run. So each query gets the tables that it names, and nothing else, in an engine in memory.
"""

from __future__ import annotations

import duckdb

from probation_etl.contracts.checks.query_text import tables_read
from probation_etl.contracts.identifiers import quoted
from probation_etl.errors import StoreError
from probation_etl.stores.confined import confined
from probation_etl.stores.time_limit import ended_after


class QueriesApart:
    """An engine in memory that has what queries read, from the moment at which one reads it."""

    def __init__(self, store: duckdb.DuckDBPyConnection) -> None:
        """Takes nothing over yet.

        Args:
            store: A connection to the store, in its transaction.
        """
        self._store, self._apart = store, confined(None)
        self._there: set[str] = set()

    def take_over(self, query: str) -> None:
        """Shows here what a query reads.

        Raises:
            duckdb.Error: The store cannot give it.
        """
        for table in tables_read(query):
            self._show(table)

    def count(self, query: str, seconds: float) -> int:
        """The number that a query gives.

        Raises:
            StoreError: It cannot be computed, or takes longer.
        """
        try:
            if len(self._apart.extract_statements(query)) != 1:
                raise StoreError("It is more than one statement.")
            with ended_after(seconds, self._apart.interrupt):
                found = self._apart.execute(f"SELECT ({query}) AS figure").fetchall()
            return int(found[0][0])
        except (duckdb.Error, TypeError):
            # The engine's message may quote values of rows.
            raise StoreError("The query could not be computed.") from None

    def close(self) -> None:
        """Forgets everything."""
        self._apart.close()

    def _show(self, table: str) -> None:
        """Shows a table of the store here, in the types that it has there: on the way some become others."""
        if table in self._there:
            return
        rows, name = self._store.sql(f"SELECT * FROM {table}"), f"rows_{len(self._there)}"
        columns = ", ".join(
            f"CAST({quoted(each)} AS {kind}) AS {quoted(each)}"
            for each, kind in zip(rows.columns, rows.types, strict=True)
        )
        self._apart.register(name, rows.to_arrow_table())
        self._apart.execute(f"CREATE SCHEMA IF NOT EXISTS {table.partition('.')[0]}").complete()
        self._apart.execute(f"CREATE VIEW {table} AS SELECT {columns} FROM {name}").complete()
        self._there.add(table)
