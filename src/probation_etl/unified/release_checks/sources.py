"""What a check needs to see of a table, which is seldom all of its rows, and never all at once.

A check that judges each row by itself finds the same among the different values, where each stands once; and only rows that share a key
with another can break a key. So the library gets frames of that size, in pieces where they are many. A piece says of how many rows each
of its rows is one, so that those that fail can be counted.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import polars as pl

#: How many rows a piece has at most, and how many different values a column has at most that is seen as a whole.
PIECE, FEW = 50_000, 5_000
#: The name of the column that counts rows, which no column of a contract has.
TIMES = "rows like this"


class Piece(NamedTuple):
    """Some of the different combinations of values of columns; others may come again in another piece.

    Attributes:
        frame: The columns, each combination once.
        times: How many rows of the table each of them stands for. All pieces together stand for each row once.
    """

    frame: pl.DataFrame
    times: pl.Series

    @classmethod
    def of_rows(cls, rows: pl.DataFrame) -> Piece:
        """The different ones among rows."""
        return cls.counted(rows.group_by(pl.all(), maintain_order=True).len(TIMES) if rows.width else rows)

    @classmethod
    def counted(cls, found: pl.DataFrame) -> Piece:
        """Combinations whose rows are counted in :data:`TIMES`."""
        if TIMES not in found.columns:
            return cls(found, pl.repeat(1, found.height, dtype=pl.Int64, eager=True))
        return cls(found.drop(TIMES), found[TIMES].cast(pl.Int64))

    def twice(self) -> Piece:
        """Each combination of several rows as two rows, which stand for all of these together."""
        others = pl.repeat(1, self.times.len(), dtype=pl.Int64, eager=True)
        return Piece(pl.concat([self.frame, self.frame]), pl.concat([self.times - 1, others]))


class Grounds(ABC):
    """Gives what checks need to see of tables. Columns that a table does not have are left out.

    Of what comes in pieces there is at least one, which has no rows where there is nothing to see. Nothing else may be asked before the last.
    """

    @abstractmethod
    def has(self, table: str) -> bool:
        """Whether there is that table."""

    @abstractmethod
    def count(self, table: str) -> int:
        """How many rows it has."""

    @abstractmethod
    def columns(self, table: str, names: Sequence[str]) -> list[str]:
        """Those of these columns that it has."""

    @abstractmethod
    def presence(self, table: str, columns: Sequence[str]) -> list[Piece]:
        """For each column that it has, any value and a missing one, where there are such: their rows are those with a value, and without."""

    @abstractmethod
    def few_values(self, table: str, columns: Sequence[str]) -> list[pl.Series]:
        """Each value once, a missing one among them, of those columns that have no more than :data:`FEW`."""

    @abstractmethod
    def pieces(self, table: str, columns: Sequence[str]) -> Iterator[Piece]:
        """The combinations of the values of these columns."""

    @abstractmethod
    def repeated(self, table: str, columns: Sequence[str]) -> Iterator[Piece]:
        """The combinations that more than one row has, twice each; missing values are the same."""

    @abstractmethod
    def rows(self, table: str, columns: Sequence[str] | None = None) -> pl.DataFrame:
        """These columns, or all, of every row."""


class InFrames(Grounds):
    """Tables as frames in memory."""

    def __init__(self, frames: Mapping[str, pl.DataFrame]) -> None:
        """Each unified table or view by its name."""
        self._frames = frames

    def has(self, table: str) -> bool:
        return table in self._frames

    def count(self, table: str) -> int:
        return self._frames[table].height

    def columns(self, table: str, names: Sequence[str]) -> list[str]:
        return [each for each in names if each in self._frames[table].columns]

    def presence(self, table: str, columns: Sequence[str]) -> list[Piece]:
        return [
            present(each.drop_nulls().head(1), each.count(), each.null_count()) for each in self.rows(table, columns)
        ]

    def few_values(self, table: str, columns: Sequence[str]) -> list[pl.Series]:
        found = (each.unique(maintain_order=True) for each in self.rows(table, columns))
        return [each for each in found if each.len() <= FEW]

    def pieces(self, table: str, columns: Sequence[str]) -> Iterator[Piece]:
        yield from map(Piece.of_rows, _sliced(self.rows(table, columns)))

    def repeated(self, table: str, columns: Sequence[str]) -> Iterator[Piece]:
        found = Piece.of_rows(self.rows(table, columns))
        again = found.frame.with_columns(found.times).filter(found.times > 1)
        yield from (Piece.counted(each).twice() for each in _sliced(again))

    def rows(self, table: str, columns: Sequence[str] | None = None) -> pl.DataFrame:
        frame = self._frames[table]
        return frame if columns is None else frame.select(self.columns(table, columns))


def _sliced(frame: pl.DataFrame) -> Iterator[pl.DataFrame]:
    yield from frame.iter_slices(PIECE) if frame.height else [frame]


def present(value: pl.Series, rows: int, missing: int) -> Piece:
    """A value that stands for rows with a value, and a missing one that stands for those without, where there are such.

    Args:
        value: Any value of a column; nothing where it has none.
        rows: How many rows have one.
        missing: How many have none.
    """
    both = value.head(1).extend_constant(None, 1) if missing else value.head(1)
    return Piece(
        both.to_frame(), pl.Series(TIMES, [*([rows] if rows else []), *([missing] if missing else [])], pl.Int64)
    )


def side_by_side(columns: Sequence[pl.Series]) -> pl.DataFrame:
    """Columns of different lengths as one frame: a shorter one goes on with a value of its own."""
    longest = max((each.len() for each in columns), default=0)
    return pl.DataFrame([_filled_up(each, longest) for each in columns])


def _filled_up(column: pl.Series, length: int) -> pl.Series:
    return column.extend(column.head(1).new_from_index(0, length - column.len())) if column.len() else column
