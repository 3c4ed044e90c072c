"""Reads record by record, by the rules of RFC 4180 with any line end, and says what is wrong with quotation marks."""

from __future__ import annotations

import csv
import io
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from probation_etl.errors import UnreadableFile
from probation_etl.intake.readers.dialect import Dialect
from probation_etl.intake.readers.limits import Limits, check_limit
from probation_etl.intake.readers.misquoted import Record, Recovery

#: The length of a cell is limited by one setting for the whole process: it is set while a text is read, then restored.
_CELL_LENGTH = threading.RLock()
_LINE_END = re.compile(r"\r\n?|\n")


@dataclass
class _Span:
    """A part of the text: where it ends, and how far its quotation marks are known to be right."""

    end: int
    good: int


class StrictReader:
    """Reads parts of a text record by record: by Python's reader where quotation marks are right, else as records can be told apart.

    What a record is depends on where it begins and on the whole text, and not on the part that is read.

    Args:
        text: The whole text.
        dialect: How its cells are set apart.
        limits: How much is read.
        usual: The number of cells that a record should have, where the text is not the beginning of the file.

    Attributes:
        at: Where the next record begins.
    """

    def __init__(self, text: str, dialect: Dialect, limits: Limits, usual: int | None = None) -> None:
        self._text, self._dialect, self._limits = text, dialect, limits
        # It only looks at the first records, whose cells may be longer than is allowed: that is told when they are read.
        with longest_cell(len(text) + 1):
            self._recovery = Recovery(text, dialect, usual)
        self.at = 0

    def records(self, start: int, end: int, row: int) -> Iterator[Record]:
        """The records from a place to the end of the line at another, or to that of the last record that begins before.

        Args:
            start: Where a record begins.
            end: Where no further record is needed.
            row: How many records are before them.
        """
        found = _LINE_END.search(self._text, end)
        at, end = start, found.end() if found else len(self._text)
        spans = [_Span(end, at)]
        while at < end:
            while at >= spans[-1].end:
                before = spans.pop().end
                if at > before:
                    spans[-1].good = at
            span = spans[-1]
            if at >= span.good:
                span.good = self._dialect.end_of_good_records(self._text, at, span.end)
            is_broken = at >= span.good
            for lines, cells in self._good_records(at, span.good, row):
                after = at + sum(map(len, lines))
                if len(lines) == 1 or not self._recovery.has_taken_in(lines, len(cells)):
                    row += 1
                    yield Record(cells)
                elif len(cells) == self._recovery.usual:
                    yield from self._recovery.taken_in(lines, row + 1)
                    row += len(lines)
                else:
                    spans.append(_Span(after, at))
                    is_broken = True
                    break
                at = after
            if is_broken:
                at, broken = self._recovery.broken(at, row + 1)
                for number, record in enumerate(broken, start=row + 1):
                    self._check_length(record, number)
                    yield record
                row += len(broken)
        self.at = at

    def _good_records(self, start: int, end: int, row: int) -> Iterator[tuple[list[str], list[str]]]:
        """The lines and the cells of records whose quotation marks are right."""
        lines: list[str] = []
        try:
            for cells in csv.reader(self._lines(self._text[start:end], lines), **self._dialect.options):
                row += 1
                yield lines, cells
                lines.clear()
        except csv.Error:
            # Nothing else can be wrong with them.
            raise self._too_long(row + 1) from None

    def _lines(self, text: str, read: list[str]) -> Iterator[str]:
        """Yields lines, and keeps each in ``read``; one with too many delimiters is refused before it becomes a long list."""
        for number, line in enumerate(io.StringIO(text, newline=""), start=1):
            if len(line) > self._limits.columns:
                outside = self._dialect.without_quoted(line).count(self._dialect.delimiter)
                check_limit(outside + 1, self._limits.columns, f"columns in line {number:,}")
            read.append(line)
            yield line

    def _check_length(self, record: Record, row: int) -> None:
        if any(len(cell) > self._limits.cell_characters for cell in record.cells):
            raise self._too_long(row)

    def _too_long(self, row: int) -> UnreadableFile:
        longest = f"{self._limits.cell_characters:,}"
        text = f"Record {row} has a cell of more than {longest} characters; at most {longest} are read. "
        return UnreadableFile(text + "Perhaps a quotation mark does not close.", code="too-large")


@contextmanager
def longest_cell(characters: int) -> Iterator[None]:
    """Lets Python's reader take cells of so many characters."""
    with _CELL_LENGTH:
        before = csv.field_size_limit(characters)
        try:
            yield
        finally:
            csv.field_size_limit(before)
