"""What is added up and held against each other."""

from __future__ import annotations

from dataclasses import dataclass


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
