"""What can be wrong with lists: of values that are mapped, of senders, and of returns that look the same."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from probation_etl.contracts.model import Column, MappedColumn, ReturnContract, TableContract
from probation_etl.contracts.suggestions import did_you_mean


def listed_faults(contract: ReturnContract, unified: TableContract) -> Iterator[str]:
    """Listed values that a mapping cannot map, or maps to what the unified table does not list."""
    for row in contract.mapping.rows:
        for mapped in row.columns:
            source = next((each for each in contract.columns if each.name == mapped.expression and each.labels), None)
            target = next((each for each in unified.columns if each.name == mapped.name and each.labels), None)
            where = contract.where(row.part(mapped.name))
            yield from (f"{where}: {fault}" for fault in _value_faults(mapped, source, target, unified))


def _value_faults(
    mapped: MappedColumn, source: Column | None, target: Column | None, unified: TableContract
) -> Iterator[str]:
    if mapped.codes and source:
        for value in source.labels:
            if value not in mapped.codes:
                hint = did_you_mean(value, mapped.codes)
                yield f"codes lacks ‘{value}’, which ‘{source.name}’ lists: such a row could never be loaded{hint}"
    if source and source.separator and (target or mapped.codes):
        yield f"a cell of ‘{source.name}’ holds several values, and one value is mapped: map it to a column of texts"
        return
    given = mapped.codes.values() if mapped.codes else (source.labels if source else ())
    for value in dict.fromkeys(given) if target else ():
        if target and value not in target.labels:
            yield f"it gives ‘{value}’, which {unified.table}.{target.name} does not list{did_you_mean(value, target.labels)}"


def table_faults(contract: TableContract) -> Iterator[str]:
    """What is wrong with a unified table or view on its own."""
    if contract.is_view and contract.query is None:
        yield f"{contract.where('layer')}: a view needs a query that says what it shows"
    if contract.activity and not contract.is_view:
        yield f"{contract.where('activity')}: activity is watched in a view; this is of layer unified"
    if contract.activity and contract.activity.least > contract.activity.most:
        yield f"{contract.where('activity')}: history.least is {contract.activity.least}, more than history.most"


def sender_faults(contract: ReturnContract, levels: Mapping[str, Collection[str]]) -> Iterator[str]:
    """A kind of supplier that no organisation has, or a level that none of the kind has: nobody would send the return.

    Args:
        contract: The contract of a return.
        levels: Levels of the organisations by their kind; empty where there is no list of organisations.
    """
    kind, level = contract.supplier_kind, contract.expected_level
    if kind is None or not levels:
        return
    if kind not in levels:
        yield f"{contract.where('suppliers')}: no organisation is of the kind ‘{kind}’{did_you_mean(kind, levels)}"
    elif level is not None and level not in levels[kind]:
        hint = did_you_mean(level, levels[kind])
        yield f"{contract.where('suppliers')}: no organisation of the kind ‘{kind}’ has the level ‘{level}’{hint}"


def twin_faults(contracts: Iterable[ReturnContract]) -> Iterator[str]:
    """Returns of different contracts that cannot be distinguished."""
    first: dict[object, ReturnContract] = {}
    for contract in contracts:
        named = contract.identification
        headers = frozenset(" ".join(each.header.casefold().split()) for each in contract.columns)
        names = named.file_name, named.folder, (named.sheet or "").casefold(), named.sheet_pattern
        other = first.setdefault((names, headers), contract)
        if other.id != contract.id:
            yield (
                f"{contract.where('identification')}: returns of ‘{contract.id}’ and of ‘{other.id}’ have the same file"
                " names, sheets and headers: every one of them would be ambiguous"
            )
