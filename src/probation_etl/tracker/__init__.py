"""The national tracker: breaches against the baseline, the suspended share, and caseload, as a page with its data.

This package and ``sample`` are the only ones that name tables and columns of probation.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from probation_etl.contracts.rulebook import Rulebook
from probation_etl.files import explained, write_file
from probation_etl.folders import renewed_folder
from probation_etl.reports.all_findings import as_json, table_csv
from probation_etl.reports.figures import render_figures
from probation_etl.stores import Store
from probation_etl.tracker.document import tracker_document
from probation_etl.tracker.needs import check_needs
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

    The same store gives the same files, byte for byte. They hold counts and averages, not rows about people.

    Args:
        store: An open store.
        rulebook: The contracts and reference tables that it was opened with.
        directory: The directory, created if it is missing. Files of the tracker are replaced in one step, where that can
            be; other files are left alone.
        caseload_from: Earliest day whose caseload may be the one before.
        caseload_to: Latest day whose caseload may be the one after.
        unreleased: Whether to count everything that is loaded, instead of what was released.

    Returns:
        The content of ``tracker.json``.

    Raises:
        UsageError: The contracts lack a table that it needs.
        EnvironmentFailure: The directory cannot be written. No file in it is half written.
    """
    check_needs(rulebook)
    tables = read_tables(store, rulebook, caseload_from=caseload_from, caseload_to=caseload_to, unreleased=unreleased)
    document = tracker_document(tables)
    page = tracker_page(tables, rulebook.tables["tracker_baselines"])
    files = {name: table_csv(frame) for name, frame in _csv_files(tables).items()}
    with explained(f"The files in {directory} cannot be written", then="Every file in it is whole: as it was, or new."):
        files |= {"tracker.json": as_json(document), "index.html": render_figures(page)}
        with renewed_folder(directory) as draft:
            for name, text in files.items():
                write_file(draft / name, text)
    return document


def _csv_files(tables: TrackerTables) -> dict[str, pl.DataFrame]:
    return {
        "tracker.csv": tables.national,
        "weekly_breaches.csv": tables.weekly,
        "suspended_share.csv": tables.months,
        "caseload.csv": tables.caseload.organisations.drop("regions"),
    }
