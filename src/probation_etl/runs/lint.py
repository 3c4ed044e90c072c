"""Checks contracts with their queries and their reference tables."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from probation_etl.contracts.checks import Schema
from probation_etl.contracts.examination import examine, rule_faults, rules_alone
from probation_etl.contracts.lint.lookalikes import lookalikes
from probation_etl.contracts.model import Contract, TableContract
from probation_etl.contracts.odcs import contract_files, model_files, read_contracts
from probation_etl.contracts.rulebook import Rulebook
from probation_etl.discreet import Discreet
from probation_etl.intake.reference_tables import reference_faults
from probation_etl.proof.alone import unsteady_parts
from probation_etl.proof.plausible import any_rows
from probation_etl.proof.silence import silent_parts, unbroken
from probation_etl.stores.query_lint import query_faults, query_faults_on


@dataclass(frozen=True)
class Linted(Discreet):
    """What was found in contracts, one line each.

    Attributes:
        contracts: How many were read.
        faults: What is wrong with them. They cannot be used.
        warnings: Rules that may be dead, and columns whose values look like restricted ones. The contracts can be used.
    """

    contracts: int = 0
    faults: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def lint(paths: list[Path], *, store: str | None = None) -> Linted:
    """Finds every fault of contracts: in their form, their columns, and how they fit together.

    Args:
        paths: Contract files, or directories of them.
        store: URL of a served store; the queries of whole directories are tried there too, and undone.

    Returns:
        Every fault, and every rule that may be dead. Rules are always compiled against their columns; mappings, queries
        and reference tables are checked, and rules are tried to be broken, only if a whole directory is given.

    Raises:
        UsageError: The store's URL cannot be used.
        StoreError: The store is out of reach.
    """
    found = [_linted_directory(path, store) if path.is_dir() else _linted_file(path) for path in paths]
    return Linted(
        sum(each.contracts for each in found),
        tuple(dict.fromkeys(chain.from_iterable(each.faults for each in found))),
        tuple(dict.fromkeys(chain.from_iterable(each.warnings for each in found))),
    )


def _linted_file(path: Path) -> Linted:
    reading = read_contracts([path])
    faults = [*reading.faults, *(fault for each in reading.sound for fault in rule_faults(each))]
    return Linted(1, tuple(faults or _tried_alone(reading.sound)))


def _tried_alone(contracts: Iterable[Contract]) -> list[str]:
    return _tried(rules_alone(each) for each in contracts if not isinstance(each, TableContract))


def _tried(schemas: Iterable[Schema]) -> list[str]:
    """Faults that show when rules are computed over plausible rows."""
    return [
        fault
        for each in schemas
        if each.contract.columns
        for rows in (any_rows(each),)
        for fault in (*silent_parts(each, rows), *unsteady_parts(each, rows))
    ]


def _linted_directory(path: Path, store: str | None) -> Linted:
    files = contract_files(path)
    if not files:
        return Linted()
    rulebook, faults = examine(path, model_files(path))
    if faults or rulebook is None:
        return Linted(len(files), (*faults, *reference_faults(path)))
    # A query may read any table, so queries are tried only if nothing else is wrong. So are rules with returns.
    tried = [*trial_faults(rulebook, store), *reference_faults(path)]
    doubts = [] if tried else [each for contract in rulebook.returns() for each in unbroken(contract, rulebook)]
    doubts += lookalikes(rulebook.returns(), rulebook.guard)
    return Linted(len(files), tuple(tried), tuple(doubts))


def trial_faults(rulebook: Rulebook, store: str | None = None) -> list[str]:
    """Faults that show when rules are computed over plausible rows, and queries over an empty store."""
    return [*_tried(rulebook.schemas.values()), *_query_faults(rulebook, store)]


def _query_faults(rulebook: Rulebook, store: str | None) -> list[str]:
    """Queries that fail in an empty embedded store, and in the served one if there is one."""
    served = query_faults_on(store, rulebook.contracts, rulebook.tables) if store else []
    return [*query_faults(rulebook.contracts, rulebook.tables), *served]
