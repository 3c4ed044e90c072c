"""Unified tables of returns that are mapped to none: each such return has a table of its own, column for column."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from probation_etl.contracts.model import Column, Contract, Contracts, Mapping, ReturnContract, TableContract


def derive_tables(contracts: Contracts) -> Iterator[str]:
    """Gives each return without a mapping a unified table of its own, column for column."""
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
    """Adds the unified table of one return, and maps all its versions to it; a name already taken is a fault."""
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
    """The unified table of a return that is mapped to none: the supplier and the columns of the newest version."""
    supplier = Column(name="supplier_code", type="string", header="supplier_code", required=True)
    return TableContract(
        id=f"{contract.id}.unified", version=contract.version, title=contract.title, description=contract.description,
        table=contract.table, columns=(supplier, *(_what_all_keep(each, versions) for each in contract.columns)),
        key=("supplier_code", *contract.key) if contract.key else (), path=contract.path,
    )  # fmt: skip


def _mapped_to(table: TableContract, version: ReturnContract) -> ReturnContract:
    """A version that fills those columns of its own table that it has."""
    names = (each.name for each in table.columns[1:] if each.name in version.column_names)
    return replace(version, mapping=Mapping.to_own_table(table.table, names))


#: What a column says of its values, with the code of the finding that it leads to.
_KEPT = {
    "required": "missing-value", "unique": "duplicate-row", "pattern": "wrong-pattern", "min_length": "wrong-length",
    "max_length": "wrong-length", "minimum": "out-of-range", "maximum": "out-of-range", "exclusive_minimum": "out-of-range",
    "exclusive_maximum": "out-of-range", "decimals": "too-precise",
}  # fmt: skip


def _what_all_keep(column: Column, versions: Iterable[Contract]) -> Column:
    """A column of a derived table: it asks only for what every accepted row has, of whichever version."""
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
