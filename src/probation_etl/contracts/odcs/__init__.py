"""Contracts from YAML files of the Open Data Contract Standard (ODCS) v3.2.0.

Every fault of every file is reported at once, with file, line and path.
"""

from __future__ import annotations

from probation_etl.contracts.model import Contracts
from probation_etl.contracts.odcs.directory import (
    assemble,
    digest_of,
    files_of,
    load_contract,
    load_contracts,
    load_reference_contracts,
)
from probation_etl.contracts.odcs.reading import REFERENCE, Reading, contract_files, model_files, read_contracts

__all__ = [
    "REFERENCE",
    "Contracts",
    "Reading",
    "assemble",
    "contract_files",
    "digest_of",
    "files_of",
    "load_contract",
    "load_contracts",
    "load_reference_contracts",
    "model_files",
    "read_contracts",
]
