"""Keeps the ledger file of a store up to date with its transactions, and lets it be compared and accepted."""

from __future__ import annotations

from pathlib import Path

from probation_etl.errors import UsageError
from probation_etl.stores.engine import Engine
from probation_etl.stores.ledger_file.account import Disagreement
from probation_etl.stores.ledger_file.book import Book, Doing
from probation_etl.stores.ledger_file.place import BY_DEFAULT, LedgerPlace, book, remember
from probation_etl.stores.versions import identity


class Keeper:
    """Who keeps the ledger file of a store: what a transaction does is noted, and written down just before its commit."""

    def __init__(self, engine: Engine) -> None:
        """The keeper of the ledger file of the store in this database, which need not be prepared yet."""
        self._engine = engine
        self._doing = Doing()
        self._book: Book | None = None

    def begin(self, *, is_kept: bool) -> None:
        """At the beginning of a transaction: whether it is going to be committed."""
        self._doing = Doing(is_kept=is_kept)

    def note(self, event: str, **what: object) -> None:
        """Something that the transaction has done."""
        self._doing.note(event, **what)

    def loading(self, run_id: str) -> None:
        """The transaction loads returns of this run, which is noted too."""
        self.note("run", run_id=run_id)
        self._doing.loading = run_id

    def intend(self) -> str | None:
        """Writes down what is about to be committed.

        Returns:
            The name of the batch, for :meth:`committed`; None where there is nothing to write.

        Raises:
            EnvironmentFailure: It cannot be written.
        """
        return self._book.intend(self._doing) if self._book and self._doing.is_kept else None

    def committed(self, batch: str | None) -> None:
        """Writes down that it was committed."""
        if self._book and batch:
            self._book.committed(batch)

    def agree(self, where: LedgerPlace = BY_DEFAULT) -> None:
        """Compares the store with its ledger file, and starts one where there is none; call it inside a transaction.

        In a transaction that is undone, nothing is written.

        Args:
            where: Where the ledger file is started, or must be.

        Raises:
            LedgerMismatch: They do not agree: one of them was put back, cut, changed or deleted.
            UsageError: The store has a ledger file in another place.
            EnvironmentFailure: The ledger file cannot be read or written.
        """
        self._book = book(self._engine, identity(self._engine), where)
        if self._book:
            self._engine.hold_for_preparing()
            self._book.agree(write=self._doing.is_kept)
            if self._doing.is_kept:
                remember(self._engine, self._book)

    def agree_once(self) -> None:
        """The same, unless it was done since the store was opened: before anything is loaded or released."""
        if self._book is None:
            self.agree()

    def accept(self, reason: str, where: LedgerPlace = BY_DEFAULT) -> tuple[Path, Path | None]:
        """Lets the ledger file say that the store is right as it is; call it inside a transaction.

        Args:
            reason: Why.
            where: Where the ledger file is from now on; by default where it was.

        Returns:
            The ledger file; and where the former one is, if no line could follow it, else None.

        Raises:
            UsageError: It is not known where it should be.
            EnvironmentFailure: It cannot be read or written.
        """
        found = book(self._engine, identity(self._engine), where, moved=True)
        if found is None:
            raise UsageError("This store has no ledger file yet: name one with --ledger.")
        aside = found.accept(reason)
        remember(self._engine, found)
        return found.file.path, aside

    def disagreements(self) -> list[Disagreement]:
        """Where the store does not agree with its ledger file, rows compared by their digests; none where it has none."""
        found = book(self._engine, identity(self._engine))
        return found.disagreements(digests=True) if found else []
