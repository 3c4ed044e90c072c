"""The release checks by themselves: on what a store holds, without a run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from probation_etl.contracts.rulebook import load_rulebook
from probation_etl.intake.reference_tables import check_reference_tables
from probation_etl.runs.stages import may_be_released, release_checks, release_state
from probation_etl.stores import opened_for_run


@dataclass(frozen=True)
class ReleaseOutcome:
    """What the release checks found on a store.

    Attributes:
        checks: Every check: ``table``, ``check``, ``passed``, ``severity`` and ``detail``.
        released: Whether readers of the released tables see all that is loaded.
        release: ``run_id`` and ``released_at`` of the state that they see; None where nothing has been released.
    """

    checks: tuple[dict[str, Any], ...]
    released: bool
    release: dict[str, Any] | None

    @property
    def exit_code(self) -> int:
        """What the command line ends with: 1 where a check failed that is no mere warning."""
        return 0 if may_be_released(self.checks) else 1

    def as_dict(self) -> dict[str, Any]:
        """As it stands in JSON."""
        checks, state = list(self.checks), {"released": self.released, "release": self.release}
        return {"release_checks": checks, **state, "exit_code": self.exit_code}


def check_store(
    store: str, *, contracts: str | Path | None = None, data_docs: Path | None = None, release: bool = False
) -> ReleaseOutcome:
    """Runs the release checks on the unified tables of a store. No run works on it meanwhile.

    Args:
        store: URL of the store.
        contracts: Directory of contracts; those shipped by default.
        data_docs: Directory for the pages that Great Expectations makes; by default none are made.
        release: Where the checks pass, let readers of the released tables see what is loaded.

    Raises:
        ContractError: A contract cannot be used.
        LockedError: A run works on the store.
        StoreError: The store is out of reach or unusable.
        EnvironmentFailure: The pages cannot be written.
    """
    rulebook = load_rulebook(contracts)
    with opened_for_run(store, rulebook.contracts, rulebook.tables) as opened, opened.transaction():
        if opened.prepare():
            check_reference_tables(rulebook.contracts)
        checks = release_checks(opened, rulebook, data_docs)
        if release and may_be_released(checks):
            opened.release()
        return ReleaseOutcome(tuple(checks), *release_state(opened))
