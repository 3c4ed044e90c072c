"""A table as its contract describes it: what every contract says, and what those of our own tables add.

Contracts are frozen values: the loader (``odcs``) makes them from YAML, and every stage reads them.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping as Dictionary
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

from probation_etl.contracts.model.columns import Column, Severity
from probation_etl.contracts.model.layouts import PLAIN, Layout
from probation_etl.contracts.model.measures import Activity, Completeness, Measure, Reconciled, Replaced
from probation_etl.contracts.model.rules import GivenExpectation, Reference, ReleaseQuery, Rule, TableRule
from probation_etl.discreet import Discreet
from probation_etl.errors import ContractError, UnknownNameError

if TYPE_CHECKING:
    import great_expectations as gx
    import pandera.polars as pa


class Tools(Protocol):
    """Other tools that a contract can be handed over to. Rooms further on implement it, and the loader of users adds it."""

    def to_pandera(self, contract: Contract) -> pa.DataFrameSchema:
        """As :meth:`Contract.to_pandera`."""

    def to_expectation_suite(self, contract: Contract) -> gx.ExpectationSuite:
        """As :meth:`Contract.to_expectation_suite`."""


Layer = Literal["return", "unified", "view", "reference"]


@dataclass(frozen=True, kw_only=True)
class Contract(Discreet, ABC, tells=("id", "version")):
    """What the contract of any table says.

    Attributes:
        table: Name of the table.
        key: Names of the key columns, in order.
        rules: Conditions over single rows.
        table_rules: Conditions over the whole table.
        references: Rows of other tables that rows refer to.
        expectations: Expectations of Great Expectations. Those of unified tables and views are release checks.
        layout: How its rows stand in a file.
        severities: Severity of findings of the file as a whole, by finding code; others have their usual one.
        derived: Columns computed before the rules run: name to (kind, columns).
        effective_from: First period end that this version applies to; None where it always has.
        effective_to: Last period end that this version applies to; None where there is no newer version.
        path: The file it was read from.
        lines: Line of each named part in the file, such as ``rule ‘average_agrees’``.
        tools: What :meth:`to_pandera` and :meth:`to_expectation_suite` use; contracts of :func:`probation_etl.load_contract`,
            :func:`probation_etl.load_contracts` and :func:`probation_etl.validate` have it.
    """

    id: str
    version: str
    table: str
    columns: tuple[Column, ...]
    title: str = ""
    description: str = ""
    key: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()
    table_rules: tuple[TableRule, ...] = ()
    references: tuple[Reference, ...] = ()
    expectations: tuple[GivenExpectation, ...] = ()
    layout: Layout = PLAIN
    severities: Dictionary[str, Severity] = field(default_factory=dict)
    derived: Dictionary[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)
    effective_from: date | None = None
    effective_to: date | None = None
    path: Path | None = None
    lines: Dictionary[str, int] = field(default_factory=dict, compare=False, repr=False)
    tools: Tools | None = field(default=None, compare=False, repr=False)

    @property
    @abstractmethod
    def layer(self) -> Layer:
        """Kind of the table, as the contract's file says it."""

    def where(self, part: str) -> str:
        """A part of the contract as ``file:line: part``, for messages."""
        line = self.lines.get(part)
        return f"{self.path or self.id}:{line}: {part}" if line else f"{self.path or self.id}: {part}"

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
            UnknownNameError: The contract has no such column.
        """
        try:
            return self._by_name[name]
        except (KeyError, TypeError):
            raise UnknownNameError(f"The contract ‘{self.id}’ has no column ‘{name}’.") from None

    def in_force(self, on: date) -> bool:
        """Whether this version applies to a period that ends on that day."""
        after_start = self.effective_from is None or self.effective_from <= on
        return after_start and (self.effective_to is None or on <= self.effective_to)

    def to_pandera(self) -> pa.DataFrameSchema:
        """A pandera schema for typed Polars frames of this contract, such as ``result.accepted``.

        It has the rules that validate returns: columns have the contract's names and types, checks have the names of the
        rules, and columns of the context that row rules read are needed too. The script of ``probation-etl contract export
        --to pandera`` has the same rules, and says which rules are in neither, and why.

        Raises:
            ContractError: The contract was not loaded from a file, or one of its directory has faults.
        """
        return self._tools.to_pandera(self)

    def to_expectation_suite(self) -> gx.ExpectationSuite:
        """A suite of Great Expectations for typed frames in pandas, as ``contract export`` writes it.

        Each expectation has the name of its rule as ``meta["rule"]``; the suite's own ``meta`` names the rules that the
        library cannot express, with the reason.

        Raises:
            ContractError: The contract was not loaded from a file, or one of its directory has faults.
        """
        return self._tools.to_expectation_suite(self)

    @property
    def _tools(self) -> Tools:
        if self.tools is None:
            raise ContractError(
                f"The contract ‘{self.id}’ can be handed over when probation_etl.load_contract loaded it."
            )
        return self.tools


@dataclass(frozen=True, kw_only=True)
class TableContract(Contract):
    """A unified table, which returns are mapped to, or a view computed from unified tables.

    Attributes:
        is_view: Whether it is a view. A view has no history and no lineage of its own.
        query: SQL of a view, or of a unified table that takes columns from another.
        measures: What adds up over the rows of a unified table, for reconciliation.
        replaced: Which rows the query of a unified table may leave out; None where it may leave out none.
        reconciles: Totals of a view that must equal those of unified tables.
        release_queries: Release checks that count in the database. Once the contracts of a directory are assembled, those of
            ``completeness`` come first.
        completeness: Which returns must be complete.
        activity: Which counts of a view are watched for exceptions.
    """

    is_view: bool = False
    query: str | None = None
    measures: tuple[Measure, ...] = ()
    replaced: Replaced | None = None
    reconciles: tuple[Reconciled, ...] = ()
    release_queries: tuple[ReleaseQuery, ...] = ()
    completeness: Completeness | None = None
    activity: Activity | None = None

    @property
    def silent_measures(self) -> frozenset[str]:
        """The names of measures whose totals must not be shown."""
        return frozenset(each.name for each in self.measures if each.silent)

    @property
    def layer(self) -> Layer:
        """``unified`` or ``view``."""
        return "view" if self.is_view else "unified"


@dataclass(frozen=True, kw_only=True)
class ReferenceContract(Contract):
    """A reference table: a CSV file beside the contracts, which lookups and queries read.

    Attributes:
        delimiter: Character between the cells of the file.
        encoding: Character encoding of the file.
    """

    delimiter: str = ","
    encoding: str = "UTF-8"

    @property
    def layer(self) -> Layer:
        """``reference``."""
        return "reference"
