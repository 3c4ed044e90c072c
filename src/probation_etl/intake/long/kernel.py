"""Judges the rows of a piece: what comes of them follows from the piece, the compiled contract and what is known of the return.

A piece and what comes of it are plain values, and may go to another process or machine. A compiled contract may not: there the
contracts are sent, and compiled.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from probation_etl.contracts.checks import Check, Kind, Schema
from probation_etl.contracts.findings import Finding
from probation_etl.contracts.guard import Guard
from probation_etl.discreet import Discreet
from probation_etl.intake.cells import doubts, explained
from probation_etl.intake.exchanged_dates import Exchanged, exchanged_dates, forms_shown
from probation_etl.intake.faults import faults_at, findings_of
from probation_etl.intake.parse import unknown_cells
from probation_etl.intake.pieces import Judged, Piece, judged_in_pieces
from probation_etl.intake.readers import CellKind
from probation_etl.intake.result import findings_frame
from probation_etl.intake.row_rules import numbers_of_rows, rules_of_groups
from probation_etl.intake.table import RawTable
from probation_etl.intake.validate import restricted_elsewhere


@dataclass(frozen=True)
class Judgement(Discreet):
    """By what rows are judged.

    Attributes:
        schema: The compiled contract.
        context: Values of the context columns; None if not known.
        guard: What looks like a restricted value.
    """

    schema: Schema
    context: Mapping[str, object]
    guard: Guard


@dataclass(frozen=True)
class RawPiece(Discreet):
    """Rows of a return as text.

    Attributes:
        table: The rows.
        findings: What is wrong with rows as a whole.
        shown: By column, forms of dates of which rows of any piece show that day and month were exchanged; None while that is not known.
    """

    table: RawTable
    findings: tuple[Finding, ...]
    shown: Mapping[str, frozenset[str]] | None = None


@dataclass(frozen=True)
class JudgedPiece(Discreet):
    """What comes of a piece. Which rows are accepted is known when all pieces have been asked what repeats and what is missing.

    Attributes:
        typed: The rows in their types.
        uncertain: By column name, where the value is not known; only columns that have such cells.
        found: What is wrong with the rows, columns as in ``FINDING_SCHEMA``.
        numbers: For each rule that rows break together, by its name, numbers that are the same where the rows are.
        forms: By column, forms of dates of which its rows show that day and month were exchanged.
        exchanged: By column of :attr:`RawPiece.shown`, the rows with these texts.
        unknown: Those of these columns in which days are not known for it.
    """

    typed: pl.DataFrame
    uncertain: Mapping[str, pl.Series]
    found: pl.DataFrame
    numbers: pl.DataFrame
    forms: Mapping[str, frozenset[str]]
    exchanged: Mapping[str, pl.Series]
    unknown: frozenset[str]


def judged_piece(piece: RawPiece, by: Judgement) -> JudgedPiece:
    """What comes of a piece."""
    table, schema = piece.table, by.schema
    doubted = doubts(table, schema)
    unknown = unknown_cells(table, schema, doubted.unknown)
    judged = judged_in_pieces(Piece(table.frame, unknown, table.typed), schema, by.context)
    found = dict(_exchanged(piece, judged, unknown, schema))
    days = {name: each.unknown for name, each in found.items() if each.unknown.any()}
    forms = dict(_forms(table, judged, unknown, schema)) if piece.shown is None else {}
    if days:
        # Days that are not known after all decide rules: the rows are judged again without them.
        both = {name: unknown[name] | each if name in unknown else each for name, each in days.items()}
        judged = judged_in_pieces(Piece(table.frame, {**unknown, **both}, table.typed), schema, by.context)
    ambiguous = [faults_at(each.arg_true(), f"{name}|{Kind.AMBIGUOUS}") for name, each in days.items()]
    of_cells = explained(pl.concat([doubted.faults, judged.faults, *ambiguous]), table, schema)
    faults = pl.concat([of_cells, judged.broken, *restricted_elsewhere(table, schema, by.guard)])
    rules = rules_of_groups(schema)
    return JudgedPiece(
        judged.frame,
        judged.uncertain,
        pl.concat([findings_frame(piece.findings), *findings_of(faults, table, judged.frame, schema)]),
        pl.DataFrame([numbers_of_rows(judged.frame, each.columns).alias(each.name) for each in rules]),
        forms,
        {name: table.frame["source_row"].filter(each.shown_by) for name, each in found.items()},
        frozenset(days),
    )


def _forms(
    table: RawTable, judged: Judged, unknown: Mapping[str, pl.Series], schema: Schema
) -> Iterator[tuple[str, frozenset[str]]]:
    for check, unread in _unread(table, judged, unknown, schema):
        if check.target in table.kinds:
            unread &= table.kinds[check.target] != CellKind.DATE
        forms = forms_shown(table.frame[check.target].filter(unread), check.its_column) if unread.any() else ()
        if forms:
            yield check.target, frozenset(forms)


def _exchanged(
    piece: RawPiece, judged: Judged, unknown: Mapping[str, pl.Series], schema: Schema
) -> Iterator[tuple[str, Exchanged]]:
    """By column, what is not known of its days, because rows of any piece show that day and month were exchanged."""
    table = piece.table
    for check, unread in _unread(table, judged, unknown, schema) if piece.shown else ():
        name, shown = check.target, (piece.shown or {}).get(check.target)
        if shown:
            days, column = judged.frame[name], check.its_column
            found = exchanged_dates(table, days, unread, column, native=table.typed, shown_elsewhere=shown)
            if found:
                yield name, found


def _unread(
    table: RawTable, judged: Judged, unknown: Mapping[str, pl.Series], schema: Schema
) -> Iterator[tuple[Check, pl.Series]]:
    """For each column of dates, where a cell could not be read."""
    nowhere = pl.repeat(value=False, n=judged.frame.height, eager=True)
    for check in schema.of(Kind.AMBIGUOUS):
        name = check.target
        if name not in table.missing:
            yield check, judged.uncertain.get(name, nowhere) & ~unknown.get(name, nowhere)
