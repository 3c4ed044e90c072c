"""Finds how far the cells of a sheet reach, before a library allocates every cell between the first and the last.

A file of one kilobyte can require billions of cells because of one cell far away. Cells without content do not count: a
sheet may be formatted down to its last row.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from probation_etl.discreet import Discreet
from probation_etl.errors import UnreadableFile
from probation_etl.intake.readers.base import Block, column_number
from probation_etl.intake.readers.marks import Mark

_REFERENCE = re.compile(rb"""\sr\s*=\s*["']\$?([A-Za-z]+)\$?(\d+)""")
#: How spreadsheet programs begin a cell, and every other way to begin one.
_USUAL = re.compile(rb'<c r="([A-Z]+)(\d+)"')
_UNUSUAL = (b":c ", *(begin + after for begin in (b"<c", b":c") for after in (b">", b"/", b"\n", b"\t", b"\r")))
_ROW = re.compile(rb"<(?:\w+:)?row\b")
_ROW_NUMBER = re.compile(rb"""<(?:\w+:)?row\s[^<]*?\br\s*=\s*["'](\d{1,10})""")
#: A cell with a format and no content.
_BARE = re.compile(rb"""<(?:\w+:)?c(?:\s+[\w:]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*\s*/>""")
_NOWHERE = re.compile(rb"<(?:\w+:)?c(?=[\s>/])(?![^<>]*\sr\s*=)")
_LONGEST_TAG = 4_000_000
#: As many letters and digits of a reference are beyond every limit: of longer ones, which overflow elsewhere, so many are read.
_LETTERS, _DIGITS = 7, 12


@dataclass
class Extent(Discreet):
    """The first and last column and the last row with content; rows are counted from the first row of the sheet."""

    rows: int = 0
    columns: int = 0
    first: int = 1 << 40

    def add(self, row: int, column: int) -> None:
        """Adds a cell, by its row and column from 1."""
        self.rows, self.columns = max(self.rows, row), max(self.columns, column)
        self.first = min(self.first, column)

    @property
    def cells(self) -> int:
        """Number of cells from the first to the last, empty ones included."""
        return self.rows * max(self.columns - self.first + 1, 0)


@dataclass
class InspectedSheet(Extent):
    """The extent of a sheet, and more that is known of it before it is opened.

    Attributes:
        marks: The cells that the library does not read as the file says them.
        merged: Blocks of merged cells.
        text_bytes: Bytes of the texts in all its cells, as far as one text stands in several.
    """

    name: str = ""
    marks: list[Mark] = field(default_factory=list)
    merged: list[Block] = field(default_factory=list)
    text_bytes: int = 0


def extent_of_xlsx(pieces: Iterable[bytes], *, exact: bool = False) -> InspectedSheet:
    """The extent of an XLSX sheet, from the references of its cells; a cell without one follows the cell before it.

    Args:
        pieces: The part of the workbook, piece by piece.
        exact: Whether to leave out cells without content, which takes longer.
    """
    extent, carried = InspectedSheet(), 0
    for tags in _whole_tags(pieces):
        filled = _BARE.sub(b"", tags) if exact else tags
        usual = _USUAL.findall(filled)
        if not carried and _all_usual(filled, len(usual)):
            _add_references(extent, usual)
            continue
        _add_references(extent, _REFERENCE.findall(filled))
        if carried or _NOWHERE.search(filled):
            carried = _add_without_references(extent, tags, carried)
    return extent


def _all_usual(tags: bytes, usual: int) -> bool:
    """Whether every cell is written in the usual way, so that the fast search has found them all."""
    return tags.count(b"<c ") == usual and not any(form in tags for form in _UNUSUAL)


def _add_references(extent: Extent, found: list[tuple[bytes, bytes]]) -> None:
    if found:
        letters, numbers = (set(each) for each in zip(*found, strict=True))
        rows = max(int(each[:_DIGITS]) for each in numbers)
        for each in letters:
            extent.add(rows, column_number(each[:_LETTERS]) + 1)


def _add_without_references(extent: Extent, tags: bytes, carried: int) -> int:
    """Adds cells without references, which follow one another; returns how many the last row has so far."""
    counts = [len(_NOWHERE.findall(row)) for row in _ROW.split(tags)]
    counts[0] += carried
    numbers = [int(number) for number in _ROW_NUMBER.findall(tags)]
    rows = max([extent.rows + len(counts) - 1, *numbers])
    extent.add(rows, 1)
    extent.add(rows, max(counts))
    return counts[-1]


def _whole_tags(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same text, cut only where a tag begins."""
    rest = b""
    for piece in pieces:
        whole = rest + piece
        cut = max(whole.rfind(b"<"), 0)
        rest = whole[cut:]
        if len(rest) > _LONGEST_TAG:
            raise UnreadableFile("The workbook has a cell of more than 4,000,000 characters.", code="too-large")
        yield whole[:cut]
    yield rest
