"""The tables of the tracker: weeks, months and regions of breaches, computed from the unified tables.

Queries only count: no row about a person leaves the store. Nothing is apportioned, and what is not known is null.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

import polars as pl

from probation_etl.contracts.rulebook import Rulebook
from probation_etl.discreet import Discreet
from probation_etl.stores import Release, Store
from probation_etl.tracker.caseload import Caseload, read_caseload
from probation_etl.tracker.reported import (
    START,
    days_reported,
    months_reported,
    who_reported,
    whole_weeks,
    with_everyone,
    with_expected,
)

#: What is known from the ledger alone: which days organisations have reported, and what was released when.
FROM_THE_LEDGER = ("released", "release", "reported", "weeks", "months", "region_weeks", "region_months")
Shows = Literal["released", "loaded"]
_COUNTS = ("logged", "heard", "suspended")
_MONTHLY = """
SELECT month, provider_kind, region_code, CAST(SUM(logged) AS BIGINT) AS logged, CAST(SUM(heard) AS BIGINT) AS heard,
       CAST(SUM(suspended) AS BIGINT) AS suspended
FROM (
    SELECT CAST(date_trunc('month', logged_on) AS DATE) AS month, provider_kind, region_code, 1 AS logged, 0 AS heard,
           CASE WHEN suspended_on IS NULL THEN 0 ELSE 1 END AS suspended
    FROM {schema}.breach WHERE logged_on IS NOT NULL
    UNION ALL
    SELECT CAST(date_trunc('month', heard_on) AS DATE), provider_kind, region_code, 0, 1, 0
    FROM {schema}.breach WHERE heard_on IS NOT NULL
) AS events
GROUP BY month, provider_kind, region_code
"""


@dataclass(frozen=True)
class TrackerTables(Discreet):
    """Every table of the tracker.

    A share is a fraction (Float64, null where nothing was logged), counts are Int64. ``provider_kind`` is crc, nps or all.

    Attributes:
        national: The view ``national_tracker``, all weeks.
        weekly: The view ``weekly_breaches``, all weeks, with ``provider_name`` and ``region_name`` (null where unallocated).
        reported: ``provider_kind``, ``organisations`` that sent returns of breaches, ``first`` and ``last`` day (Date) of
            the periods that these cover.
        weeks: Weeks of which some organisation of the kind reported each day. The total is there where every kind is:
            ``week_starting`` (Date), ``provider_kind``, ``organisations`` (that reported the whole week), ``expected`` (how many should), ``logged``, ``heard``, ``suspended``, ``suspended_share``,
            ``baseline``, ``percent_of_baseline`` (Float64, null where there is no baseline).
        months: Months of which at least seven days are reported: ``month`` (its first day), ``days`` and ``days_reported``, ``provider_kind``,
            ``logged``, ``heard``, ``suspended``, ``suspended_share``. A breach counts in the month in which it was logged,
            and heard.
        region_weeks: ``week_starting``, ``region_code``, ``region_name``, ``heard``: the same weeks, for
            regions of which an organisation reported.
        region_months: ``month``, ``region_code``, ``region_name`` and the counts and share of ``months``, for the same regions.
        caseload: Average caseload before and after.
        shows: Whether these are the ``released`` rows or all that are ``loaded``.
        release: The newest release; None if nothing has been released.
        left_out: What is not known, because the user of the store may not read its ledger; these tables have no rows.
    """

    national: pl.DataFrame
    weekly: pl.DataFrame
    reported: pl.DataFrame
    weeks: pl.DataFrame
    months: pl.DataFrame
    region_weeks: pl.DataFrame
    region_months: pl.DataFrame
    caseload: Caseload
    shows: Shows = "released"
    release: Release | None = None
    left_out: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to show."""
        return not (self.weeks.height or self.months.height or self.caseload.organisations.height)


