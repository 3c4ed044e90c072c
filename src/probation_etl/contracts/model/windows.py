"""Which days are likely in a return: a window that the contract gives, from some years before it came into force."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from probation_etl.discreet import Discreet

#: How far a side of the window reaches; ``any`` where it has no end, None where the contract does not say.
Side = int | Literal["any"] | None

#: Where the contract does not say: nobody in a return is older. A year typed into a date cell is never within.
_USUAL_YEARS, _EARLIEST = 100, date(1910, 1, 1)


@dataclass(frozen=True)
class DateWindow(Discreet):
    """What a contract, or one of its columns, says of the days that are likely.

    Attributes:
        years_before: Years before the day from which the contract is in force.
        days_after: Days after the period end.
    """

    years_before: Side = None
    days_after: Side = None

    def or_else(self, other: DateWindow) -> DateWindow:
        """This window, with the sides of another where it says nothing of its own."""
        years = other.years_before if self.years_before is None else self.years_before
        days = other.days_after if self.days_after is None else self.days_after
        return DateWindow(years, days)

    def first_day(self, effective_from: date | None) -> date | None:
        """The first likely day; None where every earlier day is likely too."""
        match self.years_before:
            case "any":
                return None
            case int(years) if effective_from:
                return _years_before(effective_from, years)
        return max(_EARLIEST, _years_before(effective_from, _USUAL_YEARS)) if effective_from else _EARLIEST


def _years_before(day: date, years: int) -> date:
    year = max(1, day.year - years)
    try:
        return day.replace(year=year)
    except ValueError:
        return date(year, 3, 1)


#: A contract or column that says nothing of likely days.
NOTHING_SAID = DateWindow()
