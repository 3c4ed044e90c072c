"""What a program leaves behind when it damages a value. None of it is a value, in a column of free text either.

Every pattern is read alike by Polars, whose regular expressions are those of Rust, and by Python. What people write where
they have nothing to say, such as ``N/A``, ``none`` or ``-``, is not among them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from probation_etl.contracts.model import Column
from probation_etl.contracts.patterns import polars_pattern

#: What a spreadsheet shows where a formula has no value, in any of its languages: ``#REF!``, ``#BEZUG!``, ``#NV``.
ERRORS = r"^(?:#[\u00a1\u00bf]?[A-Z0-9\u00c0-\u00de][A-Z0-9_/\u00c0-\u00de]*[!?]|#(?:N/[A-Z]|NV|I/T|GETTING_DATA)|Err:5[0-9]{2})$"


@dataclass(frozen=True)
class Trace:
    """One way in which programs damage values.

    Attributes:
        pattern: The texts that show it.
        sign: What the pattern of a column has in it if the contract means such texts.
        what: What the text is, to follow its value in a sentence.
        hint: How to put it right.
    """

    pattern: str
    sign: str
    what: str
    hint: str


_NO_VALUE = (
    *("NULL", "null", "(NULL)", "(null)", "<NULL>", "<null>", "[NULL]", "[null]", r"\N", "DBNull", "undefined"),
    *("<NA>", "NaN", "nan", "-nan", "NaT", "Infinity", "-Infinity", "inf", "-inf"),
    *("1.#INF", "-1.#INF", "1.#IND", "-1.#IND", "1.#QNAN", "-1.#QNAN"),
)
#: Letters with accents, dashes and quotation marks in UTF-8 that was read as Windows-1252, and what stands for lost ones.
_WRONG_ENCODING = (
    "\ufffd|\u00ef\u00bf\u00bd|\u00ef\u00bb\u00bf|\u00e2\u20ac|\u00c2[\u0080-\u00bf]"
    "|\u00c3[\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122]"
)
_SHORTENED = Trace(
    r"^[+-]?[0-9](?:[.,][0-9]+)?[eE][+-][0-9]{2,3}$",
    "+",
    "has the form of a number that a spreadsheet program has shortened, so that digits of it are lost",
    "Format the column as text, then take the value again from the record that it comes from.",
)
TRACES = (
    *(
        Trace(
            f"^{re.escape(word)}$",
            re.sub(r"\W", "", word),
            "is what a program writes where it has no value",
            "Leave the cell empty if there is no value. Otherwise write the value.",
        )
        for word in _NO_VALUE
    ),
    Trace(
        r"^(?:\[object [A-Z][A-Za-z]*\]|System\.[A-Z][A-Za-z.]*(?:\[.*\])?|<.* object at 0x[0-9A-Fa-f]+>)$",
        "object",
        "is what a program calls a kind of thing, and not a value",
        "Take the value again from the record that it comes from, and tell those who run the program.",
    ),
    _SHORTENED,
    Trace(
        r"^#{3,}$",
        "#",
        "is what a spreadsheet shows where a column is too narrow for its value",
        "Make the column wider and save the file again.",
    ),
    Trace(
        r"^'(?:$|[^'a-z]|[a-z][^'\s]*[0-9])[^']*$",
        "'",
        "begins with an apostrophe, with which a spreadsheet program marks a text",
        "Take the apostrophe away. To keep a value as it is typed, format the column as text.",
    ),
    Trace(
        r'^=\s*(?:"[^\r\n]*"|[A-Za-z][A-Za-z0-9.]*\s*\([^\r\n]*\)|[+(-]*\$?[A-Z]{1,3}\$?[0-9]+(?:[^A-Za-z0-9\r\n].*)?)$',
        "=",
        "is a formula of a spreadsheet program, and not its value",
        "Write the value alone, without the equals sign and the quotation marks around it.",
    ),
    Trace(
        _WRONG_ENCODING,
        "\u00c3",
        "has characters that a program made of others, because it read them in a wrong encoding",
        "Write the value again, or save the file anew as UTF-8 with the program that it comes from.",
    ),
)


#: Any trace of damage, and any error of a formula.
ANY_TRACE = "|".join((ERRORS, *(f"(?:{each.pattern})" for each in TRACES)))


def damaged(cell: pl.Expr, column: Column) -> pl.Expr:
    """Whether a cell has a trace of damage. A value that the contract lists is a value, whatever it looks like."""
    pattern = "|".join(f"(?:{each.pattern})" for each in TRACES)
    return (cell.str.contains(pattern) & ~_meant(cell, column)).fill_null(value=False)


def errors(cell: pl.Expr, column: Column) -> pl.Expr:
    """Whether a cell shows the error of a formula."""
    return (cell.str.contains(ERRORS) & ~cell.is_in(list(column.labels))).fill_null(value=False)


def _meant(cell: pl.Expr, column: Column) -> pl.Expr:
    """What the contract lists, and what its pattern both accepts and speaks of."""
    meant = cell.is_in(list(column.labels))
    spoken = "|".join(f"(?:{each.pattern})" for each in TRACES if each.sign in (column.pattern or ""))
    if column.pattern and spoken:
        meant |= cell.str.contains(polars_pattern(column.pattern)) & cell.str.contains(spoken)
    return meant


def trace_of(value: str) -> Trace | None:
    """The first trace of damage in a value, as it was read."""
    return next(_found(value), None)


def _found(value: str) -> Iterator[Trace]:
    return (each for each in TRACES if re.search(each.pattern, value))
