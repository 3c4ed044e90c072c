"""One column in a spreadsheet: its note in words, the check of what is typed into it, its number format."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from probation_etl.contracts.checks.columns import column_rules, decimals
from probation_etl.contracts.model import Column

#: Gives hidden cells to values that a check cannot hold itself; returns the reference to those cells.
Place = Callable[[Sequence[str]], str]

TEXT_FORMAT = "@"
_MOST_IN_A_CHECK, _MOST_IN_A_MESSAGE, _MOST_IN_A_NOTE = 255, 255, 1_500
_MOST_IN_A_CELL = 32_767
#: What a spreadsheet knows: days from 1900 on, and fifteen digits of a number.
_DAYS: tuple[Any, Any] = date(1900, 1, 1), date(9999, 12, 31)
_NUMBERS: tuple[Any, Any] = Decimal(1 - 10**15), Decimal(10**15 - 1)
_KINDS = {"integer": "A whole number.", "number": "A number.", "boolean": "true or false."}
_SENTENCES = {
    "required": "It must be filled in.",
    "decimals": "At most {} decimals.",
    "pattern": "{}",
    "length": "A text of {} characters.",
    "range": "It is {}.",
    "enum": "One of: {}.",
    "unique": "No value stands twice.",
}


def note(column: Column) -> str:
    """All that the contract says of a column, a line each."""
    first = [column.description] if column.description else []
    needed = [] if column.required else ["It may be left empty."]
    return "\n".join(dict.fromkeys((*first, *needed, *_requirements(column), *_marks(column))))


def _requirements(column: Column) -> Iterator[str]:
    """The rules of the column in words, each with what the contract advises."""
    if column.type in _KINDS:
        yield _KINDS[column.type]
    for rule in column_rules(column):
        check = rule.name.partition("|")[2]
        if check in _SENTENCES and (check != "decimals" or column.decimals is not None):
            yield from _told(check, rule.expected, rule.hint)
        elif check == "type" and column.type == "date":
            yield f"A date, shown as {rule.expected}." if rule.expected else "A date."


def _told(check: str, expected: str, hint: str) -> Iterator[str]:
    """A rule in words. A pattern says little to most people: the contract's own advice goes before it."""
    if check == "enum" and len(expected) > _MOST_IN_A_NOTE:
        yield "One of the values in the drop-down list of the cells."
    elif check != "pattern" or not hint:
        yield _SENTENCES[check].format(expected)
    if hint:
        yield hint


def _marks(column: Column) -> Iterator[str]:
    """What may stand in a cell beside values."""
    if column.null_tokens:
        yield f"These stand for an empty cell: {', '.join(column.null_tokens)}."
    if column.shorthand:
        yield f"These stand for a value left out on purpose: {', '.join(f'[{each}]' for each in column.shorthand)}."
    if column.markers:
        yield f"These may follow a number: {', '.join(f'[{each}]' for each in column.markers)}."


def number_format(column: Column) -> str:
    """Dates are real dates in the contract's first form; text stays as it is typed, leading zeros and all."""
    if column.type == "date":
        return excel_date(column.formats[0] if column.formats else "yyyy-MM-dd")
    return TEXT_FORMAT if column.type in ("string", "boolean") else "General"


def excel_date(written: str) -> str:
    """A date format in the notation of spreadsheets: ``dd/mm/yyyy``."""
    return written.lower()


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
    return tuple(column.labels) or (("true", "false") if column.type == "boolean" else ())


def _has_marks(column: Column) -> bool:
    return bool(column.null_tokens or column.shorthand or column.markers or column.thousands_separator)


def _choice(column: Column, place: Place) -> dict[str, Any] | None:
    values = choices(column)
    if not values:
        return None
    return {"validate": "list", "source": list(values) if _fits(values) else place(values)}


def _fits(values: Sequence[str]) -> bool:
    """Whether a check can hold the values itself: together not too long, and nothing in them that would part them."""
    unsafe = any(set(value) & set(',"\n') or value != value.strip() for value in values)
    return not unsafe and len(",".join(values)) <= _MOST_IN_A_CHECK


def _limits(column: Column) -> dict[str, Any] | None:
    if column.type in ("string", "boolean"):
        return None
    kind = {"integer": "integer", "number": "decimal", "date": "date"}[column.type]
    low, high = _bounds(column)
    if low > high:
        return None
    if column.type != "date":
        low, high = (int(each) if each == int(each) else float(each) for each in (low, high))
    return {"validate": kind, "criteria": "between", "minimum": low, "maximum": high}


def _bounds(column: Column) -> tuple[Any, Any]:
    """The least and the greatest value allowed. An exclusive bound is passed by the smallest step of the column."""
    step: Any = timedelta(days=1)
    least, greatest = _DAYS if column.type == "date" else _NUMBERS
    if column.type != "date":
        step = Decimal(1) if column.type == "integer" else Decimal(1).scaleb(-decimals(column))
    above = None if column.exclusive_minimum is None else column.exclusive_minimum + step
    below = None if column.exclusive_maximum is None else column.exclusive_maximum - step
    lows, highs = (least, column.minimum, above), (greatest, column.maximum, below)
    return max(each for each in lows if each is not None), min(each for each in highs if each is not None)


def _lengths(column: Column) -> dict[str, Any] | None:
    if column.type != "string" or (column.min_length is None and column.max_length is None):
        return None
    most = _MOST_IN_A_CELL if column.max_length is None else column.max_length
    return {"validate": "length", "criteria": "between", "minimum": column.min_length or 0, "maximum": most}


def any_day() -> dict[str, Any]:
    """A check that a cell is a date."""
    return {"validate": "date", "criteria": "between", "minimum": _DAYS[0], "maximum": _DAYS[1]}


def any_count() -> dict[str, Any]:
    """A check that a cell is a whole number, 0 or more."""
    return {"validate": "integer", "criteria": "between", "minimum": 0, "maximum": int(_NUMBERS[1])}
