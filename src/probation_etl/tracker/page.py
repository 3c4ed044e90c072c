"""The page of the tracker: an introduction, the key numbers, the figures, and notes on how to read them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import polars as pl

from probation_etl.reports.figures import Page
from probation_etl.tracker.breach_figures import breach_figures
from probation_etl.tracker.caseload_figures import caseload_figures
from probation_etl.tracker.document import state_shown
from probation_etl.tracker.periods import by_kind, latest
from probation_etl.tracker.tables import TrackerTables
from probation_etl.tracker.words import KINDS, listed, on, organisations, per_cent, share, state, who_reported

_WEEKS = (
    "Weeks start on Sunday. A week is shown if every day of it is covered by a return, a month if seven days of it are. The "
    "tables say how many organisations reported the whole week: where few did, counts are low for that reason. Charts end with "
    "the last week that all organisations reported, where there is one. Totals of all providers are shown where every kind of provider has reported."
)
_BREACHES = (
    "A breach counts in the week or month in which it was logged with the court, or heard. A suspended breach was logged and "
    "not proceeded with; the suspended share is the breaches logged in the period that were suspended at any time since, "
    "divided by all that were logged. It has nothing to do with suspended sentence orders."
)
_CASELOAD = (
    "Average caseload is cases for each full-time equivalent officer. Several delivery units are combined by their cases "
    "and officers; where these are not known, there is a dash. The median is taken over the organisations’ averages: each "
    "organisation counts once."
)
_UNALLOCATED = (
    "Unallocated: the provider lies in several regions, and the delivery unit does not say which. Nothing is apportioned "
    "between regions."
)
_NOTES = (_WEEKS, _BREACHES, _CASELOAD, _UNALLOCATED)


def tracker_page(tables: TrackerTables, baselines: pl.DataFrame) -> Page:
    """The page for these tables.

    Args:
        tables: Every table of the tracker.
        baselines: The reference table of baselines, which says where they are published.
    """
    sources = dict.fromkeys(baselines["source"].drop_nulls()) if tables.weeks.height else ()
    figures = (*breach_figures(tables), *caseload_figures(tables.caseload))
    return Page(
        title="National tracker",
        header="Breaches and caseload in probation services",
        lead=tuple(_lead(tables)),
        numbers=tuple(_numbers(tables)),
        figures=figures,
        notes=(*_NOTES, *(f"Baselines: {source}." for source in sources)) if figures else (),
    )


def _lead(tables: TrackerTables) -> Iterator[str]:
    if (text := state(state_shown(tables))) and (tables.release or tables.left_out or not tables.is_empty):
        yield text
    if tables.is_empty:
        yield "There is nothing to show: the store holds no released returns about breaches that cover a week, and no released caseload."
        return
    reported: Mapping[str, Mapping[str, object]] = {row["provider_kind"]: row for row in tables.reported.to_dicts()}
    if reported:
        who = listed(
            [organisations(kind, int(str(reported[kind]["organisations"]))) for kind in KINDS if kind in reported]
        )
        first, last = tables.reported["first"].min(), tables.reported["last"].max()
        yield f"Returns about breaches are held from {who}, for days from {on(first)} to {on(last)}."  # type: ignore[arg-type]
    held = tables.caseload.organisations
    if held.height:
        many = {kind: held.filter(pl.col("provider_kind") == kind)["provider_code"].n_unique() for kind in KINDS}
        who = listed([organisations(kind, count) for kind, count in many.items() if count])
        yield f"Caseload is held from {who}."


def _numbers(tables: TrackerTables) -> Iterator[tuple[str, str]]:
    """Key numbers of the latest week that every organisation reported: breaches heard by kind, and the suspended share."""
    weeks = by_kind(tables.weeks, "week_starting")
    for kind, rows in weeks.items():
        row = latest(rows)
        if row["percent_of_baseline"] is not None:
            yield (
                f"of baseline heard, {KINDS[kind]}, week of {on(row['at'])}, from {who_reported(row)}",
                per_cent(row["percent_of_baseline"], "%"),
            )
    shares = {at: row for at, row in weeks.get("all", {}).items() if row["suspended_share"] is not None}
    if shares:
        row = latest(shares)
        yield f"of breaches logged were suspended, week of {on(row['at'])}", share(row["suspended_share"], "%")
