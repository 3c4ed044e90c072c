"""Records with wrong quotation marks: what is wrong with them, where each of them ends, and which lines they might take in.

Such a record is refused and no other, as far as that can be known. Reading goes on at the first line that has as many cells
as the header. No line is passed over: each that is not read as usual is a refused record.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Sequence
from itertools import islice
from typing import NamedTuple

from probation_etl.discreet import discreet_repr
from probation_etl.errors import UnreadableFile
from probation_etl.intake.readers.dialect import Dialect, Quotation, line_at, lines_of

#: The records at the top that say how many cells a record has, and the characters that are looked at for them.
_RECORDS, _CHARACTERS = 200, 60_000
#: How many times the first million characters of a text, and how many times the others, may be read again to find where its
#: broken records end.
_MOST_AGAIN, _LARGE, _LESS_AGAIN = 50, 1_000_000, 10
#: Characters below a quotation mark that does not close, among which no record is found.
_MOST_BELOW = 1_000_000
_NEVER_CLOSES = "Record {0} has a cell of more than {1:,} characters; at most {1:,} are read. Perhaps a quotation mark does not close."


class Misquoted(NamedTuple):
    """What is wrong with a record: the fault, the number of the cell from 0, and the row where it began."""

    fault: Quotation
    cell: int
    row: int


class Record(NamedTuple):
    """The cells of a record, and what is wrong with its quotation marks."""

    cells: list[str]
    wrong: Misquoted | None = None

    def __repr__(self) -> str:
        return discreet_repr(self)


def usual_width(text: str, dialect: Dialect) -> int:
    """The number of cells that most of the first records have; the header's, where two are as frequent."""
    # Not strict: a sample may be cut in the middle of a cell.
    reader = csv.reader(io.StringIO(text[:_CHARACTERS], newline=""), **dialect.options | {"strict": False})
    widths = Counter(map(len, islice(reader, _RECORDS)))
    several = [width for width, _ in widths.most_common() if width > 1]
    return several[0] if several else 1


class Recovery:
    """Finds where broken records end.

    Args:
        text: The whole text.
        dialect: How its cells are set apart.
        usual: The number of cells that a record should have; by default as the first records of the text have it.

    Attributes:
        usual: The number of cells that a record should have.
    """

    def __init__(self, text: str, dialect: Dialect, usual: int | None = None) -> None:
        self._text, self._dialect = text, dialect
        self.usual = usual or usual_width(text, dialect)
        self._again = 0
        self._most_again = _MOST_AGAIN * min(len(text), _LARGE) + _LESS_AGAIN * max(len(text) - _LARGE, 0)

    def has_taken_in(self, lines: Sequence[str], width: int) -> bool:
        """Whether a record of several lines has taken in whole records.

        A stray quotation mark at the beginning of a cell, and another at the end of a cell some lines below, turn several
        records into one. Its lines then have the cells of records, which those of a genuine text of several lines do not.
        """
        if self.usual == 1:
            return False
        filled = [line for line in lines if line.strip()]
        usual = [self._is_usual(line) for line in filled]
        ends = usual[0] and usual[-1]
        return len(filled) > 1 and 2 * sum(usual) >= len(usual) and (ends or width != self.usual)

    def taken_in(self, lines: Sequence[str], row: int) -> list[Record]:
        """Each line of a record that has taken in others: none of them is known to be a row."""
        first, *others = lines
        return [self._broken(first, row), *(self._below(line, row) for line in others)]

    def broken(self, start: int, row: int) -> tuple[int, list[Record]]:
        """The records at a place where a quotation mark is wrong, and where reading goes on.

        Args:
            start: Where the first of them begins.
            row: Its row, from 1.
        """
        text = self._text
        loose = self._dialect.loose_record(text, start)
        end = loose.end() if loose else len(text)
        self._count(end - start)
        first, *others = lines_of(text, start, end)
        at = start + len(first)
        if others and len(self._dialect.cells(text[start:end])) == self.usual and not self._are_records(at, end):
            # A text of several lines in a broken record, unless one of its lines could be a record too.
            if any(self._is_usual(line) for line in others):
                return end, self.taken_in([first, *others], row)
            return end, [self._broken(text[start:end], row)]
        below = list[str]()
        is_open = others or self._dialect.fault(first)[0] is Quotation.OPEN
        while is_open and at < len(text) and not self._goes_on(at):
            if at - start > _MOST_BELOW:
                raise UnreadableFile(_NEVER_CLOSES.format(row, _MOST_BELOW), code="too-large")
            line = line_at(text, at)
            below.append(line)
            at += len(line)
        return at, [self._broken(first, row), *(self._below(line, row) for line in below)]

    def _is_usual(self, line: str) -> bool:
        return len(self._dialect.cells(line)) == self.usual

    def _are_records(self, at: int, end: int) -> bool:
        """Whether all lines of a part of the text belong to records with as many cells as the header, or are blank."""
        while at < end:
            record = self._dialect.good_record(self._text, at)
            if record is None or (record[0].strip() and not self._is_usual(record[0])):
                return False
            self._count(record.end() - at)
            at = record.end()
        return True

    def _goes_on(self, at: int) -> bool:
        """Whether a record with as many cells as the header begins at a place."""
        line = line_at(self._text, at)
        if self._dialect.quote not in line:
            return line.count(self._dialect.delimiter) == self.usual - 1
        record = self._dialect.good_record(self._text, at)
        if record is None:
            return False
        self._count(record.end() - at)
        return self._is_usual(record[0])

    def _broken(self, record: str, row: int) -> Record:
        return Record(self._dialect.cells(record), Misquoted(*self._dialect.fault(record), row))

    def _below(self, line: str, row: int) -> Record:
        if not line.strip("\r\n"):
            return Record([])
        return Record(self._dialect.cells(line), Misquoted(Quotation.BELOW, 0, row))

    def _count(self, characters: int) -> None:
        self._again += characters
        if self._again > self._most_again:
            raise UnreadableFile("Quotation marks are wrong in so many places that no record can be told from another.")
