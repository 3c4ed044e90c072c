"""What a table adds up: measures, the totals that must agree with them, and the counts watched for exceptions."""

from __future__ import annotations

from dataclasses import dataclass

from probation_etl.contracts.model.columns import Severity


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
class Completeness:
    """Returns that a unified table must have of every sender and period.

    Attributes:
        returns: Ids of their contracts.
        severity: Whether a period that a sender left out keeps the table from being released (``error``) or not.
    """

    returns: tuple[str, ...]
    severity: Severity = "error"


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
