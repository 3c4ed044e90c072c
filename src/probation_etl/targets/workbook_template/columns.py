"""One column in a spreadsheet: its note in words, the check of what is typed into it, its number format."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from probation_etl.contracts.checks import Check, Kind
from probation_etl.contracts.checks.columns import column_checks
from probation_etl.contracts.checks.words import truths
from probation_etl.contracts.forms import USUAL, Form
from probation_etl.contracts.model import Column

#: Gives hidden cells to values that a check cannot hold itself; returns the reference to those cells.
Place = Callable[[Sequence[str]], str]

TEXT_FORMAT = "@"
_MOST_IN_A_CHECK, _MOST_IN_A_MESSAGE, _MOST_IN_A_NOTE = 255, 255, 1_500
_MOST_IN_A_CELL = 32_767
_OF_NO_MATTER = {"case": "capital and small letters do", "dashes": "dashes do", "spaces": "spaces do"}
#: What spreadsheets call letters of forms, where they do not call them the same.
_SPREADSHEET = {"a": "AM/PM", **{"S" * digits: "0" * digits for digits in range(1, 7)}}
#: What a spreadsheet knows: days from 1900 on, and fifteen digits of a number.
_DAYS: tuple[Any, Any] = date(1900, 1, 1), date(9999, 12, 31)
_MOMENTS: tuple[Any, Any] = datetime(1900, 1, 1), datetime(9999, 12, 31)  # noqa: DTZ001 -- contracts know no time zones
_TIMES: tuple[Any, Any] = time(), time(23, 59, 59)
_EXTREMES = {"date": _DAYS, "timestamp": _MOMENTS, "time": _TIMES}
_SHOWN = {"date": "A date", "timestamp": "A date with a time", "time": "A time of day", "duration": "A length of time"}
_NUMBERS: tuple[Any, Any] = Decimal(1 - 10**15), Decimal(10**15 - 1)
_KINDS = {"integer": "A whole number.", "number": "A number."}
_SENTENCES = {
    Kind.REQUIRED: "It must be filled in.",
    Kind.DECIMALS: "At most {} decimals.",
    Kind.PATTERN: "{}",
    Kind.LENGTH: "A text of {} characters.",
    Kind.RANGE: "It is {}.",
    Kind.ENUM: "One of: {}.",
    Kind.UNIQUE: "Each value may occur only once.",
}


def note(column: Column) -> str:
    """All that the contract says of a column, a line each."""
    first = [column.description] if column.description else []
    needed = [] if column.required else ["It may be left empty."]
    return "\n".join(dict.fromkeys((*first, *needed, *_requirements(column), *marks(column))))


def _requirements(column: Column) -> Iterator[str]:
    """The rules of the column in words, each with what the contract advises."""
    if column.type in _KINDS:
        yield _KINDS[column.type]
    if column.type == "boolean":
        yield f"{truths(column)}."
    for rule in column_checks(column):
        if rule.kind in _SENTENCES and (rule.kind is not Kind.DECIMALS or column.decimals is not None):
            yield from in_words(rule)
        elif rule.kind is Kind.TYPE and column.type in _SHOWN:
            yield f"{_SHOWN[column.type]}, shown as {rule.expected}."


def in_words(rule: Check) -> Iterator[str]:
    """A rule in words. Few people read patterns: the contract's own advice replaces them."""
    if rule.kind is Kind.ENUM and len(rule.expected) > _MOST_IN_A_NOTE:
        yield "One of the values in the drop-down list of the cells."
    elif rule.kind is not Kind.PATTERN or not rule.hint:
        yield _SENTENCES[rule.kind].format(rule.expected)
    if rule.hint:
        yield rule.hint


def marks(column: Column) -> Iterator[str]:
    """What a cell may contain beside values."""
    yield from _spellings(column)
    if column.null_tokens:
        yield f"These mean that the cell is empty: {', '.join(column.null_tokens)}."
    if column.shorthand:
        yield f"These mark a value left out on purpose: {', '.join(f'[{each}]' for each in column.shorthand)}."
    if column.markers:
        yield f"These may follow a number: {', '.join(f'[{each}]' for each in column.markers)}."


def _spellings(column: Column) -> Iterator[str]:
    """In which other ways values may be written."""
    if column.separator:
        yield f"A cell may hold several values, with ‘{column.separator}’ between them."
    if column.ignored:
        yield f"In these values {_OF_NO_MATTER[column.ignored[0]] if len(column.ignored) == 1 else _several(column.ignored)} not matter."
    if column.value_synonyms:
        meant = ", ".join(f"{text} for {value}" for text, value in column.value_synonyms.items())
        yield f"These may be written too: {meant}."
    if column.unit_texts:
        verb = "must" if column.needs_unit else "may"
        yield f"The unit {verb} stand beside the number: {' or '.join(column.unit_texts)}."
    if column.keeps_blanks:
        yield "White space at the ends of the text is part of it."


