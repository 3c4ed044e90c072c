"""Whether the text that an OpenDocument cell shows says the same as the value that is stored in it."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache

from probation_etl.intake.readers.base import BLANKS, ERROR_CELLS, Otherwise
from probation_etl.intake.readers.looks.comparing import TOO_LONG, compared
from probation_etl.intake.readers.looks.numbers import general
from probation_etl.intake.readers.looks.raised import Run, with_raised

Shown = tuple[str, Otherwise]

_LETTERS = re.compile(r"[^\W\d_]+\.?")
_MONTH = re.compile(r"[^\W\d_]{3,}")
_DIGITS = re.compile(r"\d+")


def cell_shown(attributes: dict[str, str], runs: Sequence[Run], level: int) -> Shown | None:
    """What a cell shows, if that is something else than is stored.

    Args:
        attributes: Those of the cell.
        runs: The text that it shows; none where the file does not say it.
        level: Whether the style of the cell raises (1) or lowers (-1) its text.
    """
    if attributes.get("calcext:value-type") == "error":
        return None
    if level or any(run.level for run in runs):
        raised = with_raised([Run(run.text, run.level or level) for run in runs])
        if raised is not None:
            return raised.strip(BLANKS), Otherwise.RAISED
    kind = attributes.get("office:value-type")
    if kind == "string":
        return None
    text = "".join([run.text for run in runs]).strip(BLANKS)
    if kind == "date":
        how = _of_date(text, attributes.get("office:date-value", "")) if runs else None
        return None if how is None else (text, how)
    if kind == "time":
        return text or attributes.get("office:time-value", ""), Otherwise.TIME
    if kind in ("float", "percentage", "currency") and (value := _value(attributes)) is not None:
        return _number_shown(kind, value, text if runs else None)
    return None


def _value(attributes: dict[str, str]) -> float | None:
    try:
        value = float(attributes.get("office:value", ""))
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _number_shown(kind: str, value: float, text: str | None) -> Shown | None:
    if kind == "percentage":
        shown = text if text and "%" in text else f"{general(value * 100)}%"
        return (shown, Otherwise.PER_CENT) if value else None
    if (text is None and not _is_long(value)) or text in ERROR_CELLS or (text or "").startswith("Err:"):
        return None
    shown = general(value) if text is None else text
    how = _of_number(shown, value, money=kind == "currency")
    return None if how is None else (shown, how)


def _is_long(value: float) -> bool:
    return abs(value) >= TOO_LONG


def _of_number(text: str, value: float, *, money: bool) -> Otherwise | None:
    if _is_long(value):
        return Otherwise.DIGITS
    if value in (0, 1) and text.isalpha():
        return Otherwise.FORMAT
    return compared(_LETTERS.sub("", text) if money else text, value, commas=True)


@lru_cache(maxsize=50_000)
def _of_date(text: str, stored: str) -> Otherwise | None:
    """Whether day, month and year of a date are all shown, in any order and language."""
    try:
        moment = datetime.fromisoformat(stored).replace(tzinfo=None)
    except ValueError:
        return None
    if not text:
        return Otherwise.FORMAT
    if _shows(text, moment):
        # Behind day, month and year there is at least an hour.
        hides_time = (moment.hour or moment.minute) and len(_DIGITS.findall(text)) < (4 if _is_numeric(text) else 3)
        return Otherwise.ROUNDED if hides_time else None
    return Otherwise.TIME if ":" in text else Otherwise.DATE_PART


def _is_numeric(text: str) -> bool:
    return _MONTH.search(text) is None


def _shows(text: str, moment: datetime) -> bool:
    day = f"{moment:%Y}", f"{moment:%m}", f"{moment:%d}"
    if any(form in text for form in ("".join(day), "".join(reversed(day)))):
        return True
    groups = [int(group) for group in _DIGITS.findall(text)]
    for part in (moment.year, moment.day):
        found = part if part in groups else part % 100
        if found not in groups:
            return False
        groups.remove(found)
    return moment.month in groups or _MONTH.search(text) is not None
