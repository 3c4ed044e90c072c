"""Values worth trying in a column: those on both sides of every line that its rules draw.

Nothing here decides whether a value is good. The rules do, when they run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal, InvalidOperation

import polars as pl

from probation_etl.contracts.checks import NUMBER, Kind, Schema
from probation_etl.contracts.forms import ISO, USUAL
from probation_etl.contracts.model import Column
from probation_etl.contracts.pattern_texts import UnsupportedPattern, series, texts
from probation_etl.intake.parse import read_date
from probation_etl.proof.hints import Hints, hints_of
from probation_etl.proof.moments import Moment, days, lengths_of_time, many_moments, moment, times, written_day

#: The text of a cell; None where it is empty.
Cell = str | None
Value = str | int | Decimal | Moment | bool
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_LONGEST, _SHARED = 1000, 6


def candidates(schema: Schema, context: dict[str, object], period_end: date) -> dict[str, list[Cell]]:
    """Values to try in each column, the plainest first. Columns that a row rule reads together try each other's values."""
    contract, hints = schema.contract, hints_of(schema, context)
    found = {column.name: values_for(column, hints[column.name], period_end) for column in contract.columns}
    for check in schema.of(Kind.MEMBER, Kind.ROW):
        for cells in () if check.listed is None else check.listed:
            found[cells.name] = [*_listed(contract.column(cells.name), cells), *found[cells.name]]
    shared = {name: list(values) for name, values in found.items()}
    for rule in schema.of(Kind.ROW, Kind.OWN):
        for name in rule.columns:
            for other in rule.columns:
                kind = contract.column(name).type
                if kind == contract.column(other).type:
                    shared[name] += found[other] if kind in USUAL else found[other][:_SHARED]
    return {name: list(dict.fromkeys(values)) for name, values in shared.items()}


def _listed(column: Column, texts: pl.Series) -> Iterator[str]:
    """Values of a reference table as a return has them."""
    for text in texts.drop_nulls().unique(maintain_order=True).head(_SHARED):
        day = read_date(text, ISO) if column.type == "date" else None
        yield text if day is None else written_day(day, column)


def values_for(column: Column, hints: Hints, period_end: date) -> list[Cell]:
    """Values to try in one column, the plainest first. An empty cell is the last."""
    found = dict.fromkeys((*_of_type(column, hints, period_end), *_near_the_list(column)))
    return [*(text for text in found if text), None]


def _of_type(column: Column, hints: Hints, period_end: date) -> Iterator[str]:
    match column.type:
        case "string":
            yield from _strings(column, hints)
        case "integer":
            yield from _integers(column, hints)
        case "number":
            yield from _numbers(column, hints)
        case "date" | "timestamp":
            yield from days(column, hints, period_end)
        case "time":
            yield from times(column, hints)
        case "duration":
            yield from lengths_of_time(column, hints)
        case "boolean":
            yield from (column.true_values[0], column.false_values[0], "x")


def _near_the_list(column: Column) -> Iterator[str]:
    """The listed values, and texts that are nearly one of them."""
    yield from column.labels
    if column.separator:
        yield column.separator.join(list(column.labels)[:2])
    for label in list(column.labels)[:1]:
        yield from (f"{label}x", f"not {label}", label.swapcase())


def _strings(column: Column, hints: Hints) -> Iterator[str]:
    lengths = _lengths(column, hints)
    matching = _matching(column, lengths)
    low, high = column.length.least or 0, column.length.most or _LONGEST
    yield from column.labels
    yield from sorted(matching, key=lambda text: not low <= len(text) <= high)
    yield from hints.texts
    yield from ("a", "b", *(_of_length(length) for length in lengths), *("0" * length for length in lengths))
    for text in matching[:3]:
        yield from _spoilt(text)
    yield from ("?", "0", "A B", "\u00e9", "aA0-")


