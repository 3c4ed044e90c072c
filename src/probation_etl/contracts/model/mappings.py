"""How rows of a return become rows of a unified table."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping as Dictionary
from dataclasses import dataclass, field
from functools import cached_property

from probation_etl.contracts.identifiers import quoted
from probation_etl.discreet import Discreet


@dataclass(frozen=True)
class Lookup(Discreet):
    """A value found in a reference table where its key columns equal the given expressions.

    Attributes:
        table: The reference table.
        match: Expressions over the row of a return, by the column of the table that they equal.
        value: The column of the table that is taken.
        basis: What is noted where it finds a value.
        valid_from: Column of the first day on which a row of the table is valid; None where it always has been.
        valid_to: Column of the last such day; None where it always will be.
        on: Expression for the day that a row must be valid on; None where every row is.
    """

    table: str
    match: Dictionary[str, str]
    value: str
    basis: str | None = None
    valid_from: str | None = None
    valid_to: str | None = None
    on: str | None = None

    @property
    def texts(self) -> list[str]:
        """Every SQL expression in it."""
        return [*self.match.values(), *([self.on] if self.on else [])]

    @property
    def columns(self) -> list[str]:
        """Every column of the reference table that it reads."""
        return [*self.match, self.value, *filter(None, (self.valid_from, self.valid_to))]

    def __str__(self) -> str:
        """The lookup as people read it: ``branches.ceiling where branch = branch on lent_on``."""
        keys = ", ".join(f"{there} = {here}" for there, here in self.match.items())
        return f"{self.table}.{self.value} where {keys}" + (f" on {self.on}" if self.on else "")


@dataclass(frozen=True)
class MappedColumn(Discreet):
    """How one column of the unified table is made.

    Exactly one of ``expression`` (optionally through ``codes``) and ``lookups`` is used. Where lookups carry a
    basis, the first that finds a value is used, ``basis_column`` says which, and ``otherwise`` is given where none does.
    Without a basis, a key that is not in the reference table is a fault of the row.
    """

    name: str
    expression: str | None = None
    codes: Dictionary[str, str] = field(default_factory=dict)
    lookups: tuple[Lookup, ...] = ()
    basis_column: str | None = None
    otherwise: str | None = None

    @property
    def texts(self) -> list[str]:
        """Every SQL expression in it."""
        return [self.expression] if self.expression else [text for each in self.lookups for text in each.texts]


@dataclass(frozen=True)
class MappedRow(Discreet):
    """One of the unified rows that a row of a wide return becomes: a column for each grade, say, becomes a row for each.

    Attributes:
        name: Name of this row within the mapping; empty where each row of the return becomes just one.
        columns: How its columns are made.
        when: Condition on the row of the return, as a SQL expression; None where it always holds.
    """

    name: str
    columns: tuple[MappedColumn, ...]
    when: str | None = None

    def part(self, column: str) -> str:
        """The part of the contract that says how a column is made, for messages."""
        return f"mapping of ‘{column}’" + (f" in ‘{self.name}’" if self.name else "")

    def rule(self, column: str) -> str:
        """Name of the rule that every value of a column has a counterpart."""
        return f"{column}|mapped" + (f":{self.name}" if self.name else "")


@dataclass(frozen=True)
class Mapping(Discreet):
    """How the rows of a return become rows of a unified table.

    Attributes:
        columns: Columns that are made in the same way for every unified row.
        unpivot: The several unified rows that one row of the return becomes, each with its own columns.
        is_derived: Whether the contract gives no mapping; then the return has its own unified table, column for column.
    """

    table: str
    columns: tuple[MappedColumn, ...]
    unpivot: tuple[MappedRow, ...] = ()
    is_derived: bool = False

    @classmethod
    def to_own_table(cls, table: str, names: Iterable[str]) -> Mapping:
        """The mapping of a return that gives none: supplier and columns, each as it is."""
        columns = (MappedColumn(name, quoted(name)) for name in ("supplier_code", *names))
        return cls(table, tuple(columns), is_derived=True)

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """Every SQL expression in it."""
        rows = [text for row in self.rows for each in row.columns for text in each.texts]
        return (*rows, *(row.when for row in self.rows if row.when))

    @cached_property
    def rows(self) -> tuple[MappedRow, ...]:
        """Every unified row that a row of the return may become, with all its columns."""
        if not self.unpivot:
            return (MappedRow("", self.columns),)
        own = [{column.name for column in row.columns} for row in self.unpivot]
        return tuple(
            MappedRow(row.name, (*(each for each in self.columns if each.name not in names), *row.columns), row.when)
            for row, names in zip(self.unpivot, own, strict=True)
        )
