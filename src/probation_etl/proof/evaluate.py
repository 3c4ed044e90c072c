"""Where candidate rows are judged, many at a time, by the stages that judge real returns.

Rules over several rows, references and totals are left out here: they are no property of one row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from probation_etl.contracts.checks import Kind, Schema
from probation_etl.contracts.checks.check import OF_ROWS
from probation_etl.intake.parse import TypedTable, parse
from probation_etl.intake.table import RawTable
from probation_etl.intake.validate import validate_rows
from probation_etl.proof.candidates import Cell

#: One candidate row: the text of each cell, in the order of the contract's columns.
Row = tuple[Cell, ...]
#: Names of the rules that fire on a row.
Fired = frozenset[str]


class Bench:
    """Judges candidate rows, each for itself."""

    def __init__(self, schema: Schema, context: dict[str, object], *, native: bool) -> None:
        alone = OF_ROWS - {Kind.UNIQUE, Kind.KEY}
        self._schema = replace(schema, checks=tuple(each for each in schema.checks if each.kind in alone))
        self._context, self._native = context, native
        self.tried = 0

    def parsed(self, rows: Sequence[Row]) -> tuple[RawTable, TypedTable]:
        """The rows in their types."""
        contract = self._schema.contract
        names = contract.column_names
        frame = pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")
        numbered = frame.with_columns(source_row=pl.int_range(frame.height, dtype=pl.Int64))
        table = RawTable(
            frame=numbered,
            raw=numbered,
            headers={column.name: column.header for column in contract.columns},
            letters=dict.fromkeys(names, "A") if self._native else None,
            malformed=pl.DataFrame(schema={"position": pl.UInt32, "cells": pl.Int64}),
            missing=(),
            findings=(),
        )
        return table, parse(table, self._schema, self._context)

    def fired(self, rows: Sequence[Row]) -> list[Fired]:
        """The names of the rules that fire on each row."""
        self.tried += len(rows)
        findings, _ = validate_rows(*self.parsed(rows), self._schema, lambda _table: None)
        by_row: list[set[str]] = [set() for _ in rows]
        for row, rule in findings.select("row", "rule").iter_rows():
            by_row[row].add(rule)
        return [frozenset(rules) for rules in by_row]