def read_tables(
    store: Store,
    rulebook: Rulebook,
    *,
    caseload_from: date | None = None,
    caseload_to: date | None = None,
    unreleased: bool = False,
) -> TrackerTables:
    """Computes every table from an open store without an open transaction.

    Args:
        store: The store.
        rulebook: The contracts and reference tables that it was opened with.
        caseload_from: Earliest day whose caseload may be the one before.
        caseload_to: Latest day whose caseload may be the one after.
        unreleased: Whether to count everything that is loaded, instead of what was released.
    """
    shows: Shows = "loaded" if unreleased else "released"
    sees_ledger = store.may_read("ledger")
    release = store.releases.newest() if sees_ledger else None
    schema = "unified" if unreleased else "released"
    providers, regions = names(rulebook, "organisations", "provider"), names(rulebook, "regions", "region")
    days = days_reported(_returns(store, release, shows) if sees_ledger else None, rulebook)
    weekly, national = (
        store.query(f"SELECT * FROM {schema}.{view}") for view in ("weekly_breaches", "national_tracker")
    )
    monthly = store.query(_MONTHLY.format(schema=schema))
    weeks, months = with_expected(whole_weeks(days), rulebook), months_reported(days)
    of_regions = days.join(weekly.select("provider_code", "region_code").unique(), on="provider_code")
    return TrackerTables(
        national=national.sort("measure", "week_starting", "provider_kind"),
        weekly=_weekly(weekly, providers, regions),
        reported=who_reported(days),
        weeks=_weeks(weekly, weeks, _baselines(rulebook)),
        months=_shared(_filled(months, monthly, "month")),
        region_weeks=_by_region(of_regions, weeks, weekly, regions).drop("logged", "suspended", "suspended_share"),
        region_months=_by_region(of_regions, months, monthly, regions),
        caseload=read_caseload(store, providers, regions, schema=schema, first=caseload_from, last=caseload_to),
        shows=shows,
        release=release,
        left_out=() if sees_ledger else FROM_THE_LEDGER,
    )


def _returns(store: Store, release: Release | None, shows: Shows) -> pl.DataFrame:
    """The ledger of returns as it was at the release; where nothing was released, before any run."""
    if shows == "loaded" or (release and release.is_newest):
        return store.returns()
    return store.returns(as_of=release.run_id if release else datetime.min)  # noqa: DTZ901 -- before any run


def names(rulebook: Rulebook, table: str, prefix: str) -> pl.DataFrame:
    """Names by code. Where entries share a code, the last one counts, as in all reference tables."""
    return (
        rulebook.tables[table]
        .select(pl.col("code").alias(f"{prefix}_code"), pl.col("name").alias(f"{prefix}_name"))
        .unique(f"{prefix}_code", keep="last", maintain_order=True)
    )


def _baselines(rulebook: Rulebook) -> pl.DataFrame:
    table = rulebook.tables["tracker_baselines"].filter(pl.col("measure") == "breaches_heard")
    return table.select("provider_kind", pl.col("value").cast(pl.Float64).alias("baseline"))


def _weeks(weekly: pl.DataFrame, whole: pl.DataFrame, baselines: pl.DataFrame) -> pl.DataFrame:
    percent = (100 * pl.col("heard") / pl.col("baseline")).alias("percent_of_baseline")
    counted = _shared(_filled(whole, weekly, "week_starting"))
    return counted.join(baselines, on="provider_kind", how="left", maintain_order="left").with_columns(percent)


def _filled(periods: pl.DataFrame, events: pl.DataFrame, period: str) -> pl.DataFrame:
    """Counts for every period and kind; zero where nothing happened."""
    by = [period, "provider_kind"]
    sums = with_everyone(events).group_by(by).agg(pl.col(_COUNTS).sum())
    return periods.join(sums, on=by, how="left").with_columns(pl.col(_COUNTS).fill_null(0)).sort(by)


def _by_region(
    of_regions: pl.DataFrame, periods: pl.DataFrame, events: pl.DataFrame, regions: pl.DataFrame
) -> pl.DataFrame:
    """Counts for every period and each region from which a day of it was reported; unallocated last."""
    period = periods.columns[0]
    by = [period, "region_code"]
    reported = of_regions.select(START[period], "region_code")
    every = pl.concat([reported, events.select(by)]).unique().join(periods, on=period, how="semi")
    sums = events.group_by(by).agg(pl.col(_COUNTS).sum())
    counted = every.join(sums, on=by, how="left", nulls_equal=True).with_columns(pl.col(_COUNTS).fill_null(0))
    named = counted.join(regions, on="region_code", how="left")
    return _shared(named.select(*by, "region_name", *_COUNTS).sort(by, nulls_last=True))


def _shared(counted: pl.DataFrame) -> pl.DataFrame:
    share = pl.when(pl.col("logged") > 0).then(pl.col("suspended") / pl.col("logged"))
    return counted.with_columns(share.alias("suspended_share"))


def _weekly(weekly: pl.DataFrame, providers: pl.DataFrame, regions: pl.DataFrame) -> pl.DataFrame:
    named = weekly.join(providers, on="provider_code", how="left").join(regions, on="region_code", how="left")
    key = ["week_starting", "provider_kind", "provider_code", "region_code"]
    return named.select(
        "week_starting", "provider_kind", "provider_code", "provider_name", "region_code", "region_name",
        "initiated", "logged", "heard", "suspended", "suspended_share",
    ).sort(key, nulls_last=True)  # fmt: skip
