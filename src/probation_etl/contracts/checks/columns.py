"""Rules of one column, and of the key: from what a contract says of its columns."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import partial
from typing import Any

import polars as pl

from probation_etl.contracts.checks import words
from probation_etl.contracts.checks.check import Check, Kind
from probation_etl.contracts.checks.compiled import KEY_UNCERTAIN, TYPES
from probation_etl.contracts.checks.patterns_in_words import asked_form
from probation_etl.contracts.checks.told import (
    of_damage,
    of_masked,
    of_nearly_listed,
    of_timed,
    of_unlisted,
    of_without_unit,
)
from probation_etl.contracts.forms import USUAL
from probation_etl.contracts.model import DECIMAL_PLACES, Bound, Column, Contract, Length, Limit, Severity
from probation_etl.contracts.patterns import polars_pattern

_DUPLICATES_NAMED = 10
#: Characters of a bound that is surely as exact as a text.
_DIGITS = 20
_TYPE_CODES = {
    "integer": "not-a-number", "number": "not-a-number", "date": "not-a-date", "timestamp": "not-a-timestamp",
    "time": "not-a-time", "duration": "not-a-duration", "boolean": "not-a-boolean",
}  # fmt: skip


def column_checks(column: Column, *, key: tuple[str, ...] = ()) -> Iterator[Check]:
    """Every rule that a contract gives for one column. One that is the whole key is unique by the rule of the key."""
    cell = pl.col(column.name)
    yield _check(Kind.CONTROL, "control-character", column, "has no hidden characters")
    yield _check(Kind.ERROR, "error-cell", column, f"{words.typed(column)}, and not the error of a formula")
    yield from _type_checks(column)
    if column.required:
        yield _check(Kind.REQUIRED, "missing-value", column, "is filled in, in every row", cell.is_not_null())
    if column.pattern:
        pattern = polars_pattern(column.pattern)
        holds, asked = _each(cell, column, lambda value: value.str.contains(pattern)), words.formed(column)
        form = asked_form(column)
        tell = partial(of_masked, column) if column.restricted else None
        yield _check(
            Kind.PATTERN, "wrong-pattern", column, asked, holds, expected=form, pattern=column.pattern, tell=tell
        )
    if column.length:
        holds, asked = _has_length(cell.str.len_chars(), column.length), words.has_length(column.length)
        expected = _length_in_words(column.length)
        yield _check(Kind.LENGTH, "wrong-length", column, asked, holds, expected=expected, length=column.length)
    if column.interval:
        holds = pl.all_horizontal(_within(cell, limit, column) for limit in column.interval.limits)
        between = words.between(column.interval)
        given = column.interval
        yield _check(Kind.RANGE, "out-of-range", column, f"is {between}", holds, expected=between, interval=given)
    if column.labels:
        values = tuple(column.labels)
        holds = _each(cell, column, lambda value: value.is_in(values))
        several = f"values set apart by ‘{column.separator}’, each of which " if column.separator else ""
        asked, expected = (
            f"{'has ' if several else ''}{several}is one of: {words.listed(column, '; ')}",
            words.listed(column, ", "),
        )
        tell = partial(of_unlisted if several else of_nearly_listed, column)
        yield _check(Kind.ENUM, "not-in-list", column, asked, holds, expected=expected, values=values, tell=tell)
    if column.unique and key != (column.name,):
        holds, rows = _not_repeated([column.name]), _others([column.name])
        asked = "is different in every row"
        yield _check(Kind.UNIQUE, "duplicate-row", column, asked, holds, expected=column.header, evidence=rows)


def _type_checks(column: Column) -> Iterator[Check]:
    """The rules that a text can be read in the type of its column."""
    if column.type in _TYPE_CODES:
        tell = partial(of_timed, column) if column.type == "date" else None
        if column.needs_unit:
            tell = partial(of_without_unit, column)
        asked, advised = words.typed(column), words.advised(column)
        code = _TYPE_CODES[column.type]
        yield _check(Kind.TYPE, code, column, asked, expected=_form(column), tell=tell, advised=advised)
    if column.type == "integer":
        yield _check(Kind.INTEGER, "not-an-integer", column, words.typed(column))
    if column.type == "number":
        asked = f"has at most {column.places} decimal places"
        yield _check(Kind.DECIMALS, "too-precise", column, asked, expected=str(column.places), places=column.places)


def _form(column: Column) -> str:
    """How a value of the column is written."""
    if column.type in (*USUAL, "duration"):
        return words.in_short(column.formats or USUAL[column.type])
    return words.truths(column) if column.type == "boolean" else ""


def layout_checks(column: Column) -> Iterator[Check]:
    """What is asked of the layout: the column is there, once, and its cells belong to one row, are undamaged and what they show."""
    yield _check(Kind.PRESENT, "missing-column", column, "is a column of the return")
    yield _check(Kind.ONCE, "duplicate-column", column, "is a column of the return, once")
    yield _check(Kind.MERGED, "merged-cell", column, "has a cell of its own in every row")
    due = words.due(column)
    yield _check(
        Kind.KIND, "wrong-kind", column, f"holds {due} in every cell, and nothing of another kind", expected=due
    )
    yield _check(Kind.SHOWN, "shown-otherwise", column, "shows in every cell what is stored there")
    yield _check(Kind.PART, "shown-in-part", column, "shows all that is stored in every cell", usual="warning")
    asked, tell = "holds values, and nothing that a program left behind when it damaged one", partial(of_damage, column)
    yield _check(Kind.DAMAGED, "damaged-value", column, asked, tell=tell)
    if is_free_text(column):
        asked = "holds no value of a restricted column"
        yield _check(Kind.ELSEWHERE, "restricted-value-elsewhere", column, asked, usual="warning")
    if column.has_days:
        asked = "has no dates with day and month exchanged, which would make days of others uncertain"
        yield _check(Kind.AMBIGUOUS, "ambiguous-date", column, asked)


def is_free_text(column: Column) -> bool:
    """Whether a column takes any text, so that it may hold what nobody should see."""
    return column.type == "string" and not (column.restricted or column.labels or column.pattern)


def _check(
    kind: Kind,
    code: str,
    column: Column,
    asked: str,
    holds: pl.Expr | None = None,
    *,
    usual: Severity = "error",
    advised: str = "",
    **given: Any,
) -> Check:
    return Check(
        kind, f"{column.name}|{kind}", code, words.of_column(column, asked), f"column ‘{column.name}’", column,
        (column.name,), column.severities.get(code, usual), holds, hint=column.hints.get(code, advised), **given,
    )  # fmt: skip


def on_typed_values(check: Check) -> pl.Expr | None:
    """What a typed column must hold where the reader of text found the fault: only the decimal places can still be seen."""
    if check.kind is not Kind.DECIMALS or check.places is None or check.places >= DECIMAL_PLACES:
        return None
    return pl.col(check.target) == pl.col(check.target).round(check.places)


def _each(cell: pl.Expr, column: Column, holds: Callable[[pl.Expr], pl.Expr]) -> pl.Expr:
    """What must hold of a cell; of each of its values where it has several."""
    if column.separator is None:
        return holds(cell)
    return cell.str.split(column.separator).list.eval(holds(pl.element().str.strip_chars())).list.all()


def _has_length(length: pl.Expr, allowed: Length) -> pl.Expr:
    low = allowed.least or 0
    return length >= low if allowed.most is None else length.is_between(low, allowed.most)


def _length_in_words(length: Length) -> str:
    low = length.least or 0
    if length.most is None:
        return f"at least {low}"
    return f"between {low} and {length.most}" if low else f"at most {length.most}"


def _within(cell: pl.Expr, limit: Limit, column: Column) -> pl.Expr:
    bound = _literal(limit.bound, column)
    return {"ge": cell >= bound, "gt": cell > bound, "le": cell <= bound, "lt": cell < bound}[limit.comparison]


def _literal(bound: Bound, column: Column) -> pl.Expr:
    if isinstance(bound, Decimal):
        text = f"{bound:f}"
        # Of a Decimal as it is Polars asks NumPy, which takes long to import.
        whole = int(bound) if column.type == "integer" else text if len(text) <= _DIGITS else bound
        return pl.lit(whole).cast(TYPES[column.type])
    return pl.lit(bound).cast(TYPES[column.type])


def _not_repeated(columns: list[str], *apart: pl.Expr) -> pl.Expr:
    return ~pl.struct(*columns, *apart).is_duplicated() | pl.all_horizontal(pl.col(columns).is_null())


def _others(columns: list[str], *apart: pl.Expr) -> pl.Expr:
    """The rows of the group, the first few, as text."""
    rows = pl.col("source_row").sort().head(_DUPLICATES_NAMED).cast(pl.String).str.join(", ")
    more = pl.when(pl.len() > _DUPLICATES_NAMED).then(pl.lit(" and more")).otherwise(pl.lit(""))
    return (rows + more).over([*map(pl.col, columns), *apart])


def key_check(contract: Contract, *, typed_values: bool = False) -> Iterator[Check]:
    """The rule that no two rows have the same key.

    Args:
        contract: The contract.
        typed_values: Whether it is for frames that do not say which values could not be read.
    """
    if contract.key:
        # A part that could not be read does not equal any other: such a row forms its own group.
        apart = [] if typed_values else [pl.when(KEY_UNCERTAIN).then("source_row").alias("apart")]
        asked = f"No two rows have the same {words.headers(contract, contract.key)}."
        first = contract.column(contract.key[0])
        yield Check(
            Kind.KEY, "key|unique", "duplicate-row", asked, f"column ‘{first.name}’", first, contract.key,
            holds=_not_repeated(list(contract.key), *apart) | _incomplete(contract),
            expected=", ".join(contract.column(name).header for name in contract.key),
            evidence=_others(list(contract.key), *apart),
        )  # fmt: skip


def _incomplete(contract: Contract) -> pl.Expr:
    """Two rows that lack the same required part of the key are each reported for that; they are not the same row."""
    needed = required_key(contract)
    return pl.any_horizontal(pl.col(name).is_null() for name in needed) if needed else pl.lit(value=False)


def required_key(contract: Contract) -> list[str]:
    """The columns of the key that must have a value."""
    return [name for name in contract.key if contract.column(name).required]
