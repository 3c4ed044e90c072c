"""What can be wrong between the contracts of one directory: mappings, references, lists, senders and layouts must agree."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from graphlib import CycleError, TopologicalSorter

from probation_etl.contracts.checks.query_rules import others_read
from probation_etl.contracts.lint.completeness import completeness_faults
from probation_etl.contracts.lint.lists import listed_faults, sender_faults, table_faults, twin_faults
from probation_etl.contracts.lint.rules import cross_faults, key_faults, mapping_faults
from probation_etl.contracts.lint.windows import window_faults
from probation_etl.contracts.model import Contracts, ReturnContract, TableContract
from probation_etl.contracts.model import Mapping as ColumnMapping
from probation_etl.contracts.model.rules import REFERENCED
from probation_etl.contracts.organisations import Reference
from probation_etl.contracts.suggestions import did_you_mean


def disagreements(contracts: Contracts, reference: Reference) -> Iterator[str]:
    """Contradictions between contracts of one directory, apart from their expressions."""
    levels = reference.levels()
    for contract in contracts.return_versions():
        yield from sender_faults(contract, levels)
        yield from window_faults(contract)
        tables = {each.table: each for each in contracts.unified()}
        if contract.mapping.table in tables:
            yield from listed_faults(contract, tables[contract.mapping.table])
    for table in contracts.tables():
        yield from table_faults(table)
        yield from (
            f"{table.where('completeness')}: {fault}" for fault in completeness_faults(table, contracts, reference)
        )
    yield from twin_faults(contracts.return_versions())
    yield from _circles(contracts.return_versions())
    yield from _layout_faults(contracts)
    yield from _delivery_faults(contracts)
    yield from _description_faults(contracts)


def mapping_disagreements(contract: ReturnContract, contracts: Contracts, reference: Collection[str] = ()) -> list[str]:
    """A mapping must fill columns that its unified table has, and every one that the table needs.

    Args:
        contract: The contract of a return.
        contracts: All contracts of the directory.
        reference: Names of its reference tables.
    """
    mapping = contract.mapping
    tables = {each.table: each for each in contracts.unified()}
    faults = [*_reference_faults(contract, tables, reference)]
    if mapping.is_derived and mapping.table not in tables:
        return faults  # reported by the loader: a newer version has a mapping, and this one has none
    if mapping.table not in tables:
        hint = did_you_mean(mapping.table, tables)
        return [
            *faults,
            f"{contract.where('mapping')}: there is no unified table ‘{mapping.table}’ to map to{hint}",
        ]
    return [*faults, *_column_faults(contract, mapping, tables[mapping.table])]


def _layout_faults(contracts: Contracts) -> Iterator[str]:
    """Another layout of a return must give rows of the same unified table as the return itself."""
    returns = {each.id: each for each in contracts.return_versions()}
    for each in contracts.return_versions():
        if each.layout_of is None:
            continue
        where, whole = each.where("layoutOf"), returns.get(each.layout_of)
        if whole is None:
            yield f"{where}: there is no return ‘{each.layout_of}’{did_you_mean(each.layout_of, returns)}"
        elif whole.layout_of is not None:
            yield f"{where}: ‘{whole.id}’ is itself a layout of ‘{whole.layout_of}’: name that one"
        elif whole.mapping.table != each.mapping.table:
            yield f"{where}: ‘{each.id}’ gives rows of {each.mapping.table}, ‘{whole.id}’ of {whole.mapping.table}"


def _delivery_faults(contracts: Contracts) -> Iterator[str]:
    """Files of one delivery must be of other returns, which are known by their names too."""
    returns = {each.id: each for each in contracts.return_versions()}
    for each in contracts.return_versions():
        for name in each.delivery.together:
            where, other = each.where("delivery"), returns.get(name)
            if other is None:
                yield f"{where}: there is no return ‘{name}’{did_you_mean(name, returns)}"
            elif other.id == each.id:
                yield f"{where}: ‘{name}’ is this return itself: name the others of its delivery"
            elif not {"fileName", "folder"} & other.identification.patterns.keys():
                yield f"{where}: ‘{name}’ has no fileName, by which its file would be known"


def _description_faults(contracts: Contracts) -> Iterator[str]:
    """What lists the columns of a return must be another return, which keeps the list."""
    returns = {each.id: each for each in contracts.return_versions()}
    for each in contracts.return_versions():
        by = each.layout.described_by
        if by is None:
            continue
        where, other = each.where("describedBy"), returns.get(by.contract)
        if other is None or other.id == each.id:
            yield f"{where}: there is no other return ‘{by.contract}’{did_you_mean(by.contract, returns)}"
        elif by.column not in other.column_names:
            yield f"{where}: ‘{other.id}’ has no column ‘{by.column}’{did_you_mean(by.column, other.column_names)}"
        elif other.column(by.column).type != "string" or other.column(by.column).restricted:
            yield f"{where}: ‘{by.column}’ holds headers, so it must be of type string and not restricted"
        elif not by.listed:
            yield f"{where}: the mapping of ‘{other.id}’ does not keep ‘{by.column}’ as it is"


def _circles(contracts: Iterable[ReturnContract]) -> Iterator[str]:
    """Returns that refer to each other's rows in a circle: the result would depend on which came first."""
    fills: dict[str, set[str]] = {}
    reads: dict[str, set[str]] = {}
    for each in contracts:
        fills.setdefault(each.mapping.table, set()).add(each.id)
        tables = {rule.table for rule in each.references} | {rule.table for rule in each.cross_rules}
        # What was sent for an earlier period is there whatever this one says.
        tables |= {other.name for other in others_read(each) if other.where == "beside"}
        reads.setdefault(each.id, set()).update(tables)
    after = {name: {other for table in tables for other in fills.get(table, ())} for name, tables in reads.items()}
    try:
        tuple(TopologicalSorter(after).static_order())
    except CycleError as error:
        names = " → ".join(error.args[1][::-1])
        yield f"the returns {names} refer to each other's rows in a circle: remove one of their references or rules across returns"


