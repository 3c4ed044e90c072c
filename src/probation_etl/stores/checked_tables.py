"""What the release checks need to see of the unified tables, found by the database: they get few rows, however many there are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

import polars as pl

from probation_etl.contracts.identifiers import quoted
from probation_etl.stores.engine import Engine
from probation_etl.unified.release_checks import Grounds, Piece
from probation_etl.unified.release_checks.sources import FEW, PIECE, TIMES, present


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
        # No row changes meanwhile.
        self._counts: dict[str, int] = {}
        self._names: dict[str, list[str]] = {}
        self._read: dict[str, str] = {}
        self._can: dict[tuple[str, ...], bool] = {}

    def has(self, table: str) -> bool:
        return table in self._tables

    def count(self, table: str) -> int:
        if table not in self._counts:
            self._counts[table] = int(self._engine.value(f"SELECT COUNT(*) FROM ({self._rows(table)}) AS t"))
        return self._counts[table]

    def columns(self, table: str, names: Sequence[str]) -> list[str]:
        return [each for each in names if each in self._columns(table)]

    def presence(self, table: str, columns: Sequence[str]) -> list[Piece]:
        there, rows = self.columns(table, columns), f"({self._rows(table)}) AS t"
        if not there:
            return []
        counts = self._engine.rows(f"SELECT {', '.join(f'COUNT({quoted(each)})' for each in there)} FROM {rows}")[0]
        values = self._engine.frame(
            "SELECT " + ", ".join(
                f"(SELECT {quoted(each)} FROM {rows} WHERE {quoted(each)} IS NOT NULL LIMIT 1) AS {quoted(each)}" for each in there
            )
        )  # fmt: skip
        whole = self.count(table)
        return [present(values[each].drop_nulls(), has, whole - has) for each, has in zip(there, counts, strict=True)]

    def few_values(self, table: str, columns: Sequence[str]) -> list[pl.Series]:
        there = self.columns(table, columns)
        if self.count(table) <= PIECE:
            found = [each.unique() for each in self.rows(table, there)]
        else:
            can = self._engine.can_group(self._rows(table), self.count(table), [[each] for each in there])
            self._can.update({(table, each): possible for each, possible in zip(there, can, strict=True)})
            found = [self._few(table, each) for each in there if self._can[table, each]]
        return [each for each in found if each.len() <= FEW]

    def pieces(self, table: str, columns: Sequence[str]) -> Iterator[Piece]:
        there = self.columns(table, columns)
        if not there:
            yield Piece.of_rows(pl.DataFrame())
        elif self._can_group(table, there):
            yield from map(Piece.counted, self._engine.frames(self._grouped(table, there), PIECE))
        else:
            yield from map(Piece.of_rows, self._engine.frames(self._rows(table, there), PIECE))

    def repeated(self, table: str, columns: Sequence[str]) -> Iterator[Piece]:
        there = self.columns(table, columns)
        if not there:
            yield Piece.of_rows(pl.DataFrame())
            return
        for share in self._engine.shares(self.count(table), there):
            found = self._grouped(table, there, f"WHERE {share}", "HAVING COUNT(*) > 1")
            for frame in self._engine.frames(found, PIECE // 2):
                yield Piece.counted(frame).twice()

    def rows(self, table: str, columns: Sequence[str] | None = None) -> pl.DataFrame:
        there = self._columns(table) if columns is None else self.columns(table, columns)
        return self._engine.frame(self._rows(table, there)) if there else pl.DataFrame()

    def _few(self, table: str, column: str) -> pl.Series:
        """The different values of a column, but no more than one more than are few."""
        rows = self._rows(table, [column])
        return self._engine.frame(f"SELECT DISTINCT * FROM ({rows}) AS t LIMIT {FEW + 1}").to_series()

    def _columns(self, table: str) -> list[str]:
        if table not in self._names:
            self._names[table] = self._engine.frame(f"{self._rows(table)} LIMIT 0").columns
        return self._names[table]

    def _can_group(self, table: str, columns: Sequence[str]) -> bool:
        if (known := (table, *columns)) not in self._can:
            [self._can[known]] = self._engine.can_group(self._rows(table), self.count(table), [columns])
        return self._can[known]

    def _rows(self, table: str, columns: Sequence[str] = ()) -> str:
        if table not in self._read:
            self._read[table] = self._reading(f"SELECT * FROM unified.{quoted(table)}")
        return f"SELECT {_listed(columns)} FROM ({self._read[table]}) AS t" if columns else self._read[table]

    def _grouped(self, table: str, columns: Sequence[str], where: str = "", having: str = "") -> str:
        listed = _listed(columns)
        rows = f"SELECT {listed}, COUNT(*) AS {quoted(TIMES)} FROM ({self._rows(table)}) AS t"
        return f"{rows} {where} GROUP BY {listed} {having}"


def _listed(columns: Iterable[str]) -> str:
    return ", ".join(map(quoted, columns))
