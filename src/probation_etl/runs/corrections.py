"""A return is held against the one that the same supplier sent before it for the same period, whatever became of that."""

from __future__ import annotations

from probation_etl.contracts.model import ReturnContract
from probation_etl.contracts.rulebook import Rulebook
from probation_etl.intake.resubmission import CorrectedReturn, Resubmission, Side, compare
from probation_etl.intake.result import ReturnResult, Source
from probation_etl.intake.table import RawTable, extract, table_below
from probation_etl.runs.again import NO_LIMITS, sent_file
from probation_etl.stores import Attempt, Store

_NAMES = {"source_row": "row", "column_name": "column"}


def comparison(result: ReturnResult, store: Store, rulebook: Rulebook) -> Resubmission | None:
    """How a return compares with the one that it corrects; None where it corrects none.

    Args:
        result: The return; the ledger has it already.
        store: Where the earlier one is.
        rulebook: What both are read by.
    """
    contract = result.contract
    earlier = _earlier(result, store)
    if contract is None or earlier is None:
        return None
    findings = store.findings(earlier.return_id).rename(_NAMES)
    # Reading rows again is worth the while where there are faults on both sides that could be the same.
    in_rows = all(each["row"].drop_nulls().len() for each in (findings, result.findings))
    before = _table(earlier, store.content(earlier.sha256), contract, rulebook) if in_rows else None
    now = _own_table(result.source, contract) if in_rows else None
    corrects = CorrectedReturn(earlier.return_id, earlier.run_id, earlier.file, earlier.verdict)
    return compare(Side(findings, before), Side(result.findings, now), contract, corrects, checks=result.checks)


def _earlier(result: ReturnResult, store: Store) -> Attempt | None:
    """The newest attempt at the return that came before this one, for the same supplier, kind and period."""
    if result.contract is None or result.supplier is None or result.period_end is None:
        return None
    entries = store.sent_for(result.supplier.code, result.contract.kind, result.period_end)
    originals = list(dict.fromkeys(each.original_id for each in entries))
    before = originals[: originals.index(result.original_id)] if result.original_id in originals else originals
    return next((each for each in reversed(entries) if before and each.original_id == before[-1]), None)


def _own_table(source: Source, contract: ReturnContract) -> RawTable | None:
    """The rows of a return as text, from the cells that were read."""
    return table_below(source.header, source.grid, contract) if source.header and source.grid else None


def _table(sent: Attempt, content: bytes | None, contract: ReturnContract, rulebook: Rulebook) -> RawTable | None:
    """The rows of a return as text; None where they are not to be had."""
    if content is None:
        return None
    grids = sent_file(sent.file, content, sent.sha256, rulebook, limits=NO_LIMITS).grids
    tables = (extract(grid, contract) for grid in grids if grid.sheet == sent.sheet)
    return next((table for table in tables if table is not None), None)
