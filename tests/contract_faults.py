"""Contracts that tests make, and the faults that are found in them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from probation_etl.contracts.model import Contract
from probation_etl.contracts.odcs import Contracts
from probation_etl.contracts.rulebook import load_rulebook
from probation_etl.errors import ContractError

if TYPE_CHECKING:
    from conftest import Library


def contracts_of(*contracts: Contract, digest: str = "1") -> Contracts:
    """Contracts as if they had been read from a directory."""
    made = Contracts({each.id: each for each in contracts})
    made.directory, made.digest = Path("contracts"), digest
    made.versions = {each.id: [each] for each in contracts}
    return made


def faults_of(directory: Path) -> tuple[str, ...]:
    with pytest.raises(ContractError) as caught:
        load_rulebook(directory)
    return caught.value.faults


def custom(library: Library, **properties: Any) -> tuple[str, ...]:
    """Faults of the contract of loans with these custom properties."""
    return faults_of(library.directory(library.contract(custom=properties)))
