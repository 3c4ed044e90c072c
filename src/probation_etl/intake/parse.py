"""Turns text into typed values. A cell that cannot be parsed becomes null and a fault; nothing is guessed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import polars as pl

from probation_etl.contracts.checks import CONTEXT_TYPES, KEY_UNCERTAIN, NUMBER, TYPES, Kind, Schema
from probation_etl.contracts.damage import damaged, errors
from probation_etl.contracts.date_formats import ISO, date_plan
from probation_etl.contracts.findings import Finding
from probation_etl.contracts.made_once import made_once
from probation_etl.contracts.model import Column
from probation_etl.discreet import Discreet
from probation_etl.intake.cells import doubts, explained
from probation_etl.intake.exchanged_dates import exchanged_dates
from probation_etl.intake.faults import CONTROL, faults_at
from probation_etl.intake.readers import BLANKS
from probation_etl.intake.table import RawTable

_WHOLE, _DECIMAL = r"^[+-]?[0-9]{1,18}$", r"^[+-]?[0-9]{1,18}(\.[0-9]+)?$"
#: What the steps make of a column, behind its name.
_CELL, _BROKEN, _WITHHELD, _CONTROL_FOUND, _ERROR = "\0cell", "\0broken", "\0withheld", "\0control", "\0error"
_VALUE, _DAMAGED, _UNPARSED, _DOUBTFUL = "\0value", "\0damaged", "\0unparsed", "\0doubtful"
_IS_ASCII = pl.all().str.len_bytes().sum() == pl.all().str.len_chars().sum()
#: Cells that are parsed together: what the steps make of them is in memory at one time.
_CELLS_AT_A_TIME = 1 << 17


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
    native = table.typed or table.letters is not None
    present = [each for each in schema.contract.columns if each.name not in table.missing]
    unknown_cells = {
        each.name: broken | doubted.unknown.get(each.name, broken) | table.unclear.get(each.name, broken)
        for each in present
    }
    parsed = _parsed_columns(table.frame.drop("source_row"), present, unknown_cells, native=native)
    for column in schema.contract.columns:
        if column.name in table.missing:
            typed.append(pl.Series(column.name, [None] * height, dtype=TYPES[column.type]))
            # A column that may be left out counts as empty: no rule is switched off by leaving it out.
            uncertain[column.name] = broken | column.required
            continue
        values, found, doubtful = (getattr(parsed[column.name], each) for each in ("values", "faults", "doubtful"))
        check = schema.by_name.get(f"{column.name}|{Kind.AMBIGUOUS}")
        told = doubtful & ~unknown_cells[column.name]
        if check and (exchanged := exchanged_dates(table, values, told, column, native=native)):
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


@dataclass(frozen=True)
class _ParsedColumn(Discreet):
    """The typed column, its faults, and where its values are not known: not parsed, broken, or withheld on purpose.

    Cells of broken records, and cells whose value the file leaves in doubt, are broken; they are reported elsewhere.
    """

    values: pl.Series
    faults: list[pl.DataFrame]
    doubtful: pl.Series


def _parsed_columns(
    texts: pl.DataFrame, columns: Sequence[Column], broken: Mapping[str, pl.Series], *, native: bool
) -> dict[str, _ParsedColumn]:
    """The columns by name. A query costs more than the rows of a small return, so that one is made for many columns."""
    composed = _composed(texts)
    together = max(1, _CELLS_AT_A_TIME // max(1, texts.height))
    found: dict[str, _ParsedColumn] = {}
    for first in range(0, len(columns), together):
        found |= _parsed_together(composed, columns[first : first + together], broken, native=native)
    return found


def _parsed_together(
    texts: pl.DataFrame, columns: Sequence[Column], broken: Mapping[str, pl.Series], *, native: bool
) -> dict[str, _ParsedColumn]:
    plans = [_plan(column, native) for column in columns]
    given = [
        (texts[each.name].alias(f"{each.name}{_CELL}"), broken[each.name].alias(f"{each.name}{_BROKEN}"))
        for each in columns
    ]
    made = pl.DataFrame([series for pair in given for series in pair])
    # Each step works on the result of the one before. What could be optimised in them would cost more than they do.
    for step in zip(*(plan.steps for plan in plans), strict=True):
        made = made.with_columns_seq([each for of_column in step for each in of_column])
    results = made.select_seq([each for plan in plans for each in plan.results]).get_columns()
    found, at = {}, 0
    for column, plan in zip(columns, plans, strict=True):
        values, doubtful, *checks = results[at : at + len(plan.results)]
        at += len(plan.results)
        faults = [faults_at(each.arg_true(), each.name) for each in checks if each.any()]
        found[column.name] = _ParsedColumn(values.alias(column.name), faults, doubtful)
    return found


@dataclass(frozen=True)
class _Plan(Discreet):
    """How the cells of a column are parsed: steps one after the other, and what is taken at the end.

    Attributes:
        results: The values, where they are doubtful, and the checks by the name of their rule.
    """

    steps: tuple[tuple[pl.Expr, ...], ...]
    results: tuple[pl.Expr, ...]


@made_once
def _plan(column: Column, native: bool) -> _Plan:  # noqa: FBT001 -- what is made once is told apart by its place
    def own(name: str) -> pl.Expr:
        return pl.col(f"{column.name}{name}")

    cell, value, error, harmed = own(_CELL), own(_VALUE), own(_ERROR), own(_DAMAGED)
    flags = [own(each) for each in (_BROKEN, _WITHHELD, _CONTROL_FOUND)]
    plain = _plain(cell, column)
    # A marker with nothing before it is not a value: null in a column of texts, unparsable in any other.
    kept = pl.when(plain != "").then(plain).otherwise(pl.lit(None) if column.type == "string" else cell)
    unread = pl.any_horizontal(*flags, cell.is_in(["", *column.null_tokens]))
    control = cell.str.contains(CONTROL).fill_null(value=False) & ~own(_BROKEN)
    unparsed = cell.is_not_null() & value.is_null()
    steps = (
        (cell.str.strip_chars(BLANKS),),
        (_withheld(cell, column).alias(f"{column.name}{_WITHHELD}"), control.alias(f"{column.name}{_CONTROL_FOUND}")),
        (pl.when(unread).then(None).otherwise(kept).alias(f"{column.name}{_CELL}"),),
        (errors(cell, column).alias(f"{column.name}{_ERROR}"),),
        (pl.when(~error).then(cell),),
        (_typed(cell, column, native=native).alias(f"{column.name}{_VALUE}"),),
        (damaged(_suspect(cell, value, column), column).alias(f"{column.name}{_DAMAGED}"),),
        (pl.when(~harmed).then(cell), pl.when(~harmed).then(value)),
        (unparsed.alias(f"{column.name}{_UNPARSED}"),),
    )
    doubtful = pl.any_horizontal(own(_UNPARSED), error, harmed, *flags).alias(f"{column.name}{_DOUBTFUL}")
    checks = (check.alias(f"{column.name}|{rule}") for rule, check in _checks(own, column))
    return _Plan(steps, (value, doubtful, *checks))


def _composed(texts: pl.DataFrame) -> pl.DataFrame:
    """The texts in NFC, with letters and their accents as one character; plain ASCII, the usual case, is unchanged."""
    plain = texts.select(_IS_ASCII)
    odd = [each.name for each in plain.iter_columns() if not each.item()]
    return texts.with_columns(pl.col(odd).str.normalize("NFC")) if odd else texts


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


def _suspect(cell: pl.Expr, value: pl.Expr, column: Column) -> pl.Expr:
    """The cells that may be damaged. One that could be read as a number, a day or a truth value is not."""
    return cell if column.type == "string" else pl.when(value.is_null()).then(cell)


def _checks(own: Callable[[str], pl.Expr], column: Column) -> Iterator[tuple[str, pl.Expr]]:
    """The checks of the parser by the name of their rule, in the order of their findings.

    Args:
        own: What the steps made of the column.
        column: The column.
    """
    cell, unparsed = own(_CELL), own(_UNPARSED)
    yield from (("control", own(_CONTROL_FOUND)), ("error", own(_ERROR)), ("damaged", own(_DAMAGED)))
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
