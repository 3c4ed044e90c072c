"""What every store can do. A store keeps history, quarantine and ledger together: they become visible together."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from types import TracebackType
from typing import Any, Self

import polars as pl

from probation_etl.intake.result import ReturnResult

#: Totals of one return by unified table and measure; the measure ``rows`` counts rows.
Totals = Mapping[str, Mapping[str, int | Decimal]]


@dataclass(frozen=True)
class RunRecord:
    """A run, as the ledger keeps it."""

    run_id: str
    started_at: datetime
    contracts_digest: str
    program_version: str


@dataclass(frozen=True)
class Release:
    """The state that readers of the schema ``released`` see.

    Attributes:
        run_id: The run up to which it shows what was loaded.
        released_at: Since when (UTC).
        contracts_digest: The contracts and reference tables by which it was made.
        is_newest: Whether nothing has been loaded, and no contract changed, since.
    """

    run_id: str
    released_at: datetime
    contracts_digest: str
    is_newest: bool

    def as_dict(self) -> dict[str, Any]:
        """The release as JSON: the last run in it, and when it was made."""
        return {"run_id": self.run_id, "released_at": f"{self.released_at.isoformat(timespec='seconds')}Z"}


class Store(ABC):
    """The unified tables with all that led to them.

    Use it as a context manager. Nothing is visible to others before :meth:`transaction` ends without an error.
    """

    @abstractmethod
    def transaction(self, *, keep: bool = True) -> AbstractContextManager[None]:
        """All or nothing: what is written inside becomes visible when the block ends, or not at all.

        Args:
            keep: False to undo everything at the end (a dry run).
        """

    @abstractmethod
    def prepare(self) -> bool:
        """Brings the store up to date with the program and the contracts; call it inside a transaction.

        Returns:
            Whether it took over contracts or reference tables that it did not have before.

        Raises:
            StoreError: The store is newer than the program.
            ContractError: The store does not understand the query of a contract.
        """

    @abstractmethod
    def begin_run(self, run: RunRecord) -> None:
        """Writes the run into the ledger."""

    @abstractmethod
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

    @abstractmethod
    def keep(self, sha256: str, content: bytes) -> None:
        """Keeps the content of a received file, once."""

    @abstractmethod
    def content(self, sha256: str) -> bytes | None:
        """The content of a received file, None where it was not kept."""

    @abstractmethod
    def decide(self, original_id: str, *, withdrawn: bool, reason: str, run: RunRecord) -> None:
        """Writes down that a return is withdrawn, or counts again."""

    @abstractmethod
    def settle(self, original_id: str) -> None:
        """Writes down that a return was judged in the light of all that the store holds now."""

    @abstractmethod
    def known(self, sha256: str) -> list[dict[str, Any]]:
        """Ledger entries of a file with this content, as dicts by column."""

    @abstractmethod
    def sent_for(self, supplier_code: str, kind: str, period_end: date) -> list[dict[str, Any]]:
        """Ledger entries of all that a supplier sent of one kind for one period, as dicts by column, in their order."""

    @abstractmethod
    def known_by_content(self) -> dict[str, list[dict[str, Any]]]:
        """All ledger entries by SHA-256, as :meth:`known` gives them: for whoever asks about many files."""

    @abstractmethod
    def has_run(self, run_id: str) -> bool:
        """Whether the ledger holds that run."""

    @abstractmethod
    def table(
        self, name: str, *, as_of: str | datetime | None = None, where: Mapping[str, Any] | None = None
    ) -> pl.DataFrame:
        """A unified table or view as a frame: the columns of its contract, and for tables the lineage columns.

        Args:
            name: The table.
            as_of: Shows it as it was after that run, or after the last run that had started by that time (UTC).
            where: Columns with the values that rows must have; None where there must be none.

        Raises:
            UsageError: The ledger knows no such run.
        """

    @abstractmethod
    def as_it_was(self, moment: str | datetime | None) -> AbstractContextManager[None]:
        """Inside, the store shows what it showed after that run, or after the last run that had started by that time (UTC).

        Not for use inside a transaction. None: as it is now.

        Raises:
            UsageError: The ledger knows no such run.
        """

    @abstractmethod
    def count(self, table: str, column: str, value: str) -> int:
        """Rows of a unified table in which a column has this value."""

    @abstractmethod
    def referable(self, table: str, *, supplier_code: str, period_end: date) -> pl.DataFrame:
        """Rows of a unified table of this supplier that are current for this or an earlier period."""

    @abstractmethod
    def totals(self, table: str) -> pl.DataFrame:
        """Rows and measures of a unified table, counted at each stage of their way, for every return that has any.

        Returns:
            ``stage`` (String), ``return_id`` (String), and a Decimal column for ``rows`` and each measure, null where it
            is not known. Stages: ``sent`` (counted before rows were mapped), ``stored`` (in the history), ``superseded``
            (of current returns, another row with the same key stands for them), ``current``, ``replaced`` (the table's
            query leaves them out for another row), ``unified`` (in the table).
        """

    @abstractmethod
    def view_totals(self, view: str) -> list[pl.DataFrame]:
        """Totals of a view beside those of the unified tables, one frame for each that its contract names.

        Returns:
            The columns by which it is told, ``sent`` and ``shown`` (Decimal): the table's total and the view's.
        """

    @abstractmethod
    def in_quarantine(self) -> pl.DataFrame:
        """How many rows of each return are in quarantine: ``return_id`` and ``rows`` (Int64)."""

    @abstractmethod
    def returns(self) -> pl.DataFrame:
        """The ledger of returns, one row an attempt, in the order of the ledger.

        Beside the ledger's columns: ``is_current`` (its rows are in the unified tables), ``is_newest`` (no later attempt at the
        same return), ``withdrawn`` (Booleans), ``arrival`` (Int64: the sequence of its first attempt; null where not newest),
        ``settled_at`` and ``decided_at`` (Int64: the ledger's sequence at which it was last judged in the light of all others,
        and last withdrawn or reinstated).
        """

    @abstractmethod
    def findings(self, return_id: str) -> pl.DataFrame:
        """Findings of an attempt: ``code``, ``rule``, ``severity``, ``source_row``, ``column_name``, ``cell``, ``value``, ``message``."""

    @abstractmethod
    def release(self) -> None:
        """Lets readers of the schema ``released`` see what the unified tables show now; call it inside a transaction.

        Without a run in the ledger there is nothing to release.
        """

    @abstractmethod
    def released(self) -> Release | None:
        """The state that was released last; None where nothing has been."""

    @abstractmethod
    def lent(self) -> AbstractContextManager[Any]:
        """A connection for a library that computes in the database itself; None where no library can.

        It is in the current transaction and sees what is not committed yet. What the borrower writes is undone.
        """

    @abstractmethod
    def query(self, statement: str, parameters: list[Any] | None = None) -> pl.DataFrame:
        """Any query on the store's schemas, with ``$1`` for the first parameter. For looking, not for writing."""

    @abstractmethod
    def close(self) -> None:
        """Lets go of the store."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()
