"""What a supplier sent, read again from the content that the store keeps: rows, headers and cells as they came."""

from __future__ import annotations

import sys
from dataclasses import dataclass, fields
from functools import lru_cache

import polars as pl

from probation_etl.contracts.model import ReturnContract
from probation_etl.contracts.rulebook import Rulebook
from probation_etl.errors import UnreadableFile
from probation_etl.intake.assess import grids_of
from probation_etl.intake.header import Header, find_header
from probation_etl.intake.parse import parse
from probation_etl.intake.readers import Grid, Limits
from probation_etl.intake.table import RawTable, table_below
from probation_etl.stores import Attempt, Store

#: What is in the store was within the limits of its run; which these were is not known any more.
_NO_LIMITS = Limits(**{each.name: sys.maxsize for each in fields(Limits)})
#: Files whose cells are held at a time: the sheets of a workbook are asked for one after the other.
_FILES_HELD = 4


@dataclass(frozen=True)
class Received:
    """One return as it was sent.

    Attributes:
        contract: The version of the contract that it was judged by.
        table: Its rows as text.
        header: Its header.
        first_column: Number (from 0) of the spreadsheet column that the first cell is in.
    """

    contract: ReturnContract
    table: RawTable
    header: Header
    first_column: int


class ReceivedReturns:
    """Reads kept returns again."""

    def __init__(self, store: Store, rulebook: Rulebook) -> None:
        """Reads from this store, by these contracts."""
        self._store, self._rulebook = store, rulebook
        self._grids = lru_cache(_FILES_HELD)(self._read)

    def of(self, entry: Attempt) -> Received:
        """The return of an entry of the ledger.

        Raises:
            UnreadableFile: It was not kept, or cannot be read as it was: the message says why.
        """
        contract = self.contract_of(entry)
        if contract is None:
            raise UnreadableFile(f"Its contract, {entry.contract_id} {entry.contract_version}, is not at hand.")
        for grid in self._grids(entry.sha256, entry.file):
            header = find_header(grid, contract) if grid.sheet == entry.sheet else None
            if header:
                return Received(contract, table_below(header, grid, contract), header, grid.first_column)
        raise UnreadableFile("Its rows are not found any more in the file as it was received.")

    def contract_of(self, entry: Attempt) -> ReturnContract | None:
        """The version of the contract that a return was judged by; None where it is not at hand."""
        return self._rulebook.contracts.return_version(entry.contract_id, entry.contract_version)

    def typed(self, received: Received, entry: Attempt) -> pl.DataFrame:
        """Its rows in their types: ``source_row``, the contract's columns, the context columns and the derived ones."""
        code, end = entry.supplier_code, entry.period_end
        supplier = self._rulebook.reference.organisation(code, end) if code else None
        context: dict[str, object] = {"supplier_code": code, "supplier_kind": supplier.kind if supplier else None}
        context |= {"period_start": entry.period_start, "period_end": entry.period_end}
        return parse(received.table, self._rulebook.schema_of(received.contract), context).frame

    def _read(self, sha256: str, name: str) -> list[Grid]:
        content = self._store.content(sha256)
        if content is None:
            raise UnreadableFile(
                "The content of its file was not kept: it was loaded before the store kept what it receives."
            )
        return grids_of(name, content, self._rulebook, limits=_NO_LIMITS)
