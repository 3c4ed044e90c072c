"""What a working day is: Monday to Friday, bank holidays excepted. Polars counts them, for one day and for a column alike."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Literal

import polars as pl


@dataclass(frozen=True)
class WorkingDays:
    """The working days of a country.

    Attributes:
        bank_holidays: As far as they are known. After the last of them only Saturdays and Sundays are days off.
    """

    bank_holidays: Collection[date] = ()

    @cached_property
    def _days_off(self) -> tuple[date, ...]:
        return tuple(sorted(self.bank_holidays))

    def count(self, first: pl.Expr, end: pl.Expr) -> pl.Expr:
        """How many working days there are from one day on and before the other; negative where that is the earlier one."""
        return pl.business_day_count(first, end, holidays=self._days_off)

    def between(self, first: date, last: date) -> list[date]:
        """The working days from one day to another, both included."""
        days = pl.date_range(first, last, eager=True)
        return days.filter(days.dt.is_business_day(holidays=self._days_off)).to_list()

    def due(self, period_end: date, latency: int) -> date:
        """The last day on which a return is in time.

        Args:
            period_end: Last day of the period; it is not counted.
            latency: Working days that follow it.
        """
        # From a day off on, the first working day after it is the first that counts.
        return self._moved(period_end, by=latency, roll="backward" if latency else "forward")

    def late(self, due: date, on: date) -> int:
        """How many working days late something is that came on one day and was due on the other; 0 if it was in time.

        What comes on a day off counts as coming on the next working day.
        """
        if on <= due:
            return 0
        came = self._moved(on, by=0, roll="forward")
        day = timedelta(days=1)
        return int(pl.select(self.count(pl.lit(due + day), pl.lit(came + day))).item())

    def _moved(self, day: date, *, by: int, roll: Literal["forward", "backward"]) -> date:
        """The day so many working days later; a day off is first moved to the working day after or before it."""
        asked = day, by, roll
        if asked not in self._moves:
            self._moves[asked] = pl.Series([day]).dt.add_business_days(by, holidays=self._days_off, roll=roll).item()
        return self._moves[asked]

    @cached_property
    def _moves(self) -> dict[tuple[date, int, str], date]:
        """Days that were asked for: thousands of returns are due on a few of them."""
        return {}
