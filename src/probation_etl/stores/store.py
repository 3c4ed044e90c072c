"""The store: the unified tables with all that led to them, in a database. History, quarantine and ledger change together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import polars as pl

from probation_etl.arguments import typed
from probation_etl.contracts.identifiers import quoted
from probation_etl.contracts.odcs import Contracts
from probation_etl.contracts.organisations import Organisation
from probation_etl.errors import StoreError, UsageError
from probation_etl.intake.claims import Claim
from probation_etl.intake.result import ReturnResult
from probation_etl.intake.validate import References
from probation_etl.stores import failures, preparation, purging, quarantine, released
from probation_etl.stores import totals as counting
from probation_etl.stores.engine import Engine
from probation_etl.stores.entries import Attempt, LedgerEntry, Purge, Repeat, RunRecord, Totals
from probation_etl.stores.failures import Failure, Trouble
from probation_etl.stores.ledger import Ledger, totals_of
from probation_etl.stores.ledger_file import place as bookkeeping
from probation_etl.stores.ledger_file.account import Disagreement
from probation_etl.stores.ledger_file.book import Book, Doing
from probation_etl.stores.ledger_file.place import BY_DEFAULT, LedgerPlace
from probation_etl.stores.matching import entry_of
from probation_etl.stores.released import Release


class Store:
    """The unified tables with all that led to them, in a database.

    Use it as a context manager. Nothing is visible to others before :meth:`transaction` ends without an error.
    """

    def __init__(self, engine: Engine, contracts: Contracts, tables: Mapping[str, pl.DataFrame], version: str) -> None:
        """A store on an open database.

        Args:
            engine: The database.
            contracts: The contracts whose unified tables it holds.
            tables: Reference tables by name, all columns String.
            version: The program's version, for the ledger.
        """
        self._engine, self._contracts, self._tables, self._version = engine, contracts, tables, version
        self._ledger = Ledger(engine)
        self._doing = Doing()
        self._book: Book | None = None
        #: Whether there was no store before this one was prepared.
        self.is_new = False

    @contextmanager
    def transaction(self, *, keep: bool = True) -> Iterator[None]:
        """All or nothing: what is written inside becomes visible when the block ends, or not at all.

        Args:
            keep: False to undo everything at the end (a dry run).
        """
        try:
            with self._engine.transaction(keep=keep):
                self._ledger.begin()
                self._doing = Doing(is_kept=keep)
                yield
                self._ledger.refresh()
                batch = self._book.intend(self._doing) if keep and self._book else None
            if self._book and batch:
                self._book.committed(batch)
        finally:
            self._ledger.end()

    def migrate(self) -> None:
        """Makes the store's own tables, or brings them up to date, in a transaction of its own.

        A run does so before it writes anything beside the store: that bears the store's name, which must not change then.

        Raises:
            StoreError: The store is newer than the program, out of reach or unusable.
        """
        if preparation.needs_migration(self._engine):
            with self.transaction():
                self._migrate()

    def prepare(self) -> bool:
        """Brings the store up to date with the program and the contracts; call it inside a transaction.

        Returns:
            Whether it took over contracts or reference tables that it did not have before.

        Raises:
            StoreError: The store is newer than the program.
            ContractError: The store does not understand the query of a contract.
        """
        if not preparation.needs_migration(self._engine) and self._knows_contracts():
            return False
        self._migrate()
        if self._knows_contracts():
            return False
        preparation.make_tables(self._engine, self._contracts, self._tables)
        return True

    def _migrate(self) -> None:
        self._engine.hold_for_preparing()
        self.is_new = self.is_new or preparation.version_of(self._engine) == 0
        preparation.migrate(self._engine)
        self._ledger.is_outdated = True

    def _knows_contracts(self) -> bool:
        return preparation.knows_contracts(self._engine, self._contracts)

    @property
    def identity(self) -> str:
        """What tells this store from every other, wherever it is moved to: 16 hexadecimal digits.

        Raises:
            StoreError: The store is not prepared.
        """
        found = preparation.identity_of(self._engine)
        if found is None:
            raise StoreError(f"The store {self._engine.place} is not prepared.")
        return found

    def may_read(self, schema: str) -> bool:
        """Whether the user of the database may read every table of a schema: a reader may have rights to ``released`` alone."""
        return self._engine.may_read(schema)

    def agree(self, where: LedgerPlace = BY_DEFAULT) -> None:
        """Compares the store with its ledger file, and starts one where there is none; call it inside a transaction.

        It is done of itself before anything is loaded. In a transaction that is undone, nothing is written.

        Args:
            where: Where the ledger file is started, or must be.

        Raises:
            LedgerMismatch: They do not agree: one of them was put back, cut, changed or deleted.
            UsageError: The store has a ledger file in another place.
            EnvironmentFailure: The ledger file cannot be read or written.
        """
        self._book = bookkeeping.book(self._engine, self.identity, where)
        if self._book:
            self._engine.hold_for_preparing()
            self._book.agree(write=self._doing.is_kept)
            if self._doing.is_kept:
                bookkeeping.remember(self._engine, self._book)

    def _agree_once(self) -> None:
        if self._book is None:
            self.agree()

    def accept_ledger(self, reason: str, where: LedgerPlace = BY_DEFAULT) -> tuple[Path, Path | None]:
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
        book = bookkeeping.book(self._engine, self.identity, where, moved=True)
        if book is None:
            raise UsageError("This store has no ledger file yet: name one with --ledger.")
        aside = book.accept(reason)
        bookkeeping.remember(self._engine, book)
        return book.file.path, aside

    def disagreements(self) -> list[Disagreement]:
        """Where the store does not agree with its ledger file, rows compared by their digests; none where it has none."""
        book = bookkeeping.book(self._engine, self.identity)
        return book.disagreements(digests=True) if book else []

    def begin_run(self, run: RunRecord) -> None:
        """Writes the run into the ledger."""
        self._agree_once()
        self._ledger.add_run(run)
        self._doing.note("run", run_id=run.run_id)
        self._doing.loading = run.run_id

    def load(
        self,
        result: ReturnResult,
        unified: Mapping[str, pl.DataFrame],
        *,
        run: RunRecord | None = None,
        totals: Totals | None = None,
    ) -> None:
        """Writes one return: its ledger entry, its unified rows, its quarantine, findings and content.

        Args:
            result: The return.
            unified: Rows by unified table, as from harmonising; left out where the return is not loadable.
            run: The run that it belongs to; by default one of its own.
            totals: What the return should have added, counted before its rows were mapped; by default as in the rows.
        """
        if run is None:
            self._load_alone(result, unified)
            return
        self._ledger.add_return(result, run)
        for table, frame in unified.items():
            self._engine.append(f"history.{quoted(table)}", frame)
        quarantine.set_aside(self._engine, result)
        given = totals if totals is not None else totals_of(unified, self._contracts)
        self._ledger.add_totals(result.return_id, given, self._contracts)
        if result.content is not None and result.contract is not None:
            self.keep(result.sha256, result.content)

    def _load_alone(self, result: ReturnResult, unified: Mapping[str, pl.DataFrame]) -> None:
        """A return that a library's user loads: a run of its own, unless the ledger has it already."""
        known = entry_of(result, self.known(result.sha256))
        if known is not None and result.attempt <= known.attempt:
            return
        run = RunRecord(f"library:{result.return_id}", _now(), self._contracts.digest, self._version)
        with self.transaction():
            self.begin_run(run)
            self.load(result, unified, run=run)

    def keep(self, sha256: str, content: bytes) -> None:
        """Keeps the content of a received file, once."""
        quarantine.keep(self._engine, sha256, content)

    @typed
    def content(self, sha256: str) -> bytes | None:
        """The content of a received file, None where it was not kept.

        Raises:
            StoreError: It is damaged.
        """
        return quarantine.content(self._engine, sha256)

    def decide(self, original_id: str, *, withdrawn: bool, reason: str, run: RunRecord) -> None:
        """Writes down that a return is withdrawn or reinstated."""
        sequence = self._ledger.decide(original_id, withdrawn=withdrawn, reason=reason, run=run)
        self._doing.note("decision", sequence=sequence, original_id=original_id, withdrawn=withdrawn)

    def purge(self, return_ids: Mapping[str, date], *, reason: str, run: RunRecord) -> None:
        """Removes for good what is kept of attempts at returns: rows, findings, totals and content, also from what readers see.

        The ledger keeps their entries, and that they were purged. Nothing else in the store is ever removed.

        Args:
            return_ids: The attempts, each with the last day on which it had to be kept.
            reason: Why.
            run: The run that does it.
        """
        self._ledger.purge(return_ids, reason, run)
        purging.remove_purged(self._engine)
        for return_id in return_ids:
            self._doing.note("purge", return_id=return_id)

    def purges(self) -> list[Purge]:
        """Attempts that were purged, in the order of the ledger."""
        return self._ledger.purges()

    def settle(self, original_id: str) -> None:
        """Writes down that a return was validated in the light of all that the store holds now."""
        self._ledger.settle(original_id)

    def known(self, sha256: str) -> list[Attempt]:
        """Attempts at returns of a file with this content, in the order of the ledger."""
        return self._ledger.known(sha256)

    def sent_for(self, claim: Claim) -> list[Attempt]:
        """Attempts at the returns of one kind that a supplier sent for one period, in the order of the ledger."""
        return self._ledger.sent_for(claim)

    def originals(self) -> dict[Claim, set[str]]:
        """The names of all returns (of their first attempts), by what they claim to be."""
        return self._ledger.originals()

    @typed
    def is_current(self, return_id: str) -> bool:
        """Whether the rows of an attempt at a return are in the unified tables."""
        return self._ledger.is_current(return_id)

    def add_repeat(self, original_id: str, file: str, *, run: RunRecord) -> None:
        """Writes down that the content of a return came again, and that somebody was told what counts."""
        self._ledger.add_repeat(original_id, file, run)

    def repeats(self) -> list[Repeat]:
        """Content that came again, in the order of the ledger."""
        return self._ledger.repeats()

    def add_failure(self, failure: Failure) -> None:
        """Writes down that a content brought down what was reading it."""
        failures.add_failure(self._engine, failure)

    def troubles(self) -> dict[str, Trouble]:
        """What contents have brought down with this version of the program, by SHA-256; some of them are parked."""
        return failures.troubles(failures.failures(self._engine), self._version)

    def take_back(self, named: str, *, run_id: str) -> list[Failure]:
        """Lets the next run read parked contents again, by the name of their file or the beginning of their SHA-256.

        Raises:
            UsageError: Nothing of that name is parked.
        """
        return failures.take_back(self._engine, named, run_id, self._version)

    def known_by_content(self) -> dict[str, list[Attempt]]:
        """All attempts by SHA-256, as :meth:`known` gives them: for callers that ask about many files."""
        return self._ledger.known_by_content()

    def has_run(self, run_id: str) -> bool:
        """Whether the ledger holds that run."""
        return bool(self.runs_of([run_id]))

    def runs_of(self, run_ids: Iterable[str]) -> list[str]:
        """Those of the runs that the ledger holds, in its order."""
        return self._ledger.runs_of(run_ids)

    def reconnect(self) -> None:
        """Connects anew after a commit that failed, so that the ledger says what holds.

        Raises:
            StoreError: The database is out of reach or fails again.
        """
        self._engine.reconnect()

    def entries(self) -> list[LedgerEntry]:
        """The ledger of returns, one entry an attempt, in the order of the ledger."""
        return self._ledger.entries()

    @typed
    def returns(self, *, as_of: str | datetime | None = None) -> pl.DataFrame:
        """The ledger of returns as a frame, with the fields of :class:`LedgerEntry` as columns.

        Args:
            as_of: Shows which returns counted after that run, or after the last run that had started by that time (UTC).

        Raises:
            UsageError: The ledger knows no such run.
        """
        return self._ledger.frame(None if as_of is None else self._ledger.run_at(_moment(as_of)))

    @typed
    def table(
        self, name: str, *, as_of: str | datetime | None = None, where: Mapping[str, object] | None = None
    ) -> pl.DataFrame:
        """A unified table or view as a frame: the columns of its contract, and for tables the lineage columns.

        Args:
            name: The table.
            as_of: Shows it as it was after that run, or after the last run that had started by that time (UTC).
            where: Columns with the values that rows must have; None where there must be none.

        Raises:
            UsageError: The ledger knows no such run.
        """
        wanted = where or {}
        holds = [f"{quoted(column)} IS NOT DISTINCT FROM ${at}" for at, column in enumerate(wanted, 1)]
        query = f"SELECT * FROM unified.{quoted(name)}" + (f" WHERE {' AND '.join(holds)}" if holds else "")
        with self.as_it_was(as_of):
            return self.query(query, list(wanted.values()))

    @contextmanager
    def as_it_was(self, moment: str | datetime | None) -> Iterator[None]:
        """Inside, the store shows what it showed after that run, or after the last run that had started by that time (UTC).

        Not for use inside a transaction. None: as it is now.

        Raises:
            UsageError: The ledger knows no such run.
        """
        if moment is None:
            yield
            return
        # Rolled back at the end, and never visible to others.
        with self.transaction(keep=False):
            self._ledger.show(self._ledger.run_at(_moment(moment)))
            yield

    def count(self, table: str, column: str, value: str) -> int:
        """Rows of a unified table in which a column has this value."""
        query = f"SELECT COUNT(*) FROM unified.{quoted(table)} WHERE {quoted(column)} = $1"
        return int(self.query(query, [value]).item())

    def references(self, supplier: Organisation | None, period_end: date | None) -> References:
        """What a return may refer to: current rows of its supplier for this or an earlier period."""
        if supplier is None or period_end is None:
            return lambda _table: None
        return lambda table: self.referable(table, supplier_code=supplier.code, period_end=period_end)

    def referable(self, table: str, *, supplier_code: str, period_end: date) -> pl.DataFrame:
        """Rows of a unified table of this supplier that are current for this or an earlier period."""
        return self.query(
            f"SELECT h.* FROM history.{quoted(table)} AS h "
            "JOIN ledger.current_returns AS c ON c.return_id = h.return_id WHERE c.supplier_code = $1 AND c.period_end <= $2",
            [supplier_code, period_end],
        )

    @typed
    def totals(self, table: str) -> pl.DataFrame:
        """Rows and measures of a unified table, counted at each stage of their way, for every return that has any.

        Returns:
            ``stage`` (String), ``return_id`` (String), and a Decimal column for ``rows`` and each measure, null where it
            is not known. Stages: ``sent`` (counted before rows were mapped), ``stored`` (in the history), ``superseded``
            (rows of current returns that another row with the same key replaces), ``current``, ``replaced`` (the table's
            query shows another row instead), ``unified`` (in the table).
        """
        return self.query(counting.totals(self._contracts.unified_table(table)))

    @typed
    def view_totals(self, view: str) -> list[pl.DataFrame]:
        """Totals of a view beside those of the unified tables, one frame for each that its contract names.

        Returns:
            The columns that the totals are grouped by, ``sent`` and ``shown`` (Decimal): the table's total and the view's.
        """
        contract = self._contracts.unified_table(view)
        sides = counting.view_sides(contract, self._contracts.unified_table)
        found = {query: self.query(query) for query in dict.fromkeys(query for pair in sides for query in pair)}
        return [
            counting.side_by_side(each, number, found[sent], found[shown])
            for number, (each, (sent, shown)) in enumerate(zip(contract.reconciles, sides, strict=True))
        ]

    def in_quarantine(self) -> pl.DataFrame:
        """How many rows of each return are in quarantine: ``return_id`` and ``rows`` (Int64)."""
        return self.query('SELECT return_id, COUNT(*) AS "rows" FROM quarantine.rows GROUP BY return_id')

    @typed
    def findings(self, return_id: str) -> pl.DataFrame:
        """Findings of an attempt: ``code``, ``rule``, ``severity``, ``source_row``, ``column_name``, ``cell``, ``value``, ``message``."""
        return quarantine.findings(self._engine, return_id)

    def release(self) -> None:
        """Lets readers of the schema ``released`` see what the unified tables show now; call it inside a transaction.

        Without a run in the ledger there is nothing to release.
        """
        self._agree_once()
        self._ledger.refresh()
        sequence = released.release(self._engine, self._contracts, now=_now())
        if sequence is not None:
            self._doing.note("release", sequence=sequence)

    def released(self) -> Release | None:
        """The state that was released last; None where nothing has been."""
        return released.newest_release(self._engine)

    def lent(self) -> AbstractContextManager[Any]:
        """A connection for a library that computes in the database itself; None where no library can.

        It is in the current transaction and sees what is not committed yet. What the borrower writes is undone.
        """
        self._ledger.refresh()
        return self._engine.lent()

    @typed
    def query(self, statement: str, parameters: list[object] | None = None) -> pl.DataFrame:
        """Any query on the store's schemas, with ``$1`` for the first parameter. For looking, not for writing."""
        self._ledger.refresh()
        return self._engine.frame(statement, parameters)

    def close(self) -> None:
        """Lets go of the store."""
        self._engine.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)


def _moment(given: str | datetime) -> str | datetime:
    """The id of a run, or a time in UTC without its zone."""
    is_aware = isinstance(given, datetime) and given.tzinfo is not None
    return given.astimezone(UTC).replace(tzinfo=None) if isinstance(given, datetime) and is_aware else given
