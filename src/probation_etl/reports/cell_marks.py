"""Which cells of a sheet findings speak of: where they are coloured, what is said there, where a link leads."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from probation_etl.contracts.model import Contract
from probation_etl.intake.readers import Grid, column_letters
from probation_etl.intake.table import find_header
from probation_etl.reports.spreadsheet_text import shortened, xml_text

#: Characters of a comment: more than anybody reads in a box.
_LONGEST_COMMENT = 2_000


@dataclass
class Mark:
    """What is wrong with one cell."""

    severity: str
    texts: list[str] = field(default_factory=list)

    @property
    def comment(self) -> str:
        """What is wrong and what to do, for the box beside the cell."""
        return shortened(xml_text("\n\n".join(dict.fromkeys(self.texts))), _LONGEST_COMMENT)


@dataclass(frozen=True)
class _Header:
    """The header of a table in a grid: its row (from 0), and the columns (from 0, in the grid) by their text."""

    row: int
    columns: Mapping[str, list[int]]

    @classmethod
    def of(cls, grid: Grid, contract: Contract | None) -> _Header | None:
        """The header as it was found when the return was judged; those that mean a column of the contract come first."""
        found = find_header(grid, contract) if contract else None
        if found is None:
            return None
        row, meanings = found
        columns: defaultdict[str, list[int]] = defaultdict(list)
        cells = list(enumerate(grid.cells.row(row)))
        for at, text in sorted(cells, key=lambda cell: meanings[cell[0]] is None):
            if text is not None:
                columns[text].append(at)
        return cls(row, columns)


class Marks:
    """The cells of one sheet that findings speak of.

    Attributes:
        by_row: Marks by row and column, both from 0 and of the grid.
    """

    def __init__(self, grid: Grid, contract: Contract | None) -> None:
        """No cell is marked yet.

        Args:
            grid: The cells.
            contract: What tells the header; without a header no finding can be placed.
        """
        self._grid, self._header = grid, _Header.of(grid, contract)
        self.by_row: defaultdict[int, dict[int, Mark]] = defaultdict(dict)

    @property
    def header_row(self) -> int | None:
        """Row (from 0) of the header."""
        return self._header.row if self._header else None

    def add(self, finding: Mapping[str, Any]) -> str | None:
        """Marks the cells of a finding; gives the A1 reference of the first, None where it is of no cell."""
        row, columns = self._place(finding)
        if row is None or not columns or row >= self._grid.cells.height:
            return None
        text = f"{str(finding['severity']).capitalize()}: {finding['message']}\n{finding['hint']}".strip()
        for column in columns:
            mark = self.by_row[row].setdefault(column, Mark(finding["severity"]))
            mark.severity = "error" if "error" in (mark.severity, finding["severity"]) else "warning"
            # One box is enough for what is said of a whole row.
            if column == columns[0]:
                mark.texts.append(text)
        return f"{column_letters(columns[0] + self._grid.first_column)}{row + 1}"

    def _place(self, finding: Mapping[str, Any]) -> tuple[int | None, list[int]]:
        """Row and columns: of a fault of the header its own cells, of a fault of a row all its cells."""
        if self._header is None:
            return None, []
        columns = self._header.columns.get(finding["column"] or "", [])
        if finding["row"] is None:
            return self._header.row, columns
        row = int(finding["row"]) - 1
        return row, columns[:1] or (list(self._filled(row)) if finding["column"] is None else [])

    def _filled(self, row: int) -> Iterable[int]:
        if row >= self._grid.cells.height:
            return []
        return (at for at, text in enumerate(self._grid.cells.row(row)) if text is not None)
