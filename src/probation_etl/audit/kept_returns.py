"""Returns read again from the files that the store keeps; nothing else reads them again."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass, fields

import polars as pl

from probation_etl.contracts.model import ReturnContract
from probation_etl.contracts.rulebook import Rulebook
from probation_etl.discreet import Discreet
from probation_etl.errors import UnreadableFile
from probation_etl.intake.claims import Claim
from probation_etl.intake.context import context_of
from probation_etl.intake.guarded import sheets_named
from probation_etl.intake.header import Header, find_header
from probation_etl.intake.opened import read_as
from probation_etl.intake.parse import parse
from probation_etl.intake.portions import portion_of
from probation_etl.intake.readers import Grid, Limits
from probation_etl.intake.received import InBytes, Received
from probation_etl.intake.resubmission import CorrectedReturn, NotCompared, Resubmission, Side, compare
from probation_etl.intake.result import Period, ReturnResult
from probation_etl.intake.table import RawTable, table_below
from probation_etl.stores import Attempt, Store

#: What is in the store was within the limits of its run; which these were is not recorded.
_NO_LIMITS = Limits(**{each.name: sys.maxsize for each in fields(Limits)})
#: Rows of a return, and findings, up to which it is compared with the one that it corrects fault by fault: for this rows are
#: read again and findings are in memory.
MOST_ROWS, MOST_FINDINGS = 500_000, 100_000
#: Files that are held at a time: a return and the one that it corrects, while their sheets come one after the other.
_FILES_HELD = 2


@dataclass(frozen=True)
class KeptFile(Discreet):
    """A file as it was received, with its cells."""

    received: Received
    grids: list[Grid]

    @property
    def content(self) -> bytes:
        """Its bytes, all of them in memory."""
        return self.received.whole()


@dataclass(frozen=True)
class KeptReturn(Discreet):
    """One return as it was sent.

    Attributes:
        contract: The version of the contract that it was validated against.
        table: Its rows as text.
        header: Its header.
        first_column: Number (from 0) of the spreadsheet column that the first cell is in.
    """

    contract: ReturnContract
    table: RawTable
    header: Header
    first_column: int


class KeptReturns:
    """Returns read again from the content that a store keeps; each file once while its returns are asked for in turn."""

    def __init__(self, store: Store, rulebook: Rulebook) -> None:
        """Reads from this store, by these contracts."""
        self._store, self._rulebook = store, rulebook
        self._files: dict[tuple[str, str], KeptFile] = {}
        self._originals: dict[Claim, set[str]] | None = None

    def remember(self, result: ReturnResult) -> None:
        """Holds the file of a return that was just loaded, so that it is not read again from the store."""
        if result.claim and self._originals is not None:
            self._originals.setdefault(result.claim, set()).add(result.original_id)
        if result.source.received is not None and result.rows.read <= MOST_ROWS:
            grids = [each.whole() for each in result.source.sheets]
            self._hold(result.sha256, result.file, KeptFile(result.source.received, grids))

    def file(self, entry: Attempt) -> KeptFile:
        """The file that an entry of the ledger came in.

        Raises:
            UnreadableFile: It was not kept, or cannot be read any more; the message says why.
        """
        held = self._files.get((entry.sha256, entry.file))
        if held is not None:
            return held
        content = self._store.content(entry.sha256)
        if content is None:
            raise UnreadableFile(self._why_not_kept(entry))
        grids = read_as(content, self.contract_of(entry), _NO_LIMITS)
        return self._hold(entry.sha256, entry.file, KeptFile(InBytes(content), grids))

    def _why_not_kept(self, entry: Attempt) -> str:
        purge = next((each for each in self._store.ledger.purges() if each.return_id == entry.return_id), None)
        if purge:
            return f"It was purged by run {purge.run_id}: it had to be kept until {purge.kept_until}."
        return "The content of its file was not kept: it was loaded before the store kept what it receives."

    def of(self, entry: Attempt) -> KeptReturn:
        """The return of an entry of the ledger.

        Raises:
            UnreadableFile: It was not kept, or cannot be read any more; the message says why.
        """
        contract = self.contract_of(entry)
        if contract is None:
            raise UnreadableFile(
                f"Its contract, {entry.contract_id} {entry.contract_version}, is not among the contracts."
            )
        for grid in sheets_named(self.file(entry).grids, entry.sheet):
            header = find_header(grid, contract)
            if header:
                own = self._own_rows(grid, header, contract, entry)
                return KeptReturn(contract, table_below(header, own, contract), header, grid.first_column)
        raise UnreadableFile("Its rows are no longer found in the file that was received.")

    def contract_of(self, entry: Attempt) -> ReturnContract | None:
        """The version of the contract that a return was validated against; None where it is not among the contracts."""
        return self._rulebook.contracts.return_version(entry.contract_id, entry.contract_version)

    def typed(self, kept: KeptReturn, entry: Attempt) -> pl.DataFrame:
        """Its rows in their types: ``source_row``, the contract's columns, the context columns and the derived ones."""
        code, end = entry.supplier_code, entry.period_end
        supplier = self._rulebook.reference.organisation(code, end) if code else None
        period = Period(entry.period_start, entry.period_end)
        context = context_of(kept.contract, code, supplier.kind if supplier else None, period, entry.file)
        return parse(kept.table, self._rulebook.schema_of(kept.contract), context).frame

    def earlier(self, result: ReturnResult) -> Attempt | None:
        """The newest attempt at the return that came before this one, for the same supplier, kind and period.

        One that was refused because of another file has not come: of the two, nobody knows which corrects which.
        """
        claim = result.claim
        if claim is None or self._known.get(claim, set()) <= {result.original_id}:
            return None
        entries = [each for each in self._store.ledger.sent_for(claim) if not each.contested]
        originals = list(dict.fromkeys(each.original_id for each in entries))
        before = originals[: originals.index(result.original_id)] if result.original_id in originals else originals
        return next((each for each in reversed(entries) if before and each.original_id == before[-1]), None)

    def has_other_content(self, claims: Iterable[Claim], sha256: str) -> bool:
        """Whether any return that claims one of these came with another content."""
        known = (original for claim in claims for original in self._known.get(claim, ()))
        return any(sha256[:16] not in original for original in known)

    @property
    def _known(self) -> dict[Claim, set[str]]:
        """Names of the returns of the ledger, by what they claim."""
        if self._originals is None:
            self._originals = self._store.ledger.originals()
        return self._originals

    def comparison(self, result: ReturnResult) -> Resubmission | NotCompared | None:
        """How a return, which the ledger has already, compares with the one that it corrects; None where it corrects none."""
        contract, earlier = result.contract, self.earlier(result)
        if contract is None or earlier is None:
            return None
        corrects = CorrectedReturn(earlier.return_id, earlier.run_id, earlier.file, earlier.verdict)
        if _is_large(earlier.rows_read, earlier.errors + earlier.warnings) or _is_large(
            result.rows.read, result.found.height
        ):
            return NotCompared(corrects)
        findings = self._store.findings(earlier.return_id).rename({"source_row": "row", "column_name": "column"})
        # Rows are worth reading only where there are faults in rows on both sides: these alone could be the same.
        in_rows = all(each["row"].drop_nulls().len() for each in (findings, result.findings))
        before = self._rows_of(earlier, contract) if in_rows else None
        now = _rows_sent(result, contract) if in_rows else None
        return compare(Side(findings, before), Side(result.findings, now), contract, corrects, checks=result.checks)

    def _rows_of(self, entry: Attempt, contract: ReturnContract) -> RawTable | None:
        """The rows of a kept return as another version of its contract finds them; None where they cannot be read."""
        try:
            grids = sheets_named(self.file(entry).grids, entry.sheet)
        except UnreadableFile:
            return None
        found = ((grid, find_header(grid, contract)) for grid in grids)
        grid, header = next(((grid, header) for grid, header in found if header), (None, None))
        return table_below(header, self._own_rows(grid, header, contract, entry), contract) if grid and header else None

    def _own_rows(self, grid: Grid, header: Header, contract: ReturnContract, entry: Attempt) -> Grid:
        """The rows of a sheet that are the return: all of them, unless a column says whose each is."""
        return portion_of(grid, header, contract, self._rulebook.reference, entry.supplier_code, entry.period_end)

    def _hold(self, sha256: str, name: str, file: KeptFile) -> KeptFile:
        self._files.pop((sha256, name), None)
        self._files[sha256, name] = file
        while len(self._files) > _FILES_HELD:
            self._files.pop(next(iter(self._files)))
        return file


def _rows_sent(result: ReturnResult, contract: ReturnContract) -> RawTable | None:
    """The rows of a return that was just read."""
    header, grid = result.source.header, result.source.grid
    return table_below(header, grid.whole(), contract) if header and grid else None


def _is_large(rows: int, findings: int) -> bool:
    return rows > MOST_ROWS or findings > MOST_FINDINGS
