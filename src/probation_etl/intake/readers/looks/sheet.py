"""What the parts of a workbook say of a sheet besides its values, and how it is put into the grid of the sheet."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import polars as pl

from probation_etl.discreet import Discreet
from probation_etl.intake.readers.base import SHOWN_SCHEMA, Grid, Otherwise
from probation_etl.intake.readers.looks.comparing import TOO_LONG
from probation_etl.intake.readers.looks.raised import Run, with_raised
from probation_etl.intake.readers.looks.showing import NEVER, decimals_shown, shown_by

_TRIED_TEXT = "a"


@dataclass(frozen=True)
class Style(Discreet):
    """What a style says of its cells: the code of their number format, and whether they are raised (1) or lowered (-1)."""

    code: str = "General"
    level: int = 0

    @property
    def decimals(self) -> int | None:
        """How many decimals a number may have and still be shown as it is; None where any may be shown otherwise."""
        return decimals_shown(self.code)

    @property
    def changes_numbers(self) -> bool:
        """Whether it may show a number otherwise than it is stored."""
        return self.decimals != NEVER

    @property
    def changes_texts(self) -> bool:
        """Whether it shows texts otherwise than they are stored."""
        return bool(self.level) or shown_by(self.code, _TRIED_TEXT) is not None

    def of_number(self, value: float, *, from_1904: bool = False) -> tuple[str, Otherwise] | None:
        """What is shown of a number, if that is something else than the number."""
        if not math.isfinite(value):
            return None
        if self.decimals is not None and abs(value) < TOO_LONG and round(value, self.decimals) == value:
            return None
        return shown_by(self.code, value, from_1904=from_1904)

    def of_text(self, text: str) -> tuple[str, Otherwise] | None:
        """What is shown of a text, if that is something else than the text."""
        if self.level:
            raised = with_raised([Run(text, self.level)])
            return None if raised is None else (raised, Otherwise.RAISED)
        return shown_by(self.code, text)


@dataclass
class SheetLooks(Discreet):
    """What is to be known of a sheet; rows and columns are counted from 0 in the sheet.

    Attributes:
        rows, columns, shown, how: Cells that show something else than is stored, one in each place.
        styled: Cells whose text, which is not known here, is to be judged by a style: row, column and style.
        hidden_rows, hidden_columns: Hidden rows and columns, with or without content.
    """

    rows: list[int] = field(default_factory=list)
    columns: list[int] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)
    how: list[str] = field(default_factory=list)
    styled: list[tuple[int, int, Style]] = field(default_factory=list)
    hidden_rows: list[range] = field(default_factory=list)
    hidden_columns: list[range] = field(default_factory=list)

    def add(self, row: int, column: int, shown: tuple[str, Otherwise] | None) -> None:
        """Adds a cell, if it shows something else than is stored."""
        if shown is not None:
            self.rows.append(row)
            self.columns.append(column)
            self.shown.append(shown[0])
            self.how.append(shown[1].value)


def with_looks(grid: Grid, of_sheets: Mapping[str, SheetLooks]) -> Grid:
    """The grid with what is known of its cells, rows and columns; those without content are left out."""
    looks = of_sheets.get(grid.sheet or "")
    if looks is None or not grid.cells.width:
        return grid
    cells = grid.cells
    filled = cells.select(filled=pl.any_horizontal(pl.all().is_not_null()))["filled"]
    used = [not cells[name].is_null().all() for name in cells.columns]
    first = grid.first_column
    return replace(
        grid,
        shown=_shown(grid, looks),
        hidden_rows=tuple(row for row in _within(looks.hidden_rows, 0, cells.height) if filled[row]),
        hidden_columns=tuple(
            at for at in _within(looks.hidden_columns, first, first + cells.width) if used[at - first]
        ),
    )


def _within(spans: Iterable[range], start: int, stop: int) -> list[int]:
    return sorted({at for span in spans for at in range(max(span.start, start), min(span.stop, stop))})


def _shown(grid: Grid, looks: SheetLooks) -> pl.DataFrame:
    cells = grid.cells
    for row, column, style in looks.styled:
        at = column - grid.first_column
        if row < cells.height and 0 <= at < cells.width and (text := cells[row, at]):
            looks.add(row, column, style.of_text(text))
    if not looks.rows:
        return pl.DataFrame(schema=SHOWN_SCHEMA)
    found = pl.DataFrame(
        {
            "row": pl.Series(looks.rows, dtype=pl.Int64),
            "column": pl.Series(looks.columns, dtype=pl.Int64) - grid.first_column,
            "shown": pl.Series(looks.shown, dtype=pl.String),
            "how": pl.Series(looks.how, dtype=pl.String),
        }
    ).filter((pl.col("row") < cells.height) & pl.col("column").is_between(0, cells.width - 1))
    found = found.unique(["row", "column"], keep="first").sort("row", "column")
    kept = [
        part.filter(cells[f"c{part['column'][0]}"].gather(part["row"]).is_not_null())
        for part in found.partition_by("column")
    ]
    return pl.concat([pl.DataFrame(schema=SHOWN_SCHEMA), *(part.cast(pl.Schema(SHOWN_SCHEMA)) for part in kept)]).sort(
        "row", "column"
    )
