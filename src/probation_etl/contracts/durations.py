"""Forms in which lengths of time are written: ``H:mm``, whose hours may be more than 24, minutes alone, or ISO 8601."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property, lru_cache

from probation_etl.discreet import Discreet

#: ISO 8601: ``PT25H30M``. Years and months have no fixed length.
ISO_LENGTHS = "PT"
#: How the readers write what a cell holds as a length of time.
OF_CELLS = ("H:mm:ss", ISO_LENGTHS)
#: Letters that a form may have, for messages.
LETTERS = ("D", "H", "HH", "m", "mm", "s", "ss")
#: Microseconds of each part.
MICROSECONDS: Mapping[str, int] = {
    "weeks": 604_800_000_000, "days": 86_400_000_000, "hours": 3_600_000_000, "minutes": 60_000_000, "seconds": 1_000_000,
    "fraction": 1,
}  # fmt: skip
_FIELDS = {"D": "days", "H": "hours", "m": "minutes", "s": "seconds"}
_BOUNDED = {"hours": "(?:[01]?[0-9]|2[0-3])", "minutes": "[0-5][0-9]", "seconds": "[0-5][0-9]"}
_ISO = (
    r"^(?P<sign>-?)P(?:(?P<weeks>[0-9]{1,4})W)?(?:(?P<days>[0-9]{1,6})D)?(?:T(?:(?P<hours>[0-9]{1,6})H)?"
    r"(?:(?P<minutes>[0-9]{1,8})M)?(?:(?P<seconds>[0-9]{1,10})(?:[.](?P<fraction>[0-9]{1,6})[0-9]*)?S)?)?$"
)
_PARTS = re.compile(r"(?P<letters>(?P<one>[DHms])(?P=one)?)|(?P<sign>[^A-Za-z0-9])|(?P<other>.)")


@dataclass(frozen=True)
class DurationForm(Discreet, tells=("written",)):
    """One form of lengths of time.

    Attributes:
        written: As the contract has it.
        parts: Its letters and the signs between them; none for ISO 8601.
    """

    written: str
    parts: tuple[tuple[str, str], ...]

    @property
    def letters(self) -> tuple[str, ...]:
        """The letters alone."""
        return tuple(letters for letters, _ in self.parts if letters)

    @cached_property
    def fields(self) -> tuple[str, ...]:
        """The parts of a length that its pattern has groups for."""
        if not self.parts:
            return tuple(MICROSECONDS)
        return tuple(_FIELDS[each[0]] for each in self.letters)

    @cached_property
    def pattern(self) -> str:
        """A regular expression for a whole text. The first part has no upper limit, and the others are parts of it."""
        if not self.parts:
            return _ISO
        pattern, is_first = "", True
        for letters, sign in self.parts:
            if letters:
                field = _FIELDS[letters[0]]
                texts = f"[0-9]{{{len(letters)},8}}" if is_first else _BOUNDED[field]
                pattern, is_first = f"{pattern}(?P<{field}>{texts})", False
            else:
                pattern += re.escape(sign)
        return f"^(?P<sign>-?){pattern}$"

    def read(self, text: str) -> timedelta | None:
        """The length that a text means; None where it has another form."""
        found = re.search(self.pattern, text)
        given = {name: each for name, each in found.groupdict().items() if each and name != "sign"} if found else {}
        if not found or not given:
            return None
        given["fraction"] = given.get("fraction", "").ljust(6, "0")
        whole = sum(MICROSECONDS[name] * int(each) for name, each in given.items())
        return timedelta(microseconds=-whole if found["sign"] else whole)

    def write(self, length: timedelta) -> str:
        """A length in this form; what is less than its last part is left out."""
        rest = abs(length) // timedelta(microseconds=1)
        sign = "-" if length < timedelta() else ""
        if not self.parts:
            hours, rest = divmod(rest, MICROSECONDS["hours"])
            minutes, rest = divmod(rest, MICROSECONDS["minutes"])
            seconds = f"{rest / MICROSECONDS['seconds']:.6f}".rstrip("0").rstrip(".")
            return f"{sign}PT{hours}H{minutes}M{seconds}S"
        text = sign
        for letters, between in self.parts:
            if letters:
                count, rest = divmod(rest, MICROSECONDS[_FIELDS[letters[0]]])
                text += f"{count:0{len(letters)}}"
            else:
                text += between
        return text


@lru_cache(maxsize=1 << 8)
def duration_form(written: str) -> DurationForm:
    """The form that is written so.

    Raises:
        ValueError: It has letters that stand for nothing.
    """
    if written == ISO_LENGTHS:
        return DurationForm(written, ())
    parts = []
    for found in _PARTS.finditer(written):
        if found["other"]:
            raise ValueError(found["other"])
        parts.append((found["letters"] or "", found["sign"] or ""))
    return DurationForm(written, tuple(parts))


def duration_faults(written: str) -> list[str]:
    """What is wrong with a form of lengths of time."""
    try:
        made = duration_form(written)
    except ValueError as error:
        return [
            f"‘{written}’ is not a form of durations: ‘{error}’ is not one of {', '.join(LETTERS)}; PT stands for ISO 8601"
        ]
    order = [list(_FIELDS.values()).index(each) for each in made.fields] if made.parts else [0]
    if not made.parts or (order and order == list(range(order[0], order[-1] + 1)) and not _touch(made)):
        return []
    return [
        f"‘{written}’ is not a form of durations: give days, hours, minutes and seconds in that order, with signs between them, such as H:mm"
    ]


def _touch(made: DurationForm) -> bool:
    return any(one[0] and other[0] for one, other in zip(made.parts, made.parts[1:], strict=False))
