"""What a contract says, as frozen values. No reading of files, no engines: two methods hand a contract to ``api``.

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
from typing import TYPE_CHECKING, Any, Literal

from probation_etl.service_levels import NOTHING_AGREED, ServiceLevel

if TYPE_CHECKING:
    import great_expectations as gx
    import pandera.polars as pa

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


@dataclass(frozen=True, kw_only=True)
class _Told:
    """What every rule of a contract has: its name, and what a supplier is told where it is broken."""

    name: str
    severity: Severity
    message: str
    hint: str = ""


@dataclass(frozen=True, kw_only=True)
class Rule(_Told):
    """A condition over a whole row, as a SQL expression that must not be false."""

    expression: str
    column: str | None


@dataclass(frozen=True, kw_only=True)
class TableRule(_Told):
    """A condition over the whole table, as a SQL expression of aggregates that must not be false."""

    expression: str


@dataclass(frozen=True, kw_only=True)
class CrossRule(_Told):
    """A total of this return held against a total of a unified table, same supplier, this or an earlier period."""

    this: str
    operator: Operator
    table: str
    other: str


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

    @property
    def texts(self) -> list[str]:
        """Every SQL expression in it."""
        return [self.expression] if self.expression else [e for each in self.lookups for e in each.match.values()]


@dataclass(frozen=True)
class MappedRow:
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
class Mapping:
    """How the rows of a return become rows of a unified table.

    Attributes:
        columns: Columns that are made alike in every unified row.
        unpivot: What is particular to each of several unified rows that one row of the return becomes.
    """

    table: str
    columns: tuple[MappedColumn, ...]
    unpivot: tuple[MappedRow, ...] = ()

    @property
    def rows(self) -> tuple[MappedRow, ...]:
        """Every unified row that a row of the return may become, with all its columns."""
        if not self.unpivot:
            return (MappedRow("", self.columns),)
        own = [{column.name for column in row.columns} for row in self.unpivot]
        return tuple(
            MappedRow(row.name, (*(each for each in self.columns if each.name not in names), *row.columns), row.when)
            for row, names in zip(self.unpivot, own, strict=True)
        )


@dataclass(frozen=True)
class Counterpart:
    """Rows of another unified table that joined columns tell of: those that are equal in these columns."""

    table: str
    by: tuple[str, ...]


@dataclass(frozen=True)
class Measure:
    """Something that adds up over the rows of a unified table.

    Attributes:
        expression: SQL over the table's columns: a number, which is summed, or a condition, which is counted.
        counterpart: For an expression over joined columns: where what they hold comes from. No return sends such a
            measure, so its counterparts among the current rows are counted instead.
    """

    name: str
    expression: str
    counterpart: Counterpart | None = None


@dataclass(frozen=True)
class Replaced:
    """Rows that the query of a unified table leaves out, since another row of it stands for them.

    Attributes:
        condition: SQL over the stored columns that such a row meets.
        by: Columns in which the row that stands for it is equal.
    """

    condition: str
    by: tuple[str, ...]


@dataclass(frozen=True)
class Reconciled:
    """A total of a view that must be that of a unified table, for each combination of values of some columns.

    Attributes:
        total: SQL over the view's columns: a number, which is summed, or a condition, which is counted.
        table: The unified table.
        measure: Its measure, or ``rows``.
        by: Columns that view and table share.
    """

    total: str
    table: str
    measure: str
    by: tuple[str, ...]


@dataclass(frozen=True)
class ReleaseQuery:
    """A release check that counts in the database.

    Attributes:
        title: What is counted.
        message: Why.
        query: SQL over the schemas of the store that gives one whole number.
        operator: How the number must stand to the bound.
    """

    name: str
    title: str
    message: str
    severity: Severity
    query: str
    operator: Operator
    bound: int


@dataclass(frozen=True)
class Activity:
    """Which counts of a view are watched for exceptions, and how.

    Attributes:
        measures: Columns that count something.
        by: Columns that say whose counts they are: an area.
        period: Column with the first day of the period.
        peers: Columns that areas share which are compared with each other; without any, all are.
        query: SQL over the schemas of the store that gives these columns; None for the view itself.
        least: Earlier periods that an area must have, to be judged at all.
        most: Earlier periods that it is held against, the last of them.
        least_peers: Areas that must have been counted in the same period, to be compared with.
        recent: How many of the newest periods of each area are judged.
        threshold: How many spreads from the middle a value may be.
    """

    measures: tuple[str, ...]
    by: tuple[str, ...]
    period: str
    peers: tuple[str, ...] = ()
    query: str | None = None
    least: int = 8
    most: int = 26
    least_peers: int = 4
    recent: int = 1
    threshold: float = 3.5


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
        measures: What adds up over the rows of a unified table, for reconciliation.
        replaced: Which rows the query of a unified table may leave out; none where it is not given.
        reconciles: Totals of a view that must be those of unified tables.
        query: SQL of a view, or of a unified table that takes columns from another.
        layout_of: Id of the contract of which this is another layout: a return in one layout corrects one in the other.
        expected_level: Level of the organisations that must send it; None where all of the kind must.
        period_days: Length of a reporting period where the return does not give its start.
        quarantined_share: Share of rows in quarantine above which the whole return is rejected.
        lines: Line of each named part in the file, such as ``rule ‘average_agrees’``.
        expectations: Further Great Expectations of a unified table, as given in the contract, with ``severity`` and
            ``description``.
        release_queries: Further release checks, which count in the database.
        activity: What of a view is watched for exceptions.
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
    expected_level: str | None = None
    service_level: ServiceLevel = NOTHING_AGREED
    layout_of: str | None = None
    effective_from: date | None = None
    effective_to: date | None = None
    period_days: int | None = None
    quarantined_share: float = 1.0
    delimiter: str = ","
    encoding: str = "UTF-8"
    measures: tuple[Measure, ...] = ()
    replaced: Replaced | None = None
    reconciles: tuple[Reconciled, ...] = ()
    query: str | None = None
    expectations: tuple[Dictionary[str, Any], ...] = ()
    release_queries: tuple[ReleaseQuery, ...] = ()
    activity: Activity | None = None
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

    def to_pandera(self) -> pa.DataFrameSchema:
        """A pandera schema for typed Polars frames of this contract, such as ``result.accepted``.

        It is the schema of ``probation-etl contract export --to pandera``: columns have the contract's names and types,
        checks have the names of the rules, and columns of the context that row rules read are needed too. Rules that
        pandera cannot express are named in that script.

        Raises:
            ContractError: The contract was not loaded from a file, or one of its directory has faults.
        """
        from probation_etl.api import to_pandera

        return to_pandera(self)

    def to_expectation_suite(self) -> gx.ExpectationSuite:
        """A suite of Great Expectations for typed frames in pandas, as ``contract export`` writes it.

        Each expectation has the name of its rule as ``meta["rule"]``; rules that the library cannot express stand in
        the suite's own ``meta``, with the reason.

        Raises:
            ContractError: The contract was not loaded from a file, or one of its directory has faults.
        """
        from probation_etl.api import to_expectation_suite

        return to_expectation_suite(self)
