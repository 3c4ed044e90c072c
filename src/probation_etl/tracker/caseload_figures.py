"""Figures about average caseload before and after: by kind of provider, by organisation, by region."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from probation_etl.reports.charts import RowChart, row_chart
from probation_etl.reports.figures import Figure, Table
from probation_etl.tracker.caseload import Caseload
from probation_etl.tracker.words import (
    GRADES,
    KINDS,
    STYLES,
    caseload,
    change,
    count,
    directions,
    on,
    organisation,
    region,
)

_ORDER = (list(GRADES), list(KINDS))
Row = Mapping[str, Any]
Naming = Callable[[Row], str]


def caseload_figures(caseloads: Caseload) -> Iterator[Figure]:
    """The figures about caseload, if any was reported."""
    if not caseloads.organisations.height:
        return
    days = _days(caseloads.organisations)
    if caseloads.kinds.height:
        yield _by_kind(caseloads.kinds, days)
    yield _by_organisation(caseloads.organisations, days)
    yield _by_region(caseloads.regions, days)


def _days(organisations: pl.DataFrame) -> tuple[str, str]:
    """Names of the two sides: the day, where it is the same for every organisation."""
    sides = {"before_on": "First day reported", "after_on": "Last day reported"}
    known = {side: organisations[side].drop_nulls().unique().to_list() for side in sides}
    first, last = (on(known[side][0]) if len(known[side]) == 1 else name for side, name in sides.items())
    return first, last


def _by_kind(kinds: pl.DataFrame, days: tuple[str, str]) -> Figure:
    rows = _sorted(kinds)
    header = (
        "Kind of provider", "Grade", "Organisations", "Lower", "The same", "Higher", f"{days[0]}: median",
        f"{days[1]}: median",
    )  # fmt: skip
    cells = [
        (
            KINDS[row["provider_kind"]], GRADES[row["grade"]], count(row["organisations"]), count(row["lower"]),
            count(row["equal"]), count(row["higher"]), caseload(row["before"]), caseload(row["after"]),
        )
        for row in rows
    ]  # fmt: skip
    return Figure(
        "caseload-kinds",
        "Average caseload before and after, by kind of provider",
        tuple(f"{KINDS[row['provider_kind']]}, {GRADES[row['grade']].lower()}: {_kind_sentence(row)}" for row in rows),
        _charts("caseload-kind", rows, days, lambda row: KINDS[row["provider_kind"]], "Median of average caseloads"),
        Table("Average caseload by kind of provider and grade", header, cells, 2),
    )


def _kind_sentence(row: Row) -> str:
    middle = f"the median went from {caseload(row['before'])} to {caseload(row['after'])}"
    return f"{directions(row['lower'], row['equal'], row['higher'])} organisations; {middle}."


def _by_organisation(organisations: pl.DataFrame, days: tuple[str, str]) -> Figure:
    rows = _sorted(organisations)
    header = ("Organisation", "Region", "Grade", "Before, on", "Before", "After, on", "After", "Change")
    cells = [
        (
            organisation(row), region(row), GRADES[row["grade"]], on(row["before_on"]), caseload(row["before"]),
            on(row["after_on"]), caseload(row["after"]), change(row["change"]),
        )
        for row in rows
    ]  # fmt: skip
    table = Table("Average caseload by organisation and grade", header, cells, 3)
    return _compared("organisation", rows, days, organisation, table)


def _by_region(regions: pl.DataFrame, days: tuple[str, str]) -> Figure:
    def label(row: Row) -> str:
        return f"{region(row)}, {KINDS[row['provider_kind']]}"

    grades, kinds = _ORDER
    rows = sorted(
        regions.to_dicts(),
        key=lambda row: (
            grades.index(row["grade"]), row["region_code"] is None, row["region_name"] or "",
            kinds.index(row["provider_kind"]),
        ),
    )  # fmt: skip
    header = ("Region", "Kind of provider", "Grade", "Organisations", days[0], days[1], "Change")
    cells = [
        (
            region(row), KINDS[row["provider_kind"]], GRADES[row["grade"]], count(row["organisations"]),
            caseload(row["before"]), caseload(row["after"]), change(row["change"]),
        )
        for row in rows
    ]  # fmt: skip
    table = Table("Average caseload by region, kind of provider and grade", header, cells, 3)
    return _compared("region", rows, days, label, table)


def _compared(what: str, rows: Sequence[Row], days: tuple[str, str], label: Naming, table: Table) -> Figure:
    """The averages of each row on both days."""
    charts = _charts(f"caseload-{what}", rows, days, label, "Average caseload")
    return Figure(
        f"caseload-{what}s",
        f"Average caseload before and after, by {what}",
        _sentence_by_grade(rows, label),
        charts,
        table,
    )


def _sentence_by_grade(rows: Sequence[Row], label: Naming) -> tuple[str, ...]:
    """For each grade, how many averages fell and rose, and which changed most."""
    sentences = {grade: _changes_in_words([row for row in rows if row["grade"] == grade], label) for grade in GRADES}
    return tuple(f"{GRADES[grade]}: {text}" for grade, text in sentences.items() if text) or (
        "No organisation reported its caseload on two days.",
    )


def _changes_in_words(rows: Sequence[Row], label: Naming) -> str:
    moved = sorted(((row["change"], label(row)) for row in rows if row["change"] is not None), key=lambda pair: pair[0])
    if not moved:
        return ""
    signs = [(by > 0) - (by < 0) for by, _ in moved]
    text = directions(signs.count(-1), signs.count(0), signs.count(1))
    if signs[0] < 0:
        text += f"; it fell most in {moved[0][1]} ({change(moved[0][0])})"
    if signs[-1] > 0:
        text += f"; it rose most in {moved[-1][1]} ({change(moved[-1][0])})"
    return f"{text}."


def _charts(name: str, rows: Sequence[Row], days: tuple[str, str], label: Naming, what: str) -> list[RowChart]:
    """One chart for each grade."""
    by_grade = {grade: [row for row in rows if row["grade"] == grade] for grade in GRADES}
    return [
        row_chart(
            f"{name}-{grade.replace('_', '-')}",
            title=f"{what}, {GRADES[grade].lower()}",
            description=f"From {days[0]} to {days[1]}: {_changes_in_words(own, label) or 'no caseload was reported on both days.'}",
            names=days,
            rows=[(label(row), _values(row), _reading(row), STYLES[row["provider_kind"]]) for row in own],
        )
        for grade, own in by_grade.items()
        if own
    ]


def _values(row: Row) -> list[float | None]:
    return [None if row[side] is None else float(row[side]) for side in ("before", "after")]


def _reading(row: Row) -> str:
    return " → ".join(caseload(row[side]) or "–" for side in ("before", "after"))


def _sorted(table: pl.DataFrame) -> list[dict[str, Any]]:
    """By grade, kind and code."""
    grades, kinds = _ORDER
    return sorted(
        table.to_dicts(),
        key=lambda row: (
            grades.index(row["grade"]), kinds.index(row["provider_kind"]), row.get("provider_code", ""),
        ),
    )  # fmt: skip
