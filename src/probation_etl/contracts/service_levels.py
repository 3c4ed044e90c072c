"""What a contract agrees on when its returns come: how often, and how many working days after the end of the period."""

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
        number: How many days or months lie between the ends of two periods that follow each other.
    """

    number: int
    unit: Literal["day", "month"]

    def __str__(self) -> str:
        return f"every {self.number} {self.unit}s" if self.number > 1 else f"every {self.unit}"

    def after(self, end: date, periods: int = 1) -> date:
        """The end of the period that is so many after the one that ends on that day; before it, where they are negative."""
        if self.unit == "day":
            return end + timedelta(days=self.number * periods)
        year, month = divmod(end.year * 12 + end.month - 1 + self.number * periods, 12)
        last = monthrange(year, month + 1)[1]
        # The last day of a month is followed by the last day of another.
        closes = end.day == monthrange(end.year, end.month)[1]
        return date(year, month + 1, last if closes else min(end.day, last))

    def ends(self, first: date, last: date) -> list[date]:
        """The ends of periods from one to another day, of which the first is one."""
        return list(takewhile(lambda end: end <= last, (self.after(first, periods) for periods in count())))

    def in_step(self, one: date, other: date) -> bool:
        """Whether a whole number of periods lies between the two ends."""
        first, last = sorted((one, other))
        return self.ends(first, last)[-1] == last


@dataclass(frozen=True)
class ServiceLevel:
    """What a contract agrees on when its returns come.

    Attributes:
        frequency: How often one comes; None where nothing is agreed.
        latency: How many working days after the end of its period it is due; None where nothing is agreed.
        anchor: A day on which a period ends; None where the periods are those that suppliers have sent returns for.
    """

    frequency: Frequency | None = None
    latency: int | None = None
    anchor: date | None = None


#: Where a contract says nothing of it.
NOTHING_AGREED = ServiceLevel()
