"""What can be wrong with the forms of days and times that a contract gives, and days in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from itertools import combinations, pairwise, product

from probation_etl.contracts.forms import ISO, LETTERS_OF_DAYS, LETTERS_OF_TIMES, MONTHS, VARYING, Form, form

#: Moments by which it is seen whether two forms read a text alike: parts of them could be taken for one another.
_MOMENTS = tuple(
    datetime.combine(date(year, month, day), at)
    for year, month, day, at in product(
        (2001, 2003, 2010, 2011, 2012), (1, 2, 5, 11, 12), (1, 2, 3, 11, 12), (time(1, 2, 3), time(12, 11, 10))
    )
)

#: Letters of time zones in the notation of ODCS.
_ZONES = frozenset("zZxXVO")
#: What the format of a cover is called.
_WORDS = {"cover": "date"}


def in_words(day: date) -> str:
    """A day as people write it: ``29 November 2020``."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def format_faults(formats: Sequence[str], pivot: int | None = None, *, kind: str | None = "date") -> list[str]:
    """What is wrong with the formats of one column: unknown parts, or two that read one text as two days.

    Args:
        formats: The formats.
        pivot: The last year that two digits may mean; None where nothing says it.
        kind: What the column holds: ``date``, ``timestamp`` or ``time``; ``cover`` for the dates of a cover sheet.
    """
    faults, forms = list[str](), list[Form]()
    for written in formats:
        try:
            made = form(written, pivot)
        except ValueError as error:
            known = ", ".join((*LETTERS_OF_DAYS, *LETTERS_OF_TIMES))
            zone = "; a time zone is not read" if str(error)[:1] in _ZONES else ""
            faults.append(
                f"‘{written}’ is not a valid {_WORDS.get(kind or '', kind)} format: ‘{error}’ is not one of {known}{zone}"
            )
            continue
        wrong = next(_faults(made, kind), None)
        if wrong:
            faults.append(f"‘{written}’ is not a valid {_WORDS.get(kind or '', kind)} format: {wrong}")
        else:
            forms.append(made)
    iso = form(ISO)
    faults += [
        f"‘{each.written}’ reads a text as a different day than {ISO}, the format of dates in workbooks"
        for each in forms
        if _contradict(each, iso)
    ]
    if not faults:
        faults += [
            f"‘{one.written}’ and ‘{other.written}’ read one text as two different days"
            for one, other in combinations(forms, 2)
            if _contradict(one, other)
        ]
    if pivot is not None and not any("yy" in each.letters for each in forms) and not faults:
        faults.append("yearPivot has no effect: no format has a year of two digits, yy")
    return faults


def _faults(made: Form, kind: str | None) -> Iterator[str]:
    """Why no text can be read in a form, or not surely."""
    if kind == "time":
        if made.order or not made.has_time:
            yield "it must have a time of day alone"
    elif kind in ("timestamp", "cover") and sorted(made.order) != ["M", "d", "y"]:
        yield "it must have one day, one month and one year"
    elif sorted(made.order) not in (["M", "d", "y"], ["M", "y"]):
        yield "it must have one month and one year, and one day unless it is of months alone"
    if kind != "time" and made.has_time and "d" not in made.order:
        yield "it has a time of day, and no day"
    yield from _of_times(made)
    if "yy" in made.letters and kind == "cover":
        yield "a year of two digits may be of any century; write it with four"
    elif "yy" in made.letters and made.pivot is None:
        yield "a year of two digits may be of any century; say with yearPivot which is the last year that they mean"
    digits = [each.letters if each.letters and each.letters not in ("MMM", "MMMM", "a") else "" for each in made.parts]
    for one, other in pairwise(digits):
        if one and other and VARYING & {one, other}:
            yield f"nothing stands between {one} and {other}, so that it is not clear where one ends; write both with two letters"


def _of_times(made: Form) -> Iterator[str]:
    """What is wrong with the time of day in a form."""
    fields = [each for each in made.fields if each not in ("day", "month", "month_name", "year", "year_of_century")]
    if len(set(fields)) < len(fields):
        yield "it has a part of the time twice"
    if ("hour_of_half" in fields) is not ("half" in fields):
        yield "h and a belong together: hours from 1 to 12, with AM or PM"
    needs = (("hour", "hour_of_half"), ("minute",), ("second",), ("fraction",))
    given = [any(each in fields for each in names) for names in needs]
    if "hour" in fields and "hour_of_half" in fields:
        yield "it has the hour twice"
    if given != sorted(given, reverse=True):
        yield "a time of day begins with its hour, and leaves nothing out: HH, then mm, ss and SSS"


def _contradict(one: Form, other: Form) -> bool:
    """Whether a text is read differently by two forms. Those with other signs between their letters read no text alike."""
    if _signs(one) != _signs(other) or (one.is_plain and other.is_plain and one.fields == other.fields):
        return False
    texts = {each.write(moment) for each in (one, other) for moment in _MOMENTS}
    read = ((one.read(text), other.read(text)) for text in texts)
    return any(first is not None and second is not None and first != second for first, second in read)


def _signs(made: Form) -> str:
    return "".join(each.sign for each in made.parts if not each.sign.isalnum())
