"""The smallest clean return of a contract, and the returns made from it: with other rows, or more of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import islice

import polars as pl

from probation_etl.contracts.checks import Check, Kind, Schema
from probation_etl.contracts.rulebook import Rulebook
from probation_etl.discreet import Discreet
from probation_etl.proof.candidates import many_values
from probation_etl.proof.context import Context
from probation_etl.proof.evaluate import Row
from probation_etl.proof.example import Example
from probation_etl.proof.hints import Hints
from probation_etl.proof.search import Search
from probation_etl.proof.tables import Contents, UnifiedTables

#: Numbers of rows to try, for rules over the whole table, and the most that such a rule may name.
_COUNTS, _MANY = (1, 2, 3, 5, 10, 30), 200
_LISTS, _VARIANTS = 600, 60
#: Rows to try where a query decides.
_QUERIED = 60


@dataclass(frozen=True)
class CleanReturn(Discreet):
    """A return in which nothing is found, and the returns made from it.

    Attributes:
        row: A row that breaks no rule.
        rows: The rows of the return.
        contents: What unified tables hold.
    """

    context: Context
    schema: Schema
    rulebook: Rulebook
    search: Search
    row: Row
    rows: tuple[Row, ...] = ()
    contents: Contents = field(default_factory=Contents)

    @classmethod
    def find(cls, context: Context, schema: Schema, rulebook: Rulebook, search: Search) -> CleanReturn | None:
        """The smallest clean return; None if none was found."""
        found = search.clean()
        read = dict.fromkeys(name for each in schema.of(Kind.QUERY) for name in each.columns)
        # What a query says of a row is not known before it is in a return.
        variants = search.variants(found, read)[:_QUERIED] if found and read else []
        tried = (cls(context, schema, rulebook, search, row) for row in (found, *variants) if row)
        return next(filter(None, (each.with_rows() for each in tried)), None)

    def with_rows(self) -> CleanReturn | None:
        """The smallest clean return with this row; None if none was found."""
        for rows in islice(self.lists(), _LISTS):
            if not self.table_rules_broken(rows):
                for contents in self.tables.contents():
                    if self.example(rows, contents).holds(self.rulebook):
                        return replace(self, rows=tuple(rows), contents=contents)
        return None

    @cached_property
    def tables(self) -> UnifiedTables:
        """The unified tables that the contract reads."""
        return UnifiedTables(self.schema, self.rulebook, self.context.period_end)

    @cached_property
    def table_rules(self) -> tuple[Check, ...]:
        """Rules over the whole table."""
        return self.schema.of(Kind.TABLE)

    def example(self, rows: Iterable[Row], contents: Contents | None = None) -> Example:
        """A return of these rows, with the rows of unified tables that it refers to."""
        given = tuple(rows)
        frame = self.search.evaluator.parsed(given)[1].frame if self.tables.names else pl.DataFrame()
        return Example(self.context, given, tables=self.tables.frames(frame, contents or self.contents))

    def around(self, *rows: Row) -> Iterator[tuple[Row, ...]]:
        """Returns that begin with these rows: the smallest first, then with more clean rows after them."""
        yield (*rows, *self.rows[len(rows) :])
        if self.table_rules:
            yield (*rows, *self.rows)
            for count in (max(_COUNTS), _MANY):
                yield (*rows, *self._different(count)[1:])

    def beside(self, row: Row) -> Iterator[tuple[Row, Row]]:
        """A row with another that is the same, or the clean one, but for what must differ."""
        for _, other in zip(range(1), self._different(2)[1:], strict=False):
            differing = dict(self._named(other))
            same = tuple(differing[name] if name in self._unique else cell for name, cell in self._named(row))
            yield row, same
            yield row, other

    def lists(self) -> Iterator[list[Row]]:
        """Rows of a return, few first, that differ in what rules over the table read."""
        yield [self.row]
        if self.table_rules:
            yield []
            columns = dict.fromkeys(name for rule in self.table_rules for name in rule.columns)
            variants = self.search.variants(self.row, columns)
            for count in self._counts():
                different = self._different(count)
                for variant in variants[:_VARIANTS]:
                    yield [self._changed(row, variant, columns) for row in different]

    def table_rules_broken(self, rows: Sequence[Row]) -> set[str]:
        """Names of the rules over the table that these rows break."""
        frame = self.search.evaluator.parsed(rows)[1].frame if self.table_rules else pl.DataFrame()
        holds = {each.name: each.holds for each in self.table_rules if each.holds is not None}
        return {name for name, condition in holds.items() if frame.select(condition).item() is False}

    def _counts(self) -> list[int]:
        """Numbers of rows to try: a few, and those that the rules name."""
        hints = Hints()
        for each in self.table_rules:
            hints.learn(each.sql)
        named = {near for number in hints.numbers for near in (int(number), int(number) + 1)}
        return sorted({*_COUNTS, *(number for number in named if 0 < number <= _MANY)})

    def _different(self, count: int) -> list[Row]:
        """Up to so many clean rows that differ in everything that must be unique. The first is the clean row itself."""
        contract, end = self.schema.contract, self.context.period_end
        varied = {name: many_values(contract.column(name), count, end) if end else [] for name in self._unique}
        rows = [self.row]
        for at in range(count - 1):
            changes = {name: values[at % len(values)] for name, values in varied.items() if values}
            rows.append(tuple(changes.get(name, cell) for name, cell in self._named(self.row)))
        broken = self.search.evaluator.broken(rows)
        return [row for row, rules in zip(rows, broken, strict=True) if not rules]

    @cached_property
    def _unique(self) -> set[str]:
        """Columns that are unique, or part of the key."""
        return {name for rule in self.schema.of(Kind.UNIQUE, Kind.KEY) for name in rule.columns}

    def _changed(self, row: Row, variant: Row, columns: Collection[str]) -> Row:
        """The row with the variant's cells in these columns; what must be unique is kept or left empty."""
        changed = dict(self._named(variant))
        return tuple(
            changed[name] if name in columns and (name not in self._unique or changed[name] is None) else cell
            for name, cell in self._named(row)
        )

    def _named(self, row: Row) -> Iterator[tuple[str, str | None]]:
        """The cells of a row with the names of their columns."""
        return zip(self.schema.contract.column_names, row, strict=True)