def _several(ignored: Sequence[str]) -> str:
    words = [_OF_NO_MATTER[each].removesuffix(" does").removesuffix(" do") for each in ignored]
    return f"{', '.join(words[:-1])} and {words[-1]} do"


def number_format(column: Column) -> str:
    """Dates are real dates in the contract's first form; text stays as it is typed, leading zeros and all."""
    if column.type == "duration":
        return "[h]:mm:ss"
    if column.type in USUAL:
        return excel_date(column.forms[0])
    return TEXT_FORMAT if column.type in ("string", "boolean") else "General"


def excel_date(form: Form) -> str:
    """A form of days or times in the notation of spreadsheets: ``dd/mm/yyyy hh:mm``."""
    return "".join(_SPREADSHEET.get(each.letters, each.letters.lower()) or _sign(each.sign) for each in form.parts)


def _sign(sign: str) -> str:
    return sign if sign in "/-. :," else f'"{sign}"'


def check(column: Column, place: Place) -> dict[str, Any] | None:
    """The check of what is typed into a cell of the column, as xlsxwriter takes it; None where any text is good.

    Args:
        column: The column.
        place: Gives hidden cells to a code list that is too long for the check itself.
    """
    accepts = _choice(column, place) or _limits(column) or _lengths(column)
    if accepts is None:
        return None
    # What the contract lets pass with a mark or a warning must not be refused here.
    lenient = _has_marks(column) or "warning" in column.severities.values()
    message = " ".join(_requirements(column))
    shown = message if len(message) <= _MOST_IN_A_MESSAGE else f"{message[: _MOST_IN_A_MESSAGE - 1]}…"
    return {**accepts, "error_type": "warning" if lenient else "stop", "error_message": shown}


def choices(column: Column) -> tuple[str, ...]:
    """The values that a cell of the column may have, where they are listed."""
    return tuple(column.labels) or ((*column.true_values, *column.false_values) if column.type == "boolean" else ())


def _has_marks(column: Column) -> bool:
    beside = (column.null_tokens, column.shorthand, column.markers, column.thousands_separator, column.unit_texts)
    return any(beside) or column.is_respelt


def _choice(column: Column, place: Place) -> dict[str, Any] | None:
    values = choices(column)
    if not values or column.separator:
        return None
    return {"validate": "list", "source": list(values) if _fits(values) else place(values)}


def _fits(values: Sequence[str]) -> bool:
    """Whether a check has room for the values: together not too long, and without a character that would separate them."""
    unsafe = any(set(value) & set(',"\n') or value != value.strip() for value in values)
    return not unsafe and len(",".join(values)) <= _MOST_IN_A_CHECK


def _limits(column: Column) -> dict[str, Any] | None:
    if column.type in ("string", "boolean", "duration"):
        return None
    kind = {"integer": "integer", "number": "decimal", "date": "date", "timestamp": "date", "time": "time"}[column.type]
    low, high = _bounds(column)
    if low > high:
        return None
    if column.type in ("integer", "number"):
        low, high = (int(each) if each == int(each) else float(each) for each in (low, high))
    return {"validate": kind, "criteria": "between", "minimum": low, "maximum": high}


def _bounds(column: Column) -> tuple[Any, Any]:
    """The least and the greatest value allowed, within those that a spreadsheet knows."""
    least, greatest = _EXTREMES.get(column.type, _NUMBERS)
    low, high = column.interval.least(column.step), column.interval.greatest(column.step)
    return least if low is None else max(least, low), greatest if high is None else min(greatest, high)


def _lengths(column: Column) -> dict[str, Any] | None:
    if column.type != "string" or not column.length:
        return None
    most = _MOST_IN_A_CELL if column.length.most is None else column.length.most
    return {"validate": "length", "criteria": "between", "minimum": column.length.least or 0, "maximum": most}


def any_day() -> dict[str, Any]:
    """A check that a cell is a date."""
    return {"validate": "date", "criteria": "between", "minimum": _DAYS[0], "maximum": _DAYS[1]}


def any_count() -> dict[str, Any]:
    """A check that a cell is a whole number, 0 or more."""
    return {"validate": "integer", "criteria": "between", "minimum": 0, "maximum": int(_NUMBERS[1])}
