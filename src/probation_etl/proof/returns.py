"""Whole returns around single rows: enough rows for the rules of the table, and what other returns have given before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import islice, product
from typing import Any

import polars as pl

from probation_etl.contracts.checks import TYPES, Check, Kind, Schema, Totals
from probation_etl.contracts.rulebook import Rulebook
from probation_etl.proof.candidates import Hints, values_for
from probation_etl.proof.context import Setting
from probation_etl.proof.evaluate import Row
from probation_etl.proof.example import Example
from probation_etl.proof.search import Search
from probation_etl.proof.values import many_values, typed_value

_ROWS, _COPIES, _COMBINATIONS, _LISTS, _MANY = (1, 2, 3, 5, 10, 30), (1, 0, 2, 3), 120, 600, 200


@dataclass(frozen=True)
class World:
    """What unified tables hold: rows that the references find, so many times, with further values.

    Attributes:
        values: Values of columns, by table.
        copies: How often each row stands there, by table.
        lacking: Reference whose rows are not there.
    """

    values: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    copies: Mapping[str, int] = field(default_factory=dict)
    lacking: str | None = None


@dataclass(frozen=True)
class Whole:
    """Makes whole returns of one contract in one setting.

    Attributes:
        clean: A row on which no rule fires.
        base: Rows of a return in which nothing is found.
        world: What other returns have given, in which nothing is found.
    """

    setting: Setting
    schema: Schema
    rulebook: Rulebook
    search: Search
    clean: Row
    base: tuple[Row, ...] = ()
    world: World = World()

    def example(self, rows: Iterable[Row], world: World | None = None, **more: Any) -> Example:
        """A return of these rows, with what they refer to."""
        given = tuple(rows)
        return Example(self.setting, given, tables=self._tables(given, world or self.world), **more)

    def based(self) -> Whole | None:
        """The same with the smallest return in which nothing is found; None where none was found."""
        for rows in islice(self.lists(), _LISTS):
            if not self.table_rules_broken(rows):
                for world in self.worlds():
                    if self.example(rows, world).holds(self.rulebook):
                        return replace(self, base=tuple(rows), world=world)
        return None

    def around(self, *rows: Row) -> Iterator[tuple[Row, ...]]:
        """Returns that begin with these rows: as small as can be, then with more clean rows beside them."""
        yield (*rows, *self.base[len(rows) :])
        if self._table_rules:
            yield (*rows, *self.base)
            yield (*rows, *self.different(max(_ROWS))[1:])
            yield (*rows, *self.different(_MANY)[1:])

    def lists(self) -> Iterator[list[Row]]:
        """Rows of a return, few first: what the rules of the table may find good or not."""
        yield [self.clean]
        if self._table_rules:
            yield []
            columns = dict.fromkeys(name for rule in self._table_rules for name in rule.columns)
            variants = self.search.variants(self.clean, columns)
            for count in self._counts():
                different = self.different(count)
                for variant in variants[: _LISTS // 10]:
                    yield [self._taken(row, variant, columns) for row in different]

    def table_rules_broken(self, rows: Sequence[Row]) -> set[str]:
        """Names of the rules of the table that these rows break."""
        frame = self.search.bench.parsed(rows)[1].frame if self._table_rules else pl.DataFrame()
        held = {each.name: each.holds for each in self._table_rules if each.holds is not None}
        return {name for name, holds in held.items() if frame.select(holds).item() is False}

    @property
    def _table_rules(self) -> tuple[Check, ...]:
        return self.schema.of(Kind.TABLE)

    @property
    def _totals(self) -> list[Totals]:
        """What rules across returns compare."""
        return [each.totals for each in self.schema.of(Kind.ACROSS) if each.totals]

    def different(self, count: int) -> list[Row]:
        """Clean rows that differ where two rows must: the clean one first, as many as there are up to the count."""
        contract, end = self.schema.contract, self.setting.period_end
        alone = [column.name for column in contract.columns if column.unique]
        varied = {
            name: many_values(contract.column(name), count, end) if end else [] for name in {*alone, *contract.key}
        }
        rows = [self.clean]
        for at in range(count - 1):
            changes = {name: values[at % len(values)] for name, values in varied.items() if values}
            rows.append(
                tuple(changes.get(name, cell) for name, cell in zip(contract.column_names, self.clean, strict=True))
            )
        fired = self.search.bench.fired(rows)
        return [row for row, rules in zip(rows, fired, strict=True) if not rules]

    def worlds(self) -> Iterator[World]:
        """What unified tables may hold: what is referred to alone, then more and other rows."""
        yield World()
        for table, columns in self._totalled.items():
            choices = [self._typed_values(table, name) for name in columns]
            for values in islice(product(*choices), _COMBINATIONS):
                for copies in _COPIES:
                    yield World({table: dict(zip(columns, values, strict=True))}, {table: copies})

    @cached_property
    def _totalled(self) -> dict[str, list[str]]:
        """Columns of unified tables that totals are taken of."""
        found: dict[str, list[str]] = {}
        for each in self._totals:
            found.setdefault(each.table, []).extend(each.other.meta.root_names())
        return {table: sorted(set(columns)) for table, columns in found.items()}

    def _counts(self) -> list[int]:
        """Numbers of rows to try: a few, and those that the rules of the table name."""
        hints = Hints()
        for each in self._table_rules:
            hints.learn(each.sql)
        named = [near for number in hints.numbers for near in (int(number), int(number) + 1)]
        return sorted({*_ROWS, *(number for number in named if 0 < number <= _MANY)})

    def _taken(self, row: Row, variant: Row, columns: Iterable[str]) -> Row:
        """The row with the variant's cells in these columns, but what must differ."""
        contract, taken = self.schema.contract, set(columns)
        kept = {column.name for column in contract.columns if column.unique} | set(contract.key)
        names = contract.column_names
        return tuple(
            new if name in taken and (name not in kept or new is None) else old
            for name, old, new in zip(names, row, variant, strict=True)
        )

    def _typed_values(self, table: str, name: str) -> list[Any]:
        """Values to try in a column of a unified table: those that the totals name, then the plainest."""
        unified = self.rulebook.contracts.unified_table(table)
        if name not in unified.column_names or self.setting.period_end is None:
            return [None]
        hints = Hints()
        for each in self._totals:
            hints.learn(each.other_sql)
        column = unified.column(name)
        texts = [*hints.texts, *values_for(column, hints, self.setting.period_end)]
        typed = [typed_value(text, column) for text in texts if text]
        return [*islice(dict.fromkeys(each for each in typed if each is not None), 10), None]

    def _tables(self, rows: tuple[Row, ...], world: World) -> dict[str, pl.DataFrame]:
        contract = self.schema.contract
        needed = dict.fromkeys([*(each.table for each in contract.references), *(each.table for each in self._totals)])
        frame = self.search.bench.parsed(rows)[1].frame if needed else pl.DataFrame()
        return {table: self._table(table, frame, world) for table in needed}

    def _table(self, table: str, frame: pl.DataFrame, world: World) -> pl.DataFrame:
        unified = self.rulebook.contracts.unified_table(table)
        empty = pl.DataFrame(schema={column.name: TYPES[column.type] for column in unified.columns})
        # A reference that is to find nothing leaves rows without a key, so that totals stay what they were.
        parts = [
            empty.clear(frame.height)
            if each.name == world.lacking
            else frame.select(
                pl.col(own).cast(empty.schema[theirs]).alias(theirs) for own, theirs in each.columns.items()
            )
            for each in self.schema.contract.references
            if each.table == table
        ]
        referred = any(each.table == table for each in self.schema.contract.references)
        rows = pl.concat([empty, *parts], how="diagonal") if referred else empty.clear(1)
        constants = [
            pl.lit(value).cast(empty.schema[name]).alias(name)
            for name, value in world.values.get(table, {}).items()
            if name in empty.schema
        ]
        filled = rows.with_columns(constants)
        return pl.concat([empty, *([filled] * world.copies.get(table, 1))])


def whole_of(setting: Setting, schema: Schema, rulebook: Rulebook, search: Search) -> Whole | None:
    """Whole returns in a setting; None where no row or no return is clean there."""
    clean = search.clean()
    return Whole(setting, schema, rulebook, search, clean).based() if clean else None
