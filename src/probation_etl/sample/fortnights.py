"""Days, weeks and fortnights: weeks start on Sunday, and a fortnight is two whole weeks."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from probation_etl.contracts.working_days import WorkingDays

WEEK = timedelta(days=7)


@dataclass(frozen=True, order=True)
class Fortnight:
    """A reporting period of two weeks, from a Sunday to a Saturday."""

    start: date

    @property
    def end(self) -> date:
        """Its last day."""
        return self.start + timedelta(days=13)

    def __contains__(self, day: date | None) -> bool:
        return day is not None and self.start <= day <= self.end


def fortnights(weeks: Iterable[date]) -> list[Fortnight]:
    """The fortnights that weeks make, two by two, in order."""
    return [Fortnight(week) for week in sorted(weeks)[::2]]


@dataclass(frozen=True)
class Calendar:
    """Working days: neither at the weekend nor a bank holiday."""

    holidays: frozenset[date]

    def working_days(self, first: date, last: date) -> list[date]:
        """The working days from one day to another, both included."""
        days = self._all
        return days[bisect_left(days, first) : bisect_right(days, last)]

    def moved(self, day: date, by: int) -> date:
        """The working day so many working days after the day, or before it where the number is below 0."""
        days = self._all
        return days[bisect_left(days, day) + by]

    @cached_property
    def _all(self) -> list[date]:
        return WorkingDays(self.holidays).between(min(self.holidays), max(self.holidays))
