"""Dates, times and durations as a section of a number format shows them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import NamedTuple

from probation_etl.contracts.forms import MONTHS
from probation_etl.discreet import discreet_repr
from probation_etl.intake.readers.looks.codes import Section, Token

#: The last day that spreadsheet programs know, 31 December 9999.
_LAST = 2_958_465
_EPOCH, _EPOCH_1904 = date(1899, 12, 30), date(1904, 1, 1)
_DAY = 86_400
#: The day that spreadsheet programs count and the calendar does not have.
_NO_DAY = 60
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_PARTS = {"y": "year", "e": "year", "d": "day", "h": "hour", "s": "second"}


@dataclass(frozen=True)
class Moment:
    """A day and a time of day, as the number of a spreadsheet stands for them."""

    serial: float
    year: int
    month: int
    day: int
    weekday: int
    seconds: float

    @property
    def hour(self) -> int:
        """The hour of the day."""
        return int(self.seconds) // 3_600


def moment(serial: float, *, from_1904: bool = False, places: int = 0) -> Moment | None:
    """What a number stands for, its seconds with some decimal places; None where no program shows it as a date."""
    whole, seconds = divmod(round(serial * _DAY, max(places, 3)), _DAY)
    if not 0 <= whole <= _LAST:
        return None
    number = int(whole)
    if from_1904:
        day = _EPOCH_1904 + timedelta(days=number) if number <= _LAST - 1_462 else None
        return None if day is None else _at(serial, day, seconds)
    if number > _NO_DAY:
        return _at(serial, _EPOCH + timedelta(days=number), seconds)
    if number == _NO_DAY:
        return Moment(serial, 1900, 2, 29, 2, seconds)
    if number == 0:
        return Moment(serial, 1900, 1, 0, 5, seconds)
    return replace(_at(serial, _EPOCH + timedelta(days=number + 1), seconds), weekday=(number + 5) % 7)


def _at(serial: float, day: date, seconds: float) -> Moment:
    return Moment(serial, day.year, day.month, day.day, day.weekday(), seconds)


def serial_of(text: str, *, from_1904: bool = False) -> float | None:
    """The number of a date that a file writes as ISO 8601; None if it does not."""
    try:
        found = datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        return None
    days = found - datetime(*(_EPOCH_1904 if from_1904 else _EPOCH).timetuple()[:3])  # noqa: DTZ001 -- cells know no zone
    return days / timedelta(days=1)


class Piece(NamedTuple):
    """A part of a date or time that is shown: its name, empty for what stands between, and its text."""

    part: str
    text: str

    def __repr__(self) -> str:
        return discreet_repr(self)


def date_pieces(section: Section, serial: float, *, from_1904: bool = False) -> list[Piece] | None:
    """What a section shows of a number as a date or time; None where it shows none."""
    tokens = [token for token in section.tokens if token.kind != "system"]
    decimals = max((len(token.text.partition(".")[2]) for token in tokens if token.kind == "day"), default=0)
    found = moment(abs(serial) if section.has("elapsed") else serial, from_1904=from_1904, places=decimals)
    if found is None:
        return None
    half = any(token.kind == "half" for token in tokens)
    return [_piece(token, name, found, half=half) for token, name in _named(tokens)]


def _named(tokens: list[Token]) -> Iterator[tuple[Token, str]]:
    """Each token with the part it shows: ``m`` is minutes behind hours or before seconds, months elsewhere."""
    shown = [at for at, token in enumerate(tokens) if token.kind in ("day", "elapsed")]
    for at, token in enumerate(tokens):
        if token.kind not in ("day", "elapsed"):
            yield token, ""
            continue
        place = shown.index(at)
        before = tokens[shown[place - 1]].text if place else ""
        after = tokens[shown[place + 1]].text if place + 1 < len(shown) else ""
        letter = token.text[0]
        if letter == "m":
            minutes = len(token.text) < 3 and (before.startswith("h") or after.startswith("s"))
            yield token, "minute" if minutes or token.kind == "elapsed" else "month"
        else:
            yield token, _PARTS.get(letter, "")


def _piece(token: Token, name: str, at: Moment, *, half: bool) -> Piece:
    text = token.text
    if token.kind == "elapsed":
        return Piece(name, str(int(_elapsed(name, at))).zfill(len(text)))
    if token.kind == "half":
        return Piece("", ("PM" if at.hour >= 12 else "AM")[: 1 if "/" in text[:2] else 2])
    if token.kind != "day":
        return Piece("", "" if token.kind in ("digit", "general") else text)
    if name == "year":
        return Piece("year", f"{at.year:04}" if len(text) > 2 or text[0] == "e" else f"{at.year % 100:02}")
    if name == "month":
        return _month(len(text), at.month)
    if name == "day" and len(text) > 2:
        return Piece("", _WEEKDAYS[at.weekday][: None if len(text) > 3 else 3])
    return Piece(name, _number(name, text, at, half=half))


def _month(width: int, month: int) -> Piece:
    """A month by number or name; its first letter alone does not tell which."""
    if width == 5:
        return Piece("", MONTHS[month - 1][0])
    return Piece("month", str(month).zfill(width) if width < 3 else MONTHS[month - 1][: 3 if width == 3 else None])


def _elapsed(name: str, at: Moment) -> float:
    days = int(at.serial) if at.serial >= 0 else 0
    seconds = days * _DAY + at.seconds if at.seconds or not days else round(at.serial * _DAY, 3)
    return seconds // {"hour": 3_600, "minute": 60, "second": 1}[name]


def _number(name: str, text: str, at: Moment, *, half: bool) -> str:
    whole, _, decimals = text.partition(".")
    width = min(len(whole), 2)
    if name == "second" and decimals:
        return f"{at.seconds % 60:0{width + 1 + len(decimals)}.{len(decimals)}f}"
    hour = (at.hour % 12 or 12) if half else at.hour
    known = {"day": at.day, "hour": hour, "minute": int(at.seconds) // 60 % 60, "second": int(at.seconds) % 60}
    return str(known.get(name, "")).zfill(width) if name in known else ""
