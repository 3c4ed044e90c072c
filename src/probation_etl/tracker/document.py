"""The tracker as JSON: every table of the page in one document. Its schema is published in ``docs``."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl

from probation_etl.tracker.tables import TrackerTables

FORMAT_VERSION = "1"


def tracker_document(tables: TrackerTables) -> dict[str, Any]:
    """Every table as a list of rows; days in ISO 8601, decimals as numbers."""
    return {
        "format_version": FORMAT_VERSION,
        **state_shown(tables),
        "reported": _rows(tables.reported),
        "weeks": _rows(tables.weeks),
        "months": _rows(tables.months),
        "region_weeks": _rows(tables.region_weeks),
        "region_months": _rows(tables.region_months),
        "caseload": {
            "organisations": _rows(tables.caseload.organisations),
            "kinds": _rows(tables.caseload.kinds),
            "regions": _rows(tables.caseload.regions),
        },
    }


def state_shown(tables: TrackerTables) -> dict[str, Any]:
    """Whether released or all loaded rows are shown, whether these are the same, and the newest release."""
    release = tables.release
    newest = bool(release and release.is_newest)
    found: dict[str, Any] = {"shows": tables.shows, "released": newest, "release": release and release.as_dict()}
    return {**found, "left_out": list(tables.left_out)} if tables.left_out else found


def _rows(table: pl.DataFrame) -> list[dict[str, Any]]:
    return [{name: _plain(value) for name, value in row.items()} for row in table.to_dicts()]


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return float(value) if isinstance(value, Decimal) else value
