"""Figures about breaches: heard against the baseline, and the share that was suspended, by kind and by region."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import polars as pl

from probation_etl.reports.charts import Series, line_chart, row_chart
from probation_etl.reports.figures import Figure, Table
from probation_etl.reports.html import counted, number
from probation_etl.tracker.tables import TrackerTables
from probation_etl.tracker.words import (
    KINDS,
    STYLES,
    UNALLOCATED,
    count,
    listed,
    month,
    on,
    per_cent,
    region,
    share,
    short_month,
)

_HALF = 50
Rows = Mapping[date, Mapping[str, Any]]


def breach_figures(tables: TrackerTables) -> Iterator[Figure]:
    """Every figure about breaches that the tables have numbers for."""
    weeks, months = _by_kind(tables.weeks, "week_starting"), _by_kind(tables.months, "month")
    if weeks:
        yield _heard(weeks)
        yield _heard_by_region(tables)
        yield _suspended(weeks, "week")
    if months:
        yield _suspended(months, "month")
        yield _suspended_by_region(tables)


def latest(rows: Rows) -> Mapping[str, Any]:
    """The row of the last period."""
    return rows[max(rows)]


def _by_kind(table: pl.DataFrame, period: str) -> dict[str, Rows]:
    """Rows by kind and period, kinds in the order in which they are shown."""
    every = [{"at": row[period], **row} for row in table.to_dicts()]
    kinds = {kind: {row["at"]: row for row in every if row["provider_kind"] == kind} for kind in KINDS}
    return {kind: rows for kind, rows in kinds.items() if rows}


def _heard(weeks: Mapping[str, Rows]) -> Figure:
    axis = _axis("week", weeks.values())
    kinds = {kind: rows for kind, rows in weeks.items() if kind != "all"}
    charts = [
        line_chart(
            f"heard-{kind}",
            title=f"Breaches heard each week, {KINDS[kind]}",
            description=f"{_course(rows, 'heard', count, 'week')} {_baseline_told(rows)}".strip(),
            series=[_series(KINDS[kind], kind, axis, rows, "heard")],
            labels=_labels(axis),
            levels=[(f"Baseline {number(int(value))}", value) for value in _baseline(rows)],
        )
        for kind, rows in kinds.items()
    ]
    header, cells = ["Week starting"], [[on(at)] for at in axis]
    for kind, rows in kinds.items():
        header += [f"{KINDS[kind]}: {what}" for what in ("heard", "of baseline", "organisations")]
        for at, line in zip(axis, cells, strict=True):
            row = rows.get(at, {})
            line += [
                count(row.get("heard")),
                per_cent(row.get("percent_of_baseline"), "%"),
                count(row.get("organisations")),
            ]
    return Figure(
        "heard",
        "Breaches heard each week, against the baseline",
        tuple(_heard_told(kind, rows) for kind, rows in kinds.items()),
        charts,
        Table("Breaches heard in each week, by kind of provider", tuple(header), _reported(cells)),
        ("Each chart has a scale of its own.",) if len(charts) > 1 else (),
    )


def _heard_told(kind: str, rows: Rows) -> str:
    last, lowest = latest(rows), min(rows.values(), key=lambda row: (row["heard"], row["at"]))
    level = _baseline(rows)
    told = f"{KINDS[kind]}: {number(last['heard'])} heard in the latest whole week, starting {on(last['at'])}, by {counted(last['organisations'], 'organisation')}"
    if level:
        below = ": below half of it" if last["percent_of_baseline"] < _HALF else ""
        told += f", {per_cent(last['percent_of_baseline'])} of the baseline of {number(int(level[0]))}{below}"
    if lowest["at"] != last["at"]:
        of = f", {per_cent(lowest['percent_of_baseline'])}" if level else ""
        told += f". The fewest were {number(lowest['heard'])}, in the week starting {on(lowest['at'])}{of}"
    return f"{told}."


def _heard_by_region(tables: TrackerTables) -> Figure:
    rows = tables.region_weeks.to_dicts()
    names = list(dict.fromkeys(region(row) for row in sorted(rows, key=_region_order)))
    found = {
        name: {row["week_starting"]: {"at": row["week_starting"], **row} for row in rows if region(row) == name}
        for name in names
    }
    axis = _axis("week", found.values())
    highest = max(row["heard"] for row in rows)
    charts = [
        line_chart(
            f"heard-region-{at}",
            title=name,
            description=_course(found[name], "heard", count, "week"),
            series=[_series(name, "region", axis, found[name], "heard")],
            labels=_labels(axis),
            reach=highest,
        )
        for at, name in enumerate(names, 1)
    ]
    last = axis[-1]
    final = {name: each[last]["heard"] for name, each in found.items() if last in each}
    told = f"In the latest whole week, starting {on(last)}, {number(sum(final.values()))} breaches were heard{_extremes(final)}"
    table = _region_table(tables, "heard", count, "Breaches heard in each month, by region")
    return Figure(
        "heard-regions", "Breaches heard, by region", (f"{told}.",), charts, table,
        ("Charts show weeks and have the same scale; the table shows months. Baselines by region are not published.",),
    )  # fmt: skip


def _extremes(counts: Mapping[str, int]) -> str:
    """The regions with most and fewest; those without a region are no region."""
    ranked = sorted((many, name) for name, many in counts.items() if name != UNALLOCATED)
    told = ""
    if len(ranked) > 1:
        told = (
            f": most in {ranked[-1][1]}, {number(ranked[-1][0])}, and fewest in {ranked[0][1]}, {number(ranked[0][0])}"
        )
    lost = counts.get(UNALLOCATED)
    return f"{told}. Of all of them, {number(lost)} are unallocated" if lost else told


def _suspended(periods: Mapping[str, Rows], period: str) -> Figure:
    axis = _axis(period, periods.values())
    words = {kind: KINDS[kind] for kind in periods}
    title = f"Suspended share of the breaches logged in each {period}"
    told = {kind: _course(rows, "suspended_share", share, period) for kind, rows in periods.items()}
    chart = line_chart(
        f"suspended-{period}s",
        title=title,
        description=" ".join(f"{words[kind]}: {each}" for kind, each in told.items()),
        series=[
            _series(words[kind], kind, axis, rows, "suspended_share", 100) for kind, rows in periods.items()
        ],
        labels=_labels(axis) if period == "week" else [(at, short_month(each, first=at == 0)) for at, each in enumerate(axis)],
        unit="%",
    )  # fmt: skip
    return Figure(
        f"suspended-{period}",
        f"Share of breaches suspended, by {period}",
        tuple(_suspended_told(periods, period)),
        [chart],
        _suspended_table(periods, axis, period),
    )


def _suspended_told(periods: Mapping[str, Rows], period: str) -> Iterator[str]:
    """What stands out: the latest period, and the one with the highest share of all."""
    everyone = {at: row for at, row in periods["all"].items() if row["suspended_share"] is not None}
    if not everyone:
        yield f"No breach was logged in a {period} that is shown."
        return
    moments = {
        "Highest": max(everyone.values(), key=lambda row: (row["suspended_share"], row["at"])),
        "Latest": latest(everyone),
    }
    if moments["Highest"]["at"] == moments["Latest"]["at"]:
        moments.pop("Highest")
    for which, row in moments.items():
        own = [
            f"{KINDS[kind]} {share(rows[row['at']]['suspended_share'])}"
            for kind, rows in periods.items()
            if kind != "all" and rows.get(row["at"], {}).get("suspended_share") is not None
        ]
        yield f"{which}, {_named(row['at'], period)}: {share(row['suspended_share'])} of all breaches logged were suspended ({listed(own)})."


def _suspended_table(periods: Mapping[str, Rows], axis: Sequence[date], period: str) -> Table:
    header = ["Week starting" if period == "week" else "Month"]
    cells = [[_month_told(at, periods["all"]) if period == "month" else on(at)] for at in axis]
    for kind, rows in periods.items():
        header += [f"{KINDS[kind]}: {what}" for what in ("logged", "suspended", "share")]
        for at, line in zip(axis, cells, strict=True):
            row = rows.get(at, {})
            line += [count(row.get("logged")), count(row.get("suspended")), share(row.get("suspended_share"), "%")]
    return Table(
        f"Breaches logged and suspended in each {period}, by kind of provider", tuple(header), _reported(cells)
    )


def _suspended_by_region(tables: TrackerTables) -> Figure:
    last = tables.region_months["month"].max()
    rows = sorted(tables.region_months.filter(pl.col("month") == last).to_dicts(), key=_region_order)
    known = sorted(
        (row["suspended_share"], region(row))
        for row in rows
        if row["region_code"] and row["suspended_share"] is not None
    )
    told = f"In {month(last)}, nothing was logged that a region is known of"
    if known:
        told = f"In {month(last)}, the share was highest in {known[-1][1]}, {share(known[-1][0])}"
        told += f", and lowest in {known[0][1]}, {share(known[0][0])}" if len(known) > 1 else ""
    chart = row_chart(
        "suspended-regions-chart",
        title=f"Suspended share of the breaches logged in {month(last)}, by region",
        description=f"{told}.",
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
        "suspended-regions", "Share of breaches suspended, by region", (f"{told}.",), [chart],
        _region_table(tables, "suspended_share", lambda value: share(value, "%"), caption),
    )  # fmt: skip


def _region_table(tables: TrackerTables, column: str, word: Callable[[Any], str], caption: str) -> Table:
    """A row each region, a column each month; empty where nobody of the region has reported."""
    rows = tables.region_months.to_dicts()
    names = list(dict.fromkeys(region(row) for row in sorted(rows, key=_region_order)))
    months = sorted({row["month"] for row in rows})
    found = {(region(row), row["month"]): word(row[column]) for row in rows}
    everyone = _by_kind(tables.months, "month")["all"]
    cells = [(name, *(found.get((name, each), "") for each in months)) for name in names]
    return Table(caption, ("Region", *(_month_told(each, everyone) for each in months)), cells)


def _month_told(at: date, everyone: Rows) -> str:
    """A month, and how much of it is reported where that is not all of it."""
    row = everyone.get(at)
    part = f" ({row['days_reported']} of {row['days']} days)" if row and row["days_reported"] < row["days"] else ""
    return f"{month(at)}{part}"


def _region_order(row: Mapping[str, Any]) -> tuple[bool, str]:
    return row["region_code"] is None, row["region_name"] or ""


def _reported(cells: list[list[str]]) -> list[list[str]]:
    """Rows that say something: a period between two reported ones says nothing."""
    return [line for line in cells if any(line[1:])]


def _axis(period: str, found: Iterator[Rows] | Any) -> list[date]:
    """Every period from the first to the last, those that nobody reported included: a gap is shown as one."""
    known = sorted({at for rows in found for at in rows})
    axis, at = [], known[0]
    while at <= known[-1]:
        axis.append(at)
        at = at + timedelta(days=7) if period == "week" else (at + timedelta(days=31)).replace(day=1)
    return axis


def _labels(weeks: Sequence[date]) -> list[tuple[int, str]]:
    """The first week of each month, by the name of the month."""
    firsts = [at for at, week in enumerate(weeks) if at == 0 or week.month != weeks[at - 1].month]
    return [(at, short_month(weeks[at], first=at == 0)) for at in firsts]


def _series(name: str, kind: str, axis: Sequence[date], rows: Rows, column: str, times: float = 1) -> Series:
    values = [rows.get(at, {}).get(column) for at in axis]
    return Series(name, tuple(None if value is None else times * value for value in values), STYLES[kind])


def _baseline(rows: Rows) -> list[float]:
    return [value for value in {row["baseline"] for row in rows.values()} if value is not None]


def _baseline_told(rows: Rows) -> str:
    return "".join(f"The baseline is {number(int(value))}." for value in _baseline(rows))


def _course(rows: Rows, column: str, word: Callable[[Any], str], period: str) -> str:
    """A line in words: where it starts, its lowest and highest, where it ends."""
    known = [row for _, row in sorted(rows.items()) if row[column] is not None]
    if not known:
        return "Nothing to show."
    lowest, highest = (extreme(known, key=lambda row: row[column]) for extreme in (min, max))
    places = {"first": known[0], "lowest": lowest, "highest": highest, "latest": known[-1]}
    told = [f"{which} {word(row[column])}, {_named(row['at'], period)}" for which, row in places.items()]
    return (
        f"{'; '.join(told).capitalize()}."
        if len(known) > 1
        else f"{word(known[0][column])}, {_named(known[0]['at'], period)}."
    )


def _named(at: date, period: str) -> str:
    return f"week starting {on(at)}" if period == "week" else month(at)
