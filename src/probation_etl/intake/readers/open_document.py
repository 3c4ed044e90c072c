"""Inspects the content of an OpenDocument spreadsheet before a library opens it.

It finds how far the cells reach, since one cell can be declared to repeat billions of times; and the formulas that the
library would read as empty: those that failed, which only the shown text says, and those that were never calculated.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from xml.parsers import expat

from probation_etl.errors import UnreadableFile
from probation_etl.intake.readers.base import ERROR_CELLS, Block
from probation_etl.intake.readers.dimensions import InspectedSheet
from probation_etl.intake.readers.marks import Mark

_REPEATED_ROWS, _REPEATED_COLUMNS = "table:number-rows-repeated", "table:number-columns-repeated"
_SPANNED_ROWS, _SPANNED_COLUMNS = "table:number-rows-spanned", "table:number-columns-spanned"
_CELLS = ("table:table-cell", "table:covered-table-cell")
_FORMULA, _TYPE, _SHOWN_TYPE = "table:formula", "office:value-type", "calcext:value-type"
_FORMAT_ALONE = {
    "table:style-name", "table:content-validation-name", _SPANNED_COLUMNS, _SPANNED_ROWS, _REPEATED_COLUMNS,
}  # fmt: skip
#: Errors that only LibreOffice has, besides those that all spreadsheet programs share.
_OWN_ERROR = re.compile(r"Err:\d+|#[^\s#]+[!?]")


class _Walk:
    """Handles the content tag by tag."""

    def __init__(self) -> None:
        self.sheets: list[InspectedSheet] = []
        self._rows = self._row = self._at = self._cells = 0
        self._attributes: dict[str, str] = {}
        self._shown: list[str] = []
        self._inside = self._counted = self._has_content = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "table:table":
            self.sheets.append(InspectedSheet(name=attributes.get("table:name", "")))
            self._row = 0
        elif tag == "table:table-row":
            self._rows, self._at = _repeated(attributes.get(_REPEATED_ROWS)), 0
        elif tag in _CELLS:
            self._cells = _repeated(attributes.get(_REPEATED_COLUMNS))
            self._attributes, self._shown = attributes, []
            self._inside, self._counted, self._has_content = True, False, False
            self._merge(_repeated(attributes.get(_SPANNED_ROWS)), _repeated(attributes.get(_SPANNED_COLUMNS)))
            if not attributes.keys() <= _FORMAT_ALONE:
                self._count()
        elif self._inside:
            self._has_content = True
            if not self._counted:
                self._count()

    def text(self, text: str) -> None:
        if self._inside:
            self._shown.append(text)

    def end(self, tag: str) -> None:
        if tag in _CELLS:
            if _FORMULA in self._attributes or _SHOWN_TYPE in self._attributes:
                self._calculated()
            self._at += self._cells
            self._inside = False
        elif tag == "table:table-row":
            self._row += self._rows

    def _calculated(self) -> None:
        """Records what a failed formula shows; refuses a formula without a result."""
        shown = "".join(self._shown).strip()
        failed = self._attributes.get(_SHOWN_TYPE) == "error"
        if failed or shown in ERROR_CELLS or _OWN_ERROR.fullmatch(shown):
            known = shown if shown in ERROR_CELLS else "#ERROR!"
            self.sheets[-1].marks.append(Mark(self._row, self._at, self._rows, self._cells, known))
        elif not self._has_content and _TYPE not in self._attributes:
            raise never_calculated(f"row {self._row + 1:,}, column {self._at + 1:,}")

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


def inspect_content(pieces: Iterable[bytes]) -> list[InspectedSheet]:
    """The extent of each sheet, with its error cells and merged cells.

    Raises:
        UnreadableFile: The content is damaged, or a formula was never calculated.
    """
    walk, parser = _Walk(), expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = walk.start, walk.end
    parser.CharacterDataHandler = walk.text
    try:
        for piece in pieces:
            parser.Parse(piece, False)  # noqa: FBT003 -- the library takes it by place only
        parser.Parse(b"", True)  # noqa: FBT003 -- the library takes it by place only
    except (expat.ExpatError, ValueError, IndexError):
        raise UnreadableFile("The file cannot be opened as a workbook: its content is damaged.") from None
    return walk.sheets


def _repeated(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) <= 12 else 1
