"""What the release checks need to see of the unified tables, found by the database: they get few rows, however many there are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import polars as pl

from probation_etl.contracts.identifiers import quoted
from probation_etl.stores.engine import Engine
from probation_etl.unified.release_checks import Grounds


class CheckedTables(Grounds):
    """The unified tables and views of one database, in the current transaction."""

    def __init__(self, engine: Engine, tables: Iterable[str], reading: Callable[[str], str] = str) -> None:
        """The tables of a store.

        Args:
            engine: The database.
            tables: The unified tables and views that there are.
            reading: Gives a query as it reads them.
        """
        self._engine, self._tables, self._reading = engine, frozenset(tables), reading

    def has(self, table: str) -> bool:
        return table in self._tables

    def count(self, table: str) -> int:
        return int(self._engine.value(self._reading(f"SELECT COUNT(*) FROM {_name(table)}")))

    def values(self, table: str, columns: Sequence[str]) -> list[pl.Series]:
        return [self._selected(table, [each], "SELECT DISTINCT").to_series() for each in self._there(table, columns)]

    def tuples(self, table: str, columns: Sequence[str]) -> pl.DataFrame:
        return self._selected(table, self._there(table, columns), "SELECT DISTINCT")

    def sharing(self, table: str, columns: Sequence[str]) -> pl.DataFrame:
        there = self._there(table, columns)
        # In most tables no key is there twice: then nothing else is read.
        found = self._selected(table, there, "SELECT", f"GROUP BY {_listed(there)} HAVING COUNT(*) > 1")
        if found.is_empty():
            return found
        return self._selected(table, there, "SELECT").join(found, on=there, how="semi", nulls_equal=True)

    def rows(self, table: str, columns: Sequence[str] | None = None) -> pl.DataFrame:
        return self._selected(table, self._there(table, columns), "SELECT")

    def _there(self, table: str, columns: Sequence[str] | None) -> list[str]:
        """Those of the columns that the table has; all where none are named."""
        found = self._engine.frame(self._reading(f"SELECT * FROM {_name(table)} LIMIT 0")).columns
        return [each for each in found if columns is None or each in columns]

    def _selected(self, table: str, columns: Sequence[str], select: str, rest: str = "") -> pl.DataFrame:
        if not columns:
            return pl.DataFrame()
        return self._engine.frame(self._reading(f"{select} {_listed(columns)} FROM {_name(table)} {rest}"))


def _name(table: str) -> str:
    return f"unified.{quoted(table)}"


def _listed(columns: Iterable[str]) -> str:
    return ", ".join(map(quoted, columns))
