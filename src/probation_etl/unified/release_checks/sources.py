"""What a check needs to see of a table, which is seldom all of its rows.

A check that judges each row by itself finds the same among the different values, where each stands once; and only rows that share a key
with another can break a key. So the library gets frames of that size. Where a check fails it gets the rows, to count them.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import polars as pl
import polars.selectors as cs

if TYPE_CHECKING:
    from great_expectations.datasource.fluent.interfaces import Batch
    from great_expectations.datasource.fluent.pandas_datasource import PandasDatasource


class Grounds(ABC):
    """Gives what checks need to see of tables. Columns that a table does not have are left out."""

    @abstractmethod
    def has(self, table: str) -> bool:
        """Whether there is that table."""

    @abstractmethod
    def count(self, table: str) -> int:
        """How many rows it has."""

    @abstractmethod
    def values(self, table: str, columns: Sequence[str]) -> list[pl.Series]:
        """For each column, each of its values once, a missing one among them."""

    @abstractmethod
    def tuples(self, table: str, columns: Sequence[str]) -> pl.DataFrame:
        """Each combination of the values of these columns once."""

    @abstractmethod
    def sharing(self, table: str, columns: Sequence[str]) -> pl.DataFrame:
        """These columns of the rows that have the same values in them as another row; missing values are the same."""

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

    def values(self, table: str, columns: Sequence[str]) -> list[pl.Series]:
        return [each.unique(maintain_order=True) for each in self.rows(table, columns)]

    def tuples(self, table: str, columns: Sequence[str]) -> pl.DataFrame:
        return self.rows(table, columns).unique(maintain_order=True)

    def sharing(self, table: str, columns: Sequence[str]) -> pl.DataFrame:
        found = self.rows(table, columns)
        return found.filter(found.is_duplicated()) if found.width else found

    def rows(self, table: str, columns: Sequence[str] | None = None) -> pl.DataFrame:
        frame = self._frames[table]
        return frame if columns is None else frame.select(each for each in columns if each in frame.columns)


def side_by_side(columns: Sequence[pl.Series]) -> pl.DataFrame:
    """Columns of different lengths as one frame: a shorter one goes on with a value of its own."""
    longest = max((each.len() for each in columns), default=0)
    return pl.DataFrame([_filled_up(each, longest) for each in columns])


def _filled_up(column: pl.Series, length: int) -> pl.Series:
    return column.extend(column.head(1).new_from_index(0, length - column.len())) if column.len() else column


def batch_of(source: PandasDatasource, name: str, frame: pl.DataFrame) -> Batch:
    """A frame as the library checks it."""
    whole = source.add_dataframe_asset(name).add_batch_definition_whole_dataframe("whole")
    # The library turns bounds into floats or dates, but no values; and Decimal("0.1") is less than 0.1, and a timestamp
    # compares with no date. Hence floats, exact to 15 digits, and dates.
    data = frame.with_columns(cs.decimal().cast(pl.Float64)).to_pandas(date_as_object=True)
    return whole.get_batch({"dataframe": data})
