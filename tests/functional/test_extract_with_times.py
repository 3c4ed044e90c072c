"""An extract with moments, times of day and lengths of time: read, judged, mapped, stored, verified, traced and exported."""

from __future__ import annotations

import io
from collections.abc import Callable
from contextlib import closing
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import xlsxwriter

from probation_etl.audit.data_package import export_tables
from probation_etl.audit.trace import trace
from probation_etl.audit.verify import verify
from probation_etl.contracts.rulebook import Rulebook, load_rulebook
from probation_etl.intake.assess import assess
from probation_etl.intake.readers import in_pieces
from probation_etl.intake.received import InBytes
from probation_etl.proof import prove
from probation_etl.runs.run import run
from probation_etl.stores import connect

CONTRACTS = Path(__file__).parents[1] / "data" / "desk_visits"
NAME = "visits_LEEDS_2020-03-31"
HEADER = ("Visit ID", "Arrived", "Seen", "Desk opens", "Time at desk", "Logged")
TEXTS = (
    ("V1", "09/03/2020 09:30", "09-Mar-2020 09:41:30", "09:00", "0:25", "09/03/2020 18:00"),
    ("V2", "09/03/2020 10:05", "2020-03-09T10:05:00", "09:00", "25:30", "10/03/2020 08:00"),
    ("V3", "10/03/2020 08:59", "09/03/2020 09:41", "09:00", "1:75", "09/03/2020 18:00"),
    ("V4", "10/03/2020", "", "23:00", "90", ""),
    ("V5", "11/03/2020 12:00", "", "", "", "11/03/2020 12:00"),
    ("V6", "12/03/2020 25:00", "12-Mar-2020 9:00", "9am", "0:10", "12/03/2020 12:00"),
    ("V7", "31/12/2014 09:00", "", "", "23:00", "11/03/2020 12:00"),
    ("V9", "13/03/2020 12:00", "", "", "2:10", "13/03/2020 12:00"),
    ("V9", "13/03/2020 12:00", "", "", "2:10", "13/03/2020 12:00"),
)
FOUND = [
    (3, "Time at desk", "row-rule"),
    (4, "Arrived", "row-rule"),
    (4, "Seen", "row-rule"),
    (4, "Time at desk", "not-a-duration"),
    (4, "Logged", "row-rule"),
    (5, "Arrived", "not-a-timestamp"),
    (5, "Desk opens", "out-of-range"),
    (5, "Time at desk", "not-a-duration"),
    (7, "Arrived", "not-a-timestamp"),
    (7, "Seen", "not-a-timestamp"),
    (7, "Desk opens", "not-a-time"),
    (8, "Arrived", "out-of-range"),
    (9, "Visit ID", "duplicate-row"),
    (9, "Time at desk", "duplicate-row"),
    (10, "Visit ID", "duplicate-row"),
    (10, "Time at desk", "duplicate-row"),
]
VALUES: list[tuple[Any, ...]] = [
    (
        "V1",
        datetime(2020, 3, 9, 9, 30),
        datetime(2020, 3, 9, 9, 41, 30),
        time(9),
        timedelta(minutes=25),
        datetime(2020, 3, 9, 18),
    ),
    ("V2", datetime(2020, 3, 9), None, time(7, 15), timedelta(hours=25, minutes=30), datetime(2020, 3, 10, 8)),
]


def csv_of(rows: tuple[tuple[str, ...], ...] = TEXTS) -> bytes:
    return "\n".join(",".join(each) for each in (HEADER, *rows)).encode()


@pytest.fixture(scope="module")
def rulebook() -> Rulebook:
    return load_rulebook(CONTRACTS)


