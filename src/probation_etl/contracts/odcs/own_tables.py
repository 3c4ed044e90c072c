"""Unified tables of returns that give no mapping: each such return has its own table, column for column."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from probation_etl.contracts.model import Column, Contract, Contracts, Mapping, ReturnContract, TableContract


def derive_tables(contracts: Contracts) -> Iterator[str]:
    """Adds a unified table for each return that gives no mapping; faults are contracts that do not allow it."""
    for contract in contracts.returns():
        versions = [each for each in contracts.versions[contract.id] if isinstance(each, ReturnContract)]
        if contract.mapping.is_derived:
            yield from _derive_table(contracts, contract, versions)
        else:
            yield from (
                f"{each.where('schema')}: version {contract.version} has a mapping, and version {each.version} has none"
                for each in versions
                if each.mapping.is_derived
            )


def _derive_table(contracts: Contracts, contract: ReturnContract, versions: list[ReturnContract]) -> Iterator[str]:
    """Adds the unified table of one return, and maps all its versions to it; a name that is taken is a fault."""
    table = _own_table(contract, versions)
    contracts.versions[contract.id] = [_mapped_to(table, each) for each in versions]
    contracts[contract.id] = contracts.versions[contract.id][-1]
    taken = [each for each in contracts.tables() if each.table == table.table]
    if taken:
        text = f"the table ‘{table.table}’ is already that of ‘{taken[0].id}’; give a mapping, or another name"
        yield f"{contract.where('schema')}: {text}"
    else:
        contracts[table.id] = table


def _own_table(contract: ReturnContract, versions: Iterable[ReturnContract]) -> TableContract:
    """The table of one return: the supplier, and the columns of the newest version."""
    supplier = Column(name="supplier_code", type="string", header="supplier_code", required=True)
    return TableContract(
        id=f"{contract.id}.unified", version=contract.version, title=contract.title, description=contract.description,
        table=contract.table, columns=(supplier, *(_common_to(each, versions) for each in contract.columns)),
        key=("supplier_code", *contract.key) if contract.key else (), path=contract.path,
    )  # fmt: skip


def _mapped_to(table: TableContract, version: ReturnContract) -> ReturnContract:
    """The version with a mapping that fills those columns of the table that it has."""
    names = (each.name for each in table.columns[1:] if each.name in version.column_names)
    return replace(version, mapping=Mapping.to_own_table(table.table, names))


#: What a column asks of its values, each with the code of its finding.
_KEPT = {
    "required": "missing-value", "unique": "duplicate-row", "pattern": "wrong-pattern", "min_length": "wrong-length",
    "max_length": "wrong-length", "minimum": "out-of-range", "maximum": "out-of-range", "exclusive_minimum": "out-of-range",
    "exclusive_maximum": "out-of-range", "decimals": "too-precise",
}  # fmt: skip


def _common_to(column: Column, versions: Iterable[Contract]) -> Column:
    """A column of the table: it asks only for what every accepted row has, whichever version it was validated against."""
    nothing = Column(column.name, column.type, column.header)
    each_version = [each.column(column.name) if column.name in each.column_names else nothing for each in versions]
    given_up = {
        name: getattr(nothing, name)
        for name, code in _KEPT.items()
        if any(
            getattr(each, name) != getattr(column, name) or each.severities.get(code) == "warning"
            for each in each_version
        )
    }
    return replace(column, labels={}, **given_up)
