"""What can be wrong with how the cells of a column are written: words for it, signs in it, and what counts as nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from probation_etl.contracts.model import Column
from probation_etl.contracts.spellings import fold
from probation_etl.contracts.suggestions import did_you_mean

#: The types of columns that properties are for.
_FOR = {
    "yearPivot": ("date", "timestamp"), "formats": ("date", "timestamp", "time"), "duration": ("duration",), "decimalSeparator": ("number",),
    "trueValues": ("boolean",), "falseValues": ("boolean",), "unit": ("number", "integer"),
    "ignore": ("string",), "valueSynonyms": ("string",), "list": ("string",), "whitespace": ("string",),
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
            yield f"{name} is for a {' or '.join(types).replace('duration', 'string')} column; this one is of type {column.type}"
    if column.type == "number" and column.thousands_separator == column.decimal_separator != ".":
        yield f"thousandsSeparator and decimalSeparator are both ‘{column.decimal_separator}’: 1,234 could be two numbers"
    if column.type == "boolean":
        yield from _truth_faults(column)
    yield from _spelling_faults(column)
    for each in column.unit_texts:
        if each in (column.decimal_separator, column.thousands_separator, "+", "-"):
            yield f"the unit ‘{each}’ is a sign of the number itself"


def _spelling_faults(column: Column) -> Iterator[str]:
    """Texts that could be meant for two listed values, or for none."""
    given = [*column.labels, *column.value_synonyms]
    verb = "is" if column.ignored == ("case",) else "are"
    without = f" when {' and '.join(column.ignored)} {verb} ignored" if column.ignored else ""
    for text, value in column.value_synonyms.items():
        if value not in column.labels:
            yield f"valueSynonyms: ‘{text}’ means ‘{value}’, which is not listed{did_you_mean(value, column.labels)}"
    first: dict[str, str] = {}
    for text, plain in zip(given, fold(given, column.ignored), strict=True):
        other = first.setdefault(plain, text)
        if other != text and column.value_synonyms.get(text, text) != column.value_synonyms.get(other, other):
            yield f"‘{other}’ and ‘{text}’ are the same text{without}, and different values"
        elif not plain:
            yield f"of ‘{text}’ nothing is left{without}"
        if column.separator and column.separator in text:
            yield f"‘{text}’ has ‘{column.separator}’ in it, which separates the values of a cell"
    if column.separator is not None and not (column.labels or column.pattern):
        yield "list says that each value of a cell must be allowed: give an enum or a pattern that says which are"
    if column.keeps_blanks and column.separator is not None:
        yield "white space around the values of a list is cut: leave whitespace or list out"


def _truth_faults(column: Column) -> Iterator[str]:
    """Words that mean both, or nothing."""
    true, false = ({each.lower() for each in words} for words in (column.true_values, column.false_values))
    for each in sorted(true & false):
        yield f"‘{each}’ is among both trueValues and falseValues: case does not matter"
    for each in (*column.true_values, *column.false_values):
        if each in column.null_tokens:
            yield f"‘{each}’ means true or false, and is among the nullTokens: it would be read as an empty cell"
