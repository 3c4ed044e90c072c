"""Numbers as people and as JSON write them."""

from __future__ import annotations

from datetime import date, time, timedelta
from decimal import Decimal

from probation_etl.contracts.durations import ISO_LENGTHS, duration_form


def plain_number(number: Decimal | float) -> str:
    """A number as a person writes it, without an exponent or needless zeros: ``40`` and not ``40.000000``."""
    text = f"{Decimal(str(number)):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def counted(count: int, noun: str) -> str:
    """``1 return``, ``1,234 returns``."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def json_number(number: Decimal | int) -> int | float:
    """A number as JSON writes it: whole ones without a decimal point."""
    return int(number) if number == int(number) else float(number)


def json_value(value: object) -> object:
    """A number, a day or a time as JSON writes it; anything else as it is."""
    if isinstance(value, Decimal):
        return json_number(value)
    if isinstance(value, timedelta):
        return duration_form(ISO_LENGTHS).write(value)
    return value.isoformat() if isinstance(value, date | time) else value
