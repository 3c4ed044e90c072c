"""Returns with everything masked that looks like, or is, a restricted value, wherever a supplier typed it.

Values below the header of a restricted column are masked where findings of cells are made. This is for all else: other columns, headers,
names of sheets and files, the cover, notes. Every text of a file that goes into a report, a log or the ledger passes here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import polars as pl

from probation_etl.contracts.findings import Finding, make
from probation_etl.contracts.guard import Guard
from probation_etl.contracts.masking import shape
from probation_etl.contracts.model import Column
from probation_etl.discreet import Discreet
from probation_etl.intake.found import FoundReturn
from probation_etl.intake.readers import Grid
from probation_etl.intake.received import InBytes, Received
from probation_etl.intake.result import ReturnResult, Source
from probation_etl.intake.side_by_side import side_by_side

#: Fields of findings that are texts of a file, and those that are sentences which quote some.
_TEXTS, _SENTENCES = ("column", "value"), ("message", "hint")
_TOLD = "What looks like a value of a restricted column is masked here: each letter is shown as A and each digit as 9."


@dataclass(frozen=True)
class ShownFile(Discreet):
    """A file as it may be shown: its name, and what is masked in all that is told of it."""

    name: str
    guard: Guard
    given: str

    @classmethod
    def of(cls, name: str, sha256: str, guard: Guard, returns: Iterable[FoundReturn] = ()) -> ShownFile:
        """A file by its name and content, with the returns that were found in it."""
        found = list(returns)
        pieces = _restricted_pieces(found)
        known = guard.beside(_restricted_cells(found)) if pieces is None else guard.beside_pieces(pieces)
        return cls(guard.file_name(name, sha256), known, name)

    def source(self, found: FoundReturn, data: bytes | Received, grids: Iterable[Grid]) -> Source:
        """Where a return of it was read from, with the names of file and sheet as they may be shown."""
        sheets = tuple(grids)
        grid = found.grid or next((each for each in sheets if each.sheet == found.sheet), None)
        return Source(
            self.name, self.sheet(found), InBytes(data) if isinstance(data, bytes) else data, sheets, grid, found.header
        )

    def sheet(self, found: FoundReturn) -> str | None:
        """The name of the sheet of a return."""
        return found.sheet and self.guard.text(found.sheet)

    def findings(self, found: FoundReturn, *, first: bool) -> Iterator[Finding]:
        """What is to be said of names that seem to hold a restricted value; of the file with the first of its returns."""
        packed = found.grid.packed_name if found.grid else None
        of_file = (("file", self.given), ("file in the archive", packed)) if first else ()
        names = (*of_file, ("sheet", found.sheet))
        for what, name in names:
            if name and (shown := self.guard.text(name)) != name:
                yield make("restricted-value-in-name", value=shown, expected=what, severity="warning")

    def masked(self, result: ReturnResult) -> ReturnResult:
        """A return of it with all texts of its findings and notes as they may be shown."""
        notes = tuple(replace(each, text=self.guard.text(each.text)) for each in result.notes)
        return replace(result, found=result.found.mapped(self._masked), notes=notes)

    def _masked(self, findings: pl.DataFrame) -> pl.DataFrame:
        if findings.is_empty():
            return findings

        def masked(name: str) -> pl.Series:
            return self.guard.masked(findings[name], sentences=name in _SENTENCES)

        shown = [*side_by_side(masked, (*_TEXTS, *_SENTENCES), rows=findings.height)]
        changed = [each.ne_missing(findings[each.name]) for each in shown]
        told = pl.any_horizontal(changed) & ~pl.lit(findings["code"]).is_in(["restricted-value-in-name"])
        return findings.with_columns(shown).with_columns(
            hint=pl.when(told).then(pl.concat_str(pl.col("hint"), pl.lit(_TOLD), separator=" ")).otherwise("hint")
        )


def sheets_named(sheets: Iterable[Grid], shown: str | None) -> list[Grid]:
    """The sheets of a file that a name is of as it is shown: a masked one has the shape of the name that it stands for."""
    listed = list(sheets)
    by_name = [each for each in listed if each.sheet == shown]
    return by_name or [each for each in listed if shape(each.sheet or "") == shape(shown or "")]


def _restricted_pieces(returns: Iterable[FoundReturn]) -> Iterator[list[tuple[Column, pl.Series]]] | None:
    """The same of a file that is read in pieces, which has one return; None of others."""
    for found in returns:
        if found.contract and found.grid and found.grid.pieces and found.header:
            columns = {f"c{at}": found.contract.column(name) for name, at in found.header.columns.items()}
            restricted = [name for name, column in columns.items() if column.restricted]
            below = [found.header.row + 1, *([0] * len(found.grid.pieces.parts))]
            pieces = zip(found.grid.pieces.of_columns(restricted), below, strict=False)
            return ([(columns[name], piece[name].slice(row)) for name in restricted] for piece, row in pieces)
    return None


def _restricted_cells(returns: Iterable[FoundReturn]) -> Iterator[tuple[Column, pl.Series]]:
    """The cells below the headers of restricted columns."""
    for found in returns:
        if found.contract and found.grid and found.header:
            below = found.grid.cells.slice(found.header.row + 1)
            for name, at in found.header.columns.items():
                column = found.contract.column(name)
                if column.restricted:
                    yield column, below[f"c{at}"]
