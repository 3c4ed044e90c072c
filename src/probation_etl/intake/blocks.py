"""Tables that stand beside or below others: each is the block of filled cells below its header."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import polars as pl

from probation_etl.contracts.model import Contract, ReturnContract
from probation_etl.contracts.organisations import fold
from probation_etl.intake.found import FoundReturn, best_fit
from probation_etl.intake.header import Header, find_headers
from probation_etl.intake.readers import BLANKS, Grid


def block_of(grid: Grid, header: Header, contract: Contract) -> Grid:
    """The grid with the cells of the table alone, each where it was.

    It has the columns of its header, and the rows down to the first that is blank in these columns.

    Args:
        grid: The sheet.
        header: The header of the table.
        contract: The contract, which may say nothing of blocks.
    """
    if not contract.layout.block:
        return grid
    own = [at for at, text in enumerate(header.texts) if text]
    columns, above = range(own[0], own[-1] + 1), header.row + 1
    filled = [pl.col(f"c{at}").str.strip_chars(BLANKS).fill_null("") != "" for at in columns]
    blank = (~grid.cells.slice(above).select(pl.any_horizontal(filled)).to_series()).arg_true()
    end = above + int(blank[0]) if len(blank) else grid.cells.height
    rows = pl.int_range(grid.cells.height, eager=True)
    inside, nothing = (rows > header.row - contract.layout.header_rows) & (rows < end), pl.lit(None, dtype=pl.String)
    cells = [
        (pl.when(inside).then(pl.col(each)) if int(each[1:]) in columns else nothing).alias(each)
        for each in grid.cells.columns
    ]
    return replace(grid, cells=grid.cells.with_columns(cells))


def blocks_of(
    name: str, grid: Grid, family: Iterable[ReturnContract], contracts: Sequence[ReturnContract]
) -> Mapping[str, FoundReturn]:
    """The returns that stand on one sheet as blocks, by the ids of their contracts; none for a contract that names another sheet.

    Args:
        name: Name of the sheet, folded; empty for a file without sheets.
        grid: Its cells.
        family: The contracts that the file may be of.
        contracts: All contracts, whose headers are looked for.
    """
    layouts: dict[str, list[ReturnContract]] = {}
    for each in family:
        if each.layout.block and fold(each.identification.sheet or "") == name:
            layouts.setdefault(each.id, []).append(each)
    headers = find_headers(grid, contracts) if layouts else {}
    found = {id_: FoundReturn(grid, best_fit(headers, versions), headers) for id_, versions in layouts.items()}
    return {id_: each for id_, each in found.items() if each.header or not _may_lack(each)}


def _may_lack(found: FoundReturn) -> bool:
    return found.contract is not None and found.contract.identification.optional
