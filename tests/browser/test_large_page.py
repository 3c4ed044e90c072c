"""The page of a return with very many faults opens as fast as a reader expects."""

from __future__ import annotations

from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from windows import Window

from probation_etl.reports.return_page import render_return
from probation_etl.reports.return_report import ReturnReport

if TYPE_CHECKING:
    from conftest import Library


def test_fifty_thousand_findings_open_in_a_second_more_than_nothing(
    window: Window, library: Library, tmp_path: Path
) -> None:
    rows = [library.row(Loan_reference=f"X{at}", Branch=f"Branch {at}") for at in range(25_000)]
    report = ReturnReport.of(library.assess(library.csv(*rows)))
    assert report.as_dict()["counts"]["error"] >= 50_000
    empty, large = tmp_path / "empty.html", tmp_path / "large.html"
    empty.write_text("<!DOCTYPE html><title>Empty</title>", encoding="utf-8")
    large.write_text(render_return(report), encoding="utf-8")
    assert large.stat().st_size < 2_000_000
    # The best of several: what else the machine does is no part of it.
    assert min(opened(window, large) for _ in range(5)) < min(opened(window, empty) for _ in range(5)) + 1


def opened(window: Window, path: Path) -> float:
    """Seconds until the page is loaded and laid out."""
    started = perf_counter()
    window.open(path).evaluate("() => document.documentElement.getBoundingClientRect().height")
    return perf_counter() - started
