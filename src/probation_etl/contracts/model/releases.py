"""What must hold of a unified table before it is released, and what is out of the ordinary in it."""

from __future__ import annotations

from dataclasses import dataclass

from probation_etl.contracts.model.columns import Operator, Severity


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
