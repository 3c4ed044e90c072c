"""How the texts of columns become values: steps that are made once of what a contract says of each column.

A cell that cannot be parsed becomes null and a fault; nothing is guessed. Only single cells are looked at here, and what a cell
becomes follows from its text alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from probation_etl.contracts.damage import damaged, errors
from probation_etl.contracts.made_once import made_once
from probation_etl.contracts.model import Column
from probation_etl.contracts.spellings import spelt_as_listed, without_unit
from probation_etl.discreet import Discreet
from probation_etl.intake.closely import Closely, closely
from probation_etl.intake.faults import CONTROL, faults_at
from probation_etl.intake.readers import BLANKS
from probation_etl.intake.typed_texts import decimal, typed

#: What the steps make of a column, behind its name.
_CELL, _WITHHELD, _CONTROL_FOUND, _ERROR = "\0cell", "\0withheld", "\0control", "\0error"
_VALUE, _DAMAGED, _UNPARSED, _DOUBTFUL = "\0value", "\0damaged", "\0unparsed", "\0doubtful"
_IS_ASCII = pl.all().str.len_bytes().sum() == pl.all().str.len_chars().sum()
#: Cells that are parsed together: what the steps make of them is in memory at one time.
_CELLS_AT_A_TIME = 1 << 17


@dataclass(frozen=True)
class Values(Discreet):
    """One column in its type.

    Attributes:
        values: Null where there is no value, or none that is known.
        faults: Its faults, by their positions in the column; columns as in ``FAULT_SCHEMA``.
        doubtful: Boolean series, true where the value is not known: not parsed, withheld on purpose, or in doubt before.
        different: All values that are among them, and null, where these are known to be few.
    """

    values: pl.Series
    faults: list[pl.DataFrame]
    doubtful: pl.Series
    different: pl.Series | None


def values_of(
    texts: pl.DataFrame, columns: Sequence[Column], unknown: Mapping[str, pl.Series], *, native: bool
) -> dict[str, Values]:
    """The columns by name. A query costs more than the rows of a small return, so that one is made for many columns.

    Args:
        texts: One String column for each of the columns, and perhaps others.
        columns: The columns.
        unknown: By column name, Boolean series that are true where the value is not known whatever the text is: such cells are
            reported elsewhere.
        native: Whether date cells come as ISO 8601.
    """
    looked_at = [(each, closely(texts[each.name], each, native=native)) for each in columns]
    looked_at.sort(key=lambda each: len(each[1].texts))
    found: dict[str, Values] = {}
    while looked_at:
        # As many as have so many cells in all, but at least one: those with the most texts come last.
        most = sum(1 for at, (_, each) in enumerate(looked_at, start=1) if at * len(each.texts) <= _CELLS_AT_A_TIME)
        together, looked_at = looked_at[: max(1, most)], looked_at[max(1, most) :]
        found |= _made_together(together, unknown, native=native)
    return found


def _made_together(
    looked_at: Sequence[tuple[Column, Closely]], unknown: Mapping[str, pl.Series], *, native: bool
) -> dict[str, Values]:
    plans = [_plan(column, native) for column, _ in looked_at]
    most = max(len(each.texts) for _, each in looked_at)
    texts = pl.DataFrame({column.name: _as_long_as(each.texts, most) for column, each in looked_at})
    made = _composed(texts).select(pl.all().name.suffix(_CELL))
    # Each step works on the result of the one before. What could be optimised in them would cost more than they do.
    for step in zip(*(plan.steps for plan in plans), strict=True):
        made = made.with_columns_seq([each for of_column in step for each in of_column])
    results = made.select_seq([each for plan in plans for each in plan.results]).get_columns()
    found, at = {}, 0
    for (column, each), plan in zip(looked_at, plans, strict=True):
        of_column = [one.head(len(each.texts)) for one in results[at : at + len(plan.results)]]
        at += len(plan.results)
        found[column.name] = _values(each, *of_column, unknown=unknown.get(column.name))
    return found


def _as_long_as(texts: pl.Series, most: int) -> pl.Series:
    """The texts with as many cells as the longest column that is looked at with them."""
    return texts if len(texts) == most else texts.extend_constant(None, most - len(texts))


def _values(
    closely: Closely, values: pl.Series, doubtful: pl.Series, *checks: pl.Series, unknown: pl.Series | None
) -> Values:
    """The column, without the cells that are not known whatever their text is."""
    different = closely.different(values)
    values, doubtful = closely.values(values), closely.cells(doubtful)
    checks = tuple(closely.cells(each).alias(each.name) for each in checks if each.any())
    if unknown is not None:
        values, doubtful = values.set(unknown, None), doubtful | unknown
        checks = tuple(each & ~unknown for each in checks)
    return Values(values, [faults_at(each.arg_true(), each.name) for each in checks if each.any()], doubtful, different)


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
    flags = [own(each) for each in (_WITHHELD, _CONTROL_FOUND)]
    plain = _plain(cell, column)
    # A marker with nothing before it is not a value: null in a column of texts, unparsable in any other.
    kept = pl.when(plain != "").then(plain).otherwise(pl.lit(None) if column.type == "string" else cell)
    unread = pl.any_horizontal(*flags, cell.is_in(["", *column.null_tokens]))
    control = cell.str.contains(CONTROL).fill_null(value=False)
    unparsed = cell.is_not_null() & value.is_null()
    steps = (
        (_trimmed(cell, column),),
        (_withheld(cell, column).alias(f"{column.name}{_WITHHELD}"), control.alias(f"{column.name}{_CONTROL_FOUND}")),
        (pl.when(unread).then(None).otherwise(kept).alias(f"{column.name}{_CELL}"),),
        (errors(cell, column).alias(f"{column.name}{_ERROR}"),),
        (pl.when(~error).then(cell),),
        (typed(cell, column, native=native).alias(f"{column.name}{_VALUE}"),),
        (damaged(_suspect(cell, value, column), column).alias(f"{column.name}{_DAMAGED}"),),
        (pl.when(~harmed).then(cell), pl.when(~harmed).then(value)),
        (unparsed.alias(f"{column.name}{_UNPARSED}"),),
    )
    doubtful = pl.any_horizontal(own(_UNPARSED), error, harmed, *flags).alias(f"{column.name}{_DOUBTFUL}")
    checks = (check.alias(f"{column.name}|{rule}") for rule, check in _checks(own, column))
    return _Plan(steps, (value.alias(column.name), doubtful, *checks))


def _composed(texts: pl.DataFrame) -> pl.DataFrame:
    """The texts in NFC, with letters and their accents as one character; plain ASCII, the usual case, is unchanged."""
    plain = texts.select(_IS_ASCII)
    odd = [each.name for each in plain.iter_columns() if not each.item()]
    return texts.with_columns(pl.col(odd).str.normalize("NFC")) if odd else texts


def _trimmed(cell: pl.Expr, column: Column) -> pl.Expr:
    """The text without white space at its ends; a cell of nothing else is empty, whatever the contract says."""
    bare = cell.str.strip_chars(BLANKS)
    return pl.when(bare == "").then(bare).otherwise(cell) if column.keeps_blanks else bare


def _withheld(cell: pl.Expr, column: Column) -> pl.Expr:
    """Cells with one of the contract's shorthand marks and nothing else."""
    marks = [f"[{mark}]" for mark in column.shorthand]
    return cell.is_in(marks).fill_null(value=False) if marks else pl.lit(value=False)


