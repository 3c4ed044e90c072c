"""Searches for a row that breaks exactly the wanted rules. Nothing is random: the same contract gives the same rows.

The search is a beam. It begins at one row, changes the columns of the wanted rule, then those of whatever else broke, and
keeps the few rows of each step that break the fewest other rules.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice, product
from math import gcd, prod

from probation_etl.contracts.checks import Check, Kind, Schema
from probation_etl.proof.candidates import Cell
from probation_etl.proof.evaluate import Broken, Evaluator, Row

NONE: Broken = frozenset()
#: Rows of one step, which are evaluated in one frame, and steps of one search.
_BATCH, _STEPS = 12_000, 6
#: Rows that a step keeps, and how many of them may break the same rules.
_BEAM, _ALIKE = 12, 2
_FEW, _MOST = 12, 1_000


class Search:
    """Searches around rows of one contract, and remembers every row that breaks no rule or one.

    Attributes:
        along: For a rule that was never broken alone, the fewest other rules that broke with it.
        nearest: The fewest rules that any row broke.
    """

    def __init__(self, evaluator: Evaluator, schema: Schema, values: dict[str, list[Cell]]) -> None:
        self.evaluator, self._schema, self._values = evaluator, schema, values
        self._names = schema.contract.column_names
        self._reads = {name: self._columns_of(rule) for name, rule in schema.by_name.items()}
        self._seen: dict[Broken, dict[Row, None]] = {}
        self.along: dict[str, Broken] = {}
        self.nearest: Broken = frozenset(self._reads)

    def _columns_of(self, rule: Check) -> tuple[str, ...]:
        """Columns that decide a rule. One that must be computed for every row names none, and yet reads some."""
        read = () if rule.holds is None else rule.holds.meta.root_names()
        return rule.columns or tuple(name for name in self._names if name in read)

    def clean(self) -> Row | None:
        """The first row found that breaks no rule."""
        start = tuple(self._values[name][0] for name in self._names)
        found = next(self._beam(start, (), NONE), None)
        if found:
            found = next(iter(self._alone(found)), found)
            self._evaluate([self._with(found, {name: each}) for name in self._names for each in self._values[name]])
        return found

    def _alone(self, row: Row) -> list[Row]:
        """A clean row so that it refers to no other row of the return: its references are empty, or they mean the row itself."""
        own = [each.reference.columns for each in self._schema.of(Kind.OWN) if each.reference]
        cells = dict(zip(self._names, row, strict=True))
        empty = {here: None for columns in own for here in columns}
        itself = {here: cells[there] for columns in own for here, there in columns.items()}
        return self._clean_ones(self._with(row, each) for each in (empty, itself)) if own else []

    def rows(self, rule: str, start: Row) -> list[Row]:
        """A few rows that break this rule and no other, the most similar first."""
        wanted = frozenset({rule})
        if wanted not in self._seen:
            columns = self._reads[rule]
            for near in chain((start,), self._other_starts(start, columns)):
                if next(self._beam(near, columns, wanted), None):
                    break
        return sorted(self._seen.get(wanted, ()), key=lambda row: _changes(start, row))[:_FEW]

    def _other_starts(self, start: Row, columns: Sequence[str]) -> Iterator[Row]:
        """Clean rows with another listed value, or an empty cell, in a column that row rules tie to these."""
        tied = [rule.columns for rule in self._schema.of(Kind.ROW) if {*columns} & {*rule.columns}]
        for name in dict.fromkeys(name for names in tied for name in names):
            for value in (*self._schema.contract.column(name).labels, None):
                fixed = frozenset({name})
                yield from islice(self._beam(self._with(start, {name: value}), (), NONE, fixed), 1)

    def filled(self, start: Row, columns: Iterable[str]) -> Row | None:
        """A row that breaks no rule and in which these columns are not empty."""
        names = tuple(columns)
        places = [self._names.index(name) for name in names]
        for row in chain((start,), self._seen.get(NONE, {})):
            if all(row[place] is not None for place in places):
                return row
        given = [[each for each in self._values[name] if each][:_FEW] for name in names]
        for values in islice(product(*given), _FEW):
            changed = self._with(start, dict(zip(names, values, strict=True)))
            if found := next(self._beam(changed, (), NONE, frozenset(names)), None):
                return found
        return None

    def variants(self, start: Row, columns: Iterable[str]) -> list[Row]:
        """Rows that break no rule and differ from the start in these columns only."""
        return self._clean_ones(self._around(start, tuple(columns), _MOST))

    def unlike(self, start: Row, columns: Sequence[str]) -> list[Row]:
        """Rows that break no rule and differ from the start in all of these columns, or else in some."""
        good: dict[str, list[Cell]] = {}
        for name in columns:
            changed = {self._with(start, {name: value}): value for value in self._values[name]}
            changed.pop(start, None)
            good[name] = [changed[row] for row in self._clean_ones(changed)][:_FEW]
        chosen = islice(product(*good.values()), _MOST)
        rows = self._clean_ones(self._with(start, dict(zip(columns, each, strict=True))) for each in chosen)
        return rows or self.variants(start, columns)

    def _clean_ones(self, rows: Iterable[Row]) -> list[Row]:
        return [row for row, broken in self._evaluate(rows) if not broken]

    def _beam(
        self, start: Row, columns: Sequence[str], wanted: Broken, fixed: frozenset[str] = frozenset()
    ) -> Iterator[Row]:
        """Rows that break the wanted rules and no other, without a change to the fixed columns."""
        beam = {start: tuple(name for name in columns if name not in fixed)}
        alike: Counter[Broken] = Counter()
        for _ in range(_STEPS):
            share = _BATCH // max(1, len(beam))
            rows = (row for each, vary in beam.items() for row in self._around(each, vary, share))
            evaluated = [(row, broken) for row, broken in self._evaluate(rows) if wanted <= broken]
            found = [row for row, broken in evaluated if broken == wanted]
            if found or not evaluated:
                yield from sorted(found, key=lambda row: _changes(start, row))
                return
            self.along.update(dict.fromkeys(wanted, min((broken - wanted for _, broken in evaluated), key=len)))
            beam = self._narrowed(evaluated, wanted, fixed, alike)

    def _narrowed(
        self, evaluated: list[tuple[Row, Broken]], wanted: Broken, fixed: frozenset[str], alike: Counter[Broken]
    ) -> dict[Row, tuple[str, ...]]:
        """The rows that break the fewest rules, few of each kind in the whole search, with the columns to change next."""
        beam: dict[Row, tuple[str, ...]] = {}
        for row, broken in sorted(evaluated, key=lambda each: len(each[1])):
            if alike[broken] < _ALIKE and len(beam) < _BEAM:
                alike[broken] += 1
                columns = dict.fromkeys(name for rule in sorted(broken - wanted) for name in self._reads[rule])
                beam[row] = tuple(name for name in columns if name not in fixed)
        return beam

    def _evaluate(self, rows: Iterable[Row]) -> list[tuple[Row, Broken]]:
        different = list(dict.fromkeys(rows))
        evaluated = list(zip(different, self.evaluator.broken(different), strict=True))
        for row, broken in evaluated:
            self.nearest = min(self.nearest, broken, key=len)
            if len(broken) <= 1:
                self._seen.setdefault(broken, {})[row] = None
        return evaluated

    def _around(self, row: Row, columns: Sequence[str], most: int) -> Iterator[Row]:
        """Rows with other values in these columns: every combination, or else each single change and a spread of them.

        Combinations are numbered like the readings of an odometer. A stride without a common divisor with their number
        visits each at most once, and about five eighths of it keeps neighbours far apart.
        """
        choices = [self._values[name] for name in columns]
        total = prod(map(len, choices))
        yield row
        if total > most:
            yield from (self._with(row, {name: each}) for name in columns for each in self._values[name])
        stride = 1 if total <= most else next(each for each in range(total * 5 // 8, total) if gcd(each, total) == 1)
        for number in range(min(total, most)):
            chosen, left = {}, number * stride % total
            for name, values in zip(columns, choices, strict=True):
                left, at = divmod(left, len(values))
                chosen[name] = values[at]
            yield self._with(row, chosen)

    def _with(self, row: Row, changes: Mapping[str, Cell]) -> Row:
        return tuple(changes.get(name, cell) for name, cell in zip(self._names, row, strict=True))


def _changes(one: Row, other: Row) -> int:
    """Number of cells in which two rows differ."""
    return sum(a != b for a, b in zip(one, other, strict=True))
