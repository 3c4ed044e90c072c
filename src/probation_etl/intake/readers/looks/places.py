"""Where the cells of an XLSX sheet are: most say it themselves, others follow the cell or the row before them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from probation_etl.intake.readers.base import column_number

_TAG = re.compile(rb"<(?:\w+:)?(row|c)(?=[\s>/])([^<>]*)>")
_A1 = re.compile(rb"\$?([A-Za-z]{1,3})\$?(\d{1,7})")
_REFERENCE = re.compile(rb"""\sr\s*=\s*["']\$?([A-Za-z]{0,3})\$?(\d{1,7})["']""")
#: So many bytes without a row are not searched again and again.
_LONGEST = 8_000_000


def whole_rows(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same text, cut only where a row begins or ends, if rows are not of an unusual length."""
    rest = b""
    for piece in pieces:
        whole = rest + piece
        cut = whole.rfind(b"<row")
        if cut <= 0 and (named := whole.rfind(b":row")) > 0:
            cut = whole.rfind(b"<", 0, named)
        if cut <= 0 and len(whole) > _LONGEST:
            cut = whole.rfind(b"<")
        cut = max(cut, 0)
        rest = whole[cut:]
        if cut:
            yield whole[:cut]
    yield rest


class Places:
    """The places of cells and rows in the text entered last; rows and columns are counted from 0."""

    def __init__(self) -> None:
        self._rows, self._row, self._next = b"", 0, 0
        self._found: dict[int, tuple[int, int]] = {}

    def enter(self, rows: bytes) -> None:
        """Takes the next text of a sheet, which begins behind the last row of the text before."""
        self._rows, self._row, self._found = rows, self._next, {}
        last = rows.rfind(b"<row")
        if last >= 0 and (tag := _TAG.match(rows, last)) and (reference := _REFERENCE.search(tag[2])):
            self._next = int(reference[2])
        elif last >= 0 or b":row" in rows:
            self._next = self._walk()

    def of(self, at: int, attributes: dict[bytes, bytes]) -> tuple[int, int]:
        """Row and column of the cell that begins at a place of the text."""
        named = _A1.fullmatch(attributes.get(b"r", b""))
        if named:
            return int(named[2]) - 1, column_number(named[1])
        if not self._found:
            self._walk()
        return self._found.get(at, (self._row, 0))

    def of_row(self, at: int, attributes: dict[bytes, bytes]) -> int:
        """The row that begins at a place of the text."""
        number = attributes.get(b"r", b"")
        if number.isdigit():
            return int(number) - 1
        if not self._found:
            self._walk()
        return self._found.get(at, (self._row, 0))[0]

    def _walk(self) -> int:
        """Finds the place of every row and cell, and returns the number of the last row from 1."""
        row, column = self._row, 0
        for match in _TAG.finditer(self._rows):
            reference = _REFERENCE.search(match[2])
            if match[1] == b"row":
                row, column = int(reference[2]) if reference else row + 1, 0
                self._found[match.start()] = (row - 1, 0)
            else:
                column = column_number(reference[1]) + 1 if reference and reference[1] else column + 1
                self._found[match.start()] = (row - 1, column - 1)
        return row
