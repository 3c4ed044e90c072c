"""Entries of the ledger as values: runs, attempts at returns, and what has become of each attempt since."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Self

from probation_etl.discreet import Discreet
from probation_etl.intake.claims import Claim

#: Totals of one return by unified table and measure; the measure ``rows`` counts rows.
Totals = Mapping[str, Mapping[str, int | Decimal]]


@dataclass(frozen=True)
class RunRecord(Discreet, tells=("run_id",)):
    """A run, as the ledger keeps it."""

    run_id: str
    started_at: datetime
    contracts_digest: str
    program_version: str


@dataclass(frozen=True)
class Decision(Discreet):
    """A return was withdrawn, or reinstated."""

    sequence: int
    run_id: str
    original_id: str
    withdrawn: bool
    reason: str


@dataclass(frozen=True)
class Repeat(Discreet):
    """Content of a return came again while another return counts, and somebody was told: the file this time."""

    sequence: int
    run_id: str
    original_id: str
    file: str


@dataclass(frozen=True)
class Purge(Discreet, tells=("return_id",)):
    """What was kept of an attempt at a return was removed for good, because its time was over.

    Attributes:
        kept_until: The last day on which it had to be kept.
    """

    sequence: int
    run_id: str
    return_id: str
    kept_until: date
    reason: str


@dataclass(frozen=True, kw_only=True)
class Attempt(Discreet, tells=("return_id", "verdict")):
    """One attempt at a return: a row of ``ledger.returns``, which is never changed.

    The first attempt is made when a file arrives. A later one has the same ``original_id`` and is made when the rows that
    the return refers to have changed, and its outcome with them.

    Attributes:
        return_id: Name of the attempt.
        original_id: Name of the first attempt at the same return.
        sequence: Place in the ledger.
        contract_id: Contract that the return was validated against; None where none fits.
        kind: Kind of return: versions and layouts of a contract share it.
        loaded: Whether its rows went into the history.
        unresolved: Whether it refers to rows that have not arrived.
        control_rows: Rows that the supplier announced on the cover.
        contested: Whether it was rejected because of another file. It is taken again while its file lies in the inbox, and
            arrives only then.
    """

    return_id: str
    original_id: str
    sequence: int
    run_id: str
    file: str
    sheet: str | None
    sha256: str
    contracts_digest: str
    contract_id: str | None
    contract_version: str | None
    kind: str | None
    supplier_code: str | None
    supplier_name: str | None
    period_start: date | None
    period_end: date | None
    verdict: str
    loaded: bool
    unresolved: bool
    attempt: int
    rows_read: int
    rows_accepted: int
    rows_quarantined: int
    rows_blank: int
    rows_notes: int
    errors: int
    warnings: int
    control_rows: int | None
    contested: bool

    @property
    def claim(self) -> Claim | None:
        """What the return claims to be; None unless contract, supplier and period are known."""
        if self.supplier_code is None or self.kind is None or self.period_end is None:
            return None
        return Claim(self.supplier_code, self.kind, self.period_end)

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        """The entry from a row of the database, by column."""
        return cls(**row)

    @classmethod
    def of_row(cls, names: Sequence[str], row: Sequence[Any]) -> Self:
        """The same from a row and the names of its columns, which are all fields."""
        # A frozen value sets its fields one by one, which takes longer than to read the row.
        made = object.__new__(cls)
        vars(made).update(zip(names, row, strict=True))
        return made

    @property
    def is_nil(self) -> bool:
        """Whether the return says, validly, that there is nothing to report."""
        return self.loaded and self.rows_read == 0


@dataclass(frozen=True, kw_only=True)
class LedgerEntry(Attempt):
    """An attempt together with what has become of it since.

    Attributes:
        is_current: Whether its rows are in the unified tables.
        is_newest: Whether there is no later attempt at the same return.
        withdrawn: Whether the return has been withdrawn.
        arrival: Sequence of the first attempt at the return that was not contested, or else of the first; None for all but the newest attempt.
        settled_at: Sequence up to which the ledger was taken into account when the return was last validated.
        decided_at: Sequence of the last decision to withdraw or reinstate the return; 0 where there is none.
        purged_at: Sequence of the entry that its rows, findings and content were removed for good; 0 where they are kept.
    """

    is_current: bool
    is_newest: bool
    withdrawn: bool
    arrival: int | None
    settled_at: int
    decided_at: int
    purged_at: int
