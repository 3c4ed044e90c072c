"""Forms in which days and times are written, in the notation of ODCS, which is that of Java: ``dd/MM/yyyy``, ``d MMM yy``, ``HH:mm``.

Months have English names. They are not left to ``strftime``, whose names follow the locale.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cached_property, lru_cache
from typing import NamedTuple

from probation_etl.discreet import Discreet

#: Days as ISO 8601 writes them, which every reader takes.
ISO = "yyyy-MM-dd"
#: The forms of each type where a contract gives none.
USUAL: Mapping[str, tuple[str, ...]] = {
    "date": (ISO,), "timestamp": ("yyyy-MM-dd HH:mm:ss", "yyyy-MM-dd'T'HH:mm:ss", "yyyy-MM-dd HH:mm"),
    "time": ("HH:mm:ss", "HH:mm"),
}  # fmt: skip
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_SHORT = "|".join((*(each[:3] for each in MONTHS), "Sept"))
_CENTURY = 100
_NOON = 12
#: What each kind of letters stands for, and the texts that it reads.
_FIELDS: Mapping[str, tuple[str, str]] = {
    "d": ("day", "[0-9]{1,2}"), "dd": ("day", "[0-9]{2}"),
    "M": ("month", "[0-9]{1,2}"), "MM": ("month", "[0-9]{2}"),
    "MMM": ("month_name", f"(?i:{_SHORT})"), "MMMM": ("month_name", f"(?i:{'|'.join(MONTHS)})"),
    "yyyy": ("year", "[0-9]{4}"), "yy": ("year_of_century", "[0-9]{2}"),
    "H": ("hour", "(?:1?[0-9]|2[0-3])"), "HH": ("hour", "(?:[01][0-9]|2[0-3])"),
    "h": ("hour_of_half", "(?:1[0-2]|[1-9])"), "hh": ("hour_of_half", "(?:1[0-2]|0[1-9])"),
    "mm": ("minute", "[0-5][0-9]"), "ss": ("second", "[0-5][0-9]"), "a": ("half", "(?i:[ap]m)"),
    **{"S" * digits: ("fraction", f"[0-9]{{{digits}}}") for digits in range(1, 7)},
}  # fmt: skip
#: Letters that a form may have, for messages.
LETTERS_OF_DAYS = ("dd", "d", "MM", "M", "MMM", "MMMM", "yyyy", "yy")
LETTERS_OF_TIMES = ("HH", "H", "hh", "h", "mm", "ss", "SSS", "a")
#: Letters whose texts differ in length, all of them digits.
VARYING = frozenset(("d", "M", "H", "h"))
#: What the parser of Polars calls the letters that it reads by itself, as we do.
_QUICK = {"d": "%d", "dd": "%d", "M": "%m", "MM": "%m", "yyyy": "%Y", "H": "%H", "HH": "%H", "mm": "%M", "ss": "%S"}
#: What the parsers of Python and of other tools call each of them.
_STRPTIME = {
    **_QUICK, "MMM": "%b", "MMMM": "%B", "yy": "%y", "h": "%I", "hh": "%I", "a": "%p",
    **{"S" * digits: "%f" for digits in range(1, 7)},
}  # fmt: skip
_PARTS = re.compile(r"'(?P<quoted>[^']*)'|(?P<letters>(?P<one>[A-Za-z])(?P=one)*)|(?P<sign>[^A-Za-z'])|'")
#: Of which of day, month and year each field tells.
_ORDER = {"day": "d", "month": "M", "month_name": "M", "year": "y", "year_of_century": "y"}


class Part(NamedTuple):
    """Letters that stand for a field of a form, or else a sign that stands for itself."""

    letters: str
    sign: str = ""

    @property
    def field(self) -> str:
        """What the letters stand for."""
        return _FIELDS[self.letters][0] if self.letters else ""


@dataclass(frozen=True)
class Form(Discreet, tells=("written",)):
    """One form of days or times.

    Attributes:
        written: As the contract has it.
        pivot: The last year that two digits may mean.
        parts: Its letters and the signs between them.
    """

    written: str
    pivot: int | None
    parts: tuple[Part, ...]

    @property
    def letters(self) -> tuple[str, ...]:
        """The letters alone."""
        return tuple(each.letters for each in self.parts if each.letters)

    @cached_property
    def fields(self) -> tuple[str, ...]:
        """What the letters stand for, in their order."""
        return tuple(each.field for each in self.parts if each.letters)

    @property
    def order(self) -> str:
        """Which of day, month and year comes first, second and third."""
        return "".join(_ORDER[each] for each in self.fields if each in _ORDER)

    @property
    def has_time(self) -> bool:
        """Whether it has a time of day."""
        return any(each not in _ORDER for each in self.fields)

    @property
    def is_plain(self) -> bool:
        """Whether it has digits alone, which Polars reads by itself."""
        return all(each in _QUICK for each in self.letters)

    @cached_property
    def pattern(self) -> str:
        """A regular expression for a whole text, with a group for each field.

        It comes before any parser, which would take ``1/3/20`` for a day in the year 20.
        """
        return f"^{''.join(map(_pattern, self.parts))}$"

    @property
    def strptime(self) -> str:
        """The form as parsers and writers of other tools know it."""
        return "".join(_STRPTIME.get(each.letters, each.sign.replace("%", "%%")) for each in self.parts)

    def years(self) -> dict[str, str]:
        """The year that each two digits mean."""
        pivot = self.pivot or 0
        return {f"{two:02}": f"{pivot - (pivot - two) % _CENTURY:04}" for two in range(_CENTURY)}

    def read(self, text: str) -> datetime | None:
        """The moment that a text means; None where it has another form, or there is no such day. A month is its first day."""
        found = re.search(self.pattern, text)
        if not found:
            return None
        given = found.groupdict()
        year = self.years()[given["year_of_century"]] if "year_of_century" in given else given.get("year", "1900")
        month = month_of(given["month_name"]) if "month_name" in given else int(given.get("month", 1))
        hour = int(given.get("hour", 0))
        if "hour_of_half" in given:
            hour = int(given["hour_of_half"]) % _NOON + _NOON * (given["half"].lower() == "pm")
        fraction = int(given.get("fraction", "").ljust(6, "0"))
        try:
            return datetime(  # noqa: DTZ001 -- what contracts describe has no time zone
                int(year),
                month,
                int(given.get("day", 1)),
                hour,
                int(given.get("minute", 0)),
                int(given.get("second", 0)),
                fraction,
            )
        except ValueError:
            return None

    def write(self, value: date | time) -> str:
        """A day, a moment or a time of day in this form."""
        return "".join(_written(each.letters, value) if each.letters else each.sign for each in self.parts)


def _pattern(part: Part) -> str:
    if not part.letters:
        return re.escape(part.sign)
    field, texts = _FIELDS[part.letters]
    return f"(?P<{field}>{texts})"


def _written(letters: str, value: date | time) -> str:
    length = len(letters)
    if isinstance(value, date):
        match letters[0]:
            case "d":
                return f"{value.day:0{length}}"
            case "M":
                name = MONTHS[value.month - 1]
                return f"{value.month:0{length}}" if length <= 2 else name if length > 3 else name[:3]
            case "y":
                return f"{value.year:04}"[-length:]
    at = value if isinstance(value, datetime | time) else time()
    match letters[0]:
        case "H":
            return f"{at.hour:0{length}}"
        case "h":
            return f"{(at.hour - 1) % _NOON + 1:0{length}}"
        case "m":
            return f"{at.minute:02}"
        case "s":
            return f"{at.second:02}"
        case "S":
            return f"{at.microsecond:06}"[:length]
    return "PM" if at.hour >= _NOON else "AM"


def month_of(name: str) -> int:
    """The number of a month, by its name or the beginning of it."""
    return next(number for number, each in enumerate(MONTHS, start=1) if each[:3].lower() == name[:3].lower())


@lru_cache(maxsize=1 << 10)  # asked for each day that is read by itself
def form(written: str, pivot: int | None = None) -> Form:
    """The form that is written so.

    Args:
        written: In the notation of ODCS; signs that are letters stand in single quotation marks.
        pivot: The last year that two digits may mean.

    Raises:
        ValueError: It has letters that stand for nothing.
    """
    parts: list[Part] = []
    for found in _PARTS.finditer(written):
        if (letters := found["letters"]) is None:
            parts.append(Part("", found["quoted"] or found["sign"] or "'"))
        elif letters in _FIELDS:
            parts.append(Part(letters))
        else:
            raise ValueError(letters)
    return Form(written, pivot, tuple(parts))
