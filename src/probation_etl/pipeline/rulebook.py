"""All that returns are judged by: contracts, reference tables and compiled schemas of one directory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from probation_etl.contract import Contract
from probation_etl.contract import Mapping as ColumnMapping
from probation_etl.errors import ContractError
from probation_etl.odcs import REFERENCE, Contracts, contract_files, load_contracts, read_contracts
from probation_etl.odcs.parts import did_you_mean
from probation_etl.pipeline.reference_data import reference_faults
from probation_etl.reference import Reference, read_tables
from probation_etl.schema import Schema, compile_contract
from probation_etl.schema.computable import cross_faults, key_faults, mapping_faults
from probation_etl.stores.proof import query_faults


@dataclass(frozen=True)
class Rulebook:
    """Contracts, reference tables and compiled schemas, ready to use.

    Attributes:
        schemas: Compiled contracts of returns, by id and version.
    """

    contracts: Contracts
    reference: Reference
    schemas: Mapping[tuple[str, str], Schema]

    @property
    def tables(self) -> Mapping[str, pl.DataFrame]:
        """Reference tables by name, all columns String."""
        return self.reference.tables

    def returns(self) -> list[Contract]:
        """Contracts of returns, every version; those that refer to others' rows come last."""
        return sorted(self.contracts.return_versions(), key=refers)

    def schema_of(self, contract: Contract) -> Schema:
        """The compiled form of a contract of this rulebook."""
        return self.schemas[contract.id, contract.version]

    def unified_for(self, contract: Contract) -> Contract:
        """The unified table that a return is mapped to."""
        assert contract.mapping is not None  # noqa: S101 -- the loader derives a mapping where none is written
        return self.contracts.unified_table(contract.mapping.table)


def refers(contract: Contract) -> bool:
    """Whether rows of this return are held against rows of others."""
    return bool(contract.references or contract.cross_rules)


def load_rulebook(directory: str | Path | None = None) -> Rulebook:
    """Loads and compiles all contracts of a directory (default: those shipped).

    Raises:
        ContractError: Something in it cannot be used; the message lists all that is wrong.
    """
    contracts = load_contracts(directory)
    reference = Reference.from_tables(read_tables(contracts.directory / REFERENCE))
    schemas, faults = _compile(contracts, reference)
    if faults:
        raise ContractError(f"{len(faults)} fault(s) found in the contracts:", faults=tuple(faults))
    return Rulebook(contracts, reference, schemas)


def _compile(contracts: Contracts, reference: Reference) -> tuple[dict[tuple[str, str], Schema], list[str]]:
    schemas: dict[tuple[str, str], Schema] = {}
    faults: list[str] = []
    for contract in contracts.return_versions():
        faults += _mapping_faults(contract, contracts)
        try:
            schemas[contract.id, contract.version] = compile_contract(
                contract, tables=reference.tables, bank_holidays=reference.bank_holidays()
            )
        except ContractError as error:
            faults += error.faults
    return schemas, faults


def _mapping_faults(contract: Contract, contracts: Contracts) -> list[str]:
    """A mapping must fill columns that its unified table has, and every one that the table needs."""
    mapping = contract.mapping
    tables = {each.table: each for each in contracts.of_layer("unified")}
    faults = [*_reference_faults(contract, tables)]
    if mapping is None or mapping.table not in tables:
        table = mapping.table if mapping else ""
        return [
            *faults,
            f"{contract.where('mapping')}: there is no unified table ‘{table}’ to map to{did_you_mean(table, tables)}",
        ]
    return [*faults, *_column_faults(contract, mapping, tables[mapping.table])]


def _reference_faults(contract: Contract, tables: dict[str, Contract]) -> Iterator[str]:
    """References and rules across returns must name tables and columns that are there, of the same types."""
    for rule in contract.cross_rules:
        where = contract.where(f"rule ‘{rule.name}’")
        if rule.table in tables:
            yield from (f"{where}: {fault}" for fault in cross_faults(contract, tables[rule.table], rule))
        else:
            yield f"{where}: there is no unified table ‘{rule.table}’{did_you_mean(rule.table, tables)}"
    for reference in contract.references:
        where = contract.where(f"reference ‘{reference.name}’")
        if reference.table not in tables:
            yield f"{where}: there is no unified table ‘{reference.table}’{did_you_mean(reference.table, tables)}"
            continue
        yield from (f"{where}: {fault}" for fault in key_faults(reference, contract, tables[reference.table]))


def _column_faults(contract: Contract, mapping: ColumnMapping, unified: Contract) -> Iterator[str]:
    names = set(unified.column_names)
    filled = {each.name for each in mapping.columns} | {
        each.basis_column for each in mapping.columns if each.basis_column
    }
    needed = {each.name for each in unified.columns if each.required and not each.joined}
    for name in sorted(filled - names):
        yield f"{contract.where(f'mapping of ‘{name}’')}: ‘{name}’ is no column of {unified.table}{did_you_mean(name, names)}"
    yield from mapping_faults(contract, unified)
    for name in sorted(needed - filled):
        yield f"{contract.where('mapping')}: nothing fills ‘{name}’, which {unified.table} needs"


def lint(paths: list[Path]) -> tuple[int, list[str]]:
    """Holds contracts against the standard, our own keys and their own columns.

    Args:
        paths: Contract files, or directories of them.

    Returns:
        How many contracts were read, and every fault, one line each. Mappings are held against the contracts of their
        unified tables and reference tables against their contracts where a whole directory is given; rules are
        compiled against their columns in any case.
    """
    files = [file for path in paths for file in (contract_files(path) if path.is_dir() else [path])]
    good, faults = read_contracts(files)
    if not faults and any(path.is_dir() for path in paths):
        for path in paths:
            faults += _directory_faults(path) if path.is_dir() else []
        return len(files), faults
    for contract in good:
        faults += _rule_faults(contract) if contract.layer in ("return", REFERENCE) else []
    return len(files), faults


def _directory_faults(path: Path) -> Iterable[str]:
    of_tables = reference_faults(path)
    try:
        rulebook = load_rulebook(path)
    except ContractError as error:
        return dict.fromkeys((*(error.faults or (str(error),)), *of_tables))
    return (*query_faults(rulebook.contracts, rulebook.tables), *of_tables)


def _rule_faults(contract: Contract) -> tuple[str, ...]:
    """Faults of the rules alone: the mapping may need contracts and tables that are not at hand."""
    try:
        compile_contract(replace(contract, mapping=None))
    except ContractError as error:
        return error.faults
    return ()
