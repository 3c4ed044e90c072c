"""Everything that returns are validated against: contracts, reference tables and compiled schemas of one directory.

Lint is imported by what needs it: who has contracts that have passed does not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import polars as pl

from probation_etl.contracts.checks import Schema
from probation_etl.contracts.checks.query_rules import others_read
from probation_etl.contracts.compiled_later import Compiled
from probation_etl.contracts.guard import Guard
from probation_etl.contracts.kept import kept
from probation_etl.contracts.model import Contract, ReturnContract, TableContract
from probation_etl.contracts.odcs import (
    REFERENCE,
    Contracts,
    assemble,
    load_contracts,
    model_files,
    read_contracts,
)
from probation_etl.contracts.organisations import Reference
from probation_etl.contracts.passed import has_passed, note_passed
from probation_etl.contracts.reference_files import read_tables
from probation_etl.contracts.shipped import shipped
from probation_etl.discreet import Discreet
from probation_etl.errors import ContractError


@dataclass(frozen=True)
class Rulebook(Discreet):
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

    @cached_property
    def guard(self) -> Guard:
        """What looks like a value of one of their restricted columns."""
        versions = (each for versions in self.contracts.versions.values() for each in versions)
        return Guard.of(versions, self.tables)

    def returns(self) -> list[ReturnContract]:
        """Contracts of returns, every version; those that refer to rows of other returns come last."""
        return sorted(self.contracts.return_versions(), key=refers)

    def schema_of(self, contract: Contract) -> Schema:
        """The compiled form of a contract of this rulebook.

        Raises:
            ContractError: It is not one of a return, and a rule of it cannot be computed.
        """
        if isinstance(contract, ReturnContract):
            return self.schemas[contract.id, contract.version]
        from probation_etl.contracts.lint.rules import compile_contract

        return compile_contract(contract)

    def unified_for(self, contract: ReturnContract) -> TableContract:
        """The unified table that a return is mapped to."""
        return self.contracts.unified_table(contract.mapping.table)


def refers(contract: ReturnContract) -> bool:
    """Whether rows or totals of this return are compared with those of other returns."""
    return bool(contract.references or contract.cross_rules or others_read(contract))


def load_rulebook(directory: str | Path | None = None) -> Rulebook:
    """Loads and compiles all contracts of a directory (default: those shipped).

    What was compiled is kept for as long as no byte of the directory's files changes.

    Raises:
        ContractError: Something in it cannot be used; the message lists all that is wrong.
    """
    return _loaded(shipped("contracts") if directory is None else Path(directory))


@kept
def _loaded(root: Path, content: str) -> Rulebook:
    parts, faults = read_parts(root, model_files(root))
    is_sure = parts is not None and parts.contracts.digest == content
    if parts and is_sure and not faults and has_passed("compiled", content):
        return Rulebook(parts.contracts, parts.reference, Compiled(parts.contracts, parts.reference))
    from probation_etl.contracts.examination import examined

    rulebook, faults = examined(parts, faults)
    if faults or rulebook is None:
        raise ContractError(f"{len(faults)} fault(s) found in the contracts:", faults=tuple(faults))
    if is_sure:
        note_passed("compiled", content)
    return rulebook


def rulebook_of(contract: Contract) -> Rulebook:
    """The rulebook of the directory that a contract was loaded from.

    Raises:
        ContractError: It was not loaded from a file, or a contract of the directory cannot be used.
    """
    if contract.path is None:
        raise ContractError(f"The contract ‘{contract.id}’ was not loaded from a file.")
    folder = contract.path.parent
    return load_rulebook(folder.parent if (folder.parent / REFERENCE).is_dir() else folder)


class Parts(NamedTuple):
    """What a directory holds, before any rule is compiled."""

    contracts: Contracts
    reference: Reference


def read_parts(root: Path, files: list[Path]) -> tuple[Parts | None, list[str]]:
    """What a directory holds, and what is wrong with that; None where it cannot be put together."""
    if not files:
        load_contracts(root)  # says what was expected
    reading = read_contracts(files, within=root)
    if not reading.complete:
        from probation_etl.contracts.examination import rule_faults

        return None, [*reading.faults, *(fault for each in reading.sound for fault in rule_faults(each))]
    contracts = assemble(root, reading.contracts)
    faults = [*reading.faults, *contracts.faults]
    try:
        return Parts(contracts, Reference.from_tables(read_tables(root / REFERENCE))), faults
    except ContractError as error:
        return None, [*faults, *(error.faults or (str(error),))]
