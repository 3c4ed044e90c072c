"""Contract files: where they are, what they say, and all their faults."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import NamedTuple

from probation_etl.contracts.lint.versions import version_faults
from probation_etl.contracts.model import Contract
from probation_etl.contracts.odcs.convert import convert
from probation_etl.contracts.odcs.document import read_document

SUFFIX = ".odcs.yaml"
#: Folder of the reference tables and of their contracts.
REFERENCE = "reference"


def contract_files(directory: Path) -> list[Path]:
    """Contract files below a directory, in a stable order."""
    return sorted(directory.rglob(f"*{SUFFIX}"))


def model_files(directory: Path) -> list[Path]:
    """Contract files of returns, unified tables and views: all but those of reference tables."""
    return [each for each in contract_files(directory) if directory / REFERENCE not in each.parents]


class Reading(NamedTuple):
    """What contract files say.

    Attributes:
        contracts: Every contract that could be read; of a faulty one, the part that could.
        faults: Every fault, one line each.
        sound: Contracts whose rules can be checked: nothing that they may need is left out.
        complete: Whether all of them are sound.
    """

    contracts: tuple[Contract, ...]
    faults: tuple[str, ...]
    sound: tuple[Contract, ...]
    complete: bool


def read_contracts(paths: Iterable[Path], *, within: Path | None = None) -> Reading:
    """Reads contract files. Never raises because of their content.

    Args:
        paths: The files.
        within: Directory that each must be in, links followed; None where their place does not matter.
    """
    contracts: dict[tuple[str, str], Contract] = {}
    faults: list[str] = []
    sound: list[Contract] = []
    complete = True
    for path in paths:
        document = read_document(path, within=within)
        contract = convert(document) if document.readable else None
        key = (contract.id, contract.version) if contract else ("", "")
        if key in contracts:
            document.fault(("id",), f"version {key[1]} of ‘{key[0]}’ is already described by {contracts[key].path}")
        elif contract:
            contracts[key] = contract
            sound += [contract] if document.sound else []
        complete &= document.sound
        faults += document.faults
    faults += version_faults(by_age(contracts.values()))
    return Reading(tuple(contracts.values()), tuple(faults), tuple(sound), complete)


def by_age(contracts: Iterable[Contract]) -> dict[str, list[Contract]]:
    """Contracts by id, each with its versions from the oldest to the newest."""
    versions: dict[str, list[Contract]] = {}
    for contract in sorted(contracts, key=lambda each: (each.id, each.effective_from or date.min, each.version)):
        versions.setdefault(contract.id, []).append(contract)
    return versions
