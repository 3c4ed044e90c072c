"""Validates returns again when rows that they refer to were loaded, changed or withdrawn.

So the order of arrival does not matter: in the end each return has the outcome that it would have if all others had come
before it. Returns are read from the store, which keeps what was received, and validated by the same code as at first.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

from probation_etl.audit.kept_returns import KeptReturns
from probation_etl.contracts.checks.query_rules import others_read
from probation_etl.contracts.model import ReturnContract
from probation_etl.contracts.rulebook import Rulebook, refers
from probation_etl.discreet import Discreet
from probation_etl.errors import UnreadableFile
from probation_etl.intake.assess import assess
from probation_etl.intake.control_totals import ControlTotals
from probation_etl.intake.result import ReturnResult
from probation_etl.intake.sender import Given, ways_again
from probation_etl.journal import tell
from probation_etl.runs.shrunk import shrunk
from probation_etl.stores import LedgerEntry, Store


def reassessed(
    store: Store, rulebook: Rulebook, kept: KeptReturns, entries: Iterable[LedgerEntry] | None = None
) -> Iterator[ReturnResult]:
    """Returns whose outcome has changed, as new attempts; the caller loads each before it asks for the next.

    A return is validated again if a row that it may refer to was loaded, superseded or withdrawn since it was last
    validated. Returns that refer to one of these follow in the next round; lint forbids circular references.

    Args:
        store: The store.
        rulebook: The contracts.
        kept: The returns that the store keeps.
        entries: Its ledger as it is now, if that is known.
    """
    for _ in range(len(rulebook.returns()) + 1):
        waiting = _overtaken(store.ledger.entries() if entries is None else entries, rulebook)
        entries = None
        for entry in waiting:
            result = _reassess(entry, store, rulebook, kept)
            if result is not None and _differs(result, entry, store) and not _worse_for_a_purge(result, entry, store):
                yield replace(result, id=replace(result.id, attempt=entry.attempt + 1))
            store.settle(entry.original_id)
        if not waiting:
            return


@dataclass(frozen=True)
class _Identified(Discreet):
    """A return of which it is known whose it is and for when, so that it can refer to rows and be referred to."""

    entry: LedgerEntry
    contract: ReturnContract
    supplier: str
    period_end: date

    @property
    def rivals(self) -> tuple[str, str | None, date]:
        """Of all returns that share this, one is current."""
        return self.supplier, self.entry.kind, self.period_end


def _identified(entries: Iterable[LedgerEntry], rulebook: Rulebook) -> Iterator[_Identified]:
    """Returns with a contract, a supplier and a period; any other was rejected, and refers to nothing."""
    contracts: dict[tuple[str | None, str | None], ReturnContract] = {
        (each.id, each.version): each for each in rulebook.returns()
    }
    for entry in entries:
        contract = contracts.get((entry.contract_id, entry.contract_version))
        if contract and entry.supplier_code and entry.period_end:
            yield _Identified(entry, contract, entry.supplier_code, entry.period_end)


def _overtaken(entries: Iterable[LedgerEntry], rulebook: Rulebook) -> list[LedgerEntry]:
    """Returns that refer to rows of returns which came, changed or went after they were validated."""
    referring = {(each.id, each.version) for each in rulebook.returns() if refers(each)}
    listed = list(entries)
    if not any((each.contract_id, each.contract_version) in referring for each in listed):
        return []
    identified = list(_identified(listed, rulebook))
    current = {each.rivals: each.entry.arrival for each in identified if each.entry.is_current}
    changed_at = _changed_at(identified)
    return [
        each.entry
        for each in identified
        if refers(each.contract)
        and not each.entry.contested
        and not each.entry.purged_at
        and _may_count(each.entry, current.get(each.rivals))
        and _is_overtaken(each, changed_at)
    ]


def _may_count(entry: LedgerEntry, current: int | None) -> bool:
    """Whether it is current, or would be if it came out well; one that a later return replaces is left as it is."""
    return entry.is_newest and not entry.withdrawn and (entry.arrival or 0) >= (current or 0)


def _changed_at(identified: Iterable[_Identified]) -> dict[tuple[str, str], dict[date, int]]:
    """Where in the ledger rows last came, changed or went: by supplier and table, then by the period that they are for."""
    found: dict[tuple[str, str], dict[date, int]] = {}
    for each in identified:
        periods = found.setdefault((each.supplier, each.contract.mapping.table), {})
        at = max(each.entry.sequence, each.entry.decided_at)
        periods[each.period_end] = max(at, periods.get(each.period_end, 0))
    return found


def _is_overtaken(one: _Identified, changed_at: Mapping[tuple[str, str], Mapping[date, int]]) -> bool:
    tables = {each.table for each in one.contract.references} | {each.table for each in one.contract.cross_rules}
    read = others_read(one.contract)
    tables |= {each.name for each in read if each.where == "beside"}
    # The last return before this one may be of the same contract: what this one changes itself does not count.
    before = {each.name for each in read if each.where == "previous"}
    return any(
        at > one.entry.settled_at
        and (period_end < one.period_end or (period_end == one.period_end and table in tables))
        for table in tables | before
        for period_end, at in changed_at.get((one.supplier, table), {}).items()
    )


def _reassess(entry: LedgerEntry, store: Store, rulebook: Rulebook, kept: KeptReturns) -> ReturnResult | None:
    """The outcome of a return now; None if its content was not kept, or is identified as another return now."""
    try:
        file = kept.file(entry)
    except UnreadableFile as error:
        tell(
            "read", error.code, message="a return cannot be validated again", level=logging.WARNING,
            return_id=entry.return_id, file=entry.file, sheet=entry.sheet,
        )  # fmt: skip
        return None
    contract = next(each for each in rulebook.returns() if each.id == entry.contract_id)
    known = Given((contract,), entry.supplier_code, entry.period_end)
    # Whether its control totals agree was seen when it came, and the same bytes still agree with them.
    counted = contract.delivery.control_file and entry.control_rows is not None
    totals = ControlTotals(entry.file, entry.control_rows) if counted else None
    # First as the file identifies itself, then as the ledger does: a table that came in memory identifies nothing.
    for given in ways_again(known):
        results = assess(
            entry.file, file.content, rulebook,
            given=given, references=store.references, objections=partial(shrunk, kept=kept), totals=totals, grids=file.grids,
        )  # fmt: skip
        found = next((each for each in results if each.original_id == entry.original_id), None)
        if found is not None:
            return found
    return None


def _worse_for_a_purge(result: ReturnResult, entry: LedgerEntry, store: Store) -> bool:
    """Whether rows that were accepted would not be any more, and rows of that supplier were purged.

    What they refer to may have been purged: that takes nothing from what was right when it came.
    """
    if not any(each.purged_at and each.supplier_code == entry.supplier_code for each in store.ledger.entries()):
        return False
    before = store.query("SELECT source_row FROM quarantine.rows WHERE return_id = $1", [entry.return_id])["source_row"]
    return bool(set(result.quarantined["source_row"]) - set(before)) or (entry.loaded and not result.is_loadable)


def _differs(result: ReturnResult, entry: LedgerEntry, store: Store) -> bool:
    stored = store.findings(entry.return_id).select("code", "rule", "severity", "source_row", "column_name")
    found = result.findings.select("code", "rule", "severity", "row", "column")
    same = sorted(found.rows(), key=repr) == sorted(stored.rows(), key=repr)
    return not same or (result.verdict, result.rows.accepted) != (entry.verdict, entry.rows_accepted)
