"""What a contract says, as frozen values. No reading of files, no engines.

The loader (``odcs``) makes these from YAML; every stage executes them. A contract is one of four layers:
``return`` (what a supplier sends), ``unified`` (a table that returns are mapped to), ``view`` (a table computed from
unified ones) and ``reference`` (a file beside the contracts that lookups and queries read).
"""

from __future__ import annotations

from collections.abc import Mapping as Dictionary
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

Layer = Literal["return", "unified", "view", "reference"]
Type = Literal["string", "integer", "number", "date", "boolean"]
Severity = Literal["error", "warning"]
Operator = Literal["=", "<>", "<", "<=", ">", ">="]
Bound = Decimal | date

#: Values that every rule and mapping of a return can use beside the columns of the return.
CONTEXT_COLUMNS = ("supplier_code", "supplier_kind", "period_start", "period_end")
#: Lineage columns of every unified row.
LINEAGE_COLUMNS = ("return_id", "source_row")
#: Names that no column of a contract may have.
RESERVED_NAMES = frozenset((*CONTEXT_COLUMNS, *LINEAGE_COLUMNS, "key_uncertain"))


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Attributes:
        name: Name in rules and mappings.
        header: Header as the supplier writes it (the physical name).
        synonyms: Other headers that mean the same.
        formats: Date formats in the notation of ODCS, such as ``dd/MM/yyyy``. They are tried in this order, and no
            text may mean two different days in two of them.
        decimals: Greatest number of decimal places, or None for any.
        labels: Allowed values with their labels (the label is the value itself where none is given).
        null_tokens: Texts that stand for an empty cell.
        shorthand: Marks of the Government Statistical Service that stand for a value left out on purpose, without
            their brackets: ``c`` for ``[c]``. Such a cell is empty, and not missing.
        markers: Marks that may follow a number and say something of it, without their brackets: ``r`` for ``47 [r]``.
        thousands_separator: Character that may stand between groups of three digits.
        severities: Severity by finding code, where it is not an error.
        hints: What to do about a finding, by finding code.
        joined: True for a column of a unified table that no return fills: its query adds it.
    """

    name: str
    type: Type
    header: str
    description: str = ""
    synonyms: tuple[str, ...] = ()
    required: bool = False
    unique: bool = False
    restricted: bool = False
    pattern: str | None = None
    min_length: int | None = None
    max_length: int | None = None
    minimum: Bound | None = None
    maximum: Bound | None = None
    exclusive_minimum: Bound | None = None
    exclusive_maximum: Bound | None = None
    decimals: int | None = None
    formats: tuple[str, ...] = ()
    labels: Dictionary[str, str] = field(default_factory=dict)
    null_tokens: tuple[str, ...] = ()
    shorthand: tuple[str, ...] = ()
    markers: tuple[str, ...] = ()
    thousands_separator: str | None = None
    severities: Dictionary[str, Severity] = field(default_factory=dict)
    hints: Dictionary[str, str] = field(default_factory=dict)
    physical_type: str | None = None
    joined: bool = False


@dataclass(frozen=True)
class Rule:
    """A condition over a whole row, as a SQL expression that must not be false."""

    name: str
    expression: str
    column: str | None
    severity: Severity
    message: str
    hint: str = ""


@dataclass(frozen=True)
class TableRule:
    """A condition over the whole table, as a SQL expression of aggregates that must not be false."""

    name: str
    expression: str
    severity: Severity
    message: str
    hint: str = ""


@dataclass(frozen=True)
class CrossRule:
    """A total of this return held against a total of a unified table, same supplier, this or an earlier period."""

    name: str
    this: str
    operator: Operator
    table: str
    other: str
    severity: Severity
    message: str
    hint: str = ""


@dataclass(frozen=True)
class Reference:
    """A row must refer to a row of another table.

    Of a return: to one of a unified table, of the same supplier and for this or an earlier period. Of a reference
    table: to one of another reference table.
    """

    name: str
    table: str
    columns: Dictionary[str, str]
    column: str
    severity: Severity = "error"
    hint: str = ""


@dataclass(frozen=True)
class Lookup:
    """A value found in a reference table where its key columns equal the given expressions."""

    table: str
    match: Dictionary[str, str]
    value: str
    basis: str | None = None


@dataclass(frozen=True)
class MappedColumn:
    """How one column of the unified table is made.

    Exactly one of ``expression`` (optionally through ``codes``) and ``lookups`` is used. Where lookups carry a
    basis, the first that finds a value wins, ``basis_column`` says which, and ``otherwise`` stands where none does.
    Without a basis, a key that the lookup does not hold is a fault of the row.
    """

    name: str
    expression: str | None = None
    codes: Dictionary[str, str] = field(default_factory=dict)
    lookups: tuple[Lookup, ...] = ()
    basis_column: str | None = None
    otherwise: str | None = None


@dataclass(frozen=True)
class Mapping:
    """How the rows of a return become rows of a unified table."""

    table: str
    columns: tuple[MappedColumn, ...]


@dataclass(frozen=True)
class Cover:
    """Where a workbook's cover sheet says who sends what for which period: labels, by what they mean."""

    sheet: str
    labels: Dictionary[str, str]
    date_format: str = "dd/MM/yyyy"


