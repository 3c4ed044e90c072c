"""Makes a database into a store, and brings it up to date."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import polars as pl

from probation_etl.contracts.odcs import Contracts
from probation_etl.stores.contract_tables import make_tables
from probation_etl.stores.engine import Engine
from probation_etl.stores.standing import Standing
from probation_etl.stores.versions import identity, migrate, needs_migration, version_of

#: Looks at contracts, or their reference tables, before a store takes them over.
Check = Callable[[Contracts], None]


def unchecked(_: Contracts) -> None:
    """Looks at nothing: who called has done so."""


class Preparation:
    """Brings a store up to date with the program and its contracts.

    Attributes:
        is_new: Whether there was no store before this one was prepared.
    """

    def __init__(
        self, engine: Engine, contracts: Contracts, tables: Mapping[str, pl.DataFrame], standing: Standing
    ) -> None:
        """The preparation of the store in this database.

        Args:
            engine: The database.
            contracts: The contracts whose unified tables it holds.
            tables: Reference tables by name, all columns String.
            standing: Which returns are current: migrations may change it.
        """
        self._engine, self._contracts, self._tables, self._standing = engine, contracts, tables, standing
        self.is_new = False

    @property
    def identity(self) -> str:
        """What tells this store from every other, wherever it is moved to: 16 hexadecimal digits.

        Raises:
            StoreError: The store is not prepared.
        """
        return identity(self._engine)

    def migrate(self) -> None:
        """Makes the store's own tables, or brings them up to date, in a transaction of its own.

        A run does so before it writes anything beside the store: that bears the store's name, which must not change then.

        Raises:
            StoreError: The store is newer than the program, out of reach or unusable.
        """
        if needs_migration(self._engine):
            with self._engine.transaction(), self._standing.kept():
                self._migrate()

    def prepare(self, check: Check = unchecked) -> None:
        """Brings the store up to date with the program and the contracts; call it inside a transaction.

        Args:
            check: Called with contracts that the store did not have before; when it raises, undo the transaction.

        Raises:
            StoreError: The store is newer than the program.
            ContractError: The store does not understand the query of a contract.
        """
        if not needs_migration(self._engine) and self._knows_contracts():
            return
        self._migrate()
        if not self._knows_contracts():
            make_tables(self._engine, self._contracts, self._tables, self._standing)
            check(self._contracts)

    def _migrate(self) -> None:
        self._engine.hold_for_preparing()
        self.is_new = self.is_new or version_of(self._engine) == 0
        migrate(self._engine)
        self._standing.is_outdated = True

    def _knows_contracts(self) -> bool:
        """Whether the tables and views of the store were made from these contracts."""
        known = "SELECT COUNT(*) FROM ledger.contracts WHERE digest = $1"
        return bool(self._engine.value(known, [self._contracts.digest]))
