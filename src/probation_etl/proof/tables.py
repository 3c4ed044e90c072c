"""Rows of unified tables for examples: what the references and the totals of a return look at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import islice, product

import polars as pl

from probation_etl.contracts.checks import TYPES, Kind, Schema
from probation_etl.contracts.rulebook import Rulebook
from probation_etl.discreet import Discreet
from probation_etl.proof.candidates import Value, typed, values_for
from probation_etl.proof.hints import Hints

_COPIES, _COMBINATIONS, _VALUES = (1, 0, 2, 3), 120, 10


@dataclass(frozen=True)
class Contents(Discreet):
    """What unified tables hold: the rows that the references of a return find.

    Attributes:
        values: Values of further columns, by table.
        copies: How often each row is there, by table; once where nothing is said.
        lacking: Name of the reference whose rows are missing.
    """

    values: Mapping[str, Mapping[str, Value | None]] = field(default_factory=dict)
    copies: Mapping[str, int] = field(default_factory=dict)
    lacking: str | None = None


class UnifiedTables:
    """The unified tables that a contract reads.

    Attributes:
        names: Their names.
    """

    def __init__(self, schema: Schema, rulebook: Rulebook, period_end: date | None) -> None:
        self._references = schema.contract.references
        self._totals = [each.totals for each in schema.of(Kind.ACROSS) if each.totals]
        self._contracts, self._period_end = rulebook.contracts, period_end
        self.names = dict.fromkeys([*(each.table for each in self._references), *(each.table for each in self._totals)])

    def contents(self) -> Iterator[Contents]:
        """Contents to try: only the rows that are referred to, then more of them and with other values."""
        yield Contents()
        for table in dict.fromkeys(each.table for each in self._totals):
            read = {name for each in self._totals if each.table == table for name in each.other.meta.root_names()}
            columns = sorted(read)
            choices = [self._values(table, name) for name in columns]
            for values in islice(product(*choices), _COMBINATIONS):
                for copies in _COPIES:
                    yield Contents({table: dict(zip(columns, values, strict=True))}, {table: copies})

    def _values(self, table: str, name: str) -> list[Value | None]:
        """Values to try in a column: those that the totals name, then the plainest."""
        unified = self._contracts.unified_table(table)
        if name not in unified.column_names or self._period_end is None:
            return [None]
        hints = Hints()
        for each in self._totals:
            hints.learn(each.other_sql)
        column = unified.column(name)
        texts = [*hints.texts, *values_for(column, hints, self._period_end)]
        found = dict.fromkeys(value for text in texts if text and (value := typed(text, column)) is not None)
        return [*islice(found, _VALUES), None]

    def frames(self, rows: pl.DataFrame, contents: Contents) -> dict[str, pl.DataFrame]:
        """The tables for a return with these typed rows."""
        return {table: self._frame(table, rows, contents) for table in self.names}

    def _frame(self, table: str, rows: pl.DataFrame, contents: Contents) -> pl.DataFrame:
        columns = self._contracts.unified_table(table).columns
        empty = pl.DataFrame(schema={column.name: TYPES[column.type] for column in columns})
        # Where a reference must find nothing its rows stay, without a key, so that totals do not change.
        parts = [
            empty.clear(rows.height)
            if each.name == contents.lacking
            else rows.select(
                pl.col(own).cast(empty.schema[theirs]).alias(theirs) for own, theirs in each.columns.items()
            )
            for each in self._references
            if each.table == table
        ]
        found = pl.concat([empty, *parts], how="diagonal") if parts else empty.clear(1)
        values = contents.values.get(table, {})
        constants = [
            pl.lit(value).cast(empty.schema[name]).alias(name) for name, value in values.items() if name in empty.schema
        ]
        return pl.concat([empty, *([found.with_columns(constants)] * contents.copies.get(table, 1))])
