"""Contracts loaded from a directory, or one by its name."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from probation_etl.contracts.completeness import completeness_checks
from probation_etl.contracts.model import Contract, Contracts, ReferenceContract, TableContract
from probation_etl.contracts.odcs.described import describe
from probation_etl.contracts.odcs.own_tables import derive_tables
from probation_etl.contracts.odcs.reading import REFERENCE, SUFFIX, by_age, contract_files, model_files, read_contracts
from probation_etl.contracts.shipped import shipped
from probation_etl.contracts.suggestions import did_you_mean
from probation_etl.errors import ContractError
from probation_etl.paths import on_this_machine


def load_contract(name: str | Path) -> Contract:
    """One contract: a shipped one by its id, or any by the path of its file.

    Raises:
        ContractError: There is no such contract, or it has faults; the message lists them all.
    """
    path = on_this_machine(name)
    if path.name.endswith((".yaml", ".yml")):
        return _load([path])[0]
    contracts = load_contracts()
    if str(name) in contracts:
        return contracts[str(name)]
    known = {each.id: each for each in load_reference_contracts(contracts.directory)}
    if str(name) not in known:
        raise ContractError(f"There is no contract ‘{name}’{did_you_mean(str(name), {*contracts, *known})}")
    return known[str(name)]


def load_contracts(directory: str | Path | None = None) -> Contracts:
    """All contracts of a directory (default: those shipped), with the unified tables of returns that give no mapping.

    Raises:
        ContractError: The directory holds none, or any has faults; the message lists them all.
    """
    root = shipped("contracts") if directory is None else on_this_machine(directory)
    files = model_files(root)
    if not files:
        raise ContractError(f"No contract was found in {root}: expected files named *{SUFFIX}")
    contracts = assemble(root, _load(files, within=root))
    if contracts.faults:
        raise ContractError(f"{len(contracts.faults)} fault(s) found in the contracts:", faults=contracts.faults)
    return contracts


def assemble(root: Path, found: Iterable[Contract]) -> Contracts:
    """The contracts of one directory together, with a unified table for each return that gives no mapping."""
    contracts = Contracts()
    placed = list(found)
    contracts.versions = by_age(each for each in placed if not isinstance(each, ReferenceContract))
    contracts.update({name: versions[-1] for name, versions in contracts.versions.items()})
    contracts.directory = root
    contracts.digest = digest_of(root)
    contracts.faults = (*_misplaced(placed, "return", "unified", "view"), *derive_tables(contracts))
    describe(contracts)
    contracts.update(
        {each.id: _with_completeness(each, contracts) for each in contracts.unified() if each.completeness}
    )
    return contracts


def _with_completeness(table: TableContract, contracts: Contracts) -> TableContract:
    """A unified table with the checks that its returns are complete, before its own."""
    senders = [each for each in contracts.returns() if table.completeness and each.id in table.completeness.returns]
    return replace(table, release_queries=(*completeness_checks(senders, table.completeness), *table.release_queries))


def load_reference_contracts(directory: Path) -> list[ReferenceContract]:
    """The contracts of the reference tables of a directory of contracts; none where it has none.

    They are not among :func:`load_contracts`, because checking them takes time and is needed only to check reference
    tables.

    Raises:
        ContractError: Any has faults; the message lists them all.
    """
    contracts = _load(contract_files(directory / REFERENCE), within=directory)
    if faults := _misplaced(contracts, REFERENCE):
        raise ContractError(f"{len(faults)} fault(s) found in the contracts:", faults=faults)
    return [each for each in contracts if isinstance(each, ReferenceContract)]


def _misplaced(contracts: Iterable[Contract], *layers: str) -> tuple[str, ...]:
    """Contracts in the wrong folder: that of the reference tables is for their contracts alone."""
    text = (
        f"contracts of layer {REFERENCE}, and no others, belong in the folder ‘{REFERENCE}’ of the contracts’ directory"
    )
    return tuple(
        f"{each.where('layer')}: this is ‘{each.layer}’; {text}" for each in contracts if each.layer not in layers
    )


def _load(paths: Iterable[Path], *, within: Path | None = None) -> tuple[Contract, ...]:
    reading = read_contracts(paths, within=within)
    if reading.faults:
        raise ContractError(f"{len(reading.faults)} fault(s) found in the contracts:", faults=reading.faults)
    return reading.contracts


def files_of(root: Path) -> list[Path]:
    """Everything that a directory of contracts holds: contracts and reference tables."""
    return sorted({*contract_files(root), *(root / REFERENCE).glob("*.csv")})


def digest_of(root: Path) -> str:
    """SHA-256 of everything that a directory of contracts holds, names and contents.

    Raises:
        OSError: A file cannot be read.
    """
    digest = hashlib.sha256()
    for path in files_of(root):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()
