"""Runs the release checks on a store, within a run or without one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from probation_etl.contracts.rulebook import Rulebook
from probation_etl.discreet import Discreet
from probation_etl.intake.readers import DEFAULT_LIMITS, Limits
from probation_etl.intake.reference_tables import check_reference_tables
from probation_etl.runs.admission import load_rulebook
from probation_etl.stores import Release, Store, opened_for_run
from probation_etl.unified.release_checks import CheckResult, check_releases, figures_of


@dataclass(frozen=True)
class ReleaseOutcome(Discreet):
    """What the release checks found on a store.

    Attributes:
        checks: Every check.
        release: The state that readers of the released tables see; None where nothing has been released.
    """

    checks: tuple[CheckResult, ...]
    release: Release | None

    @property
    def released(self) -> bool:
        """Whether readers of the released tables see all that is loaded."""
        return is_released(self.release)

    @property
    def exit_code(self) -> int:
        """Exit code of the command line: 1 if a check failed that is not only a warning."""
        return 0 if may_be_released(self.checks) else 1

    def as_dict(self) -> dict[str, Any]:
        """The outcome as JSON."""
        return {
            "release_checks": [asdict(each) for each in self.checks],
            "released": self.released,
            "release": self.release and self.release.as_dict(),
            "exit_code": self.exit_code,
        }


def check_store(
    store: str,
    *,
    contracts: str | Path | None = None,
    data_docs: Path | None = None,
    release: bool = False,
    wait: float = 0,
    limits: Limits = DEFAULT_LIMITS,
) -> ReleaseOutcome:
    """Runs the release checks on the unified tables of a store, which is locked meanwhile.

    Args:
        store: URL of the store.
        contracts: Directory of contracts; those shipped by default.
        data_docs: Directory for the pages that Great Expectations makes; by default none are made.
        release: If the checks pass, release what is loaded to readers of the released tables.
        wait: For how many seconds to wait for a run that uses the store.
        limits: How long a query may take (``query_seconds``).

    Raises:
        ContractError: A contract cannot be used.
        LockedError: A run is using the store.
        StoreError: The store is out of reach or unusable.
        EnvironmentFailure: The pages cannot be written.
    """
    rulebook = load_rulebook(contracts)
    with opened_for_run(store, rulebook.contracts, rulebook.tables, wait=wait) as opened:
        opened.preparation.migrate()
        with opened.transaction():
            opened.preparation.prepare(check_reference_tables)
            with opened.computing.limited(limits.query_seconds):
                with opened.computing.at_once():
                    checks = release_checks(opened, rulebook, data_docs, limits.query_seconds)
                if release and may_be_released(checks):
                    opened.releases.make()
            return ReleaseOutcome(tuple(checks), opened.releases.newest())


def release_checks(
    store: Store, rulebook: Rulebook, data_docs: Path | None = None, seconds: float = DEFAULT_LIMITS.query_seconds
) -> list[CheckResult]:
    """Runs the release checks on every unified table and view.

    Args:
        store: The store, in a transaction; rows that are not committed yet are checked too.
        rulebook: The contracts.
        data_docs: Directory for the pages of Great Expectations; by default none are made.
        seconds: How long each query of a contract may take.
    """
    contracts = rulebook.contracts.tables()
    queries = [query.query for contract in contracts for query in contract.release_queries]
    with store.computing.counting(seconds, queries) as count:
        figures = figures_of(contracts, count)
    with store.computing.checked(each.table for each in contracts) as grounds:
        return check_releases(grounds, contracts, figures=figures, data_docs=data_docs)


def may_be_released(checks: Iterable[CheckResult]) -> bool:
    """Whether the unified tables may be released: no check failed, warnings aside."""
    return all(each.passed or each.severity == "warning" for each in checks)


def is_released(release: Release | None) -> bool:
    """Whether readers see everything that is loaded, if this is the newest release."""
    return release is not None and release.is_newest
