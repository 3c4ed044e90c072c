"""What has come, and on which day: the ledger's times are in UTC, the suppliers' days are not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl

from probation_etl.stores import Store

#: Where the suppliers are.
_ZONE = "Europe/London"


def today() -> date:
    """This day where the suppliers are."""
    return day_of(datetime.now(UTC).replace(tzinfo=None))


def day_of(moment: datetime) -> date:
    """The day of a time in UTC where the suppliers are."""
    return _days_of([moment])[0]


def end_of(day: date) -> datetime:
    """The last moment of a day where the suppliers are, in UTC."""
    after = pl.Series([datetime.combine(day + timedelta(days=1), datetime.min.time())], dtype=pl.Datetime("us"))
    there = after.dt.replace_time_zone(_ZONE).dt.convert_time_zone("UTC").dt.replace_time_zone(None)
    last: datetime = there.item() - timedelta(microseconds=1)
    return last


def arrivals(store: Store, unallocated: Mapping[str, int]) -> list[dict[str, Any]]:
    """The newest attempt at each return, with the day on which the return came, in the order of arrival."""
    runs = store.query("SELECT run_id, started_at FROM ledger.runs")
    days = dict(zip(runs["run_id"], _days_of(runs["started_at"].to_list()), strict=True))
    ledger = store.returns()
    came = {sequence: days[run] for sequence, run in ledger.select("sequence", "run_id").iter_rows()}
    newest = ledger.filter("is_newest").sort("arrival").to_dicts()
    return [
        {**each, "came": came[each["arrival"]], "unallocated": unallocated.get(each["return_id"], 0)} for each in newest
    ]


def _days_of(moments: Iterable[datetime]) -> list[date]:
    """The days of times in UTC where the suppliers are."""
    times = pl.Series(list(moments), dtype=pl.Datetime("us"))
    return times.dt.replace_time_zone("UTC").dt.convert_time_zone(_ZONE).dt.date().to_list()