def _reference_faults(
    contract: ReturnContract, tables: dict[str, TableContract], listed: Collection[str]
) -> Iterator[str]:
    """References and rules across returns must name tables and columns that exist, with the same types."""
    for rule in contract.cross_rules:
        where = contract.where(f"rule ‘{rule.name}’")
        if rule.table in tables:
            yield from (f"{where}: {fault}" for fault in cross_faults(contract, tables[rule.table], rule))
        else:
            yield f"{where}: there is no unified table ‘{rule.table}’{did_you_mean(rule.table, tables)}"
    for reference in contract.own_references:
        where = contract.where(f"reference ‘{reference.name}’")
        yield from (f"{where}: {fault}" for fault in key_faults(reference, contract, contract))
    for reference in contract.references:
        where = contract.where(f"reference ‘{reference.name}’")
        if reference.table not in tables:
            instead = (
                f"; of the reference table write {REFERENCED}{reference.table}" if reference.table in listed else ""
            )
            hint = instead or did_you_mean(reference.table, tables)
            yield f"{where}: there is no unified table ‘{reference.table}’{hint}"
            continue
        yield from (f"{where}: {fault}" for fault in key_faults(reference, contract, tables[reference.table]))


def _column_faults(contract: ReturnContract, mapping: ColumnMapping, unified: TableContract) -> Iterator[str]:
    names = set(unified.column_names)
    # A table that is derived takes what its newest version has; an older one may lack a part of the key.
    key = () if unified.id == f"{contract.id}.unified" else unified.key
    needed = {each.name for each in unified.columns if (each.required or each.name in key) and not each.joined}
    faults: list[str] = []
    for row in mapping.rows:
        filled = {each.name for each in row.columns} | {each.basis_column for each in row.columns if each.basis_column}
        own = f"unpivot ‘{row.name}’: " if row.name else ""
        faults += [
            f"{contract.where(row.part(name))}: ‘{name}’ is not a column of {unified.table}{did_you_mean(name, names)}"
            for name in sorted(filled - names)
        ]
        faults += [
            f"{contract.where('mapping')}: {own}nothing fills ‘{name}’, which {unified.table} needs"
            for name in sorted(needed - filled)
        ]
    yield from dict.fromkeys(faults)
    yield from mapping_faults(contract, unified)
