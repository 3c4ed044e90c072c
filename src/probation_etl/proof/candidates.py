"""Values worth trying in a column: those that its rules draw a line at, on both sides of it.

Nothing here says whether a value is good: the rules do, when they run.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from probation_etl.contracts.checks import Kind, Schema
from probation_etl.contracts.date_formats import date_plan
from probation_etl.contracts.model import Column, ReturnContract
from probation_etl.intake.parse import read_date
from probation_etl.proof.patterns import UnsupportedPattern, texts

#: The text of a cell; None where it is empty.
Cell = str | None
_ISO = "yyyy-MM-dd"
_TEXT = "abcdefghijklmnopqrstuvwxyz"
_LONGEST, _SHARED = 1000, 6
_DAYS_BEFORE = (0, 1, 7, 28, 91, 400)
#: Days with a year of four digits.
_YEARS = range(date(1000, 1, 1).toordinal(), date.max.toordinal() + 1)


@dataclass
class Hints:
    """What the rules that read a column compare it with: texts and numbers."""

    texts: dict[str, None] = field(default_factory=dict)
    numbers: dict[Decimal, None] = field(default_factory=dict)

    def learn(self, expression: str) -> None:
        """Takes the literals of a SQL expression."""
        for quoted in re.findall(r"'((?:[^']|'')*)'", expression):
            plain = quoted.replace("''", "'")
            self.texts.update(dict.fromkeys((plain, plain.replace("%", "").replace("_", "x"))))
        unquoted = re.sub(r"'(?:[^']|'')*'", " ", expression)
        self.numbers.update(dict.fromkeys(map(Decimal, re.findall(r"\b\d+(?:\.\d+)?\b", unquoted))))


def hints_of(schema: Schema, context: dict[str, object]) -> dict[str, Hints]:
    """What the rules of a contract compare each of its columns with."""
    contract = schema.contract
    hints = {name: Hints() for name in contract.column_names}
    for expression, columns in _expressions(schema):
        own = [str(value) for name, value in context.items() if value and re.search(rf"\b{name}\b", expression)]
        for name in columns:
            hints[name].learn(expression)
            hints[name].texts.update(dict.fromkeys(own))
    return hints


def _expressions(schema: Schema) -> Iterator[tuple[str, tuple[str, ...]]]:
    contract = schema.contract
    for each in schema.of(Kind.ROW, Kind.TABLE, Kind.ACROSS):
        yield each.sql, each.columns
    for row in contract.mapping.rows if isinstance(contract, ReturnContract) else ():
        for mapped in row.columns:
            compiled = schema.rules.get(row.rule(mapped.name))
            if compiled and mapped.expression:
                yield mapped.expression, compiled.columns


def candidates(schema: Schema, context: dict[str, object], period_end: date) -> dict[str, list[Cell]]:
    """Values to try for each column, the plainest first. Columns that one rule compares try each other's values."""
    hints = hints_of(schema, context)
    found = {column.name: values_for(column, hints[column.name], period_end) for column in schema.contract.columns}
    shared = {name: list(values) for name, values in found.items()}
    for rule in schema.of(Kind.ROW):
        for name in rule.columns:
            for other in rule.columns:
                kind = schema.contract.column(name).type
                if kind == schema.contract.column(other).type:
                    shared[name] += found[other] if kind == "date" else found[other][:_SHARED]
    return {name: list(dict.fromkeys(values)) for name, values in shared.items()}


def values_for(column: Column, hints: Hints, period_end: date) -> list[Cell]:
    """Values to try for one column, the plainest first; an empty cell is the last."""
    made: dict[Cell, None] = dict.fromkeys(_KINDS[column.type](column, hints, period_end))
    made.update(dict.fromkeys(_listed(column)))
    return [*(text for text in made if text), None]


def _listed(column: Column) -> Iterator[str]:
    """Values of the list, and texts beside it."""
    yield from column.labels
    for label in list(column.labels)[:1]:
        yield from (f"{label}x", f"not {label}", label.swapcase())


