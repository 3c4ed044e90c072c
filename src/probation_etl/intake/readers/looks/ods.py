"""What an OpenDocument spreadsheet shows besides what it stores. Each cell holds the text that a person sees, too."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from xml.parsers import expat

from probation_etl.intake.readers.archives import Archive
from probation_etl.intake.readers.limits import DEFAULT_LIMITS, Limits
from probation_etl.intake.readers.looks.ods_cells import cell_shown
from probation_etl.intake.readers.looks.ods_styles import Attributes, OdsStyles
from probation_etl.intake.readers.looks.raised import Run
from probation_etl.intake.readers.looks.sheet import SheetLooks
from probation_etl.intake.readers.sheet_parts import pieces_of
from probation_etl.intake.readers.xml_parts import BROKEN_XML

_CELLS = ("table:table-cell", "table:covered-table-cell")
_GROUPS = {"table:table-row-group": "row", "table:table-column-group": "column"}
_HIDDEN = ("collapse", "filter")
#: What stands for characters in a paragraph.
_CHARACTERS = {"text:s": " ", "text:tab": "\t", "text:line-break": "\n"}
#: Shapes and comments have texts that are none of the cell.
_NOT_OF_THE_CELL = ("office:annotation", "draw:")


class _Walk:
    """Handles the content tag by tag."""

    def __init__(self) -> None:
        self.sheets: dict[str, SheetLooks] = {}
        self._styles = OdsStyles()
        self._looks = SheetLooks()
        self._row = self._rows = self._column = self._columns = self._aside = 0
        self._collapsed = {"row": 0, "column": 0}
        self._groups: list[tuple[str, bool]] = []
        self._cell: Attributes | None = None
        self._runs: list[Run] = []
        self._levels: list[int] = []

    def start(self, tag: str, attributes: Attributes) -> None:
        if self._cell is not None:
            self._inside(tag, attributes)
        elif tag in _CELLS:
            self._columns = _repeated(attributes.get("table:number-columns-repeated"))
            self._cell, self._runs, self._levels = attributes, [], []
        elif tag == "table:table-row":
            self._begin_row(attributes)
        elif tag == "table:table-column":
            self._add_column(attributes)
        elif tag in _GROUPS:
            collapsed = attributes.get("table:display") == "false"
            self._groups.append((_GROUPS[tag], collapsed))
            self._collapsed[_GROUPS[tag]] += collapsed
        elif tag == "table:table":
            self._looks = self.sheets.setdefault(attributes.get("table:name", ""), SheetLooks())
            self._row = self._column = 0
        else:
            self._styles.learn(tag, attributes)

    def text(self, text: str) -> None:
        if self._cell is not None and not self._aside and self._levels:
            self._runs.append(Run(text, self._levels[-1]))

    def end(self, tag: str) -> None:
        if self._cell is None:
            if tag == "table:table-row":
                self._row += self._rows
            elif tag in _GROUPS and self._groups:
                kind, collapsed = self._groups.pop()
                self._collapsed[kind] -= collapsed
        elif tag in _CELLS and not self._aside:
            self._end_cell(self._cell)
        elif tag.startswith(_NOT_OF_THE_CELL):
            self._aside -= 1
        elif tag in ("text:p", "text:span", "text:a") and not self._aside:
            self._levels.pop()

    def _inside(self, tag: str, attributes: Attributes) -> None:
        if tag.startswith(_NOT_OF_THE_CELL):
            self._aside += 1
        elif self._aside:
            return
        elif tag == "text:p":
            self._runs.append(Run("\n" if self._runs else ""))
            self._levels.append(0)
        elif tag in ("text:span", "text:a"):
            own = self._styles.level("text", attributes.get("text:style-name", ""))
            self._levels.append(own or (self._levels[-1] if self._levels else 0))
        elif tag in _CHARACTERS and self._levels:
            count = _repeated(attributes.get("text:c"))
            self._runs.append(Run(_CHARACTERS[tag] * min(count, 1_000), self._levels[-1]))

    def _begin_row(self, attributes: Attributes) -> None:
        self._rows = _repeated(attributes.get("table:number-rows-repeated"))
        self._column = 0
        if self._is_hidden("row", attributes):
            self._looks.hidden_rows.append(range(self._row, self._row + self._rows))

    def _add_column(self, attributes: Attributes) -> None:
        count = _repeated(attributes.get("table:number-columns-repeated"))
        if self._is_hidden("column", attributes):
            self._looks.hidden_columns.append(range(self._column, self._column + count))
        self._column += count

    def _is_hidden(self, kind: str, attributes: Attributes) -> bool:
        style = attributes.get("table:style-name", "")
        hidden = attributes.get("table:visibility") in _HIDDEN or self._styles.hides(f"table-{kind}", style)
        return hidden or self._collapsed[kind] > 0

    def _end_cell(self, attributes: Attributes) -> None:
        if self._runs or "office:value-type" in attributes:
            level = self._styles.level("table-cell", attributes.get("table:style-name", ""))
            shown = cell_shown(attributes, self._runs, level)
            if shown is not None:
                for row in range(self._row, self._row + self._rows):
                    for column in range(self._column, self._column + self._columns):
                        self._looks.add(row, column, shown)
        self._column += self._columns
        self._cell = None


def looks_of_ods(archive: Archive, limits: Limits = DEFAULT_LIMITS) -> dict[str, SheetLooks]:
    """What is to be known of each sheet, by its name."""
    walk = _Walk()
    for part in ("styles.xml", "content.xml"):
        with contextlib.suppress(*BROKEN_XML):
            _parse(walk, pieces_of(archive, part, limits))
    return walk.sheets


def _parse(walk: _Walk, pieces: Iterable[bytes]) -> None:
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = walk.start, walk.end
    parser.CharacterDataHandler = walk.text
    for piece in pieces:
        parser.Parse(piece, False)  # noqa: FBT003 -- the library takes it by place only


def _repeated(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) <= 12 else 1
