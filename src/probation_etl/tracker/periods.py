"""Weeks and months for charts and tables: one axis for all lines, gaps left open, and a line described in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import polars as pl

from probation_etl.reports.charts import Series
from probation_etl.tracker.words import KINDS, STYLES, month, on, short_month

#: Rows of one kind or region by the first day of their week or month, which is also their ``at``.
Rows = Mapping[date, Mapping[str, Any]]


def by_kind(table: pl.DataFrame, period: str) -> dict[str, Rows]:
    """Rows by kind and period, kinds in the order of the page."""
    every = [{"at": row[period], **row} for row in table.to_dicts()]
    kinds = {kind: {row["at"]: row for row in every if row["provider_kind"] == kind} for kind in KINDS}
    return {kind: rows for kind, rows in kinds.items() if rows}


def fully_reported(rows: Rows) -> Rows:
    """The rows up to the last period that every expected organisation reported; all rows where there is no such period."""
    whole = [at for at, row in rows.items() if is_whole(row)]
    return {at: row for at, row in rows.items() if at <= max(whole)} if whole else rows


def latest(rows: Rows) -> Mapping[str, Any]:
    """The row of the last period whose counts can be compared."""
    return rows[max(fully_reported(rows))]


def is_whole(row: Mapping[str, Any]) -> bool:
    """Whether every expected organisation reported. Always true for a month, for which this is not counted."""
    return bool(row.get("organisations") == row.get("expected"))


def axis_of(period: str, found: Iterable[Rows]) -> list[date]:
    """Every period from the first to the last, including those that nobody reported, so that gaps are visible."""
    known = sorted({at for rows in found for at in rows})
    axis, at = [], known[0]
    while at <= known[-1]:
        axis.append(at)
        at = at + timedelta(days=7) if period == "week" else (at + timedelta(days=31)).replace(day=1)
    return axis


def week_labels(weeks: Sequence[date]) -> list[tuple[int, str]]:
    """Labels of the axis: the name of each month at its first week."""
    firsts = [at for at, week in enumerate(weeks) if at == 0 or week.month != weeks[at - 1].month]
    return [(at, short_month(weeks[at], first=at == 0)) for at in firsts]


def series_of(name: str, kind: str, axis: Sequence[date], rows: Rows, column: str, times: float = 1) -> Series:
    """A column as a line over the axis, in the style of a kind. Pass ``times=100`` for a share."""
    values = [rows.get(at, {}).get(column) for at in axis]
    return Series(name, tuple(None if value is None else times * value for value in values), STYLES[kind])


def line_in_words(rows: Rows, column: str, word: Callable[[Any], str], period: str) -> str:
    """A line in words: its first, lowest, highest and latest value."""
    known = [row for _, row in sorted(rows.items()) if row[column] is not None]
    if not known:
        return "Nothing to show."
    lowest, highest = (extreme(known, key=lambda row: row[column]) for extreme in (min, max))
    places = {"first": known[0], "lowest": lowest, "highest": highest, "latest": known[-1]}
    if len(known) == 1:
        places = {"only": known[0]}
    text = "; ".join(f"{which} {word(row[column])}, {named(row['at'], period)}" for which, row in places.items())
    return f"{text[0].upper()}{text[1:]}."


def named(at: date, period: str) -> str:
    """``week starting 12 April 2020``, ``August 2020``."""
    return f"week starting {on(at)}" if period == "week" else month(at)


def without_gaps(cells: list[list[str]]) -> list[list[str]]:
    """The rows that have numbers: periods that nobody reported are left out of tables."""
    return [line for line in cells if any(line[1:])]


def month_with_days(at: date, months: Mapping[str, Rows]) -> str:
    """``August 2020``, with the number of days reported where it is not the whole month."""
    rows = [rows[at] for rows in months.values() if at in rows]
    most = max(rows, key=lambda row: row["days_reported"], default=None)
    part = f" ({most['days_reported']} of {most['days']} days)" if most and most["days_reported"] < most["days"] else ""
    return f"{month(at)}{part}"
