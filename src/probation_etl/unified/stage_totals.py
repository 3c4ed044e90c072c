"""Totals of each measure of each return at every stage, from the supplier's control total to the view.

Every stage must have the total of the one before it:

    control total = rows read = accepted + quarantined, and as many rows are in quarantine
    accepted = sent (counted before rows are mapped) = stored (the history), unless a row becomes several
    stored = superseded (another return has a row with the same key) + current
    current = replaced (the query of the table shows another row instead) + shown in the unified table
    unified table = view, for each group of rows that the view's contract names
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Literal

import polars as pl

from probation_etl.contracts.checks.measures import ROWS
from probation_etl.contracts.model import TableContract
from probation_etl.contracts.numbers import plain_number
from probation_etl.discreet import Discreet
from probation_etl.errors import ReconciliationError

Number = int | Decimal
Status = Literal["current", "superseded", "withdrawn", "rejected"]
#: How many differences an error lists.
NAMED = 10
_COUNTED = ("stored", "superseded", "current", "replaced", "unified")


@dataclass(frozen=True)
class ReceivedReturn(Discreet):
    """A return as the ledger records it.

    Attributes:
        status: What its rows are now: ``current``, ``superseded`` (by a correction), ``withdrawn`` or ``rejected``.
        in_quarantine: How many of its rows are in the quarantine table.
        unpivoted: Whether one of its rows can become several unified rows.
    """

    return_id: str
    contract_id: str | None
    provider: str | None
    period_end: date | None
    status: Status
    control: int | None
    read: int
    accepted: int
    quarantined: int
    in_quarantine: int
    run_id: str
    unpivoted: bool = False

    @property
    def name(self) -> str:
        """Who sent it for which period, for messages."""
        return f"{self.provider or 'unknown provider'}, period to {self.period_end or 'unknown'} ({self.return_id})"


@dataclass(frozen=True)
class StageTotals(Discreet):
    """One measure of one return, counted at each stage.

    Attributes:
        sent: None where the ledger does not have it: the measure is newer than the return, or its expression has changed.
        joined: Whether the measure comes from a joined column, which no return sends: it starts at the current rows.
        silent: Whether its totals must not be shown.
    """

    table: str
    measure: str
    of: ReceivedReturn
    sent: Number | None
    stored: Number
    superseded: Number
    current: Number
    replaced: Number
    unified: Number
    joined: bool
    silent: bool = False

    def differences(self) -> Iterator[str]:
        """Every stage that differs from the one before it, in words with both numbers, unless these must not be shown."""
        for one, first, other, second in self._steps():
            if first is not None and second is not None and first != second:
                both = (
                    f"the total {one} is not that {other}"
                    if self.silent
                    else f"{plain_number(first)} {one}, {plain_number(second)} {other}"
                )
                yield f"{self.table}.{self.measure} of {self.of.name}: {both}"

    def _steps(self) -> Iterator[tuple[str, Number | None, str, Number | None]]:
        loaded, counts = self.of.status != "rejected", self.of.status == "current"
        if self.measure == ROWS:
            parts = self.of.accepted + self.of.quarantined
            yield "announced", self.of.control if loaded else None, "read", self.of.read
            yield "read", self.of.read, "accepted or quarantined", parts
            yield "quarantined", self.of.quarantined, "in quarantine", self.of.in_quarantine
            yield from self._mapped()
        if not self.joined:
            yield "counted before mapping", self.sent, "in the history", self.stored
            current = self.superseded + self.current
            yield "of its rows that count", self.stored if counts else 0, "current or superseded", current
        yield "current", self.current, "in the unified table or replaced there", self.unified + self.replaced

    def _mapped(self) -> Iterator[tuple[str, Number | None, str, Number | None]]:
        """A row of a return becomes one row of the table, or several where the mapping unpivots it."""
        if self.of.unpivoted:
            yield "accepted", self.of.accepted, "in the history at least once", min(self.of.accepted, self.stored)
            return
        yield "accepted", self.of.accepted, "counted before mapping", self.sent
        yield "accepted", self.of.accepted, "in the history", self.stored


@dataclass(frozen=True)
class ViewTotal(Discreet):
    """A total of a view in one group of its rows, beside that of the unified table."""

    view: str
    table: str
    measure: str
    group: Mapping[str, Any] = field(default_factory=dict)
    sent: Number = 0
    shown: Number = 0
    silent: bool = False

    def differences(self) -> Iterator[str]:
        """The difference, if there is one, in words with both numbers, unless these must not be shown."""
        if self.sent != self.shown:
            group = ", ".join(f"{name} {'empty' if value is None else value}" for name, value in self.group.items())
            place = f"{self.view}.{self.measure}, {group}, all periods"
            both = f"{plain_number(self.sent)} in {self.table}, {plain_number(self.shown)} in the view"
            yield f"{place}: {f'the total in {self.table} is not that in the view' if self.silent else both}"


def stage_totals(unified: TableContract, totals: pl.DataFrame, returns: Iterable[ReceivedReturn]) -> list[StageTotals]:
    """Every measure of some returns of a unified table.

    Args:
        unified: The table.
        totals: What the store counts of them, as :meth:`~probation_etl.stores.Store.totals` gives it.
        returns: The returns.

    Raises:
        ReconciliationError: The store holds rows of a return that is none of these.
    """
    stages: dict[str, dict[str, dict[str, Any]]] = {}
    for row in totals.to_dicts():
        stages.setdefault(row["return_id"], {})[row["stage"]] = row
    known = list(returns)
    strangers = sorted(set(stages) - {each.return_id for each in known}, key=str)
    refuse(
        f"{unified.table}: {plain_number(_of(stages[name], 'stored', ROWS))} rows of ‘{name}’, which the ledger does not know as a "
        "return of this table"
        for name in strangers
    )
    joined = {each.name for each in unified.measures if each.counterpart}
    return [
        _totals_of(
            unified.table,
            measure,
            each,
            stages.get(each.return_id, {}),
            joined=measure in joined,
            silent=measure in unified.silent_measures,
        )
        for each in known
        for measure in _measures(unified, each)
    ]


def _measures(unified: TableContract, of: ReceivedReturn) -> tuple[str, ...]:
    """Only rows are counted for a rejected return: none of its measures are loaded."""
    return (ROWS,) if of.status == "rejected" else (ROWS, *(each.name for each in unified.measures))


def _totals_of(
    table: str, measure: str, of: ReceivedReturn, stages: Mapping[str, Mapping[str, Any]], *, joined: bool, silent: bool
) -> StageTotals:
    sent = stages.get("sent", {}).get(measure)
    stored, superseded, current, replaced, unified = (_of(stages, stage, measure) for stage in _COUNTED)
    return StageTotals(table, measure, of, sent, stored, superseded, current, replaced, unified, joined, silent)


def _of(stages: Mapping[str, Mapping[str, Any]], stage: str, measure: str) -> Number:
    return stages.get(stage, {}).get(measure) or 0


def refuse(differences: Iterable[str]) -> None:
    """Raises if there is a difference.

    Raises:
        ReconciliationError: There is one; the message lists the first of them.
    """
    lines = list(differences)
    if lines:
        more = f"; and {len(lines) - NAMED} more" if len(lines) > NAMED else ""
        raise ReconciliationError(f"Totals do not agree, so nothing was loaded: {'; '.join(lines[:NAMED])}{more}.")
