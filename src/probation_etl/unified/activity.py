"""Activity exceptions: counts outside the band that an area's own history and its peers give.

Counts are compared as ``y = 2·√(x + 3/8)`` (Anscombe 1948): on this scale the chance variation of a count has a standard
deviation of 1, however small the count. The band of a history is its median ± 3.5 times its spread, where the spread is the
median absolute deviation × 1.4826, and at least 1. The modified z-score of Iglewicz and Hoaglin (1993) calls a value beyond
3.5 an outlier. The band of the peers is made in the same way, around the count that the area would have had if it had
changed as its peers did in that period. A value is an exception if it is outside both bands and not between them.

Pure functions from a frame to exceptions. The contract says which columns are watched.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from itertools import accumulate
from math import sqrt
from statistics import median
from typing import Any, Literal

import polars as pl

from probation_etl.contracts.model import Activity
from probation_etl.discreet import Discreet

#: Turns a median absolute deviation into a standard deviation, for normally distributed values.
_NORMAL = 1.4826
#: The standard deviation of a count of chance events, on the scale of :func:`_scaled`.
_CHANCE = 1.0
#: Keeps the ratio of two counts finite where one of them is 0.
_HALF = 0.5


@dataclass(frozen=True)
class Band:
    """What a value is compared with: the middle, the bounds, and how many values they come from."""

    median: float
    low: float
    high: float
    count: int

    @property
    def shown(self) -> Band:
        """The same to one decimal, as reports and JSON show it."""
        return Band(round(self.median, 1), round(self.low, 1), round(self.high, 1), self.count)


@dataclass(frozen=True)
class ActivityException(Discreet):
    """A value outside its band.

    Attributes:
        table: The view.
        measure: The column that was counted.
        area: The columns that say whose value it is, with their values.
        period: First day of the period.
        value: The count.
        own: The band of its own earlier periods; ``count`` is the number of these periods.
        peers: The band of its peers in the same period. ``median`` is what the area would have had if it had changed as
            they did, ``count`` the number of peers. None where there are too few.
    """

    table: str
    measure: str
    area: Mapping[str, str | None]
    period: date
    value: int
    own: Band
    peers: Band | None

    @property
    def side(self) -> Literal["low", "high"]:
        """On which side of its own band the value is."""
        return "low" if self.value < self.own.median else "high"

    def as_dict(self) -> dict[str, Any]:
        """As JSON, bounds to one decimal."""
        return {
            "table": self.table, "measure": self.measure, "area": dict(self.area), "period": self.period.isoformat(),
            "value": self.value, "side": self.side,
            "own": asdict(self.own.shown), "peers": self.peers and asdict(self.peers.shown),
        }  # fmt: skip


@dataclass
class _Series(Discreet):
    """The counts of one area in order of the periods."""

    area: tuple[Any, ...]
    peers: tuple[Any, ...]
    counts: dict[date, int] = field(default_factory=dict)

    def before(self, period: date, most: int) -> list[int]:
        """Its last counts before a period, at most so many."""
        return [count for each, count in self.counts.items() if each < period][-most:]


def activity_exceptions(rows: pl.DataFrame, activity: Activity, *, table: str) -> list[ActivityException]:
    """Every exception among the newest periods of each area.

    Args:
        rows: One row an area and period: the columns of ``activity``; the period a Date, measures whole numbers. A period
            without a row was not reported; a period without activity must have a row with 0.
        activity: Which columns are watched, and how.
        table: Name of the view, for the result.

    Returns:
        Exceptions by measure, area and period.
    """
    found: list[ActivityException] = []
    for measure in activity.measures:
        series = list(_series(rows, activity, measure))
        found += (each for one in series for each in _of_area(one, series, activity, table, measure))
    return found


def _series(rows: pl.DataFrame, activity: Activity, measure: str) -> Iterable[_Series]:
    names = list(dict.fromkeys((*activity.by, *activity.peers, activity.period, measure)))
    ordered = rows.select(names).drop_nulls([activity.period, measure]).sort(names, nulls_last=True)
    found: dict[tuple[Any, ...], _Series] = {}
    for row in ordered.iter_rows(named=True):
        area, peers = tuple(row[name] for name in activity.by), tuple(row[name] for name in activity.peers)
        series = found.setdefault((area, peers), _Series(area, peers))
        series.counts[row[activity.period]] = series.counts.get(row[activity.period], 0) + int(row[measure])
    for series in found.values():
        series.counts = dict(sorted(series.counts.items()))
    return found.values()


def _of_area(
    one: _Series, all_series: list[_Series], activity: Activity, table: str, measure: str
) -> Iterator[ActivityException]:
    for period in list(one.counts)[-activity.recent :]:
        value, history = one.counts[period], one.before(period, activity.most)
        if len(history) < activity.least:
            continue
        own = _own_band(history, activity.threshold)
        if own.low <= value <= own.high:  # what is usual for the area needs no comparison with others
            continue
        peers = _peers_band(one, all_series, period, activity)
        low, high = (min(own.low, peers.low), max(own.high, peers.high)) if peers else (own.low, own.high)
        if not low <= value <= high:
            area = dict(zip(activity.by, one.area, strict=True))
            yield ActivityException(table, measure, area, period, value, own, peers)


def _own_band(history: list[int], threshold: float) -> Band:
    scaled = [_scaled(count) for count in history]
    middle, spread = median(scaled), _spread(scaled)
    return _band(middle, threshold * spread, len(history))


def _peers_band(one: _Series, all_series: list[_Series], period: date, activity: Activity) -> Band | None:
    """The band around what the area would have had if it had changed as its peers did; None where there are too few."""
    others = [
        (median(history), each.counts[period])
        for each in all_series
        if each is not one and each.peers == one.peers and period in each.counts
        if len(history := each.before(period, activity.most)) >= activity.least
    ]
    if len(others) < activity.least_peers:
        return None
    change = _middle_change(others)
    off = [_scaled(count) - _scaled(usual * change) for usual, count in others]
    usual = median(one.before(period, activity.most))
    return _band(_scaled(usual * change), activity.threshold * _spread(off), len(others))


def _middle_change(others: list[tuple[float, int]]) -> float:
    """The median change, each area weighted by its usual count: an area with few counts says little."""
    ratios = sorted(((count + _HALF) / (usual + _HALF), usual + _HALF) for usual, count in others)
    reached = list(accumulate(weight for _, weight in ratios))
    return next(ratio for (ratio, _), weight in zip(ratios, reached, strict=True) if 2 * weight >= reached[-1])


def _scaled(count: float) -> float:
    return 2 * sqrt(count + 3 / 8)


def _count(scaled: float) -> float:
    return max(0.0, (max(scaled, 0.0) / 2) ** 2 - 3 / 8)


def _spread(scaled: list[float]) -> float:
    middle = median(scaled)
    return max(_NORMAL * median(abs(each - middle) for each in scaled), _CHANCE)


def _band(middle: float, width: float, count: int) -> Band:
    return Band(_count(middle), _count(middle - width), _count(middle + width), count)
