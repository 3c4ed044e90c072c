"""Validates reference tables against their contracts, with the same reader, parser and rules as returns.

This takes longer than loading the contracts, so it is done only by ``lint`` and when a store takes over new tables. Lint is imported by
that alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

from probation_etl.contracts.checks import Kind, Schema
from probation_etl.contracts.findings import Finding
from probation_etl.contracts.model import ReferenceContract
from probation_etl.contracts.odcs import REFERENCE, Contracts, load_reference_contracts
from probation_etl.contracts.passed import has_passed, note_passed
from probation_etl.contracts.reference_files import read_tables
from probation_etl.contracts.suggestions import did_you_mean
from probation_etl.discreet import Discreet
from probation_etl.errors import ContractError, UnreadableFile
from probation_etl.intake.parse import TypedTable, parse
from probation_etl.intake.readers import read_grids
from probation_etl.intake.references import among
from probation_etl.intake.result import findings_frame
from probation_etl.intake.table import RawTable, extract
from probation_etl.intake.validate import validate_rows


@dataclass(frozen=True)
class _Read(Discreet):
    """A reference table, read and parsed."""

    path: Path
    table: RawTable
    parsed: TypedTable
    schema: Schema
    of_file: tuple[Finding, ...]


def check_reference_tables(contracts: Contracts) -> None:
    """Refuses reference tables that break their contracts. Files that do not, and have not changed, are not looked at again.

    Raises:
        ContractError: The message lists everything that is wrong.
    """
    if has_passed("tables", contracts.digest):
        return
    faults = _faults_of(contracts.directory, contracts.digest)
    if faults:
        raise ContractError(f"{len(faults)} fault(s) found in the reference tables:", faults=faults)
    # Only of what was compiled is it certain that this is its digest: somebody may have changed a file meanwhile.
    if has_passed("compiled", contracts.digest):
        note_passed("tables", contracts.digest)


@cache
def _faults_of(directory: Path, _digest: str) -> tuple[str, ...]:
    return tuple(reference_faults(directory))


def reference_faults(directory: Path) -> list[str]:
    """Everything that is wrong with the reference tables of a directory of contracts, one line each.

    A line names file, row, column and what to do. What would be a warning in a return is a fault here, because the tables
    are our own. Files without a contract are not checked.
    """
    try:
        contracts = {each.table: each for each in load_reference_contracts(directory)}
        tables = read_tables(directory / REFERENCE) if contracts else {}
    except ContractError as error:
        return list(error.faults)
    faults = [fault for each in contracts.values() for fault in _relationship_faults(each, contracts)]
    read = {} if faults else {name: _read(each, tables) for name, each in contracts.items()}
    faults += [fault for each in read.values() if not isinstance(each, _Read) for fault in each]
    whole = {name: each for name, each in read.items() if isinstance(each, _Read)}
    # If a table cannot be read, references to it would seem to be faults: only its own fault is listed.
    return faults if faults else [line for each in whole.values() for line in _findings(each, whole)]


def _relationship_faults(contract: ReferenceContract, contracts: Mapping[str, ReferenceContract]) -> Iterator[str]:
    from probation_etl.contracts.lint.rules import key_faults

    for reference in contract.references:
        where = contract.where(f"reference ‘{reference.name}’")
        if reference.table not in contracts:
            hint = did_you_mean(reference.table, contracts)
            yield f"{where}: there is no reference table ‘{reference.table}’ with a contract{hint}"
            continue
        yield from (f"{where}: {fault}" for fault in key_faults(reference, contract, contracts[reference.table]))


def _read(contract: ReferenceContract, tables: Mapping[str, pl.DataFrame]) -> _Read | tuple[str, ...]:
    """The table of a contract, or the faults for which it cannot be read."""
    from probation_etl.contracts.lint.rules import compile_contract

    folder = contract.path.parent if contract.path else Path()
    path = folder / f"{contract.table}.csv"
    if contract.table not in tables:
        return (f"{contract.where('schema')}: there is no file {path}",)
    try:
        schema = compile_contract(contract)
        (grid,) = read_grids(path.read_bytes(), delimiter=contract.delimiter, encoding=contract.encoding)
    except ContractError as error:
        return error.faults
    except (OSError, UnreadableFile) as error:
        return (f"{path}: {error}",)
    table = extract(grid, contract)
    if table is None:
        return (f"{path}:1: the header must have the columns {', '.join(contract.column_names)}",)
    if table.frame.height != tables[contract.table].height:
        return (f"{path}: below the header there must be rows of data alone, without titles, empty rows or notes",)
    return _Read(path, table, parse(table, schema, {}), schema, tuple(grid.findings))


def _findings(read: _Read, others: Mapping[str, _Read]) -> Iterator[str]:
    """The findings of a table as lines: ``file:row: column: message``."""
    found = validate_rows(
        read.table, read.parsed, read.schema, among({name: each.parsed.frame for name, each in others.items()})
    )
    lines: Iterable[dict[str, Any]] = pl.concat([findings_frame(read.of_file), found]).iter_rows(named=True)
    targets = {each.name: each.reference.table for each in read.schema.of(Kind.REFERENCE) if each.reference}
    for each in lines:
        place = f"{read.path}:{each['row'] or 1}: " + (f"{each['column']}: " if each["column"] else "")
        target = targets.get(each["rule"])
        message = f"‘{each['value']}’ is in no row of {target}.csv." if target else each["message"]
        yield _one_line(f"{place}{message} {each['hint']}")


def _one_line(text: str) -> str:
    """The text without line breaks and characters that control a terminal."""
    return "".join(char if char.isprintable() else " " for char in text)
