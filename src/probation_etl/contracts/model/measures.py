"""What a table adds up: measures, the totals that must agree with them, and the counts watched for exceptions."""

from __future__ import annotations

from dataclasses import dataclass

from probation_etl.contracts.model.columns import Severity
from probation_etl.discreet import Discreet


@dataclass(frozen=True)
class Counterpart(Discreet):
    """Rows of another unified table that joined columns come from: those that are equal in these columns."""

    table: str
    by: tuple[str, ...]


@dataclass(frozen=True)
class Measure(Discreet):
    """Something that adds up over the rows of a unified table.

    Attributes:
        expression: SQL over the table's columns: a number, which is summed, or a condition, which is counted.
        counterpart: For an expression over joined columns: the table that they come from. Returns do not send such a
            measure, so the matching rows of that table are counted instead.
        silent: Whether its totals are compared and never shown, because values of a restricted column could be seen in them.
    """

    name: str
    expression: str
    counterpart: Counterpart | None = None
    silent: bool = False


@dataclass(frozen=True)
class Replaced(Discreet):
    """Rows that the query of a unified table leaves out because another of its rows replaces them.

    Attributes:
        condition: SQL over the stored columns that such a row meets.
        by: Columns in which the row that replaces it is equal.
    """

    condition: str
    by: tuple[str, ...]


@dataclass(frozen=True)
class Reconciled(Discreet):
    """A total of a view that must equal that of a unified table, for each combination of values of some columns.

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
class Completeness(Discreet):
    """Returns that a unified table must have of every sender and period.

    Attributes:
        returns: Ids of their contracts.
        severity: Whether a period that a sender left out keeps the table from being released (``error``) or not.
    """

    returns: tuple[str, ...]
    severity: Severity = "error"


@dataclass(frozen=True)
class Activity(Discreet):
    """Which counts of a view are watched for exceptions, and how.

    Attributes:
        measures: Columns that count something.
        by: Columns that identify the area that a count is for.
        period: Column with the first day of the period.
        peers: Areas that are equal in these columns are compared with each other; without any, all areas are.
        query: SQL over the schemas of the store that gives these columns; None for the view itself.
        least: How many earlier periods an area needs to be checked at all.
        most: How many earlier periods it is compared with: the most recent ones.
        least_peers: How many areas need a count for the same period for a comparison.
        recent: How many of the newest periods of each area are checked.
        threshold: How far from the median a count may be, in multiples of the spread.
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
