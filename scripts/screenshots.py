"""Takes pictures of every kind of page for the documentation, from the sample returns, in Debian's Chromium.

The tracker is that of the whole synthetic national set, which takes some minutes to load.

Usage: python scripts/screenshots.py [--output DIR]

Running it again with the same Chromium gives the same files byte for byte: the runs are made on set days. Some sample returns
are spoilt on the way, so that there is a rejected return and a corrected one. All of it is synthetic.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal
from unittest.mock import patch

from playwright.sync_api import Browser, sync_playwright

from probation_etl import api
from probation_etl.contracts.rulebook import Rulebook
from probation_etl.contracts.shipped import shipped
from probation_etl.runs.run import run
from probation_etl.sample import Wanted, make_sample
from probation_etl.stores import RunRecord
from probation_etl.version import VERSION

IMAGES = Path(__file__).parents[1] / "docs" / "images"
FIRST, SECOND = datetime(2020, 12, 2, 9), datetime(2020, 12, 3, 9)  # noqa: DTZ001 -- UTC, as the store keeps it
#: One return is spoilt and sent again, with one of its faults still there; of another a column is missing.
SENT_TWICE, SENT_WITHOUT = "N53_breaches_2020-09-28.csv", "N56_breaches_2020-09-28.csv"


@dataclass(frozen=True)
class Picture:
    """A picture of the top of a page, down to a given height."""

    name: str
    page: Path
    height: int
    width: int = 1100
    scheme: Literal["light", "dark"] = "light"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, default=IMAGES)
    output = parser.parse_args().output
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        sys.exit("Chromium is not installed: on Debian, ‘apt-get install chromium fonts-liberation’")
    output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as directory, sync_playwright() as playwright:
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=chromium, args=arguments)
        for picture in pictures(Path(directory)):
            print(take(browser, picture, output))
        browser.close()


def pictures(directory: Path) -> Iterator[Picture]:
    store, reports = f"duckdb:///{directory / 'store.duckdb'}", directory / "reports"
    first = work(first_inbox(directory / "first"), store, reports, FIRST)
    second = work(second_inbox(directory / "second"), store, reports, SECOND)
    api.write_tracker(national(directory / "national"), directory / "tracker")
    faulty = page_of(first, "partly_accepted", "C08")
    yield Picture("run", first / "index.html", 1500, width=1280)
    yield Picture("return_partly_accepted", faulty, 1500)
    yield Picture("return_partly_accepted_dark", faulty, 1100, scheme="dark")
    yield Picture("return_partly_accepted_telephone", faulty, 1100, width=320)
    yield Picture("return_rejected", page_of(first, "rejected", "N56"), 1500)
    yield Picture("return_corrected", page_of(second, "partly_accepted", "N53"), 1500)
    yield Picture("return_accepted", page_of(first, "accepted", "C07"), 900)
    yield Picture("status", second / "status.html", 1300, width=1280)
    yield Picture("tracker", directory / "tracker" / "index.html", 1900, width=1280)


def national(directory: Path) -> str:
    """The store of the whole synthetic national set."""
    made, store = make_sample(directory / "sample", Wanted()), f"duckdb:///{directory / 'store.duckdb'}"
    work(made.inbox, store, directory / "reports", SECOND)
    return store


def work(inbox: Path, store: str, reports: Path, when: datetime) -> Path:
    """The main job on a set day; gives the folder of its reports."""

    def record(rulebook: Rulebook) -> RunRecord:
        return RunRecord(f"{when:%Y%m%dT%H%M%SZ}-5a3b1e00", when, rulebook.contracts.digest, VERSION)

    with patch("probation_etl.runs.on_store.new_record", record):
        done = run(inbox, store=store, reports=reports)
    if done.reports is None:
        sys.exit("The run wrote no reports.")
    return done.reports


def page_of(folder: Path, verdict: str, supplier: str) -> Path:
    """The page of the first return of a supplier that came out so."""
    for page in sorted((folder / supplier).glob("*/index.html")):
        if f'class="verdict {verdict}"' in page.read_text(encoding="utf-8"):
            return page
    sys.exit(f"No return of {supplier} came out as {verdict}.")


def first_inbox(inbox: Path) -> Path:
    for folder in ("annexe_2", "faulty"):
        shutil.copytree(shipped("sample_data") / folder, inbox / folder)
    change(inbox / "annexe_2" / SENT_TWICE, spoil)
    change(inbox / "annexe_2" / SENT_WITHOUT, without_column)
    return inbox


def second_inbox(inbox: Path) -> Path:
    inbox.mkdir()
    shutil.copy(shipped("sample_data") / "annexe_2" / SENT_TWICE, inbox / SENT_TWICE.replace(".csv", "_v2.csv"))
    change(inbox / SENT_TWICE.replace(".csv", "_v2.csv"), correct_in_part)
    return inbox


def change(path: Path, how: object) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join(how(lines)) + "\n", encoding="utf-8")  # type: ignore[operator]


def put(lines: list[str], row: int, column: int, text: str) -> None:
    cells = lines[row].split(",")
    cells[column] = text
    lines[row] = ",".join(cells)


def spoil(lines: list[str]) -> list[str]:
    put(lines, 1, 5, "Licence")
    put(lines, 2, 6, "Gardening")
    return lines


def correct_in_part(lines: list[str]) -> list[str]:
    put(lines, 1, 5, "Licence")
    put(lines, 3, 8, "31/09/2020")
    return lines


def without_column(lines: list[str]) -> list[str]:
    return [",".join(line.split(",")[:-1]) for line in lines]


def take(browser: Browser, picture: Picture, output: Path) -> str:
    screen = {"width": picture.width, "height": picture.height}
    page = browser.new_page(viewport=screen, color_scheme=picture.scheme)  # type: ignore[arg-type]
    page.goto(picture.page.as_uri())
    path = output / f"{picture.name}.png"
    page.screenshot(path=path)
    page.close()
    return f"{path}: {path.stat().st_size:,} bytes"


if __name__ == "__main__":
    main()
