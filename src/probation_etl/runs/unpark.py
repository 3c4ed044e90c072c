"""Takes back what is parked: the next run reads it again."""

from __future__ import annotations

from pathlib import Path

from probation_etl.contracts.rulebook import load_rulebook
from probation_etl.intake.reference_tables import check_reference_tables
from probation_etl.journal import named_run
from probation_etl.stores import Failure, opened_for_run


def unpark(named: str, *, store: str, contracts: str | Path | None = None, wait: float = 0) -> list[Failure]:
    """Lets the next run read files again that were parked because reading them brought something down.

    Args:
        named: Name of the file as ``status`` shows it, or the beginning of the SHA-256 of its content.
        store: URL of the store, which is locked meanwhile.
        contracts: Directory of contracts; those shipped by default.
        wait: For how many seconds to wait for a run that uses the store.

    Returns:
        What was taken back.

    Raises:
        UsageError: Nothing of that name is parked, or the URL cannot be used.
        ContractError: A contract cannot be used.
        LockedError: A run is using the store.
        StoreError: The store is out of reach or unusable.
    """
    rulebook = load_rulebook(contracts)
    with (
        named_run() as run,
        opened_for_run(store, rulebook.contracts, rulebook.tables, wait=wait) as opened,
        opened.transaction(),
    ):
        opened.preparation.prepare(check_reference_tables)
        return opened.failures.take_back(named, run.run_id)
