"""What a contract asks, in words: sentences for those who must correct a return, and the parts of them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time

from probation_etl.contracts.checks.patterns_in_words import form_in_words
from probation_etl.contracts.date_formats import in_words
from probation_etl.contracts.forms import USUAL
from probation_etl.contracts.model import (
    Column,
    Contract,
    CrossRule,
    Interval,
    Length,
    Limit,
    QueryRule,
    Rule,
    TableRule,
)

_TIMED = {"ge": "at or after", "gt": "after", "le": "at or before", "lt": "before"}
_DATED = {"ge": "on or after", "gt": "after", "le": "on or before", "lt": "before"}
_TYPES = {
    "string": "text", "integer": "a whole number", "number": "a number", "date": "a date",
    "timestamp": "a date with a time", "time": "a time of day", "duration": "a length of time",
}  # fmt: skip


def of_column(column: Column, asked: str) -> str:
    """A sentence about a column, with what the column means."""
    meaning = f" Its meaning: {column.description}" if column.description else ""
    return f"‘{column.header}’ {asked}.{meaning}"


def of_rule(rule: Rule | TableRule | CrossRule | QueryRule, otherwise: str) -> str:
    """A rule in the contract's own words: an expression says little to those who must correct a row."""
    title = one_line(rule.title).rstrip(".")
    return f"{title}." if title else f"{otherwise}."


def typed(column: Column) -> str:
    """What a value of the column is."""
    forms = column.formats or (USUAL[column.type] if column.type in ("timestamp", "time") else ())
    form = f" in the form {in_short(forms)}" if forms else ""
    return f"is {_type(column)}{form}"


def in_short(formats: Iterable[str]) -> str:
    """Forms of days and times for people: signs stand there without their quotation marks."""
    return " or ".join(each.replace("'", "") for each in formats)


def truths(column: Column) -> str:
    """The words for true and for false."""
    words = column.true_values + column.false_values
    return f"{', '.join(words[:-1])} or {words[-1]}"


def advised(column: Column) -> str:
    """How a value of the column is written, where the contract has a way of its own; empty where it has none."""
    if column.type == "boolean" and column.true_values + column.false_values != ("true", "false"):
        return f"Write {truths(column)}."
    if column.type == "number" and column.decimal_separator != ".":
        return "Write digits only, with a comma for decimals."
    return ""


def _type(column: Column) -> str:
    if column.type == "boolean":
        return truths(column)
    unit = f" with its unit, {' or '.join(column.unit_texts)}" if column.needs_unit else ""
    return f"{_TYPES[column.type]}{unit}"


def due(column: Column) -> str:
    """What a cell of the column is to hold."""
    return "a text" if column.type == "string" else _type(column)


def has_length(length: Length) -> str:
    """How long a text is."""
    if length.least is None:
        return f"has at most {length.most} characters"
    return f"has at least {length.least} characters" if length.most is None else f"has {length.least} to {length.most} characters"  # fmt: skip


def between(interval: Interval) -> str:
    """Where a value lies: ``at least 0 and less than 50``."""
    return " and ".join(map(_limit, interval.limits))


def window(first: date | None, days_after: int | None) -> str:
    """Where likely days lie: ``between 1 June 1994 and the period end``."""
    later = f"{days_after} days after the period end" if days_after else "the period end"
    if days_after is None:
        return f"on or after {in_words(first)}" if first else ""
    return f"between {in_words(first)} and {later}" if first else f"on or before {later}"


def _limit(limit: Limit) -> str:
    if isinstance(limit.bound, time):
        return f"{_TIMED[limit.comparison]} {shortened(limit.bound)}"
    if isinstance(limit.bound, datetime):
        return f"{_TIMED[limit.comparison]} {in_words(limit.bound)}, {shortened(limit.bound.time())}"
    if isinstance(limit.bound, date):
        return f"{_DATED[limit.comparison]} {in_words(limit.bound)}"
    return f"{limit.word} {limit.bound}"


def shortened(at: time) -> str:
    """A time of day, without seconds that are nought."""
    return at.isoformat("auto" if at.second or at.microsecond else "minutes")


def formed(column: Column) -> str:
    """The pattern in words; a regular expression only where neither words nor the contract's own hint say it."""
    words, hint = form_in_words(column.pattern or ""), one_line(column.hints.get("wrong-pattern", "")).rstrip(".")
    if words:
        return f"is {words}"
    return f"has the form that the contract describes: {hint}" if hint else f"matches the regular expression {column.pattern}"  # fmt: skip


def listed(column: Column, separator: str) -> str:
    """The values of a list, each with its label where it has one."""
    return separator.join(value if value == label else f"{value} ({label})" for value, label in column.labels.items())


def headers(contract: Contract, names: Iterable[str]) -> str:
    """The headers of columns, as the supplier writes them."""
    return ", ".join(f"‘{contract.column(name).header}’" for name in names if name in contract.column_names)


def one_line(text: str) -> str:
    """The text without its line breaks."""
    return " ".join(text.split())
