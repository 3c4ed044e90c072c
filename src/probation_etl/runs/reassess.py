"""Returns that refer to others' rows are judged again when these rows have come, changed or gone.

So the order of arrival does not matter: in the end each return stands as it would, had all others been there before it.
What was received is kept in the store, and judged by the very code that judged it first.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from probation_etl.contracts.model import Contract
from probation_etl.contracts.rulebook import Rulebook, refers
from probation_etl.intake.assess import assess
from probation_etl.intake.readers import Limits
from probation_etl.intake.result import ReturnResult
from probation_etl.intake.sender import Given
from probation_etl.runs.stages import references_in
from probation_etl.stores import Store

logger = logging.getLogger(__name__)


def judged_again(store: Store, rulebook: Rulebook, limits: Limits) -> Iterator[ReturnResult]:
    """Returns whose outcome is another now, as new attempts; the caller loads each before it asks for the next.

    A return is judged again when a row that it may refer to was loaded, superseded or withdrawn after it was judged
    last. One that refers to such a return in turn comes in the next round; the contracts' lint forbids circles.
    """
    for _ in range(len(rulebook.returns()) + 1):
        waiting = _overtaken(store.returns().to_dicts(), rulebook)
        for entry in waiting:
            result = _judge(entry, store, rulebook, limits)
            if result is not None and _differs(result, entry, store):
                yield replace(result, attempt=entry["attempt"] + 1)
            store.settle(entry["original_id"])
        if not waiting:
            return


def _overtaken(entries: list[dict[str, Any]], rulebook: Rulebook) -> list[dict[str, Any]]:
    """Returns that refer to rows of returns which came, changed or went after they were judged."""
    contracts = {(each.id, each.version): each for each in rulebook.returns()}
    known = [(each, contracts.get((each["contract_id"], each["contract_version"]))) for each in entries]
    # Nobody's rows can be held against a return of which it is not known whose it is or for when: it is rejected.
    identified = [(e, contract) for e, contract in known if contract and e["supplier_code"] and e["period_end"]]
    current = {_what(entry): entry["arrival"] for entry, _ in identified if entry["is_current"]}
    moved = _moved(identified)
    return [
        entry
        for entry, contract in identified
        if refers(contract)
        and _may_count(entry, current.get(_what(entry), 0))
        and _is_overtaken(entry, contract, moved)
    ]


def _what(entry: dict[str, Any]) -> tuple[Any, ...]:
    """Of all returns that share this, one is current."""
    return entry["supplier_code"], entry["kind"], entry["period_end"]


def _may_count(entry: dict[str, Any], current: int) -> bool:
    """Whether it is current, or would be if it came out well; one that a later return replaces is left as it is."""
    return bool(entry["is_newest"] and not entry["withdrawn"] and entry["arrival"] >= current)


def _moved(identified: Iterable[tuple[dict[str, Any], Contract]]) -> dict[tuple[Any, ...], dict[Any, int]]:
    """When rows of a supplier last came, changed or went in a table, by the period that they are for."""
    found: dict[tuple[Any, ...], dict[Any, int]] = {}
    for entry, contract in identified:
        if contract.mapping is not None:
            periods = found.setdefault((entry["supplier_code"], contract.mapping.table), {})
            at = max(entry["sequence"], entry["decided_at"])
            periods[entry["period_end"]] = max(at, periods.get(entry["period_end"], 0))
    return found


def _is_overtaken(entry: dict[str, Any], contract: Contract, moved: Mapping[tuple[Any, ...], dict[Any, int]]) -> bool:
    tables = {each.table for each in contract.references} | {each.table for each in contract.cross_rules}
    return any(
        period_end <= entry["period_end"] and at > entry["settled_at"]
        for table in tables
        for period_end, at in moved.get((entry["supplier_code"], table), {}).items()
    )


def _judge(entry: dict[str, Any], store: Store, rulebook: Rulebook, limits: Limits) -> ReturnResult | None:
    """The return as it stands now; None where its content was not kept or is read otherwise now."""
    content = store.content(entry["sha256"])
    if content is None:
        logger.warning("a return cannot be judged again: its content was not kept", extra={"file": entry["file"]})
        return None
    references = references_in(store)
    contract = next(each for each in rulebook.returns() if each.id == entry["contract_id"])
    told = Given((contract,), entry["supplier_code"], entry["period_end"])
    # What the file says of itself comes first; a table that was handed over in memory says nothing.
    for given in (Given(), told):
        for result in assess(entry["file"], content, rulebook, given=given, references=references, limits=limits):
            if result.original_id == entry["original_id"]:
                return result
    return None


def _differs(result: ReturnResult, entry: dict[str, Any], store: Store) -> bool:
    stored = store.findings(entry["return_id"]).select("code", "rule", "severity", "source_row", "column_name")
    found = result.findings.select("code", "rule", "severity", "row", "column")
    same = sorted(found.rows(), key=repr) == sorted(stored.rows(), key=repr)
    return not same or (result.verdict, result.rows.accepted) != (entry["verdict"], entry["rows_accepted"])
