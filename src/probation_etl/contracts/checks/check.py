"""One rule of a contract as one value: made once, and read by everything that runs, shows or hands over rules."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, NamedTuple

import polars as pl

from probation_etl.contracts.model import Column, Interval, Length, Operator, Reference, Severity
from probation_etl.contracts.model.limits import ANY_LENGTH, EVERY_VALUE
from probation_etl.discreet import Discreet


class Scope(StrEnum):
    """What the verdict of a rule on a row depends on: the row alone, the rows with the same values, or the whole table."""

    ROW = "row"
    GROUP = "group"
    WHOLE = "whole"


class Kind(StrEnum):
    """What a rule checks. For rules of one column it is the second part of their name."""

    PRESENT = "present"
    ONCE = "once"
    MERGED = "merged"
    KIND = "kind"
    SHOWN = "shown"
    PART = "part"
    ELSEWHERE = "elsewhere"
    CONTROL = "control"
    ERROR = "error"
    DAMAGED = "damaged"
    AMBIGUOUS = "ambiguous"
    WINDOW = "window"
    TYPE = "type"
    INTEGER = "integer"
    DECIMALS = "decimals"
    REQUIRED = "required"
    PATTERN = "pattern"
    LENGTH = "length"
    RANGE = "range"
    ENUM = "enum"
    UNIQUE = "unique"
    KEY = "key"
    ROW = "row"
    MAPPED = "mapped"
    MEMBER = "member"
    REFERENCE = "reference"
    OWN = "own"
    QUERY = "query"
    TABLE = "table"
    ACROSS = "across"

    @property
    def scope(self) -> Scope:
        """What its verdict on a row depends on."""
        return _SCOPES.get(self, Scope.ROW)


_SCOPES = {
    Kind.UNIQUE: Scope.GROUP, Kind.KEY: Scope.GROUP, Kind.TABLE: Scope.WHOLE, Kind.ACROSS: Scope.WHOLE, Kind.OWN: Scope.WHOLE,
    Kind.QUERY: Scope.WHOLE,
    # Whether a column is there, and in which order its days are written, is told by all of it.
    Kind.PRESENT: Scope.WHOLE, Kind.ONCE: Scope.WHOLE, Kind.AMBIGUOUS: Scope.WHOLE,
}  # fmt: skip

#: Rules of the layout of a table and of its cells: no contract has to ask for them, and no other tool can check them.
OF_LAYOUT = frozenset(
    (
        Kind.PRESENT,
        Kind.ONCE,
        Kind.MERGED,
        Kind.KIND,
        Kind.SHOWN,
        Kind.PART,
        Kind.DAMAGED,
        Kind.AMBIGUOUS,
        Kind.ELSEWHERE,
    )
)
#: Rules whose findings are of single rows of the return, and need nothing but the return.
OF_ROWS = frozenset(Kind) - OF_LAYOUT - {Kind.REFERENCE, Kind.OWN, Kind.QUERY, Kind.TABLE, Kind.ACROSS}
#: Rules of one column.
OF_COLUMN = OF_ROWS - {Kind.KEY, Kind.ROW, Kind.MAPPED, Kind.MEMBER}
#: Those that the reader finds while it makes values of text, before there is a typed frame.
OF_TEXT = frozenset((Kind.CONTROL, Kind.ERROR, Kind.DAMAGED, Kind.AMBIGUOUS, Kind.TYPE, Kind.INTEGER, Kind.DECIMALS))


#: Where a query finds a table: in the return itself, in the supplier's returns for the same period, in its last ones before that,
#: or among the reference tables.
Where = Literal["own", "beside", "previous", "reference"]


class ReadTable(NamedTuple):
    """A table that a query reads."""

    where: Where
    name: str

    @property
    def written(self) -> str:
        """How queries write it."""
        return self.name if self.where in ("own", "beside") else f"{self.where}.{self.name}"


@dataclass(frozen=True)
class Told(Discreet):
    """What is said of one value that breaks a rule.

    Attributes:
        message: A sentence, with a NUL where the value is shown.
        hint: What to do; empty where the rule says it.
    """

    message: str
    hint: str = ""


@dataclass(frozen=True)
class Totals(Discreet):
    """A total of the return, and the total of a unified table that it is compared with."""

    this: pl.Expr
    operator: Operator
    table: str
    other: pl.Expr
    other_sql: str


@dataclass(frozen=True)
class Check(Discreet, tells=("name", "code")):
    """One rule of a contract.

    Attributes:
        name: ``column|kind``, or what the rule is over and its id: ``row|heard_after_logged``. Findings, counts and reports
            carry it; nothing is ever read from it.
        code: Code of its findings.
        words: What the contract asks by it, in a sentence.
        part: The part of the contract that it comes from, for messages.
        column: The column that its findings point at; None for rules over the whole table.
        columns: Columns that it reads. A row in which one of these could not be parsed is not checked.
        holds: True or null where the row, or the whole table, is good. None where the reader finds the fault, or where
            other tables are needed.
        expected: What the message of a finding names as expected.
        message: The contract's own message, instead of the catalogue's.
        evidence: Text that the message shows instead of the cell's value.
        tell: What is said of a value that breaks the rule, instead of the catalogue's words for all of them; None where there
            is no more to say. It is asked for the values that break the rule alone.
        must_compute: Whether a row for which the rule cannot be computed fails; else it passes.
        computed: Whether it watches over what a mapping computes, so that it may have nothing to find.
        places: Decimal places that a number may have.
        sql: The condition, or the query, as the contract has it.
        reads: The tables that a query reads.
        values: The values that a column may have, or some texts that a rule finds in reference tables.
        listed: Rows of reference tables that a row may agree with, as texts under the names of the columns that it reads.
        reference: The rows of another table, or of its own, that must be there.
        totals: What a rule across returns compares.
    """

    kind: Kind
    name: str
    code: str
    words: str
    part: str
    column: Column | None = None
    columns: tuple[str, ...] = ()
    severity: Severity = "error"
    holds: pl.Expr | None = None
    expected: str = ""
    message: str = ""
    hint: str = ""
    evidence: pl.Expr | None = None
    tell: Callable[[str], Told | None] | None = None
    must_compute: bool = False
    computed: bool = False
    interval: Interval = EVERY_VALUE
    values: tuple[str, ...] = ()
    pattern: str = ""
    length: Length = ANY_LENGTH
    places: int | None = None
    sql: str = ""
    reads: tuple[ReadTable, ...] = ()
    listed: pl.DataFrame | None = None
    reference: Reference | None = None
    totals: Totals | None = None

    @property
    def scope(self) -> Scope:
        """What its verdict on a row depends on: the row alone, rows with the same values, or the whole table."""
        return self.kind.scope

    @property
    def target(self) -> str:
        """Name of the column that its findings point at; empty for rules over the whole table."""
        return self.column.name if self.column else ""

    @property
    def its_column(self) -> Column:
        """The column of a rule that has one."""
        assert self.column is not None  # noqa: S101 -- only rules over the whole table have none
        return self.column

    @property
    def short(self) -> str:
        """What it asks in a few words, for descriptions in other tools."""
        return self.message or self.pattern or self.expected