def _strings(column: Column, hints: Hints, _period_end: date) -> Iterator[str]:
    lengths = _lengths(column, hints)
    yield from column.labels
    matching: list[str] = []
    if column.pattern:
        try:
            matching = texts(column.pattern, lengths=lengths)
        except UnsupportedPattern:
            matching = []
    low, high = column.min_length or 0, column.max_length or _LONGEST
    yield from sorted(matching, key=lambda text: not low <= len(text) <= high)
    yield from hints.texts
    yield from ("a", "b", *(_of_length(length) for length in lengths), *("0" * length for length in lengths))
    for text in matching[:3]:
        yield from _spoilt(text)
    yield from ("?", "0", "A B", "\u00e9", "aA0-")


def _lengths(column: Column, hints: Hints) -> tuple[int, ...]:
    lines = [each for each in (column.length.least, column.length.most) if each is not None]
    lines += [int(number) for number in hints.numbers if number <= _LONGEST]
    return tuple(dict.fromkeys(near for line in lines for near in (line, line - 1, line + 1) if near > 0))


def _of_length(length: int) -> str:
    return (_TEXT * (length // len(_TEXT) + 1))[:length]


def _spoilt(text: str) -> Iterator[str]:
    """The text with one thing wrong: too short, too long, a character of another kind."""
    yield from (text[:-1], text[1:], f"{text}x", f"x{text}", text.swapcase())
    for sign in "?0a":
        yield from (f"{text[:at]}{sign}{text[at + 1 :]}" for at in {0, len(text) // 2, len(text) - 1} if text)


def _integers(column: Column, hints: Hints, _period_end: date) -> Iterator[str]:
    lines = [int(bound) for bound in (*column.interval.bounds, *hints.numbers) if isinstance(bound, Decimal)]
    lines += [int(label) for label in column.labels if re.fullmatch(r"-?\d{1,18}", label)]
    near = [number for line in lines for number in (line, line + 1, line - 1, line + 2)]
    yield from map(str, dict.fromkeys([1, 2, 0, *near, 10, 100, -1]))
    yield from (f"{number}.5" for number in dict.fromkeys([1, *near]))
    yield "x"


def _numbers(column: Column, hints: Hints, _period_end: date) -> Iterator[str]:
    places = column.places
    step = Decimal(1).scaleb(-places)
    lines = [bound for bound in (*column.interval.bounds, *hints.numbers) if isinstance(bound, Decimal)]
    near = [number for line in lines for number in (line, line + step, line - step, line + 1, line - 1)]
    whole = list(dict.fromkeys([Decimal(1), Decimal(2), Decimal(0), *near, Decimal(10), Decimal(100), Decimal(-1)]))
    yield from (f"{number:f}" for number in whole)
    yield from (f"{number + step / 10:f}" for number in whole)
    yield from (f"{number - step / 10:f}" for number in whole)
    yield "x"


def _dates(column: Column, hints: Hints, period_end: date) -> Iterator[str]:
    told = [read_date(text, _ISO) for text in hints.texts]
    lines = [day for day in (*column.interval.bounds, *told) if isinstance(day, date)]
    offsets = [int(number) for number in hints.numbers if number <= _LONGEST]
    before = dict.fromkeys([*_DAYS_BEFORE, *(more for each in offsets for more in (each, each + 1, 2 * each + 7)), -1])
    places = [period_end.toordinal() - each for each in before]
    places += [line.toordinal() + each for line in lines for each in (0, 1, -1)]
    strptime = date_plan((column.formats or (_ISO,))[0])[1]
    yield from (date.fromordinal(place).strftime(strptime) for place in dict.fromkeys(places) if place in _YEARS)
    yield "x"


def _booleans(_column: Column, _hints: Hints, _period_end: date) -> Iterable[str]:
    return ("true", "false", "x")


_KINDS = {
    "string": _strings, "integer": _integers, "number": _numbers, "date": _dates, "boolean": _booleans,
}  # fmt: skip
