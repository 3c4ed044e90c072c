"""How the cells of a text are set apart, and the grammar that follows from it.

Python's reader takes a quotation mark inside an unquoted cell for text, even in strict mode, so what is well formed is said
here, by regular expressions that never look back: RFC 4180, with any line end.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

from probation_etl.discreet import Discreet

#: What a regular expression can count to; kept files are read again without a limit.
_MOST_REPEATS = 2**31 - 1
#: Line ends of every kind.
LINE_END = r"(?:\r\n|\r|\n|\Z)"
_LINE = re.compile(rf"(?!\Z)[^\r\n]*+{LINE_END}")


class Quotation(StrEnum):
    """What is wrong with a quotation mark of a record."""

    INSIDE = "inside"
    AFTER = "after"
    OPEN = "open"
    BELOW = "below"


@dataclass(frozen=True)
class Dialect(Discreet):
    """How the cells of a text are set apart.

    Attributes:
        delimiter: The character between cells.
        quote: The quotation mark around cells.
        blanks: Whether blanks follow delimiters, so that a quotation mark behind them begins a quoted cell.
        longest: Characters of a quoted piece of text; a longer one counts as not closed.
    """

    delimiter: str
    quote: str = '"'
    blanks: bool = False
    longest: int = 1_000_000

    @property
    def options(self) -> dict[str, Any]:
        """The same for Python's reader."""
        return {
            "delimiter": self.delimiter, "quotechar": self.quote, "skipinitialspace": self.blanks, "strict": True,
        }  # fmt: skip

    def end_of_good_records(self, text: str, start: int, end: int) -> int:
        """Where the first record begins, in a part of a text, whose quotation marks are wrong; the end where there is none.

        A part may end inside a record that is good.
        """
        found = self._good_records.match(text, start, end)
        at = found.end() if found else start
        beyond = self._good_record.match(text, at) if at == start else None
        return beyond.end() if beyond else at

    def good_record(self, text: str, start: int) -> re.Match[str] | None:
        """The record that begins at a place, if its quotation marks are right."""
        return self._good_record.match(text, start)

    def loose_record(self, text: str, start: int) -> re.Match[str] | None:
        """The record that begins at a place, where text may follow a quoted cell and stand before a quotation mark."""
        return self._loose_record.match(text, start)

    def cells(self, record: str) -> list[str]:
        """The cells of a record whose quotation marks may be wrong: those that are right are taken off."""
        return [self._bare(cell) for cell in self.written_cells(record)]

    def written_cells(self, record: str) -> list[str]:
        """The same with all quotation marks."""
        return self._loose_cell.findall(record.rstrip("\r\n"))

    def _bare(self, cell: str) -> str:
        begins = cell.lstrip(" ") if self.blanks else cell
        if begins.startswith(self.quote) and self._good_cell.fullmatch(cell):
            return begins[1:-1].replace(self.quote * 2, self.quote)
        return cell

    def without_quoted(self, line: str) -> str:
        """A line without what is in quotation marks."""
        return self._any_quoted.sub("", line)

    def fault(self, record: str) -> tuple[Quotation, int]:
        """What is wrong with the first wrong quotation mark of a record, and in which cell, from 0."""
        for number, cell in enumerate(self.written_cells(record)):
            begins = cell.lstrip(" ") if self.blanks else cell
            if not begins.startswith(self.quote):
                if self.quote in cell:
                    return Quotation.INSIDE, number
            elif not self._good_cell.fullmatch(cell):
                closed = self._closed.match(begins) is not None
                return (Quotation.AFTER if closed else Quotation.OPEN), number
        return Quotation.OPEN, 0

    @cached_property
    def _parts(self) -> tuple[str, str, str, str]:
        """The delimiter, blanks before a cell, a quoted cell, and any character that neither ends a cell nor a line."""
        quote, delimiter = re.escape(self.quote), re.escape(self.delimiter)
        piece = rf"{quote}[^{quote}]{{0,{min(self.longest, _MOST_REPEATS)}}}+{quote}"
        return delimiter, " *+" if self.blanks else "", rf"{piece}(?:{piece})*+", rf"[^{delimiter}\r\n]"

    @cached_property
    def _good(self) -> str:
        delimiter, blanks, quoted, _ = self._parts
        return rf"{blanks}(?:{quoted}|[^{re.escape(self.quote)}{delimiter}\r\n]*+)"

    @cached_property
    def _loose(self) -> str:
        _, blanks, quoted, other = self._parts
        return rf"{blanks}(?:{quoted}{other}*+|{other}*+)"

    def _record(self, cell: str) -> str:
        return rf"(?!\Z){cell}(?:{self._parts[0]}{cell})*+{LINE_END}"

    @cached_property
    def _good_records(self) -> re.Pattern[str]:
        return re.compile(rf"(?:{self._record(self._good)})*+")

    @cached_property
    def _good_record(self) -> re.Pattern[str]:
        return re.compile(self._record(self._good))

    @cached_property
    def _loose_record(self) -> re.Pattern[str]:
        return re.compile(self._record(self._loose))

    @cached_property
    def _good_cell(self) -> re.Pattern[str]:
        return re.compile(self._good)

    @cached_property
    def _closed(self) -> re.Pattern[str]:
        return re.compile(rf"{self._parts[2]}(?!{re.escape(self.quote)})")

    @cached_property
    def _any_quoted(self) -> re.Pattern[str]:
        quote = re.escape(self.quote)
        return re.compile(f"{quote}[^{quote}]*{quote}")

    @cached_property
    def _loose_cell(self) -> re.Pattern[str]:
        return re.compile(rf"(?:(?<={self._parts[0]})|\A)({self._loose})(?={self._parts[0]}|\Z)")


def lines_of(text: str, start: int, end: int) -> list[str]:
    """The lines of a part of a text, with their ends."""
    return _LINE.findall(text, start, end)


def line_at(text: str, start: int) -> str:
    """The line that begins at a place, with its end."""
    found = _LINE.match(text, start)
    return found[0] if found else ""
