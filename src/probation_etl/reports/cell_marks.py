"""Which cells of a sheet have findings: where to colour them, what to write beside them, where a link leads."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from probation_etl.contracts.findings import Finding
from probation_etl.discreet import Discreet
from probation_etl.intake.header import Header
from probation_etl.intake.readers import Grid, column_letters
from probation_etl.reports.spreadsheet_text import shortened, xml_text

#: Characters of a comment: more than anybody reads in a box.
_LONGEST_COMMENT = 2_000


@dataclass
class Mark(Discreet):
    """What is wrong with one cell."""

    severity: str
    texts: list[str] = field(default_factory=list)

    @property
    def comment(self) -> str:
        """What is wrong and what to do, for the box beside the cell."""
        return shortened(xml_text("\n\n".join(dict.fromkeys(self.texts))), _LONGEST_COMMENT)


class Marks:
    """The cells of one sheet that have findings.

    Attributes:
        by_row: Marks by row and column, both from 0 and of the grid.
    """

    def __init__(self, grid: Grid, header: Header | None) -> None:
        """No cell is marked yet.

        Args:
            grid: The cells.
            header: The header of the return; without one no finding can be placed.
        """
        self._grid, self._header = grid, header
        self._columns = _columns_by_text(header) if header else {}
        self.by_row: defaultdict[int, dict[int, Mark]] = defaultdict(dict)

    @property
    def header_row(self) -> int | None:
        """Row (from 0) of the header; None where there is none."""
        return self._header.row if self._header and self._header.row >= 0 else None

    def add(self, finding: Finding) -> str | None:
        """Marks the cells of a finding; gives the A1 reference of the first, None where it is of no cell."""
        row, columns = self._place(finding)
        if row is None or not columns or not self._grid.at(row):
            return None
        text = f"{finding.severity.capitalize()}: {finding.message}\n{finding.hint}".strip()
        for column in columns:
            mark = self.by_row[row].setdefault(column, Mark(finding.severity))
            mark.severity = "error" if "error" in (mark.severity, finding.severity) else "warning"
            # One box is enough for what is said of a whole row.
            if column == columns[0]:
                mark.texts.append(text)
        return f"{column_letters(columns[0] + self._grid.first_column)}{row + 1}"

    def _place(self, finding: Finding) -> tuple[int | None, list[int]]:
        """Row and columns: of a fault of the header its own cells, of a fault of a row all its cells."""
        if self._header is None:
            return None, []
        columns = self._columns.get(finding.column or "", [])
        if finding.row is None:
            return self.header_row, columns
        row = finding.row - 1
        return row, columns[:1] or (list(self._filled(row)) if finding.column is None else [])

    def _filled(self, row: int) -> Iterable[int]:
        return (at for at, text in enumerate(self._grid.at(row)) if text is not None)


def _columns_by_text(header: Header) -> Mapping[str, list[int]]:
    """Columns (from 0, in the grid) by the text of their header; those of the contract come first."""
    columns: defaultdict[str, list[int]] = defaultdict(list)
    cells = list(enumerate(header.texts))
    for at, text in sorted(cells, key=lambda cell: header.meanings[cell[0]] is None):
        if text is not None:
            columns[text].append(at)
    return columns
