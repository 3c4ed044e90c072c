"""The page of the tracker as it was last looked at, byte for byte. Its numbers are invented.

After a wanted change, renew it and look at the difference before it is committed:

    PROBATION_ETL_RENEW_GOLDEN=1 pytest tests/golden && git diff tests/golden
"""

from __future__ import annotations

import os
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import polars as pl

from probation_etl.reports.figures import render_figures
from probation_etl.stores import Release
from probation_etl.tracker.caseload import Caseload
from probation_etl.tracker.page import tracker_page
from probation_etl.tracker.tables import TrackerTables
from stylesheets import without_style

HERE = Path(__file__).parent
WEEKS = [date(2020, 3, 15) + timedelta(days=7 * at) for at in range(7)]
#: Heard, logged and suspended in each week, by kind; the CRCs reported nothing of the fifth week.
COUNTS = {
    "nps": [(239, 300, 0), (200, 260, 12), (160, 220, 22), (120, 200, 24), (110, 190, 25), (123, 191, 26), (137, 200, 28)],
    "crc": [(923, 1150, 0), (748, 928, 60), (574, 805, 120), (400, 682, 122), None, (253, 556, 127), (282, 552, 129)],
}  # fmt: skip
BASELINES = {"nps": 239.0, "crc": 923.0}
PLACES = [("N53", "East Midlands"), ("N57", "Kent, Surrey and Sussex"), (None, None)]
EMPTY = pl.DataFrame()


def weeks() -> pl.DataFrame:
    rows = []
    for kind, counts in COUNTS.items():
        for week, found in zip(WEEKS, counts, strict=True):
            if found:
                heard, logged, suspended = found
                level = BASELINES[kind]
                rows.append(
                    (week, kind, 12, 12, logged, heard, suspended, suspended / logged, level, 100 * heard / level)
                )
    for week in WEEKS:
        parts = [row for row in rows if row[0] == week]
        if len(parts) < len(COUNTS):
            continue
        logged, heard, suspended = (sum(int(row[at]) for row in parts) for at in (4, 5, 6))
        rows.append(
            (week, "all", 12 * len(parts), 12 * len(parts), logged, heard, suspended, suspended / logged, None, None)
        )
    names = (
        "week_starting", "provider_kind", "organisations", "expected", "logged", "heard", "suspended", "suspended_share", "baseline",
        "percent_of_baseline",
    )  # fmt: skip
    return pl.DataFrame(rows, schema=names, orient="row", infer_schema_length=None)


def months() -> pl.DataFrame:
    rows = [
        (date(2020, month, 1), days, reported, kind, 1000 * scale, 800 * scale, 280 * scale, 0.28)
        for month, days, reported in ((3, 31, 17), (4, 30, 30))
        for kind, scale in (("all", 3), ("crc", 2), ("nps", 1))
    ]
    names = ("month", "days", "days_reported", "provider_kind", "logged", "heard", "suspended", "suspended_share")
    return pl.DataFrame(rows, schema=names, orient="row")


def region_weeks() -> pl.DataFrame:
    rows = [(week, *place, 40 - part + 3 * at) for at, week in enumerate(WEEKS) for part, place in enumerate(PLACES)]
    return pl.DataFrame(rows, schema=("week_starting", "region_code", "region_name", "heard"), orient="row")


def region_months() -> pl.DataFrame:
    rows = [
        (date(2020, month, 1), *place, 100, 80 + at, 10 * (month + at), 0.1 * (month + at))
        for month in (3, 4)
        for at, place in enumerate(PLACES)
        if month == 4 or place[0]
    ]
    names = ("month", "region_code", "region_name", "logged", "heard", "suspended", "suspended_share")
    return pl.DataFrame(rows, schema=names, orient="row")


def caseload() -> Caseload:
    officer, before, after = "probation_officer", date(2020, 3, 1), date(2020, 9, 28)
    low, high, none = Decimal("46.83"), Decimal("56.66"), None
    organisations = pl.DataFrame(
        [
            ("crc", "C08", "Derbyshire CRC", "N53", "East Midlands", 1, officer, before, high, after, low, low - high),
            ("crc", "C07", "Cheshire CRC", None, None, 1, officer, before, low, after, none, none),
            ("nps", "N53", "East Midlands", "N53", "East Midlands", 1, officer, before, low, after, low, low - low),
        ],
        schema=(
            "provider_kind", "provider_code", "provider_name", "region_code", "region_name", "regions", "grade", "before_on",
            "before", "after_on", "after", "change",
        ),
        orient="row",
    )  # fmt: skip
    names = ("provider_kind", "grade", "organisations", "lower", "equal", "higher", "before", "after", "change")
    kinds = pl.DataFrame(
        [("crc", officer, 1, 1, 0, 0, 56.66, 46.83, -9.83), ("nps", officer, 1, 0, 1, 0, 46.83, 46.83, 0.0)],
        schema=names,
        orient="row",
    )
    regions = pl.DataFrame(
        [
            ("N53", "East Midlands", "crc", officer, 1, high, low, low - high),
            ("N53", "East Midlands", "nps", officer, 1, low, low, low - low),
            (None, None, "crc", officer, 1, low, none, none),
        ],
        schema=("region_code", "region_name", "provider_kind", "grade", "organisations", "before", "after", "change"),
        orient="row",
    )
    return Caseload(organisations, kinds, regions)


def tables() -> TrackerTables:
    reported = pl.DataFrame(
        [("crc", 20, date(2020, 3, 15), date(2020, 5, 2)), ("nps", 12, date(2020, 3, 15), date(2020, 5, 2))],
        schema=("provider_kind", "organisations", "first", "last"),
        orient="row",
    )
    release = Release("a run", datetime(2020, 5, 6, 9), "", is_newest=True)
    return TrackerTables(
        EMPTY, EMPTY, reported, weeks(), months(), region_weeks(), region_months(), caseload(), "released", release
    )


def test_the_page_is_as_it_was() -> None:
    sources = pl.DataFrame({"source": ["An invented source", "An invented source"]})
    page = without_style(render_figures(tracker_page(tables(), sources)))
    golden = HERE / "tracker.html"
    if os.environ.get("PROBATION_ETL_RENEW_GOLDEN"):
        golden.write_text(page, encoding="utf-8")
    assert page == golden.read_text(encoding="utf-8"), "to renew it, see the head of this file"
