"""Rules over rows, tables and returns, references to rows of other tables, and release checks."""

from __future__ import annotations

from collections.abc import Mapping as Dictionary
from dataclasses import dataclass, field

from probation_etl.contracts.model.columns import Operator, Severity
from probation_etl.contracts.model.mappings import Lookup
from probation_etl.discreet import Discreet

#: What comes before the name of a reference table where other tables may be meant, as in queries.
REFERENCED = "reference."


@dataclass(frozen=True, kw_only=True)
class _RuleText(Discreet, tells=("name",)):
    """What every rule of a contract has: its name, its severity and its wording for suppliers.

    Attributes:
        title: What it asks, in the contract's own words; empty where the contract gives none.
    """

    name: str
    severity: Severity
    message: str
    hint: str = ""
    title: str = ""


@dataclass(frozen=True, kw_only=True)
class Rule(_RuleText):
    """A condition over a whole row, as a SQL expression that must not be false.

    Attributes:
        lookups: Values of reference tables that the expression reads, by the names that it has for them.
    """

    expression: str
    column: str | None
    lookups: Dictionary[str, Lookup] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class TableRule(_RuleText):
    """A condition over the whole table, as a SQL expression of aggregates that must not be false."""

    expression: str


@dataclass(frozen=True, kw_only=True)
class QueryRule(_RuleText):
    """A query that gives, as ``source_row``, each row of the return that breaks the rule."""

    query: str
    column: str | None


@dataclass(frozen=True, kw_only=True)
class CrossRule(_RuleText):
    """A comparison of a total of this return with one of a unified table, same supplier, this or an earlier period."""

    this: str
    operator: Operator
    table: str
    other: str


@dataclass(frozen=True)
class Reference(Discreet):
    """A row must refer to a row of another table, or of its own.

    Which table that is, the part of the contract says that holds it: a unified table, with rows of the same supplier for this
    or an earlier period; a reference table; or the table itself.
    """

    name: str
    table: str
    columns: Dictionary[str, str]
    column: str
    severity: Severity = "error"
    hint: str = ""


@dataclass(frozen=True)
class GivenExpectation(Discreet):
    """An expectation of the library Great Expectations, as a contract gives it.

    Attributes:
        type: Its type, as the library calls it.
        kwargs: Its arguments.
        name: Its id; empty where the contract gives none.
        title: What it expects, in the contract's own words; empty where the contract gives none.
        message: Why it is checked.
    """

    type: str
    kwargs: Dictionary[str, object]
    severity: Severity = "error"
    name: str = ""
    title: str = ""
    message: str = ""


@dataclass(frozen=True)
class ReleaseQuery(Discreet):
    """A release check that counts in the database.

    Attributes:
        title: What is counted.
        message: Why.
        query: SQL over the schemas of the store that gives one whole number.
        operator: How the number must compare with the bound.
    """

    name: str
    title: str
    message: str
    severity: Severity
    query: str
    operator: Operator
    bound: int
