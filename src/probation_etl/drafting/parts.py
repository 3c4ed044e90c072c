"""Tables of several files that are one: the same sheet of each, or their only one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from probation_etl.contracts.organisations import fold
from probation_etl.discreet import Discreet
from probation_etl.drafting.covers import is_cover
from probation_etl.drafting.headers import header_row
from probation_etl.drafting.samples import Sample
from probation_etl.errors import UsageError
from probation_etl.intake.readers import BLANKS, Grid


@dataclass(frozen=True)
class Part(Discreet):
    """The table of one file.

    Attributes:
        row: The row of its header, from 0.
    """

    sample: Sample
    grid: Grid
    row: int

    @property
    def headers(self) -> list[str]:
        """Its headers, as they are written; empty where a column has none."""
        return [(text or "").strip(BLANKS) for text in self.grid.cells.row(self.row)]


@dataclass(frozen=True)
class Group(Discreet):
    """The tables that one contract is drafted from.

    Attributes:
        sheet: Name of their sheet; None where each file holds one table.
        parts: One for each file that has it.
        files: How many files there are.
    """

    sheet: str | None
    parts: tuple[Part, ...]
    files: int


@dataclass(frozen=True)
class Sorted(Discreet):
    """What the files hold.

    Attributes:
        groups: The tables.
        covers: The cover sheet of each file that has one, by the name of the file.
        others: Names of sheets that are neither.
    """

    groups: tuple[Group, ...]
    covers: Mapping[str, Grid]
    others: tuple[str, ...]


def sorted_tables(samples: Sequence[Sample]) -> Sorted:
    """Finds the tables of the files, and which of them belong together.

    Raises:
        UsageError: A file has none, or the files hold different things.
    """
    if all(len(each.grids) == 1 and not each.hidden for each in samples):
        parts = [_part(each, each.grids[0]) for each in samples]
        return Sorted((Group(None, tuple(parts), len(samples)),), {}, _names(each.hidden for each in samples))
    odd = next((each.name for each in samples if not each.is_workbook), None)
    if odd:
        book = next(each.name for each in samples if len(each.grids) > 1)
        raise UsageError(
            f"{odd} is one table and {book} has several sheets: a contract is drafted from files of one return."
        )
    covers = {each.name: grid for each in samples for grid in reversed(each.grids) if is_cover(grid)}
    found = [each for sample in samples for each in _tables(sample, covers.get(sample.name))]
    by_sheet: dict[str, list[Part]] = {}
    for part in found:
        by_sheet.setdefault(fold(part.grid.sheet or ""), []).append(part)
    if len(samples) > 1 and all(len(parts) == 1 for parts in by_sheet.values()):
        raise UsageError(
            "The workbooks have no sheet of the same name: a contract is drafted from files of one return."
        )
    tables = {fold(each.grid.sheet or "") for each in found} | {fold(each.sheet or "") for each in covers.values()}
    others = [[each.sheet or "" for each in sample.grids if fold(each.sheet or "") not in tables] for sample in samples]
    groups = (Group(parts[0].grid.sheet, tuple(parts), len(samples)) for parts in by_sheet.values())
    return Sorted(tuple(groups), covers, _names([*others, *(each.hidden for each in samples)]))


def _names(lists: Iterator[Sequence[str]] | Sequence[Sequence[str]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for each in lists for name in each))


def _part(sample: Sample, grid: Grid) -> Part:
    row = header_row(grid)
    if row is None:
        raise UsageError(
            f"Nothing can be drafted from {sample.name}: no row at the top looks like a header, which has a name for each column. "
            "Write one above the data."
        )
    return Part(sample, grid, row)


def _tables(sample: Sample, cover: Grid | None) -> list[Part]:
    rows = [(grid, header_row(grid)) for grid in sample.grids if grid is not cover]
    found = [
        Part(sample, grid, row) for grid, row in rows if row is not None and sum(map(bool, grid.cells.row(row))) > 1
    ]
    if not found:
        raise UsageError(f"Nothing can be drafted from {sample.name}: no sheet has a row that looks like a header.")
    return found
