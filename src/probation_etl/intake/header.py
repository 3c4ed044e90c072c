"""Finds the header of a table by the contract's headers, wherever it is."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from probation_etl.contracts.model import Column, Contract
from probation_etl.contracts.organisations import fold
from probation_etl.discreet import Discreet
from probation_etl.intake.expected_beside import is_expected
from probation_etl.intake.header_texts import Rows, columns_of, header_of_block, headers_of
from probation_etl.intake.readers import BLANKS, Grid

#: The number of rows at the top that are searched for a header.
_HEADER_WITHIN = 50
#: The same for the header of a table that may stand below others.
_BLOCK_WITHIN = 5_000


@dataclass(frozen=True)
class Header(Discreet):
    """The row of a grid that has the headers of a contract.

    Attributes:
        row: Number of the row, from 0, the last of several; -1 where the contract says that there is none.
        texts: Its cells, as the supplier wrote them; those of several rows joined, or what the contract says in place of them.
        meanings: The column of the contract that each cell names; None where it names none.
        aside: Positions of columns that the contract expects and does not read.
    """

    row: int
    texts: tuple[str | None, ...]
    meanings: tuple[str | None, ...]
    aside: frozenset[int] = frozenset()

    @property
    def columns(self) -> dict[str, int]:
        """Position of each column of the contract, from 0 in the grid; the first one where a header is repeated."""
        places: dict[str, int] = {}
        for at, meaning in enumerate(self.meanings):
            if meaning is not None:
                places.setdefault(meaning, at)
        return places

    @property
    def strangers(self) -> list[str]:
        """Headers that are not those of any column of the contract."""
        cells = enumerate(zip(self.texts, self.meanings, strict=True))
        unknown = ((at, text) for at, (text, meaning) in cells if meaning is None)
        return [text for at, text in unknown if text and text.strip(BLANKS) and at not in self.aside]

    def has_required(self, contract: Contract) -> bool:
        """Whether every required column of the contract is there, by a header that can be seen."""
        if self.row < 0:
            return False
        required = {column.name for column in contract.columns if column.required}
        return bool(required) and required <= set(self.meanings)


#: Headers found in one grid, by id and version of the contract; contracts without one are left out.
Headers = Mapping[tuple[str, str], Header]


def find_headers(grid: Grid, contracts: Iterable[Contract]) -> Headers:
    """Searches the first rows of a grid once for the headers of several contracts.

    The header of a contract is the row with the most of its headers: at least two, unless it has only one column.
    """
    listed = list(contracts)
    rows = list(grid.cells.head(_HEADER_WITHIN).iter_rows())
    folded = [[fold(cell) if cell else None for cell in row] for row in rows]
    many = list(grid.cells.head(_BLOCK_WITHIN).iter_rows()) if any(each.layout.block for each in listed) else rows
    found = (
        ((each.id, each.version), _in_block(many, each) if each.layout.block else _best_row(rows, folded, each))
        for each in listed
    )
    return {key: header for key, header in found if header is not None}


def find_header(grid: Grid, contract: Contract) -> Header | None:
    """The header of one contract; None where no row looks like one."""
    return next(iter(find_headers(grid, [contract]).values()), None)


def is_restricted(contract: Contract | None, header: str | None) -> bool:
    """Whether values below a header are masked wherever they are shown."""
    name = headers_of(contract).get(fold(header)) if contract and header else None
    return bool(contract and name and contract.column(name).restricted)


def nearest(column: Column, strangers: Sequence[str]) -> str | None:
    """The unknown header that may be meant for a missing column; a suggestion, never acted on."""
    folded = {fold(text): text for text in strangers}
    for known in (column.header, *column.synonyms):
        for near in difflib.get_close_matches(fold(known), folded, n=1, cutoff=0.7):
            return folded[near]
    return None


def _best_row(
    rows: Sequence[tuple[str | None, ...]], folded: Sequence[Sequence[str | None]], contract: Contract
) -> Header | None:
    known, lines = headers_of(contract), contract.layout.header_rows
    if lines == 0:
        return _without_lines(contract, len(rows[0])) if rows else None
    if lines > 1:
        return _with_aside(found, contract) if (found := _joined(rows, known, contract)) else None
    best: Header | None = None
    most = min(2, len(contract.columns)) - 1
    for number, cells in enumerate(folded):
        meanings = tuple(known.get(cell) if cell is not None else None for cell in cells)
        count = len({meaning for meaning in meanings if meaning})
        if count > most:
            best, most = Header(number, rows[number], meanings), count
    return _with_aside(best, contract) if best else None


def _without_lines(contract: Contract, width: int) -> Header:
    """The header of a table that has none: its columns are in the order of the contract."""
    columns = contract.columns[:width]
    beyond = (None,) * (width - len(columns))
    return Header(-1, (*(each.header for each in columns), *beyond), (*(each.name for each in columns), *beyond))


def _joined(rows: Sequence[tuple[str | None, ...]], known: Mapping[str, str], contract: Contract) -> Header | None:
    """The header that stands in several rows, each of them joined with those below it."""
    lines, best, most = contract.layout.header_rows, None, min(2, len(contract.columns)) - 1
    for first in range(len(rows) - lines + 1):
        texts, meanings = zip(*columns_of(rows[first : first + lines], known), strict=True)
        count = len({meaning for meaning in meanings if meaning})
        if count > most:
            best, most = Header(first + lines - 1, texts, meanings), count
    return best


def _in_block(rows: Rows, contract: Contract) -> Header | None:
    """The header of a table beside which others stand: what stands beyond its run of cells is of these."""
    found = header_of_block(rows, contract)
    if found is None:
        return None
    lines = rows[found.row + 1 - contract.layout.header_rows : found.row + 1]
    own = [tuple(text if at in found.columns else None for at, text in enumerate(line)) for line in lines]
    texts, meanings = zip(*columns_of(own, headers_of(contract)), strict=True)
    return _with_aside(Header(found.row, texts, meanings), contract)


def _with_aside(header: Header, contract: Contract) -> Header:
    names, cells = contract.layout.not_read.columns, zip(header.texts, header.meanings, strict=True)
    aside = (at for at, (text, meaning) in enumerate(cells) if meaning is None and is_expected(text, names))
    return replace(header, aside=frozenset(aside)) if names else header