def _matching(column: Column, lengths: tuple[int, ...]) -> list[str]:
    try:
        return texts(column.pattern, lengths=lengths) if column.pattern else []
    except UnsupportedPattern:
        return []


def _lengths(column: Column, hints: Hints) -> tuple[int, ...]:
    lines = [each for each in (column.length.least, column.length.most) if each is not None]
    lines += [int(number) for number in hints.numbers if number <= _LONGEST]
    return tuple(dict.fromkeys(near for line in lines for near in (line, line - 1, line + 1) if near > 0))


def _of_length(length: int) -> str:
    return (_LETTERS * (length // len(_LETTERS) + 1))[:length]


def _spoilt(text: str) -> Iterator[str]:
    """The text with one thing wrong: too short, too long, a character of another kind."""
    yield from (text[:-1], text[1:], f"{text}x", f"x{text}", text.swapcase())
    for sign in "?0a":
        yield from (f"{text[:at]}{sign}{text[at + 1 :]}" for at in {0, len(text) // 2, len(text) - 1} if text)


def _lines(column: Column, hints: Hints) -> list[Decimal]:
    """Numbers that bounds and rules compare the column with."""
    return [each for each in (*column.interval.bounds, *hints.numbers) if isinstance(each, Decimal)]


def _integers(column: Column, hints: Hints) -> Iterator[str]:
    lines = [int(line) for line in _lines(column, hints)]
    lines += [int(label) for label in column.labels if re.fullmatch(r"-?\d{1,18}", label)]
    near = [number for line in lines for number in (line, line + 1, line - 1, line + 2)]
    yield from (_with_unit(str(number), column) for number in dict.fromkeys([1, 2, 0, *near, 10, 100, -1]))
    yield from (_with_unit(f"{number}{column.decimal_separator}5", column) for number in dict.fromkeys([1, *near]))
    yield "x"


def _numbers(column: Column, hints: Hints) -> Iterator[str]:
    step = column.step
    near = [at for line in _lines(column, hints) for at in (line, line + step, line - step, line + 1, line - 1)]
    plain, more = map(Decimal, (1, 2, 0)), map(Decimal, (10, 100, -1))
    numbers = list(dict.fromkeys((*plain, *near, *more)))
    for beside in (Decimal(0), step / 10, -step / 10):
        yield from (_number(number + beside, column) for number in numbers)
    yield "x"


def _number(number: Decimal, column: Column) -> str:
    return _with_unit(f"{number:f}".replace(".", column.decimal_separator), column)


def _with_unit(number: str, column: Column) -> str:
    return f"{number} {column.unit_texts[0]}" if column.needs_unit else number


def many_values(column: Column, count: int, period_end: date) -> list[str]:
    """Up to so many different values that are probably good, for rows that must differ."""
    if column.labels:
        return list(column.labels)[:count]
    match column.type:
        case "string":
            try:
                return series(column.pattern or f"^[a-z]{{{max(3, column.length.least or 0)}}}$", count)
            except UnsupportedPattern:
                return []
        case "date" | "timestamp" | "time" | "duration":
            return many_moments(column, count, period_end)
        case "boolean":
            return [column.true_values[0], column.false_values[0]][:count]
    low = next((each.bound for each in column.interval.limits if each.is_lower), None)
    return [_with_unit(str(int(low if isinstance(low, Decimal) else 0) + each), column) for each in range(1, count + 1)]


def typed(text: str, column: Column) -> Value | None:
    """The text in the type of its column; None if it cannot be read as that."""
    match column.type:
        case "string":
            return text
        case "boolean":
            return text.lower() in {each.lower() for each in column.true_values}
        case "date" | "timestamp" | "time" | "duration":
            return moment(text, column)
    try:
        bare = text.removesuffix(f" {column.unit_texts[0]}") if column.unit_texts else text
        number = Decimal(bare.replace(column.decimal_separator, "."))
    except InvalidOperation:
        return None
    return int(number) if column.type == "integer" else round(number, NUMBER.scale)
