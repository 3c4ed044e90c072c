"""Texts of headers: which column of a contract each means, in one row or in several, and where they stand without a gap."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from probation_etl.contracts.made_once import made_once
from probation_etl.contracts.model import Contract
from probation_etl.contracts.organisations import fold
from probation_etl.intake.readers import BLANKS

#: Some rows of a grid.
Rows = Sequence[tuple[str | None, ...]]


@made_once
def headers_of(contract: Contract) -> Mapping[str, str]:
    """Column name by folded header, synonyms included."""
    return {fold(text): column.name for column in contract.columns for text in (column.header, *column.synonyms)}


def columns_of(lines: Rows, known: Mapping[str, str]) -> Iterator[tuple[str | None, str | None]]:
    """For each column the text of several lines of a header, and what it means.

    An empty upper cell goes on from the one to its left, unless the text of the column itself is a header.
    """
    above: list[str] = [""] * (len(lines) - 1)
    for cells in zip(*lines, strict=True):
        own = [(text or "").strip(BLANKS) for text in cells]
        highest = next((at for at, text in enumerate(own[:-1]) if text), len(above))
        above = [*above[:highest], *own[highest:-1]]
        alone, whole = " ".join(filter(None, own)), " ".join(filter(None, (*above, own[-1])))
        if not alone:
            yield None, None
        elif (meaning := known.get(fold(whole))) or fold(alone) not in known:
            yield whole, meaning
        else:
            yield alone, known[fold(alone)]


class HeaderOfBlock(NamedTuple):
    """Where the header of a block is: its last row, and its columns."""

    row: int
    columns: range


def header_of_block(rows: Rows, contract: Contract) -> HeaderOfBlock | None:
    """The run of filled cells, in as many rows as a header has, with the most headers of the contract.

    There must be two at least, unless the contract has only one column.
    """
    known, lines = headers_of(contract), contract.layout.header_rows
    best, most = None, min(2, len(contract.columns)) - 1
    for first in range(len(rows) - lines + 1):
        header = rows[first : first + lines]
        for columns in _runs(header):
            cells = [line[columns.start : columns.stop] for line in header]
            count = len({meaning for _, meaning in columns_of(cells, known) if meaning})
            if count > most:
                best, most = HeaderOfBlock(first + lines - 1, columns), count
    return best


def _runs(lines: Rows) -> Iterator[range]:
    """The columns that are filled in some row, as runs without a gap."""
    filled = [any(text and text.strip(BLANKS) for text in cells) for cells in zip(*lines, strict=True)]
    begin = None
    for at, is_filled in enumerate([*filled, False]):
        if is_filled and begin is None:
            begin = at
        elif not is_filled and begin is not None:
            yield range(begin, at)
            begin = None