def _plain(cell: pl.Expr, column: Column) -> pl.Expr:
    """The text without the markers, the unit and the thousands separators that the contract allows; listed values as they are listed."""
    if column.markers:
        marks = "|".join(re.escape(f"[{mark}]") for mark in column.markers)
        cell = cell.str.replace(rf"\s*(?:{marks})(?:\s*(?:{marks}))*$", "")
    cell = without_unit(cell, column)
    if column.thousands_separator:
        separator = re.escape(column.thousands_separator)
        point = column.decimal_separator
        decimals_too = "" if column.thousands_separator == point else rf"(?:{re.escape(point)}[0-9]+)?"
        grouped = rf"^[+-]?[1-9][0-9]{{0,2}}(?:{separator}[0-9]{{3}})+{decimals_too}$"
        without = cell.str.replace_all(column.thousands_separator, "", literal=True)
        cell = pl.when(cell.str.contains(grouped)).then(without).otherwise(cell)
    return spelt_as_listed(cell, column)


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
        fraction = unparsed & cell.str.contains(decimal(column)).fill_null(value=False)
        yield from (("integer", fraction), ("type", unparsed & ~fraction))
    else:
        yield "type", unparsed
    if column.type == "number":
        digits = cell.str.extract(rf"{re.escape(column.decimal_separator)}([0-9]*?)0*$").str.len_chars().fill_null(0)
        yield "decimals", ~unparsed & (digits > column.places)
