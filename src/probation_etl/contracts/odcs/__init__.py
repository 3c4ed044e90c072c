"""Contracts from YAML files of the Open Data Contract Standard (ODCS) v3.2.0.

Every fault of every file is reported at once, with file, line and path.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import NamedTuple

from probation_etl.contracts.completeness import completeness_checks
from probation_etl.contracts.lint.versions import version_faults
from probation_etl.contracts.model import (
    Column,
    Contract,
    Contracts,
    Mapping,
    ReferenceContract,
    ReturnContract,
    TableContract,
)
from probation_etl.contracts.odcs.convert import convert
from probation_etl.contracts.odcs.document import read_document
from probation_etl.contracts.shipped import shipped
from probation_etl.contracts.suggestions import did_you_mean
from probation_etl.errors import ContractError

__all__ = [
    "REFERENCE",
    "Contracts",
    "Reading",
    "assemble",
    "contract_files",
    "load_contract",
    "load_contracts",
    "load_reference_contracts",
    "model_files",
    "read_contracts",
]

SUFFIX = ".odcs.yaml"
#: Folder of the reference tables and of their contracts, and the layer of these.
REFERENCE = "reference"


def contract_files(directory: Path) -> list[Path]:
    """Contract files below a directory, in a stable order."""
    return sorted(directory.rglob(f"*{SUFFIX}"))


def model_files(directory: Path) -> list[Path]:
    """Those of returns, unified tables and views: all but those of reference tables."""
    return [each for each in contract_files(directory) if directory / REFERENCE not in each.parents]


def load_contract(name: str | Path) -> Contract:
    """One contract: a shipped one by its id, or any by the path of its file.

    Raises:
        ContractError: There is no such contract, or it has faults; the message lists them all.
    """
    path = Path(name)
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
    """All contracts of a directory (default: those shipped), unified tables derived where none is written.

    Raises:
        ContractError: The directory holds none, or any has faults; the message lists them all.
    """
    root = shipped("contracts") if directory is None else Path(directory)
    files = model_files(root)
    if not files:
        raise ContractError(f"No contract was found in {root}: expected files named *{SUFFIX}")
    contracts = assemble(root, _load(files))
    if contracts.faults:
        raise ContractError(f"{len(contracts.faults)} fault(s) found in the contracts:", faults=contracts.faults)
    return contracts


def assemble(root: Path, found: Iterable[Contract]) -> Contracts:
    """Contracts of one directory, by id, with a unified table for each return that is mapped to none."""
    contracts = Contracts()
    placed = list(found)
    contracts.versions = _by_age(each for each in placed if not isinstance(each, ReferenceContract))
    contracts.update({name: versions[-1] for name, versions in contracts.versions.items()})
    contracts.directory = root
    contracts.digest = _digest(root)
    contracts.faults = (*_misplaced(placed, "return", "unified", "view"), *_derive_tables(contracts))
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

    They are not among :func:`load_contracts`: holding them against the standard takes time that only those should
    spend who check reference tables.

    Raises:
        ContractError: Any has faults; the message lists them all.
    """
    contracts = _load(contract_files(directory / REFERENCE))
    if faults := _misplaced(contracts, REFERENCE):
        raise ContractError(f"{len(faults)} fault(s) found in the contracts:", faults=faults)
    return [each for each in contracts if isinstance(each, ReferenceContract)]


def _misplaced(contracts: Iterable[Contract], *layers: str) -> tuple[str, ...]:
    """Contracts of reference tables stand in a folder of their own, and only they."""
    text = (
        f"contracts of layer {REFERENCE}, and no others, stand in the folder ‘{REFERENCE}’ of the contracts’ directory"
    )
    return tuple(
        f"{each.where('layer')}: this is ‘{each.layer}’; {text}" for each in contracts if each.layer not in layers
    )


def _load(paths: Iterable[Path]) -> tuple[Contract, ...]:
    reading = read_contracts(paths)
    if reading.faults:
        raise ContractError(f"{len(reading.faults)} fault(s) found in the contracts:", faults=reading.faults)
    return reading.contracts


class Reading(NamedTuple):
    """What contract files say.

    Attributes:
        contracts: Those that could be read, faulty ones in part.
        faults: Every fault, one line each.
        sound: The contracts of which nothing is left out that their rules may need.
        complete: Whether these are all.
    """

    contracts: tuple[Contract, ...]
    faults: tuple[str, ...]
    sound: tuple[Contract, ...]
    complete: bool


