"""Figures about breaches by kind of provider: how many were heard against the baseline, and what share was suspended."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from probation_etl.reports.charts import line_chart
from probation_etl.reports.figures import Figure, Table
from probation_etl.reports.html import number
from probation_etl.tracker.periods import (
    Rows,
    axis_of,
    by_kind,
    fully_reported,
    is_whole,
    latest,
    line_in_words,
    month_with_days,
    named,
    series_of,
    week_labels,
    without_gaps,
)
from probation_etl.tracker.region_figures import heard_by_region, suspended_by_region
from probation_etl.tracker.tables import TrackerTables
from probation_etl.tracker.words import KINDS, count, listed, on, per_cent, share, short_month, who_reported

_HALF = 50
_LATER = "Later weeks, which some organisations have not reported yet, are in the table alone."


def breach_figures(tables: TrackerTables) -> Iterator[Figure]:
    """The figures about breaches, except those that would be empty."""
    weeks, months = by_kind(tables.weeks, "week_starting"), by_kind(tables.months, "month")
    if weeks.keys() - {"all"}:
        yield _heard(weeks)
    if weeks:
        yield from heard_by_region(tables)
        yield _suspended(weeks, "week")
    if months:
        yield _suspended(months, "month")
        yield from suspended_by_region(tables)


def _heard(weeks: Mapping[str, Rows]) -> Figure:
    axis = axis_of("week", weeks.values())
    kinds = {kind: rows for kind, rows in weeks.items() if kind != "all"}
    charts = [
        line_chart(
            f"heard-{kind}",
            title=f"Breaches heard each week, {KINDS[kind]}",
            description=f"{line_in_words(fully_reported(rows), 'heard', count, 'week')} {_baseline_sentence(rows)}".strip(),
            series=[series_of(KINDS[kind], kind, axis, fully_reported(rows), "heard")],
            labels=week_labels(axis),
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
                _reporters(row),
            ]
    return Figure(
        "heard",
        "Breaches heard each week, against the baseline",
        tuple(_heard_sentence(kind, rows) for kind, rows in kinds.items()),
        charts,
        Table("Breaches heard in each week, by kind of provider", tuple(header), without_gaps(cells)),
        tuple(_notes(kinds)),
    )


def _reporters(row: Mapping[str, Any]) -> str:
    """How many organisations reported; ‘5 of 12’ where some did not."""
    return count(row.get("organisations")) + ("" if is_whole(row) else f" of {count(row['expected'])}")


def _notes(kinds: Mapping[str, Rows]) -> Iterator[str]:
    if len(kinds) > 1:
        yield "Each chart has a scale of its own."
    if any(len(fully_reported(rows)) < len(rows) for rows in kinds.values()):
        yield _LATER


def _heard_sentence(kind: str, rows: Rows) -> str:
    last, level = latest(rows), _baseline(rows)
    whole = [row for row in rows.values() if is_whole(row)]
    lowest = min(whole or rows.values(), key=lambda row: (row["heard"], row["at"]))
    text = f"{KINDS[kind]}: {number(last['heard'])} heard in the latest whole week, starting {on(last['at'])}, by {who_reported(last)}"
    if level:
        below = ": below half of it" if is_whole(last) and last["percent_of_baseline"] < _HALF else ""
        text += f", {per_cent(last['percent_of_baseline'])} of the baseline of {number(int(level[0]))}{below}"
    if lowest["at"] != last["at"]:
        of = f", {per_cent(lowest['percent_of_baseline'])}" if level else ""
        text += f". The fewest were {number(lowest['heard'])}, in the week starting {on(lowest['at'])}{of}"
    return f"{text}."


def _suspended(periods: Mapping[str, Rows], period: str) -> Figure:
    axis = axis_of(period, periods.values())
    words = {kind: KINDS[kind] for kind in periods}
    title = f"Suspended share of the breaches logged in each {period}"
    sentences = {
        kind: line_in_words(fully_reported(rows), "suspended_share", share, period) for kind, rows in periods.items()
    }
    chart = line_chart(
        f"suspended-{period}s",
        title=title,
        description=" ".join(f"{words[kind]}: {each}" for kind, each in sentences.items()),
        series=[
            series_of(words[kind], kind, axis, fully_reported(rows), "suspended_share", 100) for kind, rows in periods.items()
        ],
        labels=week_labels(axis) if period == "week" else [(at, short_month(each, first=at == 0)) for at, each in enumerate(axis)],
        unit="%",
    )  # fmt: skip
    return Figure(
        f"suspended-{period}",
        f"Share of breaches suspended, by {period}",
        tuple(_suspended_sentences(periods, period)),
        [chart],
        _suspended_table(periods, axis, period),
        (_LATER,) if any(len(fully_reported(rows)) < len(rows) for rows in periods.values()) else (),
    )


def _suspended_sentences(periods: Mapping[str, Rows], period: str) -> Iterator[str]:
    """The highest and the latest share of all breaches, with the share of each kind of provider."""
    everyone = {
        at: row for at, row in fully_reported(periods.get("all", {})).items() if row["suspended_share"] is not None
    }
    if not everyone:
        yield from (
            f"{KINDS[kind]}: {line_in_words(rows, 'suspended_share', share, period)}" for kind, rows in periods.items()
        )
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
        yield f"{which}, {named(row['at'], period)}: {share(row['suspended_share'])} of all breaches logged were suspended{f' ({listed(own)})' if own else ''}."


def _suspended_table(periods: Mapping[str, Rows], axis: Sequence[date], period: str) -> Table:
    header = ["Week starting" if period == "week" else "Month"]
    cells = [[month_with_days(at, periods) if period == "month" else on(at)] for at in axis]
    for kind, rows in periods.items():
        header += [f"{KINDS[kind]}: {what}" for what in ("logged", "suspended", "share")]
        for at, line in zip(axis, cells, strict=True):
            row = rows.get(at, {})
            line += [count(row.get("logged")), count(row.get("suspended")), share(row.get("suspended_share"), "%")]
    return Table(
        f"Breaches logged and suspended in each {period}, by kind of provider", tuple(header), without_gaps(cells)
    )


def _baseline(rows: Rows) -> list[float]:
    return [value for value in {row["baseline"] for row in rows.values()} if value is not None]


def _baseline_sentence(rows: Rows) -> str:
    return "".join(f"The baseline is {number(int(value))}." for value in _baseline(rows))
