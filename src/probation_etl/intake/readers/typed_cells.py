"""Finds the cells of an XLSX sheet whose type says more than the library reads: errors, and dates that are stored as text.

It reads errors as empty, and takes a date with a time zone for text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from probation_etl.intake.readers.base import ERROR_CELLS, column_number
from probation_etl.intake.readers.marks import UNKNOWN_ERROR, Mark, is_read, moment

#: Whether a piece of a sheet has cells of these types; it may find more than there is.
_WANTED = re.compile(rb"""t\s*=\s*["'][ed]["']""")
#: A row or a cell, with its attributes; the value of a cell.
_TAG = re.compile(rb"<(?:\w+:)?(row|c)(?=[\s/>])([^<>]*)>")
_VALUE = re.compile(rb"<(?:\w+:)?v(?:\s[^<>]*)?>([^<]*)<")
_TYPE = re.compile(rb"""\st\s*=\s*["'](\w+)["']""")
_ROW = re.compile(rb"""\sr\s*=\s*["']\s*(\d{1,10})""")
_CELL = re.compile(rb"""\sr\s*=\s*["']\s*\$?([A-Za-z]{1,3})\$?(\d{1,10})""")


def has_typed_cells(piece: bytes) -> bool:
    """Whether a piece of a sheet may have such cells."""
    return _WANTED.search(piece) is not None


def typed_cells(pieces: Iterable[bytes]) -> Iterator[Mark]:
    """The cells of a sheet with an error, or with a date that the library takes for text.

    A cell without a reference follows the cell before it, and a row without a number the row before it.
    """
    row, column = -1, 0
    sheet = b"".join(pieces)
    for tag in _TAG.finditer(sheet):
        attributes = tag[2]
        if tag[1] == b"row":
            number = _ROW.search(attributes)
            row, column = int(number[1]) - 1 if number else row + 1, 0
            continue
        if place := _CELL.search(attributes):
            row, column = int(place[2]) - 1, column_number(place[1])
        if (kind := _TYPE.search(attributes)) and kind[1] in (b"e", b"d") and not attributes.endswith(b"/"):
            value = _VALUE.search(sheet, tag.end(), _end(sheet, tag.end()))
            yield from _marks(kind[1], value[1] if value else b"", row, column)
        column += 1


def _end(sheet: bytes, begin: int) -> int:
    """Where the next cell or the next row begins, at the latest."""
    following = _TAG.search(sheet, begin)
    return following.start() if following else len(sheet)


def _marks(kind: bytes, value: bytes, row: int, column: int) -> Iterator[Mark]:
    text = value.decode("utf-8", "replace").strip()
    if kind == b"e":
        yield Mark(row, column, 1, 1, text if text in ERROR_CELLS else UNKNOWN_ERROR)
    elif text and not is_read(text):
        yield Mark(row, column, 1, 1, *moment(text))
