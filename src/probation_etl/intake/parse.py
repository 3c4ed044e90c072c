"""Turns text into typed values. A cell that cannot be parsed becomes null and a fault; nothing is guessed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

import polars as pl

from probation_etl.contracts.checks import CONTEXT_TYPES, KEY_UNCERTAIN, NUMBER, TYPES, Kind, Schema
from probation_etl.contracts.damage import damaged, errors
from probation_etl.contracts.date_formats import ISO, date_plan
from probation_etl.contracts.findings import Finding
from probation_etl.contracts.model import Column
from probation_etl.discreet import Discreet
from probation_etl.intake.cells import doubts, explained
from probation_etl.intake.exchanged_dates import exchanged_dates
from probation_etl.intake.faults import faults_at
from probation_etl.intake.readers import BLANKS, CONTROL_NAMES
from probation_etl.intake.table import RawTable

_WHOLE, _DECIMAL = r"^[+-]?[0-9]{1,18}$", r"^[+-]?[0-9]{1,18}(\.[0-9]+)?$"
_CONTROL = "[" + "".join(rf"\x{{{code:X}}}" for code in CONTROL_NAMES) + "]"


@dataclass(frozen=True)
class TypedTable(Discreet):
    """Rows in their types, and the cells that could not be parsed.

    Attributes:
        frame: ``source_row``, the contract's columns in their types, the context columns and the derived ones.
        faults: One row for each fault that the file or the parser tells of, columns as in ``FAULT_SCHEMA``.
        uncertain: By column name, a Boolean series that is true where the value of the cell is not known.
        findings: What is wrong with columns as a whole.
    """

    frame: pl.DataFrame
    faults: pl.DataFrame
    uncertain: dict[str, pl.Series]
    findings: tuple[Finding, ...] = ()


def parse(table: RawTable, schema: Schema, context: dict[str, object]) -> TypedTable:
    """Parses all cells of a table.

    Args:
        table: The rows as text.
        schema: The compiled contract.
        context: Values of the context columns; None if not known.
    """
    height = table.frame.height
    broken = pl.Series("broken", [False] * height, dtype=pl.Boolean)
    if table.broken.len():
        broken = broken.scatter(table.broken, values=True)
    doubted = doubts(table, schema)
    typed: list[pl.Series] = [table.frame["source_row"]]
    faults: list[pl.DataFrame] = [doubted.faults]
    uncertain: dict[str, pl.Series] = {}
    findings: list[Finding] = []
    for column in schema.contract.columns:
        if column.name in table.missing:
            typed.append(pl.Series(column.name, [None] * height, dtype=TYPES[column.type]))
            # A column that may be left out counts as empty: no rule is switched off by leaving it out.
            uncertain[column.name] = broken | column.required
            continue
        native = table.typed or table.letters is not None
        unknown_cells = broken | doubted.unknown.get(column.name, broken) | table.unclear.get(column.name, broken)
        values, found, doubtful = _parse_column(table.frame[column.name], column, unknown_cells, native=native)
        check = schema.by_name.get(f"{column.name}|{Kind.AMBIGUOUS}")
        if check and (exchanged := exchanged_dates(table, values, doubtful & ~unknown_cells, column, native=native)):
            values, doubtful = exchanged.without(values), doubtful | exchanged.unknown
            found = [*found, faults_at(exchanged.unknown.arg_true(), check.name)]
            findings.append(exchanged.finding(table, check))
        typed.append(values)
        faults += found
        if doubtful.any():
            uncertain[column.name] = doubtful
    constants = [pl.lit(context.get(name)).cast(kind).alias(name) for name, kind in CONTEXT_TYPES.items()]
    unknown = pl.Series(KEY_UNCERTAIN, [False] * height, dtype=pl.Boolean)
    for name in schema.contract.key:
        unknown |= uncertain.get(name, unknown)
    frame = pl.DataFrame([*typed, unknown.alias(KEY_UNCERTAIN)]).with_columns(constants).with_columns(schema.derived)
    return TypedTable(frame, explained(pl.concat(faults), table, schema), uncertain, tuple(findings))


def _parse_column(
    text: pl.Series, column: Column, broken: pl.Series, *, native: bool
) -> tuple[pl.Series, list[pl.DataFrame], pl.Series]:
    """The typed column, its faults, and where its values are not known: not parsed, broken, or withheld on purpose.

    Cells of broken records, and cells whose value the file leaves in doubt, are broken; they are reported elsewhere.
    """
    cell, flags = pl.col("cell"), [pl.col(each) for each in ("broken", "withheld", "control")]
    plain = _plain(cell, column)
    # A marker with nothing before it is not a value: null in a column of texts, unparsable in any other.
    value = pl.when(plain != "").then(plain).otherwise(pl.lit(None) if column.type == "string" else cell)
    unread = pl.any_horizontal(*flags, cell.is_in(["", *column.null_tokens]))
    # Each step works on the result of the one before. They are one plan, because a plan costs more than its rows.
    steps = (
        pl.DataFrame([_composed(text).alias("cell"), broken.alias("broken")])
        .lazy()
        .with_columns(cell.str.strip_chars(BLANKS))
        .with_columns(withheld=_withheld(cell, column))
        .with_columns(control=cell.str.contains(_CONTROL).fill_null(value=False) & ~pl.col("broken"))
        .with_columns(cell=pl.when(unread).then(None).otherwise(value))
        .with_columns(error=errors(cell, column))
        .with_columns(cell=pl.when(~pl.col("error")).then(cell))
        .with_columns(value=_typed(cell, column, native=native))
        .with_columns(damaged=damaged(_suspect(cell, column), column))
        .with_columns(pl.when(~pl.col("damaged")).then(pl.col("cell", "value")))
        .with_columns(unparsed=cell.is_not_null() & pl.col("value").is_null())
    )
    doubtful = pl.any_horizontal("unparsed", "error", "damaged", *flags).alias("doubtful")
    checks = [check.alias(f"{column.name}|{rule}") for rule, check in _checks(cell, column)]
    values, uncertain, *found = steps.select("value", doubtful, *checks).collect().iter_columns()
    faults = [faults_at(each.arg_true(), each.name) for each in found if each.any()]
    return values.alias(column.name), faults, uncertain


def _composed(text: pl.Series) -> pl.Series:
    """The text in NFC, with letters and their accents as one character; plain ASCII, the usual case, is unchanged."""
    return text if text.str.len_bytes().sum() == text.str.len_chars().sum() else text.str.normalize("NFC")


def _withheld(cell: pl.Expr, column: Column) -> pl.Expr:
    """Cells with one of the contract's shorthand marks and nothing else."""
    marks = [f"[{mark}]" for mark in column.shorthand]
    return cell.is_in(marks).fill_null(value=False) if marks else pl.lit(value=False)


