"""Synthetic returns: large ones with a known share of faults, and many small ones. The same arguments give the same bytes."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from pathlib import Path

import polars as pl

from work import PERIOD_END, SUPPLIER

HEADER = (
    "nsi_id", "crn", "event_number", "provider_code", "ldu_code", "disposal_code", "requirement_code", "rosh_code",
    "referral_date", "logged_date", "court_code", "hearing_date", "nsi_status_code",
)  # fmt: skip
SENDERS = ("N50", "N51", "N52", "N53", "N54", "N55", "N56")
FIRST, ROWS_OF_A_SMALL_ONE = date(2014, 6, 15), 3


def fill(path: Path, rows: int, *, faulty_every: int) -> None:
    """A return of so many rows, of which one in so many has a fault, each kind of them in turn."""
    n = pl.col("n")
    fault = pl.when(n % faulty_every == 0).then(n // faulty_every % 5)
    referred = pl.lit(PERIOD_END) - pl.duration(days=10 + n % 700)
    letters = pl.Series([chr(65 + at) for at in range(26)])
    numbers = pl.DataFrame({"n": pl.int_range(rows, eager=True)}).with_columns(fault=fault)
    # Ten million rows as text need more memory than the program that is measured: they are written piece by piece.
    with path.open("wb") as file:
        for at in range(0, rows, 1_000_000):
            piece = numbers.slice(at, 1_000_000).select(
                nsi_id=pl.format("SYNTHETIC-{}", n.cast(pl.String).str.zfill(8)),
                crn=pl.when(pl.col("fault") == 0).then(pl.lit("12345X")).otherwise(
                    pl.format("{}{}", pl.lit(letters).gather(n // 1_000_000 % 26), (n % 1_000_000).cast(pl.String).str.zfill(6))),
                event_number=(n % 9 + 1).cast(pl.String),
                provider_code=pl.lit(SUPPLIER),
                ldu_code=pl.format("N50{}", n % 30),
                disposal_code=pl.when(pl.col("fault") == 1).then(pl.lit("Recall")).otherwise(_one_of("CO", "SSO", "PSS")),
                requirement_code=_one_of("UPW", "AP", "RAR", "SUP", "CUR", "OTH"),
                rosh_code=_one_of("RLRH", "RMRH", "RHRH", "RVHR"),
                referral_date=pl.when(pl.col("fault") == 2).then(pl.lit("31/02/2016")).otherwise(referred.dt.to_string("%F")),
                logged_date=(referred + pl.duration(days=pl.when(pl.col("fault") == 3).then(-2).otherwise(2))).dt.to_string("%F"),
                court_code=pl.format("SYN{}", n % 50),
                hearing_date=pl.when(pl.col("fault") == 4).then(pl.lit("")).otherwise((referred + pl.duration(days=5)).dt.to_string("%F")),
                nsi_status_code=_one_of("BRE07", "BRE08", "BRE09"),
            )  # fmt: skip
            piece.write_csv(file, include_header=at == 0)


def _one_of(*texts: str) -> pl.Expr:
    return (pl.col("n") * 7 // 3 % len(texts)).replace_strict(range(len(texts)), texts)


def small(sender: str, end: date, first: int, rows: int = ROWS_OF_A_SMALL_ONE) -> bytes:
    """A small return without a fault, its rows numbered from the first."""
    began, logged = end - timedelta(days=5), end - timedelta(days=3)
    text = io.StringIO()
    csv.writer(text).writerows(
        [
            HEADER,
            *(
                (
                    f"SYNTHETIC-{number}", f"X{number % 1_000_000:06}", "1", sender, "", "CO", "UPW", "RLRH",
                    began.isoformat(), logged.isoformat(), "SYN01", "", "BRE05",
                )
                for number in range(first, first + rows)
            ),
        ]
    )  # fmt: skip
    return text.getvalue().encode()


def small_ones(inbox: Path, files: int, *, after: int = 0) -> None:
    """Puts so many small returns into an inbox, each of another supplier or period than those before."""
    inbox.mkdir(exist_ok=True)
    for number in range(after, after + files):
        sender, end = SENDERS[number % len(SENDERS)], FIRST + timedelta(days=number // len(SENDERS))
        name = f"{sender}_breaches_{end}.csv"
        (inbox / name).write_bytes(small(sender, end, number * ROWS_OF_A_SMALL_ONE))


def workbook(path: Path, sent: Path) -> None:
    """A workbook with the cells of a CSV file, all of them texts."""
    import xlsxwriter

    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        for row, texts in enumerate(pl.read_csv(sent, has_header=False, infer_schema=False).iter_rows()):
            for column, text in enumerate(texts):
                if text is not None:
                    sheet.write_string(row, column, text)
