"""The days that are likely in a return: absurd ones are mistyped, or numbers in cells that are formatted as dates."""

from __future__ import annotations

import re
from collections.abc import Iterator

import polars as pl

from probation_etl.contracts.checks import words
from probation_etl.contracts.checks.check import Check, Kind
from probation_etl.contracts.model import Column, ReturnContract
from probation_etl.contracts.model.windows import Side

_END = "period_end"


def window_checks(contract: ReturnContract) -> Iterator[Check]:
    """The rule for each column of dates that its days are likely, on the sides where nothing else bounds them."""
    for column in contract.columns:
        first = contract.first_likely_day(column)
        after = _days_after(column, column.window.or_else(contract.window).days_after, contract)
        if not column.has_days or (first is None and after is None):
            continue
        day, holds = pl.col(column.name) if column.type == "date" else pl.col(column.name).dt.date(), []
        if first is not None:
            holds.append(day >= pl.lit(first))
        if after is not None:
            holds.append(day <= pl.col(_END).dt.offset_by(f"{after}d"))
        lies = words.window(first, after)
        yield Check(
            Kind.WINDOW, f"{column.name}|{Kind.WINDOW}", "unlikely-date", words.of_column(column, f"lies {lies}"),
            f"column ‘{column.name}’", column, (column.name,), column.severities.get("unlikely-date", "error"),
            pl.all_horizontal(holds), expected=lies, hint=column.hints.get("unlikely-date", ""),
        )  # fmt: skip


def _days_after(column: Column, given: Side, contract: ReturnContract) -> int | None:
    """How many days after the period end are likely; None where all are.

    Where nothing is said, a rule that compares the column with the period end says what is meant, and in its own words.
    """
    if any(not limit.is_lower for limit in column.interval.limits) or given == "any":
        return None
    if given is not None:
        return given
    ruled = any(
        re.search(rf"\b{re.escape(column.name)}\b", rule.expression) and re.search(rf"\b{_END}\b", rule.expression)
        for rule in contract.rules
    )
    return None if ruled else 0
