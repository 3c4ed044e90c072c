"""Lets the ledger file of a store say that the store is right as it is, after somebody has looked at what it lacks."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from probation_etl.contracts.rulebook import load_rulebook
from probation_etl.discreet import Discreet
from probation_etl.errors import UsageError
from probation_etl.paths import folder_for, on_this_machine
from probation_etl.stores import Disagreement, LedgerPlace, opened_for_run


@dataclass(frozen=True)
class AcceptedLedger(Discreet):
    """What was accepted.

    Attributes:
        ledger: The ledger file.
        disagreements: Where the store did not agree with it.
        set_aside: The former ledger file, where no line could follow what it says; else None.
    """

    ledger: Path
    disagreements: tuple[Disagreement, ...]
    set_aside: Path | None


def accept_ledger(
    store: str,
    *,
    reason: str,
    ledger: str | Path | None = None,
    contracts: str | Path | None = None,
    wait: float = 0,
) -> AcceptedLedger:
    """Writes into the ledger file of a store that the store is right as it is. The store itself is not changed.

    Args:
        store: URL of the store.
        reason: Why, for the ledger file.
        ledger: Where the ledger file is from now on; by default where it was.
        contracts: Directory of contracts; those shipped by default.
        wait: For how many seconds to wait for a run that uses the store.

    Raises:
        UsageError: There is no reason, or it is not known where the ledger file should be.
        LockedError: A run is using the store.
        EnvironmentFailure: The store or the ledger file cannot be used.
    """
    if not reason.strip():
        raise UsageError("Say why, with --reason: it is written into the ledger file.")
    place = LedgerPlace(None if ledger is None else on_this_machine(ledger))
    if place.given:
        folder_for(place.given, "The ledger file")
    rulebook = load_rulebook(contracts)
    with opened_for_run(store, rulebook.contracts, rulebook.tables, wait=wait) as opened:
        opened.preparation.migrate()
        found = opened.ledger_file.disagreements()
        with opened.transaction():
            file, aside = opened.ledger_file.accept(reason, place)
    return AcceptedLedger(file, tuple(found), aside)
