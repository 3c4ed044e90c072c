"""Which returns have come, and on which day. Times in the ledger are in UTC, days are those of the suppliers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import polars as pl

from probation_etl.discreet import Discreet
from probation_etl.stores import LedgerEntry, Store

#: Where the suppliers are.
_ZONE = "Europe/London"


def today() -> date:
    """Today, where the suppliers are."""
    return day_of(datetime.now(UTC).replace(tzinfo=None))


def day_of(moment: datetime) -> date:
    """The day of a UTC time, where the suppliers are."""
    return _days_of([moment])[0]


def end_of(day: date) -> datetime:
    """The last moment of a day where the suppliers are, in UTC."""
    after = pl.Series([datetime.combine(day + timedelta(days=1), datetime.min.time())], dtype=pl.Datetime("us"))
    there = after.dt.replace_time_zone(_ZONE).dt.convert_time_zone("UTC").dt.replace_time_zone(None)
    last: datetime = there.item() - timedelta(microseconds=1)
    return last


@dataclass(frozen=True)
class Arrived(Discreet):
    """A return that has come.

    Attributes:
        entry: The newest attempt at it.
        came: The day on which it came.
        unallocated: How many of its rows have no region or the like.
    """

    entry: LedgerEntry
    came: date
    unallocated: int


def arrivals(store: Store, unallocated: Mapping[str, int]) -> list[Arrived]:
    """The returns that have come, in the order of arrival."""
    runs = store.query("SELECT run_id, started_at FROM ledger.runs")
    days = dict(zip(runs["run_id"], _days_of(runs["started_at"].to_list()), strict=True))
    entries = store.ledger.entries()
    came = {each.sequence: days[each.run_id] for each in entries}
    # The newest attempt at a return knows the place of the first, which is when the return came.
    newest = {each.arrival: each for each in entries if each.arrival is not None}
    return [Arrived(each, came[at], unallocated.get(each.return_id, 0)) for at, each in sorted(newest.items())]


def _days_of(moments: Iterable[datetime]) -> list[date]:
    """The days of UTC times, where the suppliers are."""
    times = pl.Series(list(moments), dtype=pl.Datetime("us"))
    return times.dt.replace_time_zone("UTC").dt.convert_time_zone(_ZONE).dt.date().to_list()
