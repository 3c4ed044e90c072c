"""Everything that can be wrong with contracts, their queries and their reference tables."""

from __future__ import annotations

from pathlib import Path

from probation_etl.contracts.odcs import contract_files, model_files, read_contracts
from probation_etl.contracts.rulebook import Rulebook, examine, rule_faults
from probation_etl.intake.reference_tables import reference_faults
from probation_etl.stores import query_faults_on
from probation_etl.stores.query_lint import query_faults


def lint(paths: list[Path], *, store: str | None = None) -> tuple[int, list[str]]:
    """Holds contracts against the standard, our own keys and their own columns.

    Args:
        paths: Contract files, or directories of them.
        store: URL of a served store; the queries of whole directories are tried there too, and undone.

    Returns:
        How many contracts were read, and every fault, one line each. Mappings are held against the contracts of their
        unified tables and reference tables against their contracts where a whole directory is given; rules are
        compiled against their columns in any case.

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
    # A query may stand on any table, so queries are tried where all else is right.
    tried = faults if faults or rulebook is None else _query_faults(rulebook, store)
    return [*tried, *reference_faults(path)]


def _query_faults(rulebook: Rulebook, store: str | None) -> list[str]:
    """What stores cannot make of the queries: an empty embedded one, and the served one where it is named."""
    served = query_faults_on(store, rulebook.contracts, rulebook.tables) if store else []
    return [*query_faults(rulebook.contracts, rulebook.tables), *served]
