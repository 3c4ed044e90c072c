"""When the returns of a contract are expected, how many working days after the end of the period, and how long they are kept."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count, takewhile
from typing import Literal


@dataclass(frozen=True)
class Frequency:
    """How often a return comes: every so many days or months.

    Attributes:
        number: How many days or months there are between the ends of two consecutive periods.
    """

    number: int
    unit: Literal["day", "month"]

    def __str__(self) -> str:
        return f"every {self.number} {self.unit}s" if self.number > 1 else f"every {self.unit}"

    def after(self, end: date, periods: int = 1) -> date:
        """The end of the period that comes so many periods after the one ending on that day; before it if negative."""
        if self.unit == "day":
            return end + timedelta(days=self.number * periods)
        year, month = divmod(end.year * 12 + end.month - 1 + self.number * periods, 12)
        last = monthrange(year, month + 1)[1]
        # A period that ends on the last day of a month is followed by one that ends on the last day of a month.
        closes = end.day == monthrange(end.year, end.month)[1]
        return date(year, month + 1, last if closes else min(end.day, last))

    def ends(self, first: date, last: date) -> list[date]:
        """The ends of periods from a first to a last day; the first day is one of them."""
        return list(takewhile(lambda end: end <= last, (self.after(first, periods) for periods in count())))

    def in_step(self, one: date, other: date) -> bool:
        """Whether a whole number of periods lies between the two ends."""
        first, last = sorted((one, other))
        return self.ends(first, last)[-1] == last


@dataclass(frozen=True)
class ServiceLevel:
    """When the returns of a contract are expected.

    Attributes:
        frequency: How often one comes; None where nothing is agreed.
        latency: Working days between the end of a period and the day its return is due; None where nothing is agreed.
        anchor: A day on which a period ends; None where periods are known only from the returns that suppliers have sent.
        retention: How long after the end of its period a return is kept; None where it is kept for good.
    """

    frequency: Frequency | None = None
    latency: int | None = None
    anchor: date | None = None
    retention: Frequency | None = None


#: The service level of a contract that gives none.
NOTHING_AGREED = ServiceLevel()
