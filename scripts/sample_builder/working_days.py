"""Working days in England, for dates that a court could have worked on."""

from datetime import date, timedelta

# Written out so that the sample cannot change with a new release of a calendar package.
BANK_HOLIDAYS = frozenset(
    {
        date(2019, 12, 25),
        date(2019, 12, 26),
        date(2020, 1, 1),
        date(2020, 4, 10),
        date(2020, 4, 13),
        date(2020, 5, 8),
        date(2020, 5, 25),
        date(2020, 8, 31),
        date(2020, 12, 25),
        date(2020, 12, 28),
    }
)


def is_working_day(day: date) -> bool:
    """Whether a day is neither at the weekend nor a bank holiday in England."""
    return day.weekday() < 5 and day not in BANK_HOLIDAYS


def working_days_until(last: date) -> tuple[date, ...]:
    """The working days of the twelve weeks that end with `last`, the earliest first."""
    days = (last - timedelta(days=back) for back in range(83, -1, -1))
    return tuple(day for day in days if is_working_day(day))
