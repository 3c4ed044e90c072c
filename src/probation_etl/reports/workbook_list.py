"""The list of findings in the annotated workbook, each with a link to its cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

# xlsxwriter is not typed: its classes are Any here.
from xlsxwriter.utility import quote_sheetname
from xlsxwriter.worksheet import Worksheet

from probation_etl.contracts.findings import Finding
from probation_etl.discreet import Discreet
from probation_etl.reports.workbook_rows import MOST_ROWS, Formats, write_text

#: Links of a sheet.
MOST_LINKS = 65_530
#: Columns of the list with their widths.
_COLUMNS = {
    "Severity": 10, "Where": 10, "Sheet": 20, "Row": 8, "Column": 24, "Value": 24, "What is wrong": 60, "What to do": 60,
    "Rule": 36, "File": 36,
}  # fmt: skip
_MASKED = "Values of restricted columns are masked in this list: each letter is shown as A and each digit as 9."
_TEXT = {"text_wrap": True, "valign": "top", "quote_prefix": True}
_LINK = {"font_color": "#1155CC", "underline": 1, "valign": "top"}


@dataclass(frozen=True)
class Line(Discreet):
    """One line of the list: a finding, and the sheet and the cell that it leads to."""

    finding: Finding
    sheet: str | None
    cell: str | None
    is_masked: bool


def write_list(sheet: Worksheet, lines: Sequence[Line], said: list[str], formats: Formats) -> None:
    """The list of findings, each with a link to its cell."""
    said += [_MASKED] if any(line.is_masked for line in lines) else []
    said += _limits(lines, len(said))
    sheet.write_string(0, 0, "Findings", formats.like(bold=True, font_size=14))
    for row, text in enumerate(said, 1):
        write_text(sheet, row, 0, text, formats.like(quote_prefix=True))
    header = len(said) + 2
    for at, (name, width) in enumerate(_COLUMNS.items()):
        sheet.set_column(at, at, width)
        sheet.write_string(header, at, name, formats.like(bold=True, bottom=1))
    shown = lines[: MOST_ROWS - header - 1]
    if not shown:
        sheet.write_string(header + 1, 0, "No errors or warnings were found.")
    listed = _Lines(sheet, formats)
    for row, line in enumerate(shown, header + 1):
        listed.write(row, line)
    sheet.freeze_panes(header + 1, 0)
    sheet.autofilter(header, 0, header + max(len(shown), 1), len(_COLUMNS) - 1)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(header)
    sheet.activate()


def _limits(lines: Sequence[Line], above: int) -> list[str]:
    """What the list does not show, as sentences; ``above`` is how many sentences precede them."""
    placed = sum(1 for line in lines if line.cell)
    said = []
    if placed > MOST_LINKS:
        said.append(f"The first {MOST_LINKS:,} of {placed:,} cells are linked: a sheet holds no more links.")
    # Above the first line there are a title, the sentences, an empty row and the header.
    room = MOST_ROWS - above - len(said) - 3
    if len(lines) > room:
        said.append(f"The first {room - 1:,} of {len(lines):,} findings are listed: a sheet holds no more.")
    return said


class _Lines:
    """Writes the lines of the list: most of the time of a return full of faults goes into them."""

    def __init__(self, sheet: Worksheet, formats: Formats) -> None:
        self._sheet, self._links = sheet, 0
        self._text, self._link = formats.like(**_TEXT), formats.like(**_LINK)
        self._number = formats.like(valign="top")
        self._severities = {each: formats.of(each, quoted=False, header=False) for each in ("error", "warning")}

    def write(self, row: int, line: Line) -> None:
        finding, sheet = line.finding, self._sheet
        sheet.write_string(row, 0, finding.severity.capitalize(), self._severities[finding.severity])
        if line.cell:
            self._place(row, line)
        if finding.row is not None:
            sheet.write_number(row, 3, finding.row, self._number)
        texts = (finding.column, finding.value, finding.message, finding.hint, finding.rule, finding.file)
        for at, text in ((2, line.sheet), *enumerate(texts, 4)):
            if text is not None:
                write_text(sheet, row, at, text, self._text)

    def _place(self, row: int, line: Line) -> None:
        if self._links < MOST_LINKS:
            self._links += 1
            self._sheet.write_url(row, 1, f"internal:{quote_sheetname(line.sheet)}!{line.cell}", self._link, line.cell)
        else:
            self._sheet.write_string(row, 1, line.cell, self._text)
