"""What can be wrong with how the cells of a column are written: words for it, signs in it, and what counts as nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from probation_etl.contracts.model import Column

#: The types of columns that properties are for.
_FOR = {
    "yearPivot": ("date",), "formats": ("date",), "decimalSeparator": ("number",),
    "trueValues": ("boolean",), "falseValues": ("boolean",),
}  # fmt: skip


def form_faults(column: Column, data: Mapping[str, Any]) -> Iterator[str]:
    """Why a cell could not be read as its contract means it.

    Args:
        column: The column as it was read.
        data: The column in the document.
    """
    given = {each.get("property") for each in data.get("customProperties") or () if isinstance(each, dict)}
    for name, types in _FOR.items():
        if name in given and column.type not in types:
            yield f"{name} is for a {' or '.join(types)} column; this one is of type {column.type}"
    if column.type == "number" and column.thousands_separator == column.decimal_separator != ".":
        yield f"thousandsSeparator and decimalSeparator are both ‘{column.decimal_separator}’: 1,234 could be two numbers"
    if column.type == "boolean":
        yield from _truth_faults(column)


def _truth_faults(column: Column) -> Iterator[str]:
    """Words that mean both, or nothing."""
    true, false = ({each.lower() for each in words} for words in (column.true_values, column.false_values))
    for each in sorted(true & false):
        yield f"‘{each}’ is among both trueValues and falseValues: case does not matter"
    for each in (*column.true_values, *column.false_values):
        if each in column.null_tokens:
            yield f"‘{each}’ means true or false, and is among the nullTokens: it would be read as an empty cell"
