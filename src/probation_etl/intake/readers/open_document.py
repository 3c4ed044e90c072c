"""Inspects the content of an OpenDocument spreadsheet before a library opens it.

It finds how far the cells reach, since one cell can be declared to repeat billions of times; and the cells that the
library would read as empty or as something else: formulas that failed, which only the shown text says, formulas that were
never calculated, texts without a type or with tabs and line ends, and dates and times in forms that it takes for text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from xml.parsers import expat

from probation_etl.errors import UnreadableFile
from probation_etl.intake.readers.base import ERROR_CELLS, Block, CellKind
from probation_etl.intake.readers.dimensions import InspectedSheet
from probation_etl.intake.readers.marks import UNKNOWN_ERROR, Mark, is_read, moment

_REPEATED_ROWS, _REPEATED_COLUMNS = "table:number-rows-repeated", "table:number-columns-repeated"
_SPANNED_ROWS, _SPANNED_COLUMNS = "table:number-rows-spanned", "table:number-columns-spanned"
_CELLS = ("table:table-cell", "table:covered-table-cell")
_FORMULA, _TYPE, _SHOWN_TYPE = "table:formula", "office:value-type", "calcext:value-type"
_FORMAT_ALONE = {
    "table:style-name", "table:content-validation-name", _SPANNED_COLUMNS, _SPANNED_ROWS, _REPEATED_COLUMNS,
}  # fmt: skip
_STRING = "office:string-value"
#: Where a cell of each type has its value.
_VALUES = {
    "float": "office:value", "percentage": "office:value", "currency": "office:value", "date": "office:date-value",
    "time": "office:time-value", "boolean": "office:boolean-value",
}  # fmt: skip
#: A time that the library reads; it takes any other for text.
_TIME_OF_DAY = re.compile(r"PT(?:[01]\d|2[0-3])H[0-5]\dM[0-5]\d(?:\.\d+)?S")
#: Errors that only LibreOffice has, besides those that all spreadsheet programs share.
_OWN_ERROR = re.compile(r"Err:\d+|#[^\s#]+[!?]")
#: As many spaces as the longest cell has.
_LONGEST = 32_767
#: What stands for characters in a paragraph, and what in a cell has texts that are none of the cell.
_CHARACTERS = {"text:tab": "\t", "text:line-break": "\n"}
_ASIDE = ("office:annotation", "draw:")


class _Walk:
    """Handles the content tag by tag."""

    def __init__(self, *, calculated: bool) -> None:
        self.sheets: list[InspectedSheet] = []
        self._calculated = calculated
        self._rows = self._row = self._at = self._cells = self._aside = 0
        self._attributes: dict[str, str] = {}
        self._shown: list[str] = []
        self._inside = self._counted = self._has_content = self._has_characters = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if self._inside:
            self._within(tag, attributes)
        elif tag == "table:table":
            self.sheets.append(InspectedSheet(name=attributes.get("table:name", "")))
            self._row = 0
        elif tag == "table:table-row":
            self._rows, self._at = _repeated(attributes.get(_REPEATED_ROWS)), 0
        elif tag in _CELLS:
            self._cells = _repeated(attributes.get(_REPEATED_COLUMNS))
            self._attributes, self._shown, self._aside = attributes, [], 0
            self._inside, self._counted, self._has_content, self._has_characters = True, False, False, False
            self._merge(_repeated(attributes.get(_SPANNED_ROWS)), _repeated(attributes.get(_SPANNED_COLUMNS)))
            if not attributes.keys() <= _FORMAT_ALONE:
                self._count()

    def _within(self, tag: str, attributes: dict[str, str]) -> None:
        self._has_content = True
        if not self._counted:
            self._count()
        if tag.startswith(_ASIDE):
            self._aside += 1
        elif not self._aside:
            if tag == "text:p" and self._shown:
                self._shown.append("\n")
            elif tag == "text:s":
                self._shown.append(" " * min(_repeated(attributes.get("text:c")), _LONGEST))
            elif tag in _CHARACTERS:
                self._shown.append(_CHARACTERS[tag])
                self._has_characters = True

    def text(self, text: str) -> None:
        if self._inside and not self._aside:
            self._shown.append(text)

    def end(self, tag: str) -> None:
        if self._inside and tag.startswith(_ASIDE):
            self._aside -= 1
        elif tag in _CELLS and not self._aside:
            self._mark()
            self._at += self._cells
            self._inside = False
        elif tag == "table:table-row" and not self._inside:
            self._row += self._rows

    def _mark(self) -> None:
        """Marks a cell that the library does not read as it is; refuses a formula without a result."""
        shown, kind = "".join(self._shown), self._attributes.get(_TYPE)
        if self.sheets:
            longest = max(len(shown), *(len(self._attributes.get(name, "")) for name in (_STRING, *_VALUES.values())))
            self.sheets[-1].text_bytes += longest * self._rows * self._cells
        value = self._attributes.get(_VALUES.get(kind or "", ""))
        if self._failed(shown.strip()):
            self._add(shown.strip() if shown.strip() in ERROR_CELLS else UNKNOWN_ERROR, CellKind.ERROR)
        elif kind in ("date", "time") and value:
            if not (is_read(value) or _TIME_OF_DAY.fullmatch(value)):
                self._add(*moment(value))
        elif shown and (value is None if kind != "string" else self._has_characters):
            self._add(shown, CellKind.TEXT)
        elif _FORMULA in self._attributes and not (kind or self._has_content or self._calculated):
            raise never_calculated(f"row {self._row + 1:,}, column {self._at + 1:,}")

    def _failed(self, shown: str) -> bool:
        """Whether a formula failed; a text that looks like an error and was written by hand is a text."""
        if self._attributes.get(_SHOWN_TYPE) == "error":
            return True
        calculated = _FORMULA in self._attributes or _SHOWN_TYPE in self._attributes
        return calculated and (shown in ERROR_CELLS or _OWN_ERROR.fullmatch(shown) is not None)

    def _add(self, text: str, kind: CellKind) -> None:
        if self.sheets:
            self.sheets[-1].marks.append(Mark(self._row, self._at, self._rows, self._cells, text, kind))

    def _merge(self, rows: int, columns: int) -> None:
        if self.sheets and (rows > 1 or columns > 1):
            last = (self._row + self._rows + rows - 2, self._at + self._cells + columns - 2)
            self.sheets[-1].merged.append(Block(self._row, self._at, *last))

    def _count(self) -> None:
        self._counted = True
        if self.sheets:
            self.sheets[-1].add(self._row + self._rows, self._at + 1)
            self.sheets[-1].add(self._row + self._rows, self._at + self._cells)


def never_calculated(place: str) -> UnreadableFile:
    """The refusal of a workbook with a formula without a result: reading it as empty would lose a value silently."""
    return UnreadableFile(
        f"The workbook has a formula without a result ({place}): the program that wrote it does not calculate. "
        "Open it in a spreadsheet program and save it again."
    )


def inspect_content(pieces: Iterable[bytes], *, calculated: bool = False) -> list[InspectedSheet]:
    """The extent of each sheet, with its merged cells and the cells that the library does not read as they are.

    Args:
        pieces: The content of the spreadsheet.
        calculated: Whether a program wrote it that calculates, so that a formula without a result is an empty text.

    Raises:
        UnreadableFile: The content is damaged, or a formula was never calculated.
    """
    walk, parser = _Walk(calculated=calculated), expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = walk.start, walk.end
    parser.CharacterDataHandler = walk.text
    try:
        for piece in pieces:
            parser.Parse(piece, False)  # noqa: FBT003 -- the library takes it by place only
        parser.Parse(b"", True)  # noqa: FBT003 -- the library takes it by place only
    except (expat.ExpatError, LookupError, ValueError):
        raise UnreadableFile("The file cannot be opened as a workbook: its content is damaged.") from None
    return walk.sheets


def _repeated(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) <= 12 else 1
