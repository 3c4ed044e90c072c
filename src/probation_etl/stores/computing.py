"""What contracts and libraries have the database compute, which may take long and must change nothing."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

from probation_etl.stores.engine import Count, Engine
from probation_etl.stores.standing import Standing


class Computing:
    """Computing in the database of one store."""

    def __init__(self, engine: Engine, standing: Standing) -> None:
        """Computing in this database."""
        self._engine, self._standing = engine, standing

    def counting(self, seconds: float) -> AbstractContextManager[Count]:
        """What gives the numbers of queries of contracts, for so long each at most. The transaction is as it was afterwards."""
        self._standing.refresh()
        return self._engine.counting(seconds)

    def limited(self, seconds: float) -> AbstractContextManager[None]:
        """Inside, no statement takes longer: what contracts say of views may be computed for ever. Call it in a transaction.

        Raises:
            TooLongError: One did.
        """
        return self._engine.limited(seconds)

    def lent(self) -> AbstractContextManager[Any]:
        """A connection for a library that computes in the database itself; None where no library can.

        It is in the current transaction and sees what is not committed yet. What the borrower writes is undone.
        """
        self._standing.refresh()
        return self._engine.lent()
