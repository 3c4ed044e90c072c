"""Counts of contracts in an engine of their own, beside an embedded store.

A query that fails, or is ended, takes the whole transaction of its connection with it: a fault of one release check would undo
the run. So each query gets the tables that it names, and nothing else, in an engine in memory.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing

import duckdb

from probation_etl.contracts.checks.query_text import columns_read, tables_read
from probation_etl.contracts.identifiers import quoted
from probation_etl.errors import StoreError
from probation_etl.stores.confined import confined
from probation_etl.stores.private_files import PrivateFiles
from probation_etl.stores.time_limit import ended_after

#: How many rows are on the way at a time.
_PIECE = 100_000


class QueriesApart:
    """An engine in memory that has what queries read, from the moment at which one reads it."""

    def __init__(
        self, store: duckdb.DuckDBPyConnection, files: PrivateFiles, reading: Callable[[str], str] = str
    ) -> None:
        """Takes nothing over yet.

        Args:
            store: A connection to the store, in its transaction.
            files: Where what its memory cannot hold is put.
            reading: Gives a query as it is put to the store.
        """
        self._store, self._reading, self._files = store, reading, files
        self._apart = confined(None, self._files.configuration, share=0.5)
        self._kinds: dict[str, dict[str, str]] = {}
        self._wanted: dict[str, dict[str, str]] = {}
        self._there: dict[str, int] = {}

    def expect(self, query: str) -> None:
        """Says that a query will come, so that what several read is copied once.

        Raises:
            duckdb.Error: The store does not have what it reads.
        """
        named = columns_read(query)
        for table in tables_read(query):
            columns = self._columns(table)
            wanted = {name: kind for name, kind in columns.items() if named is None or name.lower() in named}
            # A table must have a column, also where only its rows are counted.
            self._wanted.setdefault(table, {}).update(wanted or dict(list(columns.items())[:1]))

    def take_over(self, query: str) -> None:
        """Copies what a query reads, with what others are expected to read of it.

        Raises:
            duckdb.Error: The store cannot give it.
        """
        self.expect(query)
        for table in tables_read(query):
            wanted = self._wanted[table]
            if self._there.get(table, 0) < len(wanted):
                self._copy(table, wanted)
                self._there[table] = len(wanted)

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
        self._files.after_closing()

    def _columns(self, table: str) -> dict[str, str]:
        if table not in self._kinds:
            rows = self._store.sql(self._reading(f"SELECT * FROM {table}"))
            self._kinds[table] = dict(zip(rows.columns, map(str, rows.types), strict=True))
        return self._kinds[table]

    def _copy(self, table: str, columns: Mapping[str, str]) -> None:
        """Copies columns of a table of the store, piece by piece, in the types that they have there: on the way some become others."""
        rows = self._store.sql(self._reading(f"SELECT {', '.join(map(quoted, columns))} FROM {table}"))
        typed = ", ".join(f"CAST({quoted(name)} AS {kind}) AS {quoted(name)}" for name, kind in columns.items())
        self._apart.execute(f"CREATE SCHEMA IF NOT EXISTS {table.partition('.')[0]}").complete()
        with closing(rows.to_arrow_reader(_PIECE)) as reader:
            self._apart.register("incoming", reader)
            self._apart.execute(f"CREATE OR REPLACE TABLE {table} AS SELECT {typed} FROM incoming").complete()
            self._apart.unregister("incoming")