def _plain(cell: pl.Expr, column: Column) -> pl.Expr:
    """The text without the markers and the thousands separators that the contract allows."""
    if column.markers:
        marks = "|".join(re.escape(f"[{mark}]") for mark in column.markers)
        cell = cell.str.replace(rf"\s*(?:{marks})(?:\s*(?:{marks}))*$", "")
    if column.thousands_separator:
        separator = re.escape(column.thousands_separator)
        decimals_too = "" if column.thousands_separator == "." else r"(?:\.[0-9]+)?"
        grouped = rf"^[+-]?[1-9][0-9]{{0,2}}(?:{separator}[0-9]{{3}})+{decimals_too}$"
        without = cell.str.replace_all(column.thousands_separator, "", literal=True)
        cell = pl.when(cell.str.contains(grouped)).then(without).otherwise(cell)
    return cell


def _typed(cell: pl.Expr, column: Column, *, native: bool) -> pl.Expr:
    if column.type == "integer":
        return pl.when(cell.str.contains(_WHOLE)).then(cell).cast(pl.Int64, strict=False)
    if column.type == "number":
        return pl.when(cell.str.contains(_DECIMAL)).then(cell).cast(NUMBER, strict=False)
    if column.type == "boolean":
        return cell.str.to_lowercase().replace_strict(
            {"true": True, "false": False}, default=None, return_dtype=pl.Boolean
        )
    if column.type == "date":
        # The reader gives the dates of a spreadsheet as ISO 8601.
        formats = dict.fromkeys((ISO, *column.formats) if native or not column.formats else column.formats)
        return pl.coalesce([_date(cell, each) for each in formats])
    return cell


def _date(cell: pl.Expr, written: str) -> pl.Expr:
    pattern, strptime = date_plan(written)
    return pl.when(cell.str.contains(pattern)).then(cell).str.to_date(strptime, strict=False)


def _suspect(cell: pl.Expr, column: Column) -> pl.Expr:
    """The cells that may be damaged. One that could be read as a number, a day or a truth value is not."""
    return cell if column.type == "string" else pl.when(pl.col("value").is_null()).then(cell)


def _checks(cell: pl.Expr, column: Column) -> Iterator[tuple[str, pl.Expr]]:
    """The checks of the parser by the name of their rule, in the order of their findings."""
    unparsed = pl.col("unparsed")
    yield from ((name, pl.col(name)) for name in ("control", "error", "damaged"))
    if column.type == "integer":
        fraction = unparsed & cell.str.contains(_DECIMAL).fill_null(value=False)
        yield from (("integer", fraction), ("type", unparsed & ~fraction))
    else:
        yield "type", unparsed
    if column.type == "number":
        digits = cell.str.extract(r"\.([0-9]*?)0*$").str.len_chars().fill_null(0)
        yield "decimals", ~unparsed & (digits > column.places)


def read_date(text: str | None, written: str) -> date | None:
    """Reads one date in a given format or in ISO 8601; None if it is in neither."""
    for each in (written, ISO):
        pattern, strptime = date_plan(each)
        if text and re.search(pattern, text):
            try:
                return datetime.strptime(text, strptime).date()  # noqa: DTZ007 -- a day has no time zone
            except ValueError:
                return None
    return None
