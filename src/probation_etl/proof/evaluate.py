"""Finds the rules that candidate rows break, many rows at a time, with the code that validates real returns.

Rules that need several rows or other tables are left out here, because they are not about a single row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from probation_etl.contracts.checks import Schema
from probation_etl.contracts.checks.check import OF_ROWS, OF_TEXT, Scope
from probation_etl.intake.parse import TypedTable, parse
from probation_etl.intake.table import RawTable
from probation_etl.intake.validate import validate_rows
from probation_etl.proof.candidates import Cell

#: One candidate row: the text of each cell, in the order of the contract's columns.
Row = tuple[Cell, ...]
#: Names of the rules that a row breaks.
Broken = frozenset[str]
_OF_ONE_ROW = frozenset(each for each in OF_ROWS | OF_TEXT if each.scope is Scope.ROW)


class Evaluator:
    """Validates candidate rows, each on its own.

    Attributes:
        tried: Number of rows so far.
    """

    def __init__(self, schema: Schema, context: dict[str, object], *, native: bool) -> None:
        self._schema = replace(schema, checks=tuple(each for each in schema.checks if each.kind in _OF_ONE_ROW))
        self._context, self._native = context, native
        self.tried = 0

    def parsed(self, rows: Sequence[Row]) -> tuple[RawTable, TypedTable]:
        """The rows as text and in their types."""
        contract = self._schema.contract
        names = contract.column_names
        frame = pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")
        numbered = frame.with_columns(source_row=pl.int_range(frame.height, dtype=pl.Int64))
        table = RawTable(
            frame=numbered,
            raw=numbered,
            headers={column.name: column.header for column in contract.columns},
            letters=dict.fromkeys(names, "A") if self._native else None,
            missing=(),
            findings=(),
        )
        return table, parse(table, self._schema, self._context)

    def broken(self, rows: Sequence[Row]) -> list[Broken]:
        """The rules that each row breaks."""
        self.tried += len(rows)
        findings = validate_rows(*self.parsed(rows), self._schema, lambda _table: None)
        by_row: list[set[str]] = [set() for _ in rows]
        for row, rule in findings.select("row", "rule").iter_rows():
            by_row[row].add(rule)
        return [frozenset(rules) for rules in by_row]