@dataclass(frozen=True)
class Identification:
    """How a file or sheet is recognised as a return of this contract."""

    file_name: str | None = None
    sheet: str | None = None
    cover: Cover | None = None


@dataclass(frozen=True)
class Contract:
    """Everything one contract says.

    Attributes:
        table: Name of its table.
        key: Names of the key columns, in order.
        derived: Columns computed before the rules run: name to (kind, columns).
        measures: Columns of a unified table that add up, for reconciliation.
        query: SQL of a view, or of a unified table that takes columns from another.
        layout_of: Id of the contract of which this is another layout: a return in one layout corrects one in the other.
        period_days: Length of a reporting period where the return does not give its start.
        quarantined_share: Share of rows in quarantine above which the whole return is rejected.
        lines: Line of each named part in the file, such as ``rule ‘average_agrees’``.
        expectations: Further Great Expectations of a unified table, as given in the contract.
    """

    id: str
    version: str
    title: str
    description: str
    layer: Layer
    table: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()
    table_rules: tuple[TableRule, ...] = ()
    cross_rules: tuple[CrossRule, ...] = ()
    references: tuple[Reference, ...] = ()
    derived: Dictionary[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)
    mapping: Mapping | None = None
    identification: Identification = Identification()
    supplier_kind: str | None = None
    layout_of: str | None = None
    effective_from: date | None = None
    effective_to: date | None = None
    period_days: int | None = None
    quarantined_share: float = 1.0
    delimiter: str = ","
    encoding: str = "UTF-8"
    measures: tuple[str, ...] = ()
    query: str | None = None
    expectations: tuple[Dictionary[str, Any], ...] = ()
    path: Path | None = None
    lines: Dictionary[str, int] = field(default_factory=dict, compare=False, repr=False)

    def where(self, part: str) -> str:
        """A part of the contract as ``file:line: part``, for messages."""
        line = self.lines.get(part)
        return f"{self.path or self.id}:{line}: {part}" if line else f"{self.path or self.id}: {part}"

    @property
    def kind(self) -> str:
        """What the supplier sends, in whatever layout: of one supplier, kind and period one return is current."""
        return self.layout_of or self.id

    @cached_property
    def column_names(self) -> tuple[str, ...]:
        """Names of the columns, in the order of the contract."""
        return tuple(column.name for column in self.columns)

    @cached_property
    def _by_name(self) -> dict[str, Column]:
        return {column.name: column for column in self.columns}

    def column(self, name: str) -> Column:
        """The column of that name.

        Raises:
            KeyError: The contract has no such column.
        """
        return self._by_name[name]

    def in_force(self, on: date) -> bool:
        """Whether the contract applies to a period that ends on that day."""
        after_start = self.effective_from is None or self.effective_from <= on
        return after_start and (self.effective_to is None or on <= self.effective_to)
