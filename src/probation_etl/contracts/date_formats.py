"""Date formats of contracts, in the notation of ODCS: ``dd/MM/yyyy``."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache
from itertools import combinations

_PARTS = {
    "dd": ("[0-9]{2}", "%d"), "d": ("[0-9]{1,2}", "%d"), "MM": ("[0-9]{2}", "%m"), "M": ("[0-9]{1,2}", "%m"),
    "yyyy": ("[0-9]{4}", "%Y"),
}  # fmt: skip


#: Days as ISO 8601 writes them, which every reader takes.
ISO = "yyyy-MM-dd"
#: Names of months; not by strftime, whose names follow the locale.
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def in_words(day: date) -> str:
    """A day as people write it: ``29 November 2020``."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


@lru_cache(maxsize=1 << 10)  # asked for each day that is read by itself
def date_plan(written: str) -> tuple[str, str]:
    """A date format as a pattern for the whole text, and for the parser.

    The pattern comes first because the parser would take ``1/3/20`` for a day in the year 20.

    Raises:
        ValueError: The format has letters other than those for a day, month or year in digits.
    """
    pattern, strptime = "", ""
    for part in re.findall(r"[A-Za-z]+|[^A-Za-z]", written):
        if part.isalpha() and part not in _PARTS:
            raise ValueError(part)
        for_match, for_parser = _PARTS.get(part, (re.escape(part), part))
        pattern, strptime = pattern + for_match, strptime + for_parser
    return f"^{pattern}$", strptime


def format_faults(formats: tuple[str, ...]) -> list[str]:
    """What is wrong with the date formats of one column: unknown parts, or two that read one text as two days."""
    faults = []
    for written in formats:
        try:
            date_plan(written)
        except ValueError as error:
            faults.append(f"‘{written}’ is not a valid date format: ‘{error}’ is not one of dd, d, MM, M, yyyy")
        if sorted(_order(written)) != ["M", "d", "y"]:
            faults.append(f"‘{written}’ is not a valid date format: it must have one day, one month and one year")
        elif _shape(written) == _shape(ISO) and _order(written) != _order(ISO):
            faults.append(f"‘{written}’ reads a text as a different day than {ISO}, the format of dates in workbooks")
    if not faults:
        faults += [
            f"‘{one}’ and ‘{other}’ read one text as two different days"
            for one, other in combinations(formats, 2)
            if _order(one) != _order(other) and _shape(one) == _shape(other)
        ]
    return faults


def _order(written: str) -> str:
    """Which of day, month and year comes first, second and third."""
    return "".join(part[0] for part in re.findall(r"d+|M+|y+", written))


def _shape(written: str) -> str:
    """The format without the difference between days and months: two formats of one shape can read the same text."""
    return re.sub(r"yyyy", "Y", re.sub(r"dd?|MM?", "N", written))
