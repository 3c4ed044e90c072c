"""Two runs over an inbox in which much can go wrong, and all that they leave: for comparing two ways of doing the same."""

from __future__ import annotations

import io
import re
import shutil
import zipfile
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from unittest import mock

import duckdb
import polars as pl
from senders import BREACH_HEADER, BREACH_ROW, SUSPENSION_HEADER, breach, breaches, extract, suspension, workbook

from places import SAMPLE_DATA, Place
from probation_etl.journal import RunName
from probation_etl.runs.run import run

SUSPENSION_ROW = ("X990001", "1", "Derby City", "21/02/2020", "24/03/2020", "", "")
UNKNOWN_ROW = ("X990009", "7", *SUSPENSION_ROW[2:])
HEADER = tuple(suspension(1))


def bomb() -> bytes:
    target = io.BytesIO()
    pl.DataFrame({"a": ["lethal"]}).write_parquet(target, compression="uncompressed")
    return target.getvalue()


def first(inbox: Path) -> None:
    inbox.mkdir(parents=True)
    for name in ("C07_return_2020-03-01.xlsx", "N50_breaches_2020-03-01.csv", "N50_suspended_breaches_2020-03-01.csv"):
        shutil.copy2(SAMPLE_DATA / "annexe_2" / name, inbox)
    shutil.copy2(next((SAMPLE_DATA / "faulty").iterdir()), inbox)


@cache
def good_workbook() -> bytes:
    """Made once: it says when that was."""
    return workbook(
        Breaches=(BREACH_HEADER, BREACH_ROW), Suspended_breaches=(SUSPENSION_HEADER, SUSPENSION_ROW, UNKNOWN_ROW)
    )


def second(inbox: Path) -> None:
    """What comes later: references in a workbook, a correction, two files of one return, and files that cannot be read."""
    lines = (inbox / "N50_breaches_2020-03-01.csv").read_bytes().splitlines(keepends=True)
    files = {
        "C08_return_2020-03-29.xlsx": good_workbook(),
        "N53_breaches_2020-03-29.csv": breaches(4),
        "N53_breaches_2020-03-29_b.csv": breaches(5),
        "N53_suspended_breaches_2020-03-29.csv": extract(suspension(1), header=HEADER),
        "N54_breaches_2020-03-29.csv": extract(breach(1), breach(2, crn="none")),
        "resent/N50_breaches_2020-03-01.csv": b"".join(lines[: len(lines) // 2]),
        "N55_breaches_2020-03-29.parquet": bomb(),
        "C15_return_2020-03-29.xlsx": good_workbook()[:-500],
        "X990001 notes.csv": b"no,return\n1,2\n",
    }  # fmt: skip
    (inbox / "resent").mkdir()
    for name, content in files.items():
        (inbox / name).write_bytes(content)


def runs_of(place: Place, workers: int) -> dict[Any, Any]:
    names = iter(f"2026010{number}T000000Z-0000000{number}" for number in (1, 2))
    with mock.patch.object(RunName, "new", side_effect=lambda: RunName(next(names), datetime(2026, 1, 1))):
        return _runs_of(place, workers)


def _runs_of(place: Place, workers: int) -> dict[Any, Any]:
    first(place.inbox)
    told: list[tuple[str, int, int]] = []
    given: Any = {"store": place.url, "reports": place.reports, "workers": workers}
    one = run(place.inbox, **given)
    second(place.inbox)
    two = run(place.inbox, on_file=lambda *each: told.append(each), annotated=True, **given)
    assert two.report.exit_code == 1
    return {"told": told, **content_of(place, [one.report.run_id, two.report.run_id])}


def content_of(place: Place, names: list[str]) -> dict[Any, Any]:
    """Every table and every file, without what is of a run alone: its name, its times, and where it lies."""

    def same(text: str) -> str:
        text = re.sub(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?(\.\d+)?Z?|datetime\.datetime\([^)]*\)", "time", text)
        text = re.sub(r"\b\d\d:\d\d(:\d\d)?\b", "time", text)
        text = re.sub(r'"(total|other|[a-z]+)": \d+\.\d+', "seconds", text)
        return re.sub(r"\b[0-9a-f]{16}\b(?=\.)", "store", text.replace(str(place.root), "root"))

    def content(file: Path) -> list[str]:
        if file.suffix != ".xlsx":
            return [same(file.read_bytes().decode("latin-1"))]
        with zipfile.ZipFile(file) as book:
            return [same(book.read(each).decode("latin-1")) for each in book.namelist()]

    with duckdb.connect(str(place.store), read_only=True) as store:
        listed = store.execute(
            "SELECT table_schema, table_name FROM information_schema.tables WHERE table_type = 'BASE TABLE' ORDER BY ALL"
        ).fetchall()
        tables = {
            each: sorted(same(repr(row)) for row in store.execute(f'SELECT * FROM "{each[0]}"."{each[1]}"').fetchall())
            for each in listed
            if each != ("ledger", "identity")
        }
    files = {
        f"{same(each.relative_to(place.reports).as_posix())}": content(each)
        for name in names
        for each in sorted((place.reports / name).rglob("*"))
        if each.is_file()
    }
    return {**tables, **files}


def differences(ones: dict[Any, Any], others: dict[Any, Any]) -> list[Any]:
    return [each for each in ones.keys() | others.keys() if ones.get(each) != others.get(each)]
