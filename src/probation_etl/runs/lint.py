"""Checks contracts with their queries and their reference tables."""

from __future__ import annotations

from pathlib import Path

from probation_etl.contracts.odcs import contract_files, model_files, read_contracts
from probation_etl.contracts.rulebook import Rulebook, examine, rule_faults
from probation_etl.intake.reference_tables import reference_faults
from probation_etl.stores import query_faults_on
from probation_etl.stores.query_lint import query_faults


def lint(paths: list[Path], *, store: str | None = None) -> tuple[int, list[str]]:
    """Finds every fault of contracts: in their form, their columns, and how they fit together.

    Args:
        paths: Contract files, or directories of them.
        store: URL of a served store; the queries of whole directories are tried there too, and undone.

    Returns:
        How many contracts were read, and every fault, one line each. Rules are always compiled against their columns;
        mappings, queries and reference tables are checked only if a whole directory is given.

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
        return [*reading.faults, *(fault for each in reading.sound for fault in rule_faults(each))]
    if not files:
        return []
    rulebook, faults = examine(path, model_files(path))
    # A query may read any table, so queries are tried only if nothing else is wrong.
    tried = faults if faults or rulebook is None else _query_faults(rulebook, store)
    return [*tried, *reference_faults(path)]


def _query_faults(rulebook: Rulebook, store: str | None) -> list[str]:
    """Queries that fail in an empty embedded store, and in the served one if there is one."""
    served = query_faults_on(store, rulebook.contracts, rulebook.tables) if store else []
    return [*query_faults(rulebook.contracts, rulebook.tables), *served]
