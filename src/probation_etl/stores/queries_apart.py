"""Counts of contracts in an engine of their own, beside an embedded store.

A query that fails, or is ended, takes the whole transaction of its connection with it: a fault of one release check would undo
the run. So each query gets the tables that it names, and nothing else, in an engine in memory.
"""

from __future__ import annotations

from collections.abc import Callable

import duckdb

from probation_etl.contracts.checks.query_text import columns_read, tables_read
from probation_etl.contracts.identifiers import quoted
from probation_etl.errors import StoreError
from probation_etl.stores.confined import confined
from probation_etl.stores.time_limit import ended_after


class QueriesApart:
    """An engine in memory that has what queries read, from the moment at which one reads it."""

    def __init__(self, store: duckdb.DuckDBPyConnection, reading: Callable[[str], str] = str) -> None:
        """Takes nothing over yet.

        Args:
            store: A connection to the store, in its transaction.
            reading: Gives a query as it is put to the store.
        """
        self._store, self._apart, self._reading = store, confined(None), reading
        self._there: dict[str, frozenset[str]] = {}

    def take_over(self, query: str) -> None:
        """Shows here what a query reads.

        Raises:
            duckdb.Error: The store cannot give it.
        """
        named = columns_read(query)
        for table in tables_read(query):
            columns = self._store.sql(self._reading(f"SELECT * FROM {table}")).columns
            wanted = frozenset(each for each in columns if named is None or each.lower() in named)
            # A table must have a column, also where only its rows are counted.
            self._show(table, wanted or frozenset(columns[:1]))

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

    def _show(self, table: str, columns: frozenset[str]) -> None:
        """Shows columns of a table of the store here, in the types that they have there: on the way some become others."""
        if columns <= self._there.get(table, frozenset()):
            return
        self._there[table] = shown = columns | self._there.get(table, frozenset())
        query = self._reading(f"SELECT {', '.join(map(quoted, sorted(shown)))} FROM {table}")
        rows, name = self._store.sql(query), f"rows of {table}"
        typed = ", ".join(
            f"CAST({quoted(each)} AS {kind}) AS {quoted(each)}"
            for each, kind in zip(rows.columns, rows.types, strict=True)
        )
        self._apart.register(name, rows.to_arrow_table())
        self._apart.execute(f"CREATE SCHEMA IF NOT EXISTS {table.partition('.')[0]}").complete()
        self._apart.execute(f"CREATE OR REPLACE VIEW {table} AS SELECT {typed} FROM {quoted(name)}").complete()