@pytest.mark.parametrize("way", ["whole", "in pieces"])
def test_each_text_that_is_no_moment_time_or_length_is_found(
    rulebook: Rulebook, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = csv_of()
    if way == "in pieces":
        monkeypatch.setattr(in_pieces, "PIECE", 120)
        monkeypatch.setattr(in_pieces, "_BEGINNING", 200)
        monkeypatch.setattr(in_pieces, "_LEAST_ROWS", 1)
    (result,) = assess(f"{NAME}.csv", InBytes(data) if way == "in pieces" else data, rulebook)
    assert (way == "in pieces") == (len(result.accepted_rows.parts) > 1)
    assert result.findings.select("row", "column", "code").rows() == FOUND
    messages = result.findings["message"].to_list()
    seen = "dd-MMM-yyyy HH:mm:ss or yyyy-MM-ddTHH:mm:ss or dd/MM/yyyy HH:mm"
    assert f"‘12-Mar-2020 9:00’ is not a date with a time in the form {seen}." in messages
    assert "‘1:75’ is not a length of time in the form H:mm." in messages
    assert "‘10/03/2020’ is not a date with a time in the form dd/MM/yyyy HH:mm." in messages
    assert "‘23:00’ is out of range: it must be at or after 07:00 and before 22:00." in messages
    assert "‘31/12/2014 09:00’ is out of range: it must be at or after 1 January 2015, 08:00." in messages
    rows = pl.concat([each.read() for each in result.accepted_rows.parts])
    assert rows.select("visit_id", "arrived_at", "day_logged").rows() == [
        ("V1", datetime(2020, 3, 9, 9, 30), date(2020, 3, 9)),
        ("V5", datetime(2020, 3, 11, 12), date(2020, 3, 11)),
    ]


def workbook() -> bytes:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        sheet = book.add_worksheet("Visits")
        sheet.write_row(0, 0, HEADER)
        formats = ("@", "dd/mm/yyyy hh:mm", "dd-mmm-yyyy hh:mm:ss", "hh:mm", "[h]:mm", "dd/mm/yyyy hh:mm")
        for row, values in enumerate(VALUES, start=1):
            for at, (value, form) in enumerate(zip(values, formats, strict=True)):
                style = book.add_format({"num_format": form})
                if isinstance(value, timedelta):
                    sheet.write_number(row, at, value / timedelta(days=1), style)
                elif value is not None:
                    sheet.write(row, at, value, style)
    return target.getvalue()


def parquet() -> bytes:
    kinds = (pl.String, pl.Datetime("ms"), pl.Datetime("us"), pl.Time, pl.Duration("ms"), pl.Datetime("us"))
    target = io.BytesIO()
    pl.DataFrame(VALUES, schema=dict(zip(HEADER, kinds, strict=True)), orient="row").write_parquet(target)
    return target.getvalue()


@pytest.mark.parametrize(("ending", "data"), [("xlsx", workbook), ("parquet", parquet)])
def test_cells_that_are_moments_times_and_lengths_are_understood(
    rulebook: Rulebook, ending: str, data: Callable[[], bytes]
) -> None:
    (result,) = assess(f"{NAME}.{ending}", data(), rulebook)
    assert result.findings.select("row", "column", "code").rows() == [
        (3, "Arrived", "row-rule"),
        (3, "Time at desk", "row-rule"),
    ]
    columns = ("visit_id", "arrived_at", "seen_at", "desk_opens", "time_at_desk", "day_logged")
    accepted = result.accepted_rows.parts[0].read().select(columns).rows()
    assert accepted == [(*VALUES[0][:5], date(2020, 3, 9))]


def test_the_store_keeps_them_as_such(url: str, tmp_path: Path, rulebook: Rulebook) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    rows = (*TEXTS, ("V8", "30/03/2020 23:59", "31/03/2020 00:01", "20:00", "24:00", "31/03/2020 08:00"))
    (inbox / f"{NAME}.csv").write_bytes(csv_of(rows[:-1]))
    run(inbox, store=url, contracts=CONTRACTS, reports=tmp_path / "reports")
    corrected = ("V9", "13/03/2020 12:00", "", "", "2:10", "13/03/2020 12:00")
    (inbox / f"{NAME}_2.csv").write_bytes(csv_of((*TEXTS[:-2], rows[-1], corrected)))
    run(inbox, store=url, contracts=CONTRACTS, reports=tmp_path / "reports")
    with closing(connect(url, rulebook.contracts, rulebook.tables)) as store:
        visits = store.table("visit").sort("visit").drop("return_id", "source_row", "hour")
        assert [str(kind).partition("(")[0] for kind in visits.dtypes] == [
            "String", "Datetime", "Date", "Decimal", "Duration", "Time", "Duration",
        ]  # fmt: skip
        assert visits.rows() == [
            ("V1", datetime(2020, 3, 9, 9, 30), date(2020, 3, 9), Decimal("0.416667"), timedelta(minutes=11, seconds=30), time(9), timedelta(minutes=25)),
            ("V5", datetime(2020, 3, 11, 12), date(2020, 3, 11), None, None, None, None),
            ("V8", datetime(2020, 3, 30, 23, 59), date(2020, 3, 30), Decimal(24), timedelta(minutes=2), time(20), timedelta(days=1)),
            ("V9", datetime(2020, 3, 13, 12), date(2020, 3, 13), Decimal("2.166667"), None, None, timedelta(hours=2, minutes=10)),
        ]  # fmt: skip
        days = store.query("SELECT * FROM released.desk_days ORDER BY arrived_on").to_dicts()
        assert [(each["longest"], each["seconds"], each["last_at"]) for each in days] == [
            (timedelta(minutes=25), 1500, datetime(2020, 3, 9, 9, 30)),
            (None, None, datetime(2020, 3, 11, 12)),
            (timedelta(hours=2, minutes=10), 7800, datetime(2020, 3, 13, 12)),
            (timedelta(days=1), 86_400, datetime(2020, 3, 30, 23, 59)),
        ]
        assert verify(store, rulebook).holds
        wanted = {"time_at_desk": "24:00:00", "desk_opens": "20:00", "arrived_at": "2020-03-30 23:59"}
        (traced,) = trace(store, rulebook, "visit", wanted).rows
        assert (traced.row["waited"], traced.row["time_at_desk"], traced.row["desk_opens"]) == (
            "0:02:00",
            "24:00:00",
            "20:00:00",
        )
        export_tables(store, rulebook, tmp_path / "package")
    (written,) = (tmp_path / "package").glob("visit/**/*.parquet")
    assert pl.read_parquet(written).sort("visit")["waited"][0] == timedelta(minutes=11, seconds=30)


def test_every_rule_over_them_is_proved(rulebook: Rulebook) -> None:
    (contract,) = rulebook.contracts.return_versions()
    proofs = prove(contract, rulebook)
    assert len(proofs) == 18
    assert [each.rule for each in proofs if not each.proved] == []


def test_a_number_is_a_moment_of_no_column(rulebook: Rulebook) -> None:
    target = io.BytesIO()
    frame = pl.DataFrame([("V1", 43899.5, None, 0.375, 0.5, None)], schema=list(HEADER), orient="row")
    frame.with_columns(pl.col("Seen", "Logged").cast(pl.String)).write_parquet(target)
    (result,) = assess(f"{NAME}.parquet", target.getvalue(), rulebook)
    assert result.findings["code"].to_list() == ["not-a-timestamp", "not-a-time", "not-a-duration"]
    assert Decimal("0.5") not in result.findings["value"].to_list()
