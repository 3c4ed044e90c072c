"""Turns text into typed values and finds what is wrong with single rows, piece by piece; then what only whole columns tell."""

from __future__ import annotations

import functools
import operator
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from probation_etl.contracts.checks import Kind, Schema
from probation_etl.contracts.findings import Finding
from probation_etl.contracts.forms import ISO, form
from probation_etl.discreet import Discreet
from probation_etl.intake.cells import doubts, explained
from probation_etl.intake.exchanged_dates import Exchanged, exchanged_dates, exchanged_finding
from probation_etl.intake.faults import faults_at, together
from probation_etl.intake.own_words import in_own_words
from probation_etl.intake.pieces import Judged, Piece, judged_in_pieces
from probation_etl.intake.table import RawTable


@dataclass(frozen=True)
class TypedTable(Discreet):
    """Rows in their types, and what is wrong with single cells and rows.

    Attributes:
        frame: ``source_row``, the contract's columns in their types, the context columns and the derived ones.
        faults: One row for each fault that the file or the parser tells of, columns as in ``FAULT_SCHEMA``.
        broken: One row for each rule of single rows that a row breaks, columns as in ``FAULT_SCHEMA``.
        uncertain: By column name, a Boolean series that is true where the value of the cell is not known.
        findings: What is wrong with columns as a whole.
    """

    frame: pl.DataFrame
    faults: pl.DataFrame
    broken: pl.DataFrame
    uncertain: dict[str, pl.Series]
    findings: tuple[Finding, ...] = ()


def parse(table: RawTable, schema: Schema, context: dict[str, object]) -> TypedTable:
    """Parses all cells of a table, and applies the rules of single rows.

    Args:
        table: The rows as text.
        schema: The compiled contract.
        context: Values of the context columns; None if not known.
    """
    native = table.typed or table.letters is not None
    doubted = doubts(table, schema)
    unknown = unknown_cells(table, schema, doubted.unknown)
    texts = in_own_words(table, schema)
    whole = Piece(texts, unknown, native)
    judged = judged_in_pieces(whole, schema, context)
    exchanged = _exchanged(table, schema, judged, unknown, native=native)
    if exchanged:
        # Days that are not known after all decide rules: their rows are judged again without them.
        found = {
            name: unknown[name] | each.unknown if name in unknown else each.unknown for name, each in exchanged.items()
        }
        judged = judged_in_pieces(Piece(texts, unknown | found, native), schema, context)
    checks = {name: schema.by_name[f"{name}|{Kind.AMBIGUOUS}"] for name in exchanged}
    ambiguous = [faults_at(exchanged[name].unknown.arg_true(), each.name) for name, each in checks.items()]
    return TypedTable(
        judged.frame,
        explained(together([doubted.faults, judged.faults, *ambiguous]), table, schema),
        judged.broken,
        judged.uncertain,
        tuple(
            exchanged_finding(table.frame["source_row"].filter(exchanged[name].shown_by), table.headers[name], each)
            for name, each in checks.items()
        ),
    )


def unknown_cells(table: RawTable, schema: Schema, doubted: Mapping[str, pl.Series]) -> dict[str, pl.Series]:
    """By column name, where a value is not known whatever the text is; only columns that have such cells."""
    height, unknown = table.frame.height, {}
    for column in schema.contract.columns:
        cells = [each[column.name] for each in (doubted, table.unclear) if column.name in each]
        if table.broken.len():
            cells.append(pl.repeat(value=False, n=height, eager=True).scatter(table.broken, values=True))
        if column.name in table.missing and column.required:
            # A column that may be left out counts as empty: no rule is switched off by leaving it out.
            cells.append(pl.repeat(value=True, n=height, eager=True))
        if cells:
            unknown[column.name] = functools.reduce(operator.or_, cells).alias(column.name)
    return unknown


def _exchanged(
    table: RawTable, schema: Schema, judged: Judged, unknown: Mapping[str, pl.Series], *, native: bool
) -> dict[str, Exchanged]:
    """By column name, the days that are not known, because their column shows that day and month were exchanged."""
    nowhere, found = pl.repeat(value=False, n=table.frame.height, eager=True), {}
    for check in schema.of(Kind.AMBIGUOUS):
        name = check.target
        if name in table.missing:
            continue
        unread = judged.uncertain.get(name, nowhere) & ~unknown.get(name, nowhere)
        each = exchanged_dates(table, judged.frame[name], unread, check.its_column, native=native)
        if each:
            found[name] = each
    return found


def read_date(text: str | None, written: str) -> date | None:
    """Reads one date in a given format or in ISO 8601; None if it is in neither."""
    found = (form(each).read(text) for each in (written, ISO) if text)
    return next((each.date() for each in found if each), None)
