"""Returns whose further columns another return lists: where its rows are found."""

from __future__ import annotations

from dataclasses import replace

from probation_etl.contracts.identifiers import quoted
from probation_etl.contracts.model import Contract, Contracts, ReturnContract


def describe(contracts: Contracts) -> None:
    """Notes the unified table, and its column, for each return that another describes; lint tells where there is none."""
    for name, versions in contracts.versions.items():
        if any(each.layout.described_by for each in versions):
            contracts.versions[name] = [_found(each, contracts) for each in versions]
            contracts[name] = contracts.versions[name][-1]


def _found(contract: Contract, contracts: Contracts) -> Contract:
    by = contract.layout.described_by
    other = contracts.get(by.contract) if by else None
    if by is None or not isinstance(other, ReturnContract):
        return contract
    as_it_is = (by.column, quoted(by.column))
    mapped = (
        each.name
        for row in other.mapping.rows
        for each in row.columns
        if each.expression in as_it_is and not each.codes
    )
    found = replace(by, table=other.mapping.table, listed=next(mapped, ""))
    return replace(contract, layout=replace(contract.layout, described_by=found))
