"""The national tracker: breaches against the baseline, the suspended share, and caseload, as a page with its data.

This package speaks of probation: it names the unified tables and columns of the field. No other does but ``sample``.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from probation_etl.contracts.rulebook import Rulebook
from probation_etl.reports.figures import render_figures
from probation_etl.reports.files import as_json, table_csv, write_together
from probation_etl.stores import Store
from probation_etl.tracker.document import tracker_document
from probation_etl.tracker.page import tracker_page
from probation_etl.tracker.tables import TrackerTables, read_tables

__all__ = ["read_tables", "write_tracker"]


def write_tracker(
    store: Store,
    rulebook: Rulebook,
    directory: Path,
    *,
    caseload_from: date | None = None,
    caseload_to: date | None = None,
    unreleased: bool = False,
) -> dict[str, Any]:
    """Writes the tracker of a store into a directory.

    Files are the same, byte for byte, for the same content of the store. They hold counts and averages, no rows of people.

    Args:
        store: An open store.
        rulebook: What it was opened with.
        directory: Where to; made where it is missing. Each file of the tracker is replaced, others are left alone.
        caseload_from: Caseload is compared from the first day of each organisation and grade on or after this.
        caseload_to: To the last day on or before this.
        unreleased: Of all that is loaded; by default of what was released.

    Returns:
        What stands in ``tracker.json``.

    Raises:
        EnvironmentFailure: The directory cannot be written. Every file in it is whole: as it was, or new.
    """
    tables = read_tables(store, rulebook, caseload_from=caseload_from, caseload_to=caseload_to, unreleased=unreleased)
    document = tracker_document(tables)
    page = tracker_page(tables, rulebook.tables["tracker_baselines"])
    files = {name: table_csv(frame) for name, frame in _csv_files(tables).items()}
    write_together(directory, {**files, "tracker.json": as_json(document), "index.html": render_figures(page)})
    return document


def _csv_files(tables: TrackerTables) -> dict[str, pl.DataFrame]:
    return {
        "tracker.csv": tables.national,
        "weekly_breaches.csv": tables.weekly,
        "suspended_share.csv": tables.months,
        "caseload.csv": tables.caseload.organisations.drop("regions"),
    }