def read_contracts(paths: Iterable[Path]) -> Reading:
    """Reads contract files. Never raises for what they hold."""
    contracts: dict[tuple[str, str], Contract] = {}
    faults: list[str] = []
    sound: list[Contract] = []
    complete = True
    for path in paths:
        document = read_document(path)
        contract = convert(document) if document.readable else None
        key = (contract.id, contract.version) if contract else ("", "")
        if key in contracts:
            document.fault(("id",), f"version {key[1]} of ‘{key[0]}’ is already described by {contracts[key].path}")
        elif contract:
            contracts[key] = contract
            sound += [contract] if document.sound else []
        complete &= document.sound
        faults += document.faults
    by_age = _by_age(contracts.values())
    return Reading(tuple(contracts.values()), (*faults, *version_faults(by_age)), tuple(sound), complete)


def _by_age(contracts: Iterable[Contract]) -> dict[str, list[Contract]]:
    """Contracts by id, each with its versions from the oldest to the newest."""
    versions: dict[str, list[Contract]] = {}
    for contract in sorted(contracts, key=lambda each: (each.id, each.effective_from or date.min, each.version)):
        versions.setdefault(contract.id, []).append(contract)
    return versions


def _digest(root: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted({*contract_files(root), *(root / REFERENCE).glob("*.csv")}):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _derive_tables(contracts: Contracts) -> Iterator[str]:
    """Gives each return without a mapping a unified table of its own, column for column."""
    for contract in contracts.returns():
        versions = [each for each in contracts.versions[contract.id] if isinstance(each, ReturnContract)]
        if contract.mapping.is_derived:
            yield from _derive_table(contracts, contract, versions)
        else:
            yield from (
                f"{each.where('schema')}: version {contract.version} has a mapping, and version {each.version} has none"
                for each in versions
                if each.mapping.is_derived
            )


def _derive_table(contracts: Contracts, contract: ReturnContract, versions: list[ReturnContract]) -> Iterator[str]:
    """Adds the unified table of one return, and maps all its versions to it; a name already taken is a fault."""
    table = _own_table(contract, versions)
    contracts.versions[contract.id] = [_mapped_to(table, each) for each in versions]
    contracts[contract.id] = contracts.versions[contract.id][-1]
    taken = [each for each in contracts.tables() if each.table == table.table]
    if taken:
        text = f"the table ‘{table.table}’ is already that of ‘{taken[0].id}’; give a mapping, or another name"
        yield f"{contract.where('schema')}: {text}"
    else:
        contracts[table.id] = table


def _own_table(contract: ReturnContract, versions: Iterable[ReturnContract]) -> TableContract:
    """The unified table of a return that is mapped to none: the supplier and the columns of the newest version."""
    supplier = Column(name="supplier_code", type="string", header="supplier_code", required=True)
    return TableContract(
        id=f"{contract.id}.unified", version=contract.version, title=contract.title, description=contract.description,
        table=contract.table, columns=(supplier, *(_what_all_keep(each, versions) for each in contract.columns)),
        key=("supplier_code", *contract.key) if contract.key else (), path=contract.path,
    )  # fmt: skip


def _mapped_to(table: TableContract, version: ReturnContract) -> ReturnContract:
    """A version that fills those columns of its own table that it has."""
    names = (each.name for each in table.columns[1:] if each.name in version.column_names)
    return replace(version, mapping=Mapping.to_own_table(table.table, names))


#: What a column says of its values, with the code of the finding that it leads to.
_KEPT = {
    "required": "missing-value", "unique": "duplicate-row", "pattern": "wrong-pattern", "min_length": "wrong-length",
    "max_length": "wrong-length", "minimum": "out-of-range", "maximum": "out-of-range", "exclusive_minimum": "out-of-range",
    "exclusive_maximum": "out-of-range", "decimals": "too-precise",
}  # fmt: skip


def _what_all_keep(column: Column, versions: Iterable[Contract]) -> Column:
    """A column of a derived table: it asks only for what every accepted row has, of whichever version."""
    nothing = Column(column.name, column.type, column.header)
    each_version = [each.column(column.name) if column.name in each.column_names else nothing for each in versions]
    given_up = {
        name: getattr(nothing, name)
        for name, code in _KEPT.items()
        if any(
            getattr(each, name) != getattr(column, name) or each.severities.get(code) == "warning"
            for each in each_version
        )
    }
    return replace(column, labels={}, **given_up)
