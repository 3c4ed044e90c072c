"""All that returns are judged by: contracts, reference tables and compiled schemas of one directory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from probation_etl.contract import Contract
from probation_etl.errors import ContractError
from probation_etl.odcs import Contracts, contract_files, lint_files, load_contracts
from probation_etl.reference import Reference, read_tables
from probation_etl.schema import Schema, compile_contract


@dataclass(frozen=True)
class Rulebook:
    """Contracts, reference tables and compiled schemas, ready to use.

    Attributes:
        schemas: Compiled contracts of returns, by id.
    """

    contracts: Contracts
    reference: Reference
    schemas: Mapping[str, Schema]

    @property
    def tables(self) -> Mapping[str, pl.DataFrame]:
        """Reference tables by name, all columns String."""
        return self.reference.tables

    def returns(self) -> list[Contract]:
        """Contracts of returns; those that refer to others' rows come last."""
        return sorted(self.contracts.of_layer("return"), key=lambda each: (len(each.references) > 0, each.id))

    def unified_for(self, contract: Contract) -> Contract:
        """The unified table that a return is mapped to."""
        assert contract.mapping is not None  # noqa: S101 -- the loader derives a mapping where none is written
        return self.contracts.unified_table(contract.mapping.table)


def load_rulebook(directory: str | Path | None = None) -> Rulebook:
    """Loads and compiles all contracts of a directory (default: those shipped).

    Raises:
        ContractError: Something in it cannot be used; the message lists all that is wrong.
    """
    contracts = load_contracts(directory)
    reference = Reference.from_tables(read_tables(contracts.directory / "reference"))
    schemas, faults = _compile(contracts, reference)
    if faults:
        raise ContractError(f"{len(faults)} fault(s) found in the contracts:", faults=tuple(faults))
    return Rulebook(contracts, reference, schemas)


def _compile(contracts: Contracts, reference: Reference) -> tuple[dict[str, Schema], list[str]]:
    schemas: dict[str, Schema] = {}
    faults: list[str] = []
    for contract in contracts.of_layer("return"):
        faults += _mapping_faults(contract, contracts)
        try:
            schemas[contract.id] = compile_contract(
                contract, tables=reference.tables, bank_holidays=reference.bank_holidays()
            )
        except ContractError as error:
            faults += [f"{contract.path}: {fault}" for fault in error.faults]
    return schemas, faults


def _mapping_faults(contract: Contract, contracts: Contracts) -> list[str]:
    """A mapping must fill columns that its unified table has, and every one that the table needs."""
    mapping = contract.mapping
    tables = {each.table: each for each in contracts.of_layer("unified")}
    if mapping is None or mapping.table not in tables:
        return [f"{contract.path}: there is no unified table ‘{mapping.table if mapping else ''}’ to map to"]
    unified = tables[mapping.table]
    filled = {each.name for each in mapping.columns} | {each.basis_column for each in mapping.columns} - {None}
    needed = {each.name for each in unified.columns if each.required and not each.joined}
    return [
        *(f"{contract.path}: mapping: ‘{name}’ is no column of {unified.table}" for name in sorted(filled - set(unified.column_names), key=str)),
        *(f"{contract.path}: mapping: nothing fills ‘{name}’, which {unified.table} needs" for name in sorted(needed - filled)),
        *(f"{contract.path}: reference ‘{each.name}’: there is no unified table ‘{each.table}’" for each in contract.references if each.table not in tables),
    ]  # fmt: skip


def lint(paths: list[Path]) -> tuple[int, list[str]]:
    """Holds contracts against the standard, our own keys and their own columns.

    Args:
        paths: Contract files, or directories of them.

    Returns:
        How many contracts were read, and every fault, one line each. Rules and mappings are compiled where a whole
        directory is given, because a mapping needs the contract of its unified table.
    """
    files = [file for path in paths for file in (contract_files(path) if path.is_dir() else [path])]
    faults = lint_files(files)
    for path in paths if not faults else ():
        try:
            if path.is_dir():
                load_rulebook(path)
        except ContractError as error:
            faults += error.faults or (str(error),)
    return len(files), faults
