"""The search for a row on which exactly the wanted rules fire, without chance: the same contract, the same rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice, product
from math import gcd, prod

from probation_etl.contracts.checks import Schema
from probation_etl.proof.candidates import Cell
from probation_etl.proof.evaluate import Bench, Fired, Row

NONE: Fired = frozenset()
_BATCH, _BEAM, _ALIKE, _STEPS, _FEW = 12_000, 12, 2, 6, 12
_MOST = 1_000


class Search:
    """Looks for rows, beginning at the plainest, and remembers what it came across."""

    def __init__(self, bench: Bench, schema: Schema, values: dict[str, list[Cell]]) -> None:
        self.bench, self._rules, self._values = bench, schema.rules, values
        self._contract, self._names = schema.contract, schema.contract.column_names
        self._seen: dict[Fired, dict[Row, None]] = {}
        self.along: dict[str, Fired] = {}
        self.nearest: Fired = frozenset(schema.rules)

    def clean(self) -> Row | None:
        """The first row that is found on which no rule fires."""
        start = tuple(self._values[name][0] for name in self._names)
        found = next(self.beam(start, (), NONE), None)
        if found:
            self._judge([self._with(found, {name: each}) for name in self._names for each in self._values[name]])
        return found

    def rows(self, rule: str, start: Row) -> Iterator[Row]:
        """Rows on which this rule fires and no other, a few, the nearest first."""
        wanted = frozenset({rule})
        if wanted not in self._seen:
            columns = self._rules[rule].columns
            for near in chain((start,), self._other_starts(start, columns)):
                if next(self.beam(near, columns, wanted), None):
                    break
        yield from sorted(self._seen.get(wanted, ()), key=lambda row: _changes(start, row))[:_FEW]

    def _other_starts(self, start: Row, columns: Sequence[str]) -> Iterator[Row]:
        """Clean rows of another kind: with another value of a list, or an empty cell, where rules tie the columns."""
        tied = [
            rule.columns for rule in self._rules.values() if rule.code == "row-rule" and {*columns} & {*rule.columns}
        ]
        for name in dict.fromkeys(name for names in tied for name in names):
            for value in (*self._contract.column(name).labels, None):
                fixed = frozenset({name})
                yield from islice(self.beam(self._with(start, {name: value}), (), NONE, fixed), 1)

    def filled(self, start: Row, columns: Iterable[str]) -> Row | None:
        """A row on which no rule fires and in which these columns are not empty."""
        names = tuple(columns)
        places = [self._names.index(name) for name in names]
        for row in chain((start,), self._seen.get(NONE, {})):
            if all(row[place] is not None for place in places):
                return row
        given = [[each for each in self._values[name] if each][:_FEW] for name in names]
        for values in islice(product(*given), _FEW):
            changed = self._with(start, dict(zip(names, values, strict=True)))
            found: Row | None = next(self.beam(changed, (), NONE, frozenset(names)), None)
            if found:
                return found
        return None

    def variants(self, start: Row, columns: Iterable[str]) -> list[Row]:
        """Rows on which no rule fires and that differ from the start in these columns alone."""
        rows = list(dict.fromkeys(self._around(start, tuple(columns), _MOST)))
        return [row for row, fired in self._judge(rows) if not fired]

    def unlike(self, start: Row, columns: Sequence[str]) -> list[Row]:
        """Rows on which no rule fires and that differ from the start in all of these columns, if there are any."""
        single = [
            (name, value)
            for name in columns
            for value in self._values[name]
            if self._with(start, {name: value}) != start
        ]
        judged = self._judge([self._with(start, {name: value}) for name, value in single])
        good: dict[str, list[Cell]] = {name: [] for name in columns}
        for (name, value), (_, fired) in zip(single, judged, strict=True):
            good[name] += [value] if not fired and len(good[name]) < _FEW else []
        chosen = islice(product(*good.values()), _MOST)
        rows = [self._with(start, dict(zip(columns, each, strict=True))) for each in chosen]
        return [row for row, fired in self._judge(rows) if not fired] or self.variants(start, columns)

    def beam(
        self, start: Row, columns: Sequence[str], wanted: Fired, fixed: frozenset[str] = frozenset()
    ) -> Iterator[Row]:
        """Rows on which the wanted rules fire and no other: changes these columns, then those of what fires along."""
        beam = {start: tuple(name for name in columns if name not in fixed)}
        alike: Counter[Fired] = Counter()
        for _ in range(_STEPS):
            share = _BATCH // max(1, len(beam))
            rows = [row for each, vary in beam.items() for row in self._around(each, vary, share)]
            judged = [(row, fired) for row, fired in self._judge(list(dict.fromkeys(rows))) if wanted <= fired]
            found = [row for row, fired in judged if fired == wanted]
            if found or not judged:
                yield from sorted(found, key=lambda row: _changes(start, row))
                return
            self.along.update(dict.fromkeys(wanted, min((fired - wanted for _, fired in judged), key=len)))
            beam = self._narrowed(judged, wanted, fixed, alike)

    def _narrowed(
        self, judged: list[tuple[Row, Fired]], wanted: Fired, fixed: frozenset[str], alike: Counter[Fired]
    ) -> dict[Row, tuple[str, ...]]:
        """The most hopeful rows, a few of each kind and never again, each with the columns to change next."""
        beam: dict[Row, tuple[str, ...]] = {}
        for row, fired in sorted(judged, key=lambda each: len(each[1])):
            if alike[fired] < _ALIKE and len(beam) < _BEAM:
                alike[fired] += 1
                columns = dict.fromkeys(name for rule in sorted(fired - wanted) for name in self._rules[rule].columns)
                beam[row] = tuple(name for name in columns if name not in fixed)
        return beam

    def _judge(self, rows: list[Row]) -> list[tuple[Row, Fired]]:
        judged = list(zip(rows, self.bench.fired(rows), strict=True))
        for row, fired in judged:
            self.nearest = min(self.nearest, fired, key=len)
            if len(fired) <= 1:
                self._seen.setdefault(fired, {})[row] = None
        return judged

    def _around(self, row: Row, columns: Sequence[str], most: int) -> Iterator[Row]:
        """Rows with other values in these columns: all of them, or else evenly many and each single change."""
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
    """In how many cells two rows differ."""
    return sum(a != b for a, b in zip(one, other, strict=True))
