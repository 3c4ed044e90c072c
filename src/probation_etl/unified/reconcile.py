"""Compares rows and totals at every stage, from the control total to the view. If two differ, nothing is loaded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from probation_etl.contracts.checks.measures import ROWS
from probation_etl.contracts.numbers import json_value
from probation_etl.discreet import Discreet
from probation_etl.unified.stage_totals import Number, StageTotals, ViewTotal, refuse


@dataclass(frozen=True)
class Reconciliation(Discreet):
    """One measure of one table, counted from the returns and again in the store.

    It covers one return, all returns of a provider for a period, or all returns together.

    Attributes:
        scope: ``run``: what the run loaded. ``store``: all returns that are current after it.
        return_id: The return; None for several together.
        superseded: The part of ``in_store`` that rows of another return supersede.
        replaced: The part of ``in_store`` for which the query of the unified table shows another row.
        in_unified: What the unified table shows: ``in_store`` less these two.
        silent: Whether its totals must not be shown: they are None then.
    """

    table: str
    measure: str
    from_returns: Number | None
    in_store: Number | None
    scope: str = "run"
    provider: str | None = None
    period_end: date | None = None
    contract_id: str | None = None
    return_id: str | None = None
    status: str | None = None
    control: int | None = None
    read: int | None = None
    accepted: int | None = None
    quarantined: int | None = None
    superseded: Number | None = 0
    replaced: Number | None = 0
    in_unified: Number | None = 0
    silent: bool = False

    def as_dict(self) -> dict[str, Any]:
        """As JSON: whole numbers without decimals."""
        return {key: json_value(value) for key, value in vars(self).items() if key != "silent"}

    def as_shown(self) -> Reconciliation:
        """Without the totals, if they must not be shown."""
        if not self.silent:
            return self
        return replace(self, from_returns=None, in_store=None, superseded=None, replaced=None, in_unified=None)


def reconcile(
    found: Iterable[StageTotals], views: Iterable[ViewTotal], together: Iterable[Reconciliation], *, run_id: str
) -> list[Reconciliation]:
    """Compares every stage with the one before it.

    Args:
        found: Every measure of the returns that the run concerns, and of those that may not agree.
        views: Totals of the views.
        together: All current returns of the store, by table and measure.
        run_id: The run whose returns are listed one by one.

    Returns:
        What the run loaded, by table and measure; all current returns, by table and measure, then by view; those of the providers
        and periods that the run concerns; and what the run loaded, by return.

    Raises:
        ReconciliationError: A count differs; the caller must not commit.
    """
    listed, shown_in_views = list(found), list(views)
    refuse(text for each in listed for text in each.differences())
    refuse(text for each in shown_in_views for text in each.differences())
    of_run = [_entry(each, "run") for each in listed if each.of.run_id == run_id]
    current = [_entry(each, "store") for each in listed if each.of.status == "current"]
    by_return = sorted(
        of_run, key=lambda each: (each.provider or "", str(each.period_end), each.table, str(each.return_id))
    )
    of_store = [*together, *_of_views(shown_in_views), *_by_period(current)]
    return [each.as_shown() for each in (*_added_up(of_run), *of_store, *by_return)]


def _entry(way: StageTotals, scope: str) -> Reconciliation:
    rows, counts = way.measure == ROWS, way.of.status == "current"
    stored = way.current if way.joined else way.stored
    return Reconciliation(
        way.table, way.measure, stored if way.sent is None else way.sent, stored, scope,
        provider=way.of.provider, period_end=way.of.period_end, contract_id=way.of.contract_id,
        return_id=way.of.return_id, status=way.of.status,
        control=way.of.control if rows else None, read=way.of.read if rows else None,
        accepted=way.of.accepted if rows else None, quarantined=way.of.quarantined if rows else None,
        superseded=way.superseded if counts else stored, replaced=way.replaced, in_unified=way.unified, silent=way.silent,
    )  # fmt: skip


def _added_up(entries: Iterable[Reconciliation]) -> list[Reconciliation]:
    """All returns together, by table and measure. There is a control total only if every return has one."""
    groups: dict[tuple[str, str], list[Reconciliation]] = {}
    for each in entries:
        groups.setdefault((each.table, each.measure), []).append(each)
    return [_together(group) for _, group in sorted(groups.items(), key=lambda item: item[0][0])]


def _by_period(entries: Iterable[Reconciliation]) -> Iterator[Reconciliation]:
    """The same for each provider and period, so that a supplier finds what it sent, whichever run loaded it."""
    groups: dict[tuple[str, str], list[Reconciliation]] = {}
    for each in entries:
        groups.setdefault((each.provider or "", str(each.period_end)), []).append(each)
    for _, group in sorted(groups.items(), key=lambda item: item[0]):
        yield from (
            replace(each, provider=group[0].provider, period_end=group[0].period_end) for each in _added_up(group)
        )


def _together(group: list[Reconciliation]) -> Reconciliation:
    first = group[0]
    return Reconciliation(
        first.table, first.measure, _sum(each.from_returns for each in group), _sum(each.in_store for each in group),
        first.scope,
        control=_sum_of_all(each.control for each in group), read=_sum_of_all(each.read for each in group),
        accepted=_sum_of_all(each.accepted for each in group),
        quarantined=_sum_of_all(each.quarantined for each in group),
        superseded=_sum(each.superseded for each in group), replaced=_sum(each.replaced for each in group),
        in_unified=_sum(each.in_unified for each in group), silent=first.silent,
    )  # fmt: skip


def _sum(numbers: Iterable[Number | None]) -> Number:
    return sum(each or 0 for each in numbers)


def _sum_of_all(numbers: Iterable[int | None]) -> int | None:
    known = list(numbers)
    return None if None in known else sum(each or 0 for each in known)


def _of_views(views: Iterable[ViewTotal]) -> list[Reconciliation]:
    sums: dict[tuple[str, str, bool], list[Number]] = {}
    for each in views:
        so_far = sums.setdefault((each.view, each.measure, each.silent), [0, 0])
        so_far[0], so_far[1] = so_far[0] + each.sent, so_far[1] + each.shown
    return [
        Reconciliation(view, measure, sent, given, "store", in_unified=sent, silent=silent)
        for (view, measure, silent), (sent, given) in sums.items()
    ]
