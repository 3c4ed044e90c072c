"""The releases of a store: what readers see is made anew, and which state they see."""

from __future__ import annotations

from datetime import UTC, datetime

from probation_etl.contracts.odcs import Contracts
from probation_etl.stores import released
from probation_etl.stores.engine import Engine
from probation_etl.stores.ledger_file.keeper import Keeper
from probation_etl.stores.released import Release
from probation_etl.stores.standing import Standing


class Releases:
    """The releases of one store."""

    def __init__(self, engine: Engine, contracts: Contracts, standing: Standing, ledger_file: Keeper) -> None:
        """The releases of the store in this database."""
        self._engine, self._contracts, self._standing, self._ledger_file = engine, contracts, standing, ledger_file

    def make(self) -> None:
        """Lets readers of the schema ``released`` see what the unified tables show now; call it inside a transaction.

        Without a run in the ledger there is nothing to release.
        """
        self._ledger_file.agree_once()
        self._standing.refresh()
        now = datetime.now(UTC).replace(tzinfo=None)
        sequence = released.release(self._engine, self._contracts, now=now)
        if sequence is not None:
            self._ledger_file.note("release", sequence=sequence)

    def newest(self) -> Release | None:
        """The state that was released last; None where nothing has been."""
        return released.newest_release(self._engine)
