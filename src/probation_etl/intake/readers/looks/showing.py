"""What a number format shows of a stored value, where that is something else than the value."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from probation_etl.discreet import discreet_repr
from probation_etl.intake.readers.base import BLANKS, Otherwise
from probation_etl.intake.readers.looks.codes import Section, section_for, section_for_text, sections
from probation_etl.intake.readers.looks.comparing import TOO_LONG, compared
from probation_etl.intake.readers.looks.days import Piece, date_pieces
from probation_etl.intake.readers.looks.numbers import number_text

_DATE = {"day", "month", "year"}
#: What a program shows where a number cannot be a date.
_NO_DATE = "########"
#: Numbers whose look tells whether a format shows whole numbers as they are.
_TRIED = (0, 1, -1, 7, 12, 100, 123, 1_234, 12_345, 44_102, 123_456, 1_234_567, -1_234_567, 123_456_789, 10**12)
_TRIED_AS_DATE = (61, 366, 1_000, 44_102, 44_196)
#: As many decimals as no number has: the format shows all numbers as they are.
NEVER = 99
_TRIED_TEXT = "a"


class Shown(NamedTuple):
    """What a person sees, and in what way it differs from what is stored."""

    text: str
    how: Otherwise

    def __repr__(self) -> str:
        return discreet_repr(self)


def rendered(code: str, value: float | str, *, from_1904: bool = False) -> str:
    """What a person sees of a value under a number format."""
    if isinstance(value, str):
        shown = (token for token in section_for_text(code).tokens if token.kind in ("text", "literal"))
        return "".join(value if token.kind == "text" else token.text for token in shown)
    section, signed = section_for(code, value)
    return _of_number(section, value, signed=signed, from_1904=from_1904)


def _of_number(section: Section, value: float, *, signed: bool, from_1904: bool) -> str:
    if section.is_date:
        pieces = date_pieces(section, value, from_1904=from_1904)
        sign = "-" if value < 0 and section.has("elapsed") else ""
        return _NO_DATE if pieces is None else sign + "".join(piece.text for piece in pieces)
    text = number_text(section, value)
    # A negative number that is rounded to nought has no sign.
    return f"-{text}" if value < 0 and not signed and any(digit in text for digit in "123456789") else text


@lru_cache(maxsize=100_000)
def shown_by(code: str, value: float | str, *, from_1904: bool = False) -> Shown | None:
    """What a number format shows of a value, if that is something else than the value; None if it is the same value.

    The same value are 47 and 47.0, 1234 and 1,234 or £1,234, -5 and (5), a date with its day, month and year in any
    order. Binary noise beyond nine decimals is not a difference.

    Args:
        code: The code of the format: ``0%``.
        value: A number, which may stand for a date, or a text.
        from_1904: Whether days are counted from 1904.
    """
    text = rendered(code, value, from_1904=from_1904)
    if isinstance(value, str):
        return None if text.strip(BLANKS) == value.strip(BLANKS) else Shown(text.strip(BLANKS), Otherwise.FORMAT)
    how = _how(code, value, text, from_1904=from_1904)
    return None if how is None else Shown(text.strip(BLANKS), how)


def _how(code: str, value: float, text: str, *, from_1904: bool) -> Otherwise | None:
    section, signed = section_for(code, value)
    if section.is_date:
        return _of_date(section, value, from_1904=from_1904)
    if section.has("system"):
        return Otherwise.TIME if section.tokens[0].text == "time" else None
    if abs(value) >= TOO_LONG:
        return Otherwise.DIGITS
    if section.has("percent"):
        return Otherwise.PER_CENT if value else None
    if section.is_general:
        return None
    # Red is a sign for a negative number.
    return compared(
        _without_currency(section, text), -value if value < 0 and signed and _is_red(section, text) else value
    )


def _is_red(section: Section, text: str) -> bool:
    return section.red and not any(sign in text for sign in "-−()")


def _without_currency(section: Section, text: str) -> str:
    for token in section.tokens:
        if token.kind == "currency":
            text = text.replace(token.text, "", 1)
    return text


def _of_date(section: Section, value: float, *, from_1904: bool) -> Otherwise | None:
    pieces = date_pieces(section, value, from_1904=from_1904)
    if pieces is None:
        return Otherwise.FORMAT
    parts = {piece.part for piece in pieces if piece.part}
    if section.has("elapsed") or not parts & _DATE:
        return Otherwise.TIME if parts & {"hour", "minute", "second"} else Otherwise.DATE_PART
    if parts >= _DATE:
        return Otherwise.ROUNDED if _hides_time(pieces, value) else None
    return Otherwise.DATE_PART


def _hides_time(pieces: list[Piece], value: float) -> bool:
    """Whether a time of day is stored with the date, and none of it is shown."""
    return not any(piece.part == "hour" for piece in pieces) and round(value * 86_400) % 86_400 != 0


@lru_cache(maxsize=4_096)
def decimals_shown(code: str) -> int | None:
    """How many decimals a number may have and still be shown as it is; None where any number may be shown otherwise.

    It is found by trying, so that in an ordinary workbook few cells have to be looked at.
    """
    found = sections(code)
    special = any(section.condition or (section.has("general") and not section.is_general) for section in found)
    if special or shown_by(code, _TRIED_TEXT):
        return None
    if section_for(code, 1)[0].is_date:
        return 0 if not any(shown_by(code, each) for each in _TRIED_AS_DATE) else None
    if len(found) == 1 and section_for(code, 1)[0].is_general:
        return NEVER
    if any(shown_by(code, each) for each in _TRIED):
        return None
    return max(places for places in range(10) if not places or not shown_by(code, float("1." + "1" * places)))
