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

from probation_etl.result import ReturnResult


@dataclass(frozen=True)
class RunRecord:
    """A run, as the ledger keeps it."""

    run_id: str
    started_at: datetime
    contracts_digest: str
    program_version: str


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
    def begin_run(self, run: RunRecord) -> None:
        """Writes the run into the ledger."""

    @abstractmethod
    def load(self, result: ReturnResult, unified: Mapping[str, pl.DataFrame], *, run: RunRecord | None = None) -> None:
        """Writes one return: its ledger entry, its unified rows, its quarantine and findings.

        Args:
            result: The return.
            unified: Rows by unified table, as from harmonising; left out where the return is not loadable.
            run: The run that it belongs to; by default one of its own.
        """

    @abstractmethod
    def known(self, sha256: str) -> list[dict[str, Any]]:
        """Ledger entries of a file with this content, as dicts by column."""

    @abstractmethod
    def has_run(self, run_id: str) -> bool:
        """Whether the ledger holds that run."""

    @abstractmethod
    def table(self, name: str) -> pl.DataFrame:
        """A unified table or view as a frame: the columns of its contract, and for tables the lineage columns."""

    @abstractmethod
    def count(self, table: str, column: str, value: str) -> int:
        """Rows of a unified table in which a column has this value."""

    @abstractmethod
    def referable(self, table: str, *, supplier_code: str, period_end: date) -> pl.DataFrame:
        """Rows of a unified table of this supplier that are current for this or an earlier period."""

    @abstractmethod
    def total(self, table: str, measure: str | None, *, return_ids: list[str]) -> int | Decimal:
        """Rows (measure None) or the sum of a column in the history of a table, over these returns."""

    @abstractmethod
    def returns(self) -> pl.DataFrame:
        """The ledger of returns, one row a return, with ``is_current`` (Boolean)."""

    @abstractmethod
    def close(self) -> None:
        """Lets go of the store."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()
