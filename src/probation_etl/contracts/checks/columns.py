"""Rules of one column, and of the key: from what a contract says of its columns."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl

from probation_etl.contracts.checks.compiled import KEY_UNCERTAIN, NUMBER, TYPES, CompiledRule
from probation_etl.contracts.checks.patterns_in_words import asked_form
from probation_etl.contracts.date_formats import in_words
from probation_etl.contracts.model import Column, Contract
from probation_etl.contracts.patterns import polars_pattern

_DUPLICATES_NAMED = 10


def column_rules(column: Column, *, key: tuple[str, ...] = ()) -> Iterator[CompiledRule]:
    """Every rule that a contract gives for one column. One that is the whole key is unique by the rule of the key."""
    cell = pl.col(column.name)
    expected_form = " or ".join(column.formats)
    for check, code, holds, expected in (
        ("control", "control-character", None, ""),
        ("error", "error-cell", None, ""),
        ("type", _TYPE_CODES[column.type], None, expected_form),
        ("integer", "not-an-integer" if column.type == "integer" else None, None, ""),
        ("decimals", "too-precise" if column.type == "number" else None, None, str(decimals(column))),
        ("required", "missing-value" if column.required else None, cell.is_not_null(), ""),
        ("pattern", column.pattern and "wrong-pattern", _matches(cell, column.pattern), asked_form(column)),
        ("length", _has_length(column) and "wrong-length", *_length(cell, column)),
        ("range", _has_range(column) and "out-of-range", *_range(cell, column)),
        ("enum", column.labels and "not-in-list", cell.is_in(list(column.labels)), _listing(column)),
        (
            "unique",
            "duplicate-row" if column.unique and key != (column.name,) else None,
            _not_repeated([column.name]),
            column.header,
        ),
    ):
        if code:
            yield CompiledRule(
                f"{column.name}|{check}", code, (column.name,), column.name, holds, expected=expected,
                severity=column.severities.get(code, "error"), hint=column.hints.get(code, ""), evidence=_others([column.name]) if check == "unique" else None,
            )  # fmt: skip


_TYPE_CODES = {
    "string": None, "integer": "not-a-number", "number": "not-a-number", "date": "not-a-date", "boolean": "not-a-boolean",
}  # fmt: skip


def severity_faults(contract: Contract) -> Iterator[str]:
    """A value that must be there and cannot be read is not there: it is no mere warning, unless a missing one is."""
    for column in contract.columns:
        unread = {
            "control-character",
            "error-cell",
            "not-an-integer" if column.type == "integer" else "",
            _TYPE_CODES[column.type],
        }
        mild = {code for code, severity in column.severities.items() if severity == "warning"}
        if column.required and "missing-value" not in mild:
            for code in sorted(mild & unread):
                yield (
                    f"{contract.where(f'column ‘{column.name}’')}: the column is required, so ‘{code}’ cannot be a "
                    "warning: the value would be missing; make it an error, or ‘missing-value’ a warning too"
                )


def decimals(column: Column) -> int:
    """Decimal places that a number of this column may have."""
    return NUMBER.scale if column.decimals is None else min(column.decimals, NUMBER.scale)


def _matches(cell: pl.Expr, pattern: str | None) -> pl.Expr | None:
    return None if pattern is None else cell.str.contains(polars_pattern(pattern))


def _has_length(column: Column) -> bool:
    return column.min_length is not None or column.max_length is not None


def _length(cell: pl.Expr, column: Column) -> tuple[pl.Expr, str]:
    low, high = column.min_length or 0, column.max_length
    length = cell.str.len_chars()
    if high is None:
        return length >= low, f"at least {low}"
    return length.is_between(low, high), f"at most {high}" if low == 0 else f"between {low} and {high}"


def _bounds(column: Column) -> list[tuple[Any, str, str]]:
    return [
        (column.minimum, "ge", "at least"), (column.exclusive_minimum, "gt", "more than"),
        (column.maximum, "le", "at most"), (column.exclusive_maximum, "lt", "less than"),
    ]  # fmt: skip


def _has_range(column: Column) -> bool:
    return any(bound is not None for bound, _, _ in _bounds(column))


def _range(cell: pl.Expr, column: Column) -> tuple[pl.Expr, str]:
    given = [each for each in _bounds(column) if each[0] is not None]
    dated = column.type == "date"
    words = {"at least": "on or after", "more than": "after", "at most": "on or before", "less than": "before"}
    expected = " and ".join(
        f"{words[text]} {in_words(bound)}" if dated else f"{text} {bound}" for bound, _, text in given
    )
    conditions = [getattr(cell, method)(_literal(bound, column)) for bound, method, _ in given]
    return pl.all_horizontal(conditions) if conditions else pl.lit(value=True), expected


def _literal(bound: Decimal | date, column: Column) -> pl.Expr:
    return pl.lit(int(bound) if isinstance(bound, Decimal) and column.type == "integer" else bound).cast(
        TYPES[column.type]
    )


def _listing(column: Column) -> str:
    return ", ".join(value if value == label else f"{value} ({label})" for value, label in column.labels.items())


def _not_repeated(columns: list[str], *apart: pl.Expr) -> pl.Expr:
    return ~pl.struct(*columns, *apart).is_duplicated() | pl.all_horizontal(pl.col(columns).is_null())


def _others(columns: list[str], *apart: pl.Expr) -> pl.Expr:
    """The rows of the group, the first few, as text."""
    rows = pl.col("source_row").sort().head(_DUPLICATES_NAMED).cast(pl.String).str.join(", ")
    more = pl.when(pl.len() > _DUPLICATES_NAMED).then(pl.lit(" and more")).otherwise(pl.lit(""))
    return (rows + more).over([*map(pl.col, columns), *apart])


def key_rule(contract: Contract) -> Iterator[CompiledRule]:
    """The rule that no two rows have the same key."""
    if contract.key:
        key = list(contract.key)
        needed = [pl.col(name).is_null() for name in key if contract.column(name).required]
        # Two rows that lack the same needed part of the key are each told so; that does not make them the same row.
        # A part that did not parse is not the same as any other: such a row is its own group.
        apart = pl.when(KEY_UNCERTAIN).then("source_row").alias("apart")
        holds = _not_repeated(key, apart) | (pl.any_horizontal(needed) if needed else pl.lit(value=False))
        headers = ", ".join(contract.column(name).header for name in key)
        yield CompiledRule(
            "key|unique",
            "duplicate-row",
            contract.key,
            contract.key[0],
            holds,
            expected=headers,
            evidence=_others(key, apart),
        )
