"""Where the columns of a contract stand in a grid, and what may be shown of their cells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from probation_etl.contracts.masking import shape
from probation_etl.contracts.model import Column, Contract
from probation_etl.discreet import Discreet
from probation_etl.intake.header import Header
from probation_etl.intake.readers import CONTROL_NAMES, Grid, column_letters

#: Characters of a text that a note or a finding shows.
_SHOWN = 200


@dataclass(frozen=True)
class Columns(Discreet):
    """The columns of a contract as they stand in a grid.

    Attributes:
        header: The row that has their headers.
    """

    contract: Contract
    grid: Grid
    header: Header

    @cached_property
    def places(self) -> Mapping[str, int]:
        """Position of each column that was found, from 0 in the grid."""
        return self.header.columns

    @cached_property
    def lines(self) -> list[tuple[str | None, ...]]:
        """The lines of the header, as the supplier wrote them."""
        row, several = self.header.row, self.contract.layout.header_rows
        return (
            [self.header.texts]
            if several < 2
            else [self.grid.cells.row(at) for at in range(row - several + 1, row + 1)]
        )

    @cached_property
    def width(self) -> int | None:
        """Cells of the header; None where the format keeps cells in their columns."""
        widths, row = self.grid.widths, self.header.row
        if widths is None:
            return None
        return len(self.places) if row < 0 else int(widths[row])

    @cached_property
    def by_place(self) -> Mapping[int, Column]:
        """The column at each position."""
        return {at: self.contract.column(name) for name, at in self.places.items()}

    @cached_property
    def required(self) -> frozenset[int]:
        """Positions of the columns that no row may leave empty."""
        return frozenset(at for at, column in self.by_place.items() if column.required)

    def shown(self, text: str, at: int) -> str:
        """What may be shown of a text: its shape where its column is restricted; never a control character."""
        column = self.by_place.get(at)
        kept = shape(text[:_SHOWN]) if column and column.restricted else text[:_SHOWN]
        return kept.translate(CONTROL_NAMES)

    def title(self, at: int) -> str | None:
        """The header of a column as the supplier wrote it."""
        return self.header.texts[at] if at < len(self.header.texts) else None

    def letter(self, at: int) -> str | None:
        """The letters of a column; None for text, whose cells have no references."""
        return None if self.grid.sheet is None else column_letters(at + self.grid.first_column)

    def cell(self, row: int, at: int) -> str | None:
        """The A1 reference of a cell, by the row that a person sees."""
        letter = self.letter(at)
        return letter and f"{letter}{row}"
