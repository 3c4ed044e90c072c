"""How long Chromium takes to open the page of a return with 50,000 findings, against an empty page in the same run.

Usage: python benchmarks/open_large_page.py [--findings 50000] [--times 7]

Prints both medians and their ratio, and ends with 1 where the best time is more than a second longer. The time is that from asking for the page to its load event, with its first layout.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from statistics import median
from time import perf_counter

from playwright.sync_api import Page, sync_playwright

from probation_etl.contracts.findings import Finding, make
from probation_etl.intake.verdict import Rows
from probation_etl.reports.return_page import render_return
from probation_etl.reports.return_report import ContractName, FindingCounts, ReturnReport, SupplierName

#: How many rules are broken: more than the widest shipped contract has columns.
RULES = 60
#: Seconds longer than an empty page.
AT_MOST = 1.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--findings", type=int, default=50_000)
    parser.add_argument("--times", type=int, default=7)
    given = parser.parse_args()
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        print(
            "Chromium is not installed: on Debian, ‘apt-get install chromium fonts-liberation’. Nothing was measured."
        )
        return
    with tempfile.TemporaryDirectory() as directory, sync_playwright() as playwright:
        empty, large = Path(directory) / "empty.html", Path(directory) / "large.html"
        empty.write_text("<!DOCTYPE html><title>Empty</title>", encoding="utf-8")
        large.write_text(render_return(faulty_return(given.findings)), encoding="utf-8")
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=chromium, args=arguments)
        page = browser.new_page()
        times = {path: [opened(page, path) for _ in range(given.times)] for path in (empty, large)}
        browser.close()
        print(f"page of {given.findings:,} findings: {large.stat().st_size:,} bytes")
    for name, path in (("empty page", empty), ("large page", large)):
        print(f"{name}: median {median(times[path]):.3f} s, best {min(times[path]):.3f} s of {given.times}")
    print(f"ratio of the medians: {median(times[large]) / median(times[empty]):.1f}")
    if min(times[large]) - min(times[empty]) > AT_MOST:
        sys.exit(1)


def opened(page: Page, path: Path) -> float:
    """Seconds until the page is loaded and laid out."""
    page.goto("about:blank")
    started = perf_counter()
    page.goto(path.as_uri())
    page.evaluate("() => document.documentElement.getBoundingClientRect().height")
    return perf_counter() - started


def faulty_return(count: int) -> ReturnReport:
    """The report on a return with so many findings."""
    return ReturnReport(
        file="B1_loans_2024-03-31.csv", contract=ContractName("loans", "1.0.0", "Loans"),
        supplier=SupplierName("B1", "Central library"), period_start=date(2024, 3, 1), period_end=date(2024, 3, 31),
        verdict="rejected", rows=Rows(read=count, quarantined=count), counts=FindingCounts(error=count),
        findings=tuple(findings(count)), files=("findings.csv", "findings.json"),
    )  # fmt: skip


def findings(count: int) -> Iterator[Finding]:
    """Faults of many rules, each with a different value."""
    for at in range(count):
        rule = at % RULES
        yield make(
            "not-in-list", expected="Central, North, South, East, West", value=f"Some branch {at}", column=f"Column {rule}",
            rule=f"column_{rule}|enum", file="B1_loans_2024-03-31.csv", row=at + 2,
        )  # fmt: skip


if __name__ == "__main__":
    main()
