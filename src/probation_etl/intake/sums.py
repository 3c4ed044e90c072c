"""The numbers of a table, and which rows are the sums of which others."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from functools import cached_property

import polars as pl

from probation_etl.contracts.model import Column
from probation_etl.discreet import Discreet
from probation_etl.intake.columns_found import Columns
from probation_etl.intake.readers import BLANKS

#: Rows of a table in which all sums are looked for: tables of counts are short. In a longer one, rows right above a total.
SHORT = 5_000
LONGEST_BLOCK = 500
_MARKER = re.compile(r"\s*\[[a-z]{1,3}\]$")


@dataclass(frozen=True)
class Sum(Discreet):
    """Rows that another adds up, and in which columns it does."""

    rows: Sequence[int]
    columns: Mapping[str, Decimal]


@dataclass
class Rows(Discreet):
    """The rows of a table, their numbers and their other cells.

    Attributes:
        found: Positions of the totals found so far.
        is_part: Whether they are some rows of a longer table.
    """

    frame: pl.DataFrame
    columns: Columns
    found: set[int] = field(default_factory=set)
    is_part: bool = False

    @cached_property
    def numbers(self) -> list[str]:
        """Columns whose cells may be added."""
        key = self.columns.contract.key
        return [each.name for each in self._there if each.type in ("integer", "number") and each.name not in key]

    @cached_property
    def names(self) -> list[str]:
        """Columns that say what a row is about."""
        return [each.name for each in self._there if each.name not in self.numbers]

    @property
    def _there(self) -> list[Column]:
        return [column for column in self.columns.contract.columns if column.name in self.columns.places]

    @cached_property
    def texts(self) -> pl.DataFrame:
        """All cells without the blanks around them; an empty one is null."""
        named = pl.col([*self.numbers, *self.names]).str.strip_chars(BLANKS)
        return self.frame.select(named).with_columns(pl.when(pl.all() != "").then(pl.all()))

    def stripped(self, name: str) -> pl.Series:
        """The same of one column."""
        cells = pl.col(name).str.strip_chars(BLANKS)
        return self.frame.select(pl.when(cells != "").then(cells)).to_series()

    @cached_property
    def cells(self) -> dict[str, list[str | None]]:
        """The same, column by column."""
        return {name: column.to_list() for name, column in self.texts.to_dict().items()}

    @cached_property
    def values(self) -> dict[str, list[Decimal | None]]:
        """The numbers of each column."""
        return {name: [_number(text) for text in self.cells[name]] for name in self.numbers}

    def sum_of(self, at: int, parts: Sequence[int]) -> Sum:
        """In which columns a row adds up others."""
        columns = {}
        for name, values in self.values.items():
            total, added = values[at], [value for part in parts if (value := values[part]) is not None]
            if total and len(added) > 1 and sum(added) == total:
                columns[name] = total
        return Sum(parts, columns)

    @cached_property
    def leading(self) -> set[str]:
        """Columns in which the name of a total stands: those of the key, and the first."""
        places = self.columns.places
        return {*self.columns.contract.key, min(places, key=lambda name: places[name])}

    @cached_property
    def incomplete(self) -> list[bool]:
        """Whether a row lacks a value that is required."""
        needed = [each.name for each in self._there if each.required]
        empty = self.texts.select(pl.any_horizontal(pl.lit(value=False), *(pl.col(name).is_null() for name in needed)))
        whole = empty.to_series().to_list()
        return whole if len(whole) == self.frame.height else [False] * self.frame.height

    def has_one_name(self, at: int) -> bool:
        """Whether one cell alone says what a row is about."""
        return sum(self.cells[name][at] is not None for name in self.names) == 1

    def lacks_name(self, at: int, parts: Sequence[int]) -> bool:
        """Whether a row has no name that one of its parts does not have too, and lacks one that all of them have."""
        cells = [(self.cells[name][at], [self.cells[name][part] for part in parts]) for name in self.names]
        own = any(text is not None and text not in theirs for text, theirs in cells)
        return not own and any(text is None and None not in theirs for text, theirs in cells)

    def lies_between(self, name: str, at: int, parts: Sequence[int]) -> bool:
        """Whether a number may be an average of those of other rows."""
        value, theirs = self.values[name][at], [each for part in parts if (each := self.values[name][part]) is not None]
        return value is not None and bool(theirs) and min(theirs) <= value <= max(theirs)

    def given(self, at: int) -> list[str]:
        """The columns in which a row has a number."""
        return [name for name, values in self.values.items() if values[at] is not None]


def sums(rows: Rows, at: int) -> list[Sum]:
    """What a row may add up: all rows, the rows of its kind, the rows right above it; rows below it, where it comes first."""
    if rows.is_part or rows.frame.height > SHORT:
        return [each for each in _blocks(rows, at) if each.columns]
    others = [part for part in range(rows.frame.height) if part != at and part not in rows.found]
    above = [part for part in others if part < at] or others
    alike = {
        name: text
        for name in rows.names
        if (text := rows.cells[name][at]) is not None and any(rows.cells[name][part] == text for part in above)
    }
    same = [part for part in above if all(rows.cells[name][part] == text for name, text in alike.items())]
    found = [
        rows.sum_of(at, above),
        *([rows.sum_of(at, same)] if len(same) < len(above) else []),
        *_blocks(rows, at),
    ]
    return [each for each in found if each.columns]


def _blocks(rows: Rows, at: int) -> Iterator[Sum]:
    """The rows right above a row, two or more of them, that it adds up; down to the total before it."""
    sums = dict.fromkeys(rows.numbers, Decimal(0))
    for first in range(at - 1, max(-1, at - 1 - LONGEST_BLOCK), -1):
        if first in rows.found:
            return
        sums = {name: total + (rows.values[name][first] or 0) for name, total in sums.items()}
        if first < at - 1 and any(total and total == rows.values[name][at] for name, total in sums.items()):
            yield rows.sum_of(at, range(first, at))


def chance_of(rows: Rows, found: Sum) -> int:
    """How many other numbers could stand in place of the sums: it is one in so many that they are sums by chance."""
    chance = 1
    for name, total in found.columns.items():
        places = max((_places(rows.values[name][part]) for part in found.rows), default=0)
        chance *= int(abs(total) * 10**places) + 1
    return chance


def _places(value: Decimal | None) -> int:
    """Decimal places of a number."""
    exponent = value.normalize().as_tuple().exponent if value else 0
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _number(text: str | None) -> Decimal | None:
    try:
        value = Decimal(_MARKER.sub("", text).replace(",", "")) if text else None
    except InvalidOperation:
        return None
    return value if value is not None and value.is_finite() else None
