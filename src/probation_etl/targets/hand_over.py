"""Contracts that can hand themselves over: what ``load_contract`` and ``load_contracts`` give to users."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from probation_etl.contracts import odcs
from probation_etl.contracts.model import Contract
from probation_etl.contracts.odcs import Contracts
from probation_etl.contracts.rulebook import load_rulebook, rulebook_of
from probation_etl.targets.expectation_suite import to_suite
from probation_etl.targets.pandera_schema import typed_schema
from probation_etl.unified.release_checks import read_suite

if TYPE_CHECKING:
    import great_expectations as gx
    import pandera.polars as pa

C = TypeVar("C", bound=Contract)


class _Tools:
    """Makes of a contract what other tools take."""

    def to_pandera(self, contract: Contract) -> pa.DataFrameSchema:
        return typed_schema(rulebook_of(contract).schema_of(contract))

    def to_expectation_suite(self, contract: Contract) -> gx.ExpectationSuite:
        return read_suite(json.loads(to_suite(rulebook_of(contract).schema_of(contract))))


def with_tools(contract: C) -> C:
    """The contract with everything that its methods need."""
    return replace(contract, tools=_Tools())


def load_contract(name: str | Path) -> Contract:
    """One contract: a shipped one by its id, or any by the path of its file.

    Raises:
        ContractError: There is no such contract, or it has faults; the message lists them all.
    """
    known = load_rulebook().contracts
    return with_tools(known[str(name)] if str(name) in known else odcs.load_contract(name))


def load_contracts(directory: str | Path | None = None) -> Contracts:
    """All contracts of a directory (default: those shipped), unified tables derived where none is written.

    Raises:
        ContractError: The directory holds none, or any has faults; the message lists them all.
    """
    contracts = odcs.load_contracts(directory)
    contracts.update({name: with_tools(contract) for name, contract in contracts.items()})
    contracts.versions = {
        name: [with_tools(each) for each in versions] for name, versions in contracts.versions.items()
    }
    return contracts
