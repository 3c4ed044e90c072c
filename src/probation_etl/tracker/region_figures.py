"""Figures about breaches by region: how many were heard each week, and what share was suspended."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

import polars as pl

from probation_etl.reports.charts import line_chart, row_chart
from probation_etl.reports.figures import Figure, Table
from probation_etl.reports.html import number
from probation_etl.tracker.periods import (
    axis_of,
    by_kind,
    fully_reported,
    line_in_words,
    month_with_days,
    series_of,
    week_labels,
    without_gaps,
)
from probation_etl.tracker.tables import TrackerTables
from probation_etl.tracker.words import STYLES, UNALLOCATED, count, month, on, region, share


def heard_by_region(tables: TrackerTables) -> Iterator[Figure]:
    """A small chart for each region, if any breach has a region."""
    last = _last_week(tables)
    rows = tables.region_weeks.filter(pl.col("week_starting") <= last).to_dicts()
    if rows:
        yield _heard(rows, last)


def suspended_by_region(tables: TrackerTables) -> Iterator[Figure]:
    """A bar for each region in the latest month, if any breach has a region."""
    if tables.region_months.height:
        yield _suspended(tables, max(tables.region_months["month"].to_list()))


def _heard(rows: list[dict[str, Any]], last: date) -> Figure:
    names = list(dict.fromkeys(region(row) for row in sorted(rows, key=_region_order)))
    found = {
        name: {row["week_starting"]: {"at": row["week_starting"], **row} for row in rows if region(row) == name}
        for name in names
    }
    axis = axis_of("week", found.values())
    highest = max(row["heard"] for row in rows)
    charts = [
        line_chart(
            f"heard-region-{at}",
            title=name,
            description=line_in_words(found[name], "heard", count, "week"),
            series=[series_of(name, "region", axis, found[name], "heard")],
            labels=week_labels(axis),
            reach=highest,
        )
        for at, name in enumerate(names, 1)
    ]
    final = {name: each[last]["heard"] for name, each in found.items() if last in each}
    text = f"In the latest whole week, starting {on(last)}, {number(sum(final.values()))} breaches were heard{_extremes(final)}"
    cells = [[on(at), *(count(found[name].get(at, {}).get("heard")) for name in names)] for at in axis]
    table = Table("Breaches heard in each week, by region", ("Week starting", *names), without_gaps(cells))
    return Figure(
        "heard-regions", "Breaches heard, by region", (f"{text}.",), charts, table,
        ("Charts have the same scale. Baselines by region are not published.",),
    )  # fmt: skip


def _last_week(tables: TrackerTables) -> date:
    """The last week that every expected organisation reported, or else the last week that any reported."""
    weeks = by_kind(tables.weeks, "week_starting")
    weeks = {"all": weeks["all"]} if "all" in weeks else weeks
    return max(max(fully_reported(rows)) for rows in weeks.values())


def _extremes(counts: Mapping[str, int]) -> str:
    """The regions with the most and the fewest. Breaches without a region are counted apart."""
    ranked = sorted((many, name) for name, many in counts.items() if name != UNALLOCATED)
    text = ""
    if len(ranked) > 1 and ranked[0][0] < ranked[-1][0]:
        text = (
            f": most in {ranked[-1][1]}, {number(ranked[-1][0])}, and fewest in {ranked[0][1]}, {number(ranked[0][0])}"
        )
    lost = counts.get(UNALLOCATED)
    return f"{text}. Of all of them, {number(lost)} are unallocated" if lost else text


def _suspended(tables: TrackerTables, last: date) -> Figure:
    rows = sorted(tables.region_months.filter(pl.col("month") == last).to_dicts(), key=_region_order)
    known = sorted(
        (row["suspended_share"], region(row))
        for row in rows
        if row["region_code"] and row["suspended_share"] is not None
    )
    text = f"In {month(last)}, no breach with a known region was logged"
    if known:
        text = f"In {month(last)}, the share was highest in {known[-1][1]}, {share(known[-1][0])}"
        text += f", and lowest in {known[0][1]}, {share(known[0][0])}" if len(known) > 1 else ""
    chart = row_chart(
        "suspended-regions-chart",
        title=f"Suspended share of the breaches logged in {month(last)}, by region",
        description=f"{text}.",
        names=("Suspended share",),
        rows=[
            (
                region(row),
                [None if row["suspended_share"] is None else 100 * row["suspended_share"]],
                share(row["suspended_share"], "%") or "none logged",
                STYLES["region"],
            )
            for row in rows
        ],
        unit="%",
    )
    caption = "Suspended share of the breaches logged in each month, by region"
    return Figure(
        "suspended-regions", "Share of breaches suspended, by region", (f"{text}.",), [chart],
        _region_table(tables, "suspended_share", lambda value: share(value, "%"), caption),
    )  # fmt: skip


def _region_table(tables: TrackerTables, column: str, word: Callable[[Any], str], caption: str) -> Table:
    """A row for each region and a column for each month; a cell is empty where no organisation of the region reported."""
    rows = tables.region_months.to_dicts()
    names = list(dict.fromkeys(region(row) for row in sorted(rows, key=_region_order)))
    months = sorted({row["month"] for row in rows})
    found = {(region(row), row["month"]): word(row[column]) for row in rows}
    kinds = by_kind(tables.months, "month")
    cells = [(name, *(found.get((name, each), "") for each in months)) for name in names]
    return Table(caption, ("Region", *(month_with_days(each, kinds) for each in months)), cells)


def _region_order(row: Mapping[str, Any]) -> tuple[bool, str]:
    return row["region_code"] is None, row["region_name"] or ""
