"""What a return may refer to: rows of other returns, which are asked which keys they have not, and for their totals."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from probation_etl.discreet import Discreet


class Referred(ABC):
    """Rows of a unified table, wherever they are."""

    @abstractmethod
    def missing(self, keys: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
        """Those of some keys that none of the rows has.

        Args:
            keys: Different keys without null, a column for each part.
            columns: The columns of the table that the parts are compared with, in their order.
        """

    @abstractmethod
    def total(self, expression: pl.Expr) -> Any:
        """One value for all rows; None if it cannot be computed, such as a share of no rows."""


#: Returns those of some keys that are in none of some rows; arguments as of :meth:`Referred.missing`, and the rows.
Missing = Callable[[pl.DataFrame, Sequence[str], Referred], pl.DataFrame]
#: Returns the rows of a unified table that a return may refer to; None if they are not available.
References = Callable[[str], Referred | None]


@dataclass(frozen=True)
class InFrame(Referred, Discreet):
    """Rows that are in memory."""

    frame: pl.DataFrame

    def missing(self, keys: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
        """Those of some keys that none of the rows has."""
        kinds = zip(columns, keys.dtypes, strict=True)
        theirs = self.frame.select(pl.col(name).cast(kind).alias(f"k{at}") for at, (name, kind) in enumerate(kinds))
        return keys.join(
            theirs.unique(), left_on=keys.columns, right_on=theirs.columns, how="anti", maintain_order="left"
        )

    def total(self, expression: pl.Expr) -> Any:
        """One value for all rows."""
        return total_of(self.frame, expression)


def missing_from(keys: pl.DataFrame, columns: Sequence[str], rows: Referred) -> pl.DataFrame:
    """Those of some keys that none of the rows has, asked where these are."""
    return rows.missing(keys, columns)


def among(tables: Mapping[str, pl.DataFrame]) -> References:
    """The rows of tables in memory, by name."""
    return lambda table: InFrame(tables[table]) if table in tables else None


def total_of(frame: pl.DataFrame, expression: pl.Expr) -> Any:
    """One value for a whole frame; None if it cannot be computed, such as a share of no rows."""
    try:
        return frame.select(expression).item()
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException):
        return None
