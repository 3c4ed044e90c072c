"""Whether the dates of a return tell of its period: a file of another period under a new name has none in it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import polars as pl

from probation_etl.contracts.date_formats import in_words
from probation_etl.contracts.findings import Finding, make
from probation_etl.contracts.model import Column, ReturnContract
from probation_etl.intake.result import Period

#: Rows fewer than these may well be about the days around the period; they are questioned if they are further off.
_FEW = 3


def outside_period(rows: pl.DataFrame, contract: ReturnContract, period: Period) -> list[Finding]:
    """A warning if there are dates and none of them lies in the period; for one or two rows, in none of the periods beside it.

    Args:
        rows: The rows in their types, whatever else is wrong with them.
        contract: The contract; all of its date columns are looked at, unless it says that they tell nothing of the period.
        period: First and last day; where one is not known, there is nothing to say.
    """
    columns = [each for each in contract.columns if each.has_days and each.name in rows.columns]
    if period.start is None or period.end is None or not columns or not contract.period_holds_dates:
        return []
    if period.start > period.end:  # told already
        return []
    days = {each.name: rows[each.name].cast(pl.Date) for each in columns}
    dates = pl.concat([each.drop_nulls().alias("day") for each in days.values()])
    if dates.is_empty() or dates.is_between(period.start, period.end).any():
        return []
    dated = rows.select(pl.any_horizontal(pl.col(each.name).is_not_null() for each in columns)).to_series().sum()
    length = period.end - period.start + timedelta(days=1)
    if dated < _FEW and dates.is_between(period.start - length, period.end + length).any():
        return []
    which = "the only date does not lie" if dates.len() == 1 else f"none of the {dates.len():,} dates lies"
    text = f"The period is {in_words(period.start)} to {in_words(period.end)}, and {which} in it."
    return [make("dates-outside-period", expected=f"{text}{_range(rows, columns)}", severity="warning")]


def _range(rows: pl.DataFrame, columns: Sequence[Column]) -> str:
    """From when to when the dates are. A restricted date is not told, not even as the first or the last of all."""
    days = [day for each in columns if not each.restricted for day in rows[each.name].cast(pl.Date).drop_nulls()]
    return f" Dates range from {in_words(min(days))} to {in_words(max(days))}." if days else ""
