"""Contracts of a directory are examined before they are used: every rule is compiled, and all that disagrees is told."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from probation_etl.contracts.checks import Schema
from probation_etl.contracts.checks.query_rules import query_rule_faults
from probation_etl.contracts.lint.queries import own_sql_faults, sql_faults
from probation_etl.contracts.lint.rules import compile_contract
from probation_etl.contracts.lint.together import disagreements, mapping_disagreements
from probation_etl.contracts.lint.totals import total_faults
from probation_etl.contracts.model import Contract, Contracts, ReturnContract, TableContract
from probation_etl.contracts.model import Mapping as ColumnMapping
from probation_etl.contracts.organisations import Reference
from probation_etl.contracts.rulebook import Parts, Rulebook, read_parts
from probation_etl.errors import ContractError


def examine(root: Path, files: list[Path]) -> tuple[Rulebook | None, list[str]]:
    """The rulebook of a directory, and all that is wrong with it.

    If a contract cannot be read, mappings to it would look wrong; then only rules are checked against their columns.
    """
    return examined(*read_parts(root, files))


def examined(parts: Parts | None, found: list[str]) -> tuple[Rulebook | None, list[str]]:
    """The rulebook of what a directory holds, compiled, and all that is wrong with it."""
    if parts is None:
        return None, found
    contracts, reference = parts
    schemas, faults = _compile(contracts, reference)
    unsafe = sql_faults(contracts, reference.tables)
    faults = [*found, *unsafe, *disagreements(contracts, reference), *faults]
    return Rulebook(contracts, reference, schemas), list(dict.fromkeys(faults))


def _compile(contracts: Contracts, reference: Reference) -> tuple[dict[tuple[str, str], Schema], list[str]]:
    schemas: dict[tuple[str, str], Schema] = {}
    faults: list[str] = []
    unified = {each.table: each for each in contracts.unified()}
    for contract in contracts.return_versions():
        faults += mapping_disagreements(contract, contracts, reference.tables)
        try:
            schemas[contract.id, contract.version] = compile_contract(
                contract, tables=reference.tables, unified=unified, bank_holidays=reference.bank_holidays()
            )
        except ContractError as error:
            faults += error.faults
    tables = {each.table: each for each in contracts.tables()}
    for table in tables.values():
        faults += total_faults(table, tables, contracts.return_versions())
    return schemas, faults


def rules_alone(contract: Contract) -> Schema:
    """The compiled rules of a contract without its mapping, which may need contracts and tables that are not given.

    Raises:
        ContractError: A rule cannot be computed.
    """
    return compile_contract(_without_mapping(contract))


def rule_faults(contract: Contract) -> tuple[str, ...]:
    """Faults of the rules and the SQL of a contract alone."""
    unsafe = tuple(own_sql_faults(contract))
    if isinstance(contract, TableContract):
        return unsafe
    if isinstance(contract, ReturnContract):
        unsafe = (*unsafe, *query_rule_faults(contract, None))
    try:
        rules_alone(contract)
    except ContractError as error:
        return (*unsafe, *error.faults)
    return unsafe


def _without_mapping(contract: Contract) -> Contract:
    if isinstance(contract, ReturnContract):
        return replace(contract, mapping=ColumnMapping(contract.table, ()))
    return contract
