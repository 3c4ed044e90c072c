"""What a contract says, as frozen values. No reading of files, no engines: two methods hand a contract to ``api``.

The loader (``odcs``) makes these from YAML; every stage executes them. A contract is one of four layers:
``return`` (what a supplier sends), ``unified`` (a table that returns are mapped to), ``view`` (a table computed from
unified ones) and ``reference`` (a file beside the contracts that lookups and queries read).
"""

from __future__ import annotations

from collections.abc import Mapping as Dictionary
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from probation_etl.contracts.model.columns import (
    CONTEXT_COLUMNS,
    LINEAGE_COLUMNS,
    RESERVED_NAMES,
    Bound,
    Column,
    Layer,
    Operator,
    Severity,
    Type,
)
from probation_etl.contracts.model.identification import Cover, Identification
from probation_etl.contracts.model.mappings import Lookup, MappedColumn, MappedRow, Mapping
from probation_etl.contracts.model.releases import Activity, ReleaseQuery
from probation_etl.contracts.model.rules import CrossRule, Reference, Rule, TableRule
from probation_etl.contracts.model.totals import Counterpart, Measure, Reconciled, Replaced
from probation_etl.contracts.service_levels import NOTHING_AGREED, ServiceLevel

if TYPE_CHECKING:
    import great_expectations as gx
    import pandera.polars as pa

__all__ = [
    "CONTEXT_COLUMNS",
    "LINEAGE_COLUMNS",
    "RESERVED_NAMES",
    "Activity",
    "Bound",
    "Column",
    "Contract",
    "Counterpart",
    "Cover",
    "CrossRule",
    "Identification",
    "Layer",
    "Lookup",
    "MappedColumn",
    "MappedRow",
    "Mapping",
    "Measure",
    "Operator",
    "Reconciled",
    "Reference",
    "ReleaseQuery",
    "Replaced",
    "Rule",
    "Severity",
    "TableRule",
    "Type",
]


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
    identification: Identification = field(default_factory=Identification)
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
