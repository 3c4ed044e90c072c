"""Which days organisations have reported, and so which weeks and months can be shown.

Counts of a week or month of which days are missing would look like a fall.
"""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from probation_etl.contracts.model import ReturnContract
from probation_etl.contracts.rulebook import Rulebook
from probation_etl.status.calendar import Calendar

#: Name of the total beside the kinds of provider.
ALL = "all"
_WEEK = 7
#: First day of the week (a Sunday) and of the month of a day.
START = {
    "week_starting": pl.col("day").dt.offset_by("1d").dt.truncate("1w").dt.offset_by("-1d").alias("week_starting"),
    "month": pl.col("day").dt.month_start().alias("month"),
}


def days_reported(returns: pl.DataFrame | None, rulebook: Rulebook) -> pl.DataFrame:
    """One row for each day for which an organisation has sent a return of breaches: ``provider_kind``, ``provider_code``, ``day``.

    None where the returns are not known.
    """
    if returns is None:
        return pl.DataFrame(schema={"provider_kind": pl.String, "provider_code": pl.String, "day": pl.Date})
    of_breaches = [each.id for each in rulebook.returns() if _is_of_breaches(each)]
    kinds = rulebook.tables["organisations"].select(provider_code="code", provider_kind="kind").unique()
    current = returns.filter(pl.col("is_current") & pl.col("contract_id").is_in(of_breaches))
    return (
        current.select(
            pl.col("supplier_code").alias("provider_code"),
            pl.date_ranges(pl.coalesce("period_start", "period_end"), pl.col("period_end")).alias("day"),
        )
        .explode("day")
        .unique()
        .join(kinds, on="provider_code")
        .select("provider_kind", "provider_code", "day")
    )


def who_reported(days: pl.DataFrame) -> pl.DataFrame:
    """How many organisations of each kind sent returns, with the first and last day that these cover."""
    counted = [pl.col("provider_code").n_unique().cast(pl.Int64).alias("organisations")]
    ends = [pl.col("day").min().alias("first"), pl.col("day").max().alias("last")]
    return days.group_by("provider_kind").agg(*counted, *ends).sort("provider_kind")


def whole_weeks(days: pl.DataFrame) -> pl.DataFrame:
    """Weeks of which every day is reported, with the number of organisations that reported the whole week."""
    in_weeks = with_everyone(days).with_columns(START["week_starting"])
    by = ["week_starting", "provider_kind"]
    whole = in_weeks.group_by(by).agg(pl.col("day").n_unique()).filter(pl.col("day") == _WEEK)
    full = in_weeks.group_by(*by, "provider_code").agg(pl.len().alias("days")).filter(pl.col("days") == _WEEK)
    counted = full.group_by(by).agg(organisations=pl.len().cast(pl.Int64))
    weeks = whole.drop("day").join(counted, on=by, how="left").with_columns(pl.col("organisations").fill_null(0))
    return _complete_totals(weeks, days)


def with_expected(weeks: pl.DataFrame, rulebook: Rulebook) -> pl.DataFrame:
    """Adds how many organisations should report each week: fewer returns must not look like fewer breaches."""
    calendar = Calendar.of(rulebook.contracts, rulebook.reference)
    of_breaches = {each.id: each.supplier_kind for each in rulebook.returns() if _is_of_breaches(each)}
    found: list[tuple[date, str, int]] = []
    for week in weeks["week_starting"].unique().to_list():
        for name, kind in of_breaches.items():
            first, last = (calendar.must_send(name, week + timedelta(days=day)) for day in (0, _WEEK - 1))
            found += [(week, str(each), len(first.keys() & last.keys())) for each in (kind, ALL)]
    schema = {"week_starting": pl.Date, "provider_kind": pl.String, "expected": pl.Int64}
    by = ["week_starting", "provider_kind"]
    counted = pl.DataFrame(found, schema=schema, orient="row").group_by(by).agg(pl.col("expected").sum())
    # An organisation that is not on the list but reported is counted as well.
    expected = pl.max_horizontal(pl.col("expected").fill_null(0), "organisations")
    return weeks.join(counted, on=by, how="left").with_columns(expected=expected)


def _is_of_breaches(contract: ReturnContract) -> bool:
    return contract.mapping.table == "breach"


def months_reported(days: pl.DataFrame) -> pl.DataFrame:
    """Months of which at least seven days are reported; with fewer, their counts would mislead."""
    length = pl.col("month").dt.month_end().dt.day().cast(pl.Int64).alias("days")
    reported = pl.col("day").n_unique().cast(pl.Int64).alias("days_reported")
    months = with_everyone(days).group_by(START["month"], "provider_kind").agg(reported)
    enough = months.filter(pl.col("days_reported") >= _WEEK)
    return _complete_totals(enough.select("month", length, "days_reported", "provider_kind"), days)


def _complete_totals(periods: pl.DataFrame, days: pl.DataFrame) -> pl.DataFrame:
    """Drops the total of a period in which one kind of provider is missing: it would look like a fall."""
    kinds = pl.col("provider_kind") != ALL
    missing = kinds.sum().over(periods.columns[0]) < days["provider_kind"].n_unique()
    return periods.filter(kinds | ~missing)


def with_everyone(frame: pl.DataFrame) -> pl.DataFrame:
    """The same rows, and each once more under the total of all kinds."""
    return pl.concat([frame, frame.with_columns(provider_kind=pl.lit(ALL))])
