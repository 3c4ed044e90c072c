"""Rows that add up others: totals, subtotals and averages. Loaded beside their parts they would count twice.

A row is known as a total by its name, or by its numbers. A name that may be one (``Total Care Ltd``) counts if the numbers
agree with it. Numbers alone count only where no coincidence explains them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from functools import cached_property

import polars as pl

from probation_etl.contracts.findings import Finding, make
from probation_etl.contracts.model import Column
from probation_etl.intake import row_texts as texts
from probation_etl.intake.columns_found import Columns
from probation_etl.intake.hidden import in_groups
from probation_etl.intake.readers import BLANKS

#: Rows of a table in which sums are looked for without a name that asks for it: tables of counts are short.
_SHORT = 5_000
#: How unlikely it must be that the numbers of a row with a name of its own are sums by chance: one in so many.
_NO_CHANCE = 1_000_000
#: Rows that one number must add up to say something.
_ADDED_BY_ONE_NUMBER = 3
#: The same of a row that lacks a name which all rows above have.
_LITTLE_CHANCE = 50
#: The same of a row whose name may be that of a total, for each of the rows above it.
_BORNE_OUT = 1_000
_LONGEST_BLOCK = 500
_MARKER = re.compile(r"\s*\[[a-z]{1,3}\]$")


@dataclass(frozen=True)
class _Sum:
    """Rows that another adds up, and in which columns it does."""

    rows: Sequence[int]
    columns: Mapping[str, Decimal]


@dataclass
class _Table:
    """The rows of a table, their numbers and their other cells.

    Attributes:
        found: Positions of the totals found so far.
    """

    frame: pl.DataFrame
    columns: Columns
    found: set[int] = field(default_factory=set)

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

    @cached_property
    def values(self) -> dict[str, list[Decimal | None]]:
        """The numbers of each column."""
        return {name: [_number(text) for text in self.texts[name]] for name in self.numbers}

    def sum_of(self, at: int, parts: Sequence[int]) -> _Sum:
        """In which columns a row adds up others."""
        columns = {}
        for name, values in self.values.items():
            total, added = values[at], [value for part in parts if (value := values[part]) is not None]
            if total and len(added) > 1 and sum(added) == total:
                columns[name] = total
        return _Sum(parts, columns)

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
        return sum(self.texts[name][at] is not None for name in self.names) == 1

    def lacks_name(self, at: int, parts: Sequence[int]) -> bool:
        """Whether a row has no name that one of its parts does not have too, and lacks one that all of them have."""
        cells = [(self.texts[name][at], [self.texts[name][part] for part in parts]) for name in self.names]
        own = any(text is not None and text not in theirs for text, theirs in cells)
        return not own and any(text is None and None not in theirs for text, theirs in cells)

    def given(self, at: int) -> list[str]:
        """The columns in which a row has a number."""
        return [name for name, values in self.values.items() if values[at] is not None]


def total_rows(frame: pl.DataFrame, columns: Columns) -> list[tuple[int, Finding]]:
    """The rows that are totals, by their position, each with its finding.

    Args:
        frame: ``source_row`` and one String column for each contract column found.
        columns: Where the columns stand.
    """
    table = _Table(frame, columns)
    named = _named(table)
    found = {}
    for at in sorted({*named, *(_nameless(table) if frame.height <= _SHORT else ())}):
        reason = _reason(table, at, certain=named.get(at))
        if reason is not None:
            table.found.add(at)
            found[at] = make("total-row", row=int(frame["source_row"][at]), expected=reason)
    return list(found.items())


def _reason(table: _Table, at: int, *, certain: bool | None) -> str | None:
    """Why a row is a total; None if it is none. ``certain`` says whether its name is that of a total, if it has one."""
    sums = _sums(table, at)
    if not certain:
        agrees = _is_no_chance if certain is None else _agrees
        sums = [each for each in sums if agrees(table, at, each)]
    best = max(sums, key=lambda each: (len(each.columns), len(each.rows)), default=None)
    if best is None:
        return "It is named as a total." if certain else None
    rows = in_groups(int(table.frame["source_row"][part]) for part in best.rows)
    return (
        f"Each of its numbers is the sum of rows {rows}."
        if certain is None
        else f"It is named as a total and adds up rows {rows}."
    )


def _named(table: _Table) -> dict[int, bool]:
    """Rows that have the name of a total, by position, and whether it can mean nothing else."""
    found: dict[int, bool] = {}
    for name in (*table.names, *table.numbers):
        column, cells = table.columns.contract.column(name), table.texts[name]
        for at in cells.str.contains(texts.PERHAPS_TOTAL).fill_null(value=False).arg_true().to_list():
            text = str(cells[at])
            leads = name in table.leading
            if text in column.labels or not (leads or table.incomplete[at]):
                continue
            if texts.names_total(text) or _is_beside_others(text, cells):
                found[at] = True
            elif leads and texts.may_name_total(text):
                alone = table.incomplete[at] and table.has_one_name(at)
                odd = not texts.could_be_value(text, column)
                found[at] = found.get(at, False) or odd or alone
    return found


def _is_beside_others(text: str, cells: pl.Series) -> bool:
    """Whether a name of all of a kind stands in a column that has others."""
    return texts.names_all(text) and any(not texts.names_all(str(other)) for other in cells.drop_nulls().unique())


def _nameless(table: _Table) -> Iterator[int]:
    """Rows that may be totals without a name: they lack a name that the rows above have, or are the last."""
    if not table.numbers or not table.names or table.frame.height < 3:
        return
    repeated = [pl.col(name).is_null() | ~pl.col(name).is_first_distinct() for name in table.names]
    lacking = [pl.col(name).is_null() & (pl.col(name).is_not_null().cum_sum() > 0) for name in table.names]
    has_number = pl.any_horizontal(pl.col(table.numbers).is_not_null())
    rows = table.texts.select(pl.all_horizontal(repeated) & pl.any_horizontal(lacking) & has_number)
    yield from rows.to_series().arg_true().to_list()
    yield table.frame.height - 1


def _sums(table: _Table, at: int) -> list[_Sum]:
    """What a row may add up: all rows, the rows of its kind, the rows right above it; rows below it, where it comes first."""
    others = [part for part in range(table.frame.height) if part != at and part not in table.found]
    above = [part for part in others if part < at] or others
    alike = {
        name: text
        for name in table.names
        if (text := table.texts[name][at]) is not None and any(table.texts[name][part] == text for part in above)
    }
    same = [part for part in above if all(table.texts[name][part] == text for name, text in alike.items())]
    found = [
        table.sum_of(at, above),
        *([table.sum_of(at, same)] if len(same) < len(above) else []),
        *_blocks(table, at),
    ]
    return [each for each in found if each.columns]


def _blocks(table: _Table, at: int) -> Iterator[_Sum]:
    """The rows right above a row, two or more of them, that it adds up; down to the total before it."""
    sums = dict.fromkeys(table.numbers, Decimal(0))
    for first in range(at - 1, max(-1, at - 1 - _LONGEST_BLOCK), -1):
        if first in table.found:
            return
        sums = {name: total + (table.values[name][first] or 0) for name, total in sums.items()}
        if first < at - 1 and any(total and total == table.values[name][at] for name, total in sums.items()):
            yield table.sum_of(at, range(first, at))


def _is_no_chance(table: _Table, at: int, found: _Sum) -> bool:
    """Whether all numbers of a row are sums of rows above it, and not by chance.

    A row without a name of its own is one sooner than a row with a name, of which all rows above must be the parts.
    """
    is_whole = set(found.columns) == {name for name in table.given(at) if table.values[name][at]}
    if not is_whole or found.rows[-1] > at or (len(found.columns) == 1 and len(found.rows) < _ADDED_BY_ONE_NUMBER):
        return False
    chance = _chance(table, found)
    if table.lacks_name(at, found.rows):
        return chance >= _LITTLE_CHANCE
    of_all = len(found.rows) >= at - len(table.found)
    return of_all and len(found.columns) > 1 and len(found.rows) >= _ADDED_BY_ONE_NUMBER and chance >= _NO_CHANCE


def _agrees(table: _Table, at: int, found: _Sum) -> bool:
    """Whether the numbers of a row whose name may be that of a total bear it out: two of them, or its only one."""
    enough = len(found.columns) > 1 or len(table.given(at)) == 1
    return enough and _chance(table, found) >= _BORNE_OUT * max(1, at)


def _chance(table: _Table, found: _Sum) -> int:
    """How many other numbers could stand in place of the sums: it is one in so many that they are sums by chance."""
    chance = 1
    for name, total in found.columns.items():
        places = max((_places(table.values[name][part]) for part in found.rows), default=0)
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
