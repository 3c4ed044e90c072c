"""Days, moments, times of day and lengths of time worth trying in a column, and what their texts mean."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from probation_etl.contracts.forms import ISO, USUAL, form
from probation_etl.contracts.model import Column
from probation_etl.intake.parse import read_date
from probation_etl.proof.hints import Hints

Moment = date | time | timedelta
#: Days, at least, from one month to the one before.
_MONTH = 31
_DAYS_BEFORE = (0, 1, 7, 28, 91, 400)
#: Days whose year has four digits.
_YEARS = range(date(1000, 1, 1).toordinal(), date.max.toordinal() + 1)
_LARGEST = 1000
_SOME_DAY = date(2000, 1, 1)
_TIMES = (time(9, 30), time(10), time(17, 5), time(), time(23, 59, 59))
_LENGTHS = (timedelta(hours=1), timedelta(minutes=30), timedelta(), timedelta(hours=25, minutes=30), timedelta(days=3))
#: Seconds on both sides of a line.
_BESIDE = (0, 1, -1, 60, -60)


def days(column: Column, hints: Hints, period_end: date) -> Iterator[str]:
    """Days about the period end, and about those that bounds and rules name; of a column of moments, moments too."""
    quoted = [read_date(text, ISO) for text in hints.texts]
    lines = [day for day in (*column.interval.bounds, *quoted) if isinstance(day, date)]
    offsets = [int(number) for number in hints.numbers if number <= _LARGEST]
    before = dict.fromkeys([*_DAYS_BEFORE, *(more for each in offsets for more in (each, each + 1, 2 * each + 7)), -1])
    ordinals = [period_end.toordinal() - each for each in before]
    ordinals += [line.toordinal() + each for line in lines for each in (0, 1, -1)]
    yield from (written_day(date.fromordinal(each), column) for each in dict.fromkeys(ordinals) if each in _YEARS)
    if column.type == "timestamp":
        named = [found for text in hints.texts for each in USUAL["timestamp"] if (found := form(each).read(text))]
        moments = [each for each in (*column.interval.bounds, *named) if isinstance(each, datetime)]
        moments += [datetime.combine(period_end, each) for each in _of_day(hints)]
        yield from (written_day(each + timedelta(seconds=more), column) for each in moments for more in _BESIDE)
    yield "x"


def times(column: Column, hints: Hints) -> Iterator[str]:
    """Times of day about those that bounds and rules name."""
    lines = [*(each for each in column.interval.bounds if isinstance(each, time)), *_of_day(hints)]
    near = [(datetime.combine(_SOME_DAY, each) + timedelta(seconds=more)).time() for each in lines for more in _BESIDE]
    yield from (written_day(each, column) for each in dict.fromkeys((*_TIMES, *near)))
    yield "x"


def _of_day(hints: Hints) -> list[time]:
    """The times of day that expressions name, and whole hours."""
    named = [found.time() for text in hints.texts for each in USUAL["time"] if (found := form(each).read(text))]
    return [*named, *(time(int(each)) for each in hints.numbers if 0 <= each <= 23 and each == int(each))]


def lengths_of_time(column: Column, hints: Hints) -> Iterator[str]:
    """Lengths about those that rules name, whose numbers may be those of hours, of minutes or of days."""
    counts = [int(each) for each in hints.numbers if abs(each) <= _LARGEST]
    counts += [int(each) for text in hints.texts for each in re.findall(r"[0-9]{1,3}", text)]
    lines = [timedelta(**{unit: each}) for each in counts for unit in ("hours", "minutes", "days")]
    near = [each + timedelta(seconds=more) for each in lines for more in _BESIDE]
    written = column.durations[0]
    yield from (written.write(each) for each in dict.fromkeys((*_LENGTHS, *near)) if each >= timedelta())
    yield "x"


def many_moments(column: Column, count: int, period_end: date) -> list[str]:
    """So many different values."""
    if column.type == "duration":
        return [column.durations[0].write(timedelta(days=each + 1)) for each in range(count)]
    if column.type == "time":
        morning = datetime.combine(_SOME_DAY, time(9))
        return [written_day((morning + timedelta(minutes=each)).time(), column) for each in range(count)]
    step = 1 if "day" in column.forms[0].fields else _MONTH
    return [written_day(period_end - timedelta(step * each), column) for each in range(count)]


def moment(text: str, column: Column) -> Moment | None:
    """What a text means in a column."""
    if column.type == "duration":
        return column.durations[0].read(text)
    found = next((each for written in column.forms if (each := written.read(text))), None)
    if found is None or column.type == "timestamp":
        return found
    return found.date() if column.type == "date" else found.time()


def written_day(day: date | time, column: Column) -> str:
    """A day, a moment or a time of day as a column may have it."""
    return column.forms[0].write(day)
