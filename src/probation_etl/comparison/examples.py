"""Example returns of a contract: the smallest one in which nothing is found, its other forms, and rows beside every line drawn."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from itertools import islice
from random import Random

from probation_etl.comparison.sides import Side
from probation_etl.contracts.checks.check import OF_COLUMN, Kind
from probation_etl.contracts.model import Column, ReturnContract
from probation_etl.contracts.pattern_texts import UnsupportedPattern, texts
from probation_etl.contracts.patterns import whole_match
from probation_etl.discreet import Discreet
from probation_etl.proof import clean_example
from probation_etl.proof.candidates import Cell, candidates
from probation_etl.proof.evaluate import Broken, Evaluator, Row
from probation_etl.proof.example import Example
from probation_etl.proof.returns import CleanReturn

#: Rows that are mixed of good values at a time, how often, and forms of a file's name that are tried.
_MIXED, _ROUNDS, _NAMES = 400, 3, 8
#: How many columns of a row are changed at most, and how often those of one rule are.
_TOGETHER, _TIED = 4, 0.5
#: How often a cell that may be empty is: several such cells are seldom empty together by chance.
_EMPTY = 0.4
#: Keys of a reference table that are tried.
_KEYS = 12


@dataclass(frozen=True)
class Sent(Discreet):
    """A return as a supplier would send it.

    Attributes:
        example: The return, in the form of the contract that it was made for.
        name: Name of the file.
        form: What is not as usual about its form; empty for the usual one.
    """

    example: Example
    name: str
    form: str = ""


@dataclass(frozen=True)
class Examples(Discreet):
    """Returns and rows made for one side, with values from both.

    Attributes:
        side: The contract that they are made for.
        clean: The smallest return in which it finds nothing.
        rows: Rows in the order of its columns; the first is that of the clean return.
        broken: The rules that each of them breaks.
    """

    side: Side
    clean: CleanReturn
    values: Mapping[str, Sequence[Cell]]
    rows: tuple[Row, ...]
    broken: tuple[Broken, ...]

    @classmethod
    def of(cls, side: Side, other: Side) -> Examples | None:
        """Examples of one side, with values that the other one names too; None where no clean return was found."""
        clean = clean_example(side.contract, side.rulebook)
        if clean is None or clean.context.period_end is None:
            return None
        values = _values(clean, side, other)
        names = side.contract.column_names
        single = [_with(clean.row, at, each) for at, name in enumerate(names) for each in values[name]]
        tried = list(dict.fromkeys((clean.row, *single)))
        broken = dict(zip(tried, clean.search.evaluator.broken(tried), strict=True))
        good = {
            name: [each for each in values[name] if not _of_column(broken[_with(clean.row, at, each)], name, side)]
            for at, name in enumerate(names)
        }
        tied = [
            rule.columns for each in (side, other) for rule in each.schema.of(Kind.ROW) if {*rule.columns} <= {*names}
        ]
        for _ in range(_ROUNDS):
            passing = [row for row, rules in broken.items() if not rules & side.errors]
            mixed = [each for each in dict.fromkeys(_mixed(passing, good, names, tied)) if each not in broken]
            broken |= zip(mixed, clean.search.evaluator.broken(mixed), strict=True)
        return cls(side, clean, values, tuple(broken), tuple(broken.values()))

    @cached_property
    def passing(self) -> tuple[Row, ...]:
        """Rows in which its own contract finds no error."""
        pairs = zip(self.rows, self.broken, strict=True)
        return tuple(row for row, broken in pairs if not broken & self.side.errors)

    @cached_property
    def failing(self) -> tuple[Row, ...]:
        """Rows in which it finds one."""
        kept = {*self.passing}
        return tuple(each for each in self.rows if each not in kept)

    def example(self, row: Row) -> Iterator[Example]:
        """Returns with a row: the smallest first."""
        for rows in self.clean.around(row):
            yield self.clean.example(rows)

    def forms(self) -> Iterator[Sent]:
        """The clean return as it may be sent: under each header, and under several names of its file."""
        usual = self.clean.example(self.clean.rows)
        contract, context = self.side.contract, self.clean.context
        yield Sent(usual, context.file_name() or "return")
        for at, column in enumerate(contract.columns):
            for header in column.synonyms:
                renamed = (*contract.columns[:at], replace(column, header=header), *contract.columns[at + 1 :])
                other = replace(context, contract=replace(contract, columns=renamed))
                yield Sent(
                    replace(usual, context=other),
                    context.file_name() or "return",
                    f"‘{column.header}’ headed ‘{header}’",
                )
        for name in self._names():
            yield Sent(usual, name, f"in a file named ‘{name}’")

    def headed(self) -> Iterator[tuple[str, ReturnContract]]:
        """The contract with a synonym as the header of a column, for each synonym, and what that is in words."""
        contract = self.side.contract
        for at, column in enumerate(contract.columns):
            for header in column.synonyms:
                renamed = (*contract.columns[:at], replace(column, header=header), *contract.columns[at + 1 :])
                yield f"‘{column.header}’ headed ‘{header}’", replace(contract, columns=renamed)

    def _names(self) -> list[str]:
        pattern, context = self.side.contract.identification.file_name, self.clean.context
        given = {"supplier_code": context.supplier.code, "period_end": str(context.period_end)}
        try:
            made = texts(pattern, groups=given) if pattern else []
        except UnsupportedPattern:
            return []
        matches = ((name, whole_match(pattern or "", (name,))) for name in made if name != context.file_name())
        good = (name for name, match in matches if match and all(given.get(k, v) == v for k, v in match.groups.items()))
        return [*islice(good, _NAMES)]

    def read_by(self, other: Side, rows: Iterable[Row], headed: ReturnContract | None = None) -> list[Row]:
        """Rows as another contract reads them in the same file: columns that it does not know are gone, others are empty."""
        sources = other.sources(headed or self.side.contract)
        places = {name: at for at, name in enumerate(self.side.contract.column_names)}
        chosen = [places[sources[name]] if name in sources else None for name in other.contract.column_names]
        return [tuple(None if at is None else row[at] for at in chosen) for row in rows]

    def evaluator(self, other: Side) -> Evaluator:
        """Validates rows by another contract, as sent by the same supplier for the same period."""
        native = other.contract.identification.in_workbook
        return Evaluator(other.schema, self.clean.context.columns(), native=native)


def _values(clean: CleanReturn, side: Side, other: Side) -> dict[str, list[Cell]]:
    """Texts to try in each column: those near the lines that either contract draws, and those that either names."""
    context, end = clean.context.columns(), clean.context.period_end
    assert end is not None  # noqa: S101 -- asked before
    ours, theirs = candidates(side.schema, context, end), candidates(other.schema, context, end)
    read = {theirs: name for name, theirs in other.sources(side.contract).items()}
    found: dict[str, list[Cell]] = {}
    for column in side.contract.columns:
        values = dict.fromkeys(ours[column.name])
        named = read.get(column.name, column.name)
        if named in theirs:
            values |= dict.fromkeys(theirs[named])
            values |= dict.fromkeys(_forms(other.contract.column(named), end.isoformat()))
        values |= dict.fromkeys(_forms(column, end.isoformat()))
        values |= dict.fromkeys(text for each in (side, other) for text in _looked_up(column.name, each))
        found[column.name] = list(values)
    return found


def _looked_up(name: str, side: Side) -> Iterator[str]:
    """The first values of reference tables that a column is looked up in."""
    lookups = (each for row in side.contract.mapping.rows for column in row.columns for each in column.lookups)
    for lookup in lookups:
        table = side.rulebook.tables.get(lookup.table)
        for key, expression in lookup.match.items():
            if expression == name and table is not None and key in table.columns:
                yield from table[key].drop_nulls().unique(maintain_order=True).head(_KEYS)


def _forms(column: Column, day: str) -> Iterator[str]:
    """Texts made of all that a column's contract names, whatever it is for: as a cell, beside a number, within one."""
    from datetime import date

    for each in fields(column):
        if each.name in ("name", "type", "header", "description", "synonyms", "hints", "severities", "pattern"):
            continue
        value = getattr(column, each.name)
        words = [value] if isinstance(value, str) else value if isinstance(value, tuple | dict) else ()
        for word in (each for each in words if isinstance(each, str)):
            yield from (word, f"[{word}]", f"12 [{word}]", f"1{word}5", f"1{word}234", f"1{word}234{word}567")
    if column.formats:
        yield from (form.write(date.fromisoformat(day)) for form in column.forms)


def _of_column(broken: Broken, name: str, side: Side) -> bool:
    """Whether a value breaks a rule of its own column."""
    rules = side.schema.by_name
    return any(rules[each].target == name and rules[each].kind in OF_COLUMN for each in broken & side.errors)


def _mixed(
    passing: Sequence[Row], good: Mapping[str, Sequence[Cell]], names: Sequence[str], tied: Sequence[Sequence[str]]
) -> Iterator[Row]:
    """Rows that pass with other good values in some columns, often in those that a rule ties together; the same for the same contracts."""
    rng = Random(len(passing))  # noqa: S311 -- nothing secret
    for _ in range(_MIXED):
        row, few = rng.choice(passing), rng.sample(names, k=min(len(names), rng.randint(1, _TOGETHER)))
        for name in rng.choice(tied) if tied and rng.random() < _TIED else few:
            empty = None in good[name] and rng.random() < _EMPTY
            if good[name]:
                row = _with(row, names.index(name), None if empty else rng.choice(good[name]))
        yield row


def _with(row: Row, at: int, cell: Cell) -> Row:
    return (*row[:at], cell, *row[at + 1 :])
