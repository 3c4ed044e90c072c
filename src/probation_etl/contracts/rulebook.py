"""All that returns are judged by: contracts, reference tables and compiled schemas of one directory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import polars as pl

from probation_etl.contracts.checks import Schema, compile_contract
from probation_etl.contracts.lint.together import disagreements, mapping_disagreements
from probation_etl.contracts.model import Contract
from probation_etl.contracts.odcs import (
    REFERENCE,
    Contracts,
    assemble,
    contract_files,
    load_contracts,
    model_files,
    read_contracts,
)
from probation_etl.contracts.organisations import Reference, read_tables
from probation_etl.contracts.service_levels import WorkingDays
from probation_etl.contracts.shipped import shipped
from probation_etl.errors import ContractError
from probation_etl.intake.reference_tables import reference_faults
from probation_etl.status.calendar import Calendar
from probation_etl.stores import query_faults_on
from probation_etl.stores.query_lint import query_faults
from probation_etl.unified.measures import total_faults


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

    @cached_property
    def calendar(self) -> Calendar:
        """When returns are due."""
        days = WorkingDays(frozenset(self.reference.bank_holidays()))
        return Calendar(self.contracts, self.reference, days)

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
    root = shipped("contracts") if directory is None else Path(directory)
    rulebook, faults = _examine(root, model_files(root))
    if faults or rulebook is None:
        raise ContractError(f"{len(faults)} fault(s) found in the contracts:", faults=tuple(faults))
    return rulebook


def _examine(root: Path, files: list[Path]) -> tuple[Rulebook | None, list[str]]:
    """The rulebook of a directory, and all that is wrong with it.

    Where a contract cannot be read, mappings to it would look wrong: then rules alone are held against their columns.
    """
    if not files:
        load_contracts(root)  # says what was expected
    reading = read_contracts(files)
    if not reading.complete:
        return None, [*reading.faults, *(fault for each in reading.sound for fault in _rule_faults(each))]
    contracts = assemble(root, reading.contracts)
    try:
        reference = Reference.from_tables(read_tables(root / REFERENCE))
    except ContractError as error:
        return None, [*reading.faults, *contracts.faults, *(error.faults or (str(error),))]
    schemas, faults = _compile(contracts, reference)
    faults = [*reading.faults, *contracts.faults, *disagreements(contracts, reference), *faults]
    return Rulebook(contracts, reference, schemas), list(dict.fromkeys(faults))


def _compile(contracts: Contracts, reference: Reference) -> tuple[dict[tuple[str, str], Schema], list[str]]:
    schemas: dict[tuple[str, str], Schema] = {}
    faults: list[str] = []
    unified = {each.table: each for each in contracts.of_layer("unified")}
    for contract in contracts.return_versions():
        faults += mapping_disagreements(contract, contracts)
        try:
            schemas[contract.id, contract.version] = compile_contract(
                contract, tables=reference.tables, unified=unified, bank_holidays=reference.bank_holidays()
            )
        except ContractError as error:
            faults += error.faults
    tables = {each.table: each for each in contracts.of_layer("unified", "view")}
    for contract in tables.values():
        faults += total_faults(contract, tables, contracts.return_versions())
    return schemas, faults


def lint(paths: list[Path], *, store: str | None = None) -> tuple[int, list[str]]:
    """Holds contracts against the standard, our own keys and their own columns.

    Args:
        paths: Contract files, or directories of them.
        store: URL of a served store; the queries of whole directories are tried there too, and undone.

    Returns:
        How many contracts were read, and every fault, one line each. Mappings are held against the contracts of their
        unified tables and reference tables against their contracts where a whole directory is given; rules are
        compiled against their columns in any case.

    Raises:
        UsageError: The store's URL cannot be used.
        StoreError: The store is out of reach.
    """
    files = [contract_files(path) if path.is_dir() else [path] for path in paths]
    faults = [fault for path, found in zip(paths, files, strict=True) for fault in _faults_at(path, found, store)]
    return sum(map(len, files)), list(dict.fromkeys(faults))


def _faults_at(path: Path, files: list[Path], store: str | None) -> list[str]:
    if not path.is_dir():
        reading = read_contracts(files)
        return [*reading.faults, *(fault for each in reading.sound for fault in _rule_faults(each))]
    if not files:
        return []
    rulebook, faults = _examine(path, model_files(path))
    # A query may stand on any table, so queries are tried where all else is right.
    tried = faults if faults or rulebook is None else _query_faults(rulebook, store)
    return [*tried, *reference_faults(path)]


def _query_faults(rulebook: Rulebook, store: str | None) -> list[str]:
    """What stores cannot make of the queries: an empty embedded one, and the served one where it is named."""
    served = query_faults_on(store, rulebook.contracts, rulebook.tables) if store else []
    return [*query_faults(rulebook.contracts, rulebook.tables), *served]


def _rule_faults(contract: Contract) -> tuple[str, ...]:
    """Faults of the rules alone: the mapping may need contracts and tables that are not at hand."""
    if contract.layer not in ("return", REFERENCE):
        return ()
    try:
        compile_contract(replace(contract, mapping=None))
    except ContractError as error:
        return error.faults
    return ()
