"""What a run writes into its folder of reports: pages on the run and on each return, with the files beside them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from probation_etl.files import explained, make_folder, write_draft
from probation_etl.intake.frames import Frames
from probation_etl.intake.resubmission import NotCompared, Resubmission
from probation_etl.intake.result import ReturnResult, findings_frame
from probation_etl.reports.all_findings import findings_csv, findings_json, json_parts
from probation_etl.reports.junit import render_junit
from probation_etl.reports.return_page import render_return
from probation_etl.reports.return_report import ReturnReport
from probation_etl.reports.run_folder import RUN_PAGE, RunFolder
from probation_etl.reports.run_page import render_run
from probation_etl.reports.run_report import RunReport
from probation_etl.reports.sarif import render_sarif

if TYPE_CHECKING:
    from probation_etl.reports.workbook import Sent

#: The first page of Great Expectations' own, below the folder of a run.
DATA_DOCS_PAGE = "data-docs/index.html"
#: Name of the page that says who has sent what.
STATUS_PAGE = "status.html"
_FILES = ("findings.csv", "findings.json")
_RUN_FILES = ("run.json", "junit.xml", "findings.sarif")
_WORKBOOK = "annotated.xlsx"


class RunReports:
    """The reports of one run.

    Attributes:
        folder: Where they are written; it is seen by nobody before the store has committed.
    """

    def __init__(self, folder: RunFolder) -> None:
        """No report yet."""
        self.folder = folder
        self._taken: set[str] = set()

    def write_return(
        self,
        result: ReturnResult,
        *,
        sent: Sent | None = None,
        resubmission: Resubmission | NotCompared | None = None,
        due: date | None = None,
    ) -> ReturnReport:
        """Writes the page of one return and the files beside it.

        Args:
            result: The return.
            sent: Its cells as they were sent, where an annotated workbook is asked for: it holds the supplier's own data.
            resubmission: How it compares with the return that it corrects.
            due: The last day on which it is in time.

        Returns:
            The report on the return as the run lists it; its page is named relative to that of the run.
        """
        folder = self._folder(result)
        annotated = sent if result.found.height else None
        files = (*_FILES, _WORKBOOK) if annotated else _FILES
        page = f"{folder}/{RUN_PAGE}"
        report = ReturnReport.of(result, report=page, files=files, resubmission=resubmission, due=due)
        with self._explained():
            target = self._write(folder, report, result.found)
            if annotated:
                from probation_etl.reports.workbook import write_workbook

                write_workbook(target / _WORKBOOK, [annotated], [result])
        return report.shortened()

    def write_unchanged(self, report: ReturnReport) -> ReturnReport:
        """Writes the page of a return that an earlier run has seen, and of which there is something to tell.

        Returns:
            The report, with its page named.
        """
        folder = self._folder(report)
        named = replace(report, report=f"{folder}/{RUN_PAGE}", files=_FILES)
        with self._explained():
            self._write(folder, named, Frames.of(findings_frame(report.findings)))
        return named

    def _write(self, folder: str, report: ReturnReport, found: Frames) -> Path:
        """Writes the page of a return with its findings beside it."""
        target = self.folder.draft / folder
        self.folder.make_draft()
        make_folder(target, synced=False)
        write_draft(target / RUN_PAGE, render_return(report))
        write_draft(target / "findings.json", findings_json(report.as_dict(), found))
        write_draft(target / "findings.csv", findings_csv(found))
        return target

    def data_docs(self) -> Path:
        """Where the pages of Great Expectations go, hidden with the rest until the run is committed."""
        with self._explained():
            self.folder.make_draft()
        return (self.folder.draft / DATA_DOCS_PAGE).parent

    def finish(self, report: RunReport, *, status_page: str) -> None:
        """Writes the page of the run with its files, and beside it the page that says who has sent what, all but the summary.

        They stay hidden until the run is committed.
        """
        with self._explained():
            self.folder.make_draft()
            write_draft(self.folder.draft / RUN_PAGE, render_run(report, status_page=STATUS_PAGE, files=_RUN_FILES))
            write_draft(self.folder.draft / STATUS_PAGE, status_page)
            write_draft(self.folder.draft / "junit.xml", render_junit(report))
            write_draft(self.folder.draft / "findings.sarif", render_sarif(report))

    def sum_up(self, report: RunReport) -> None:
        """Writes the summary, which says how long everything before it took."""
        with self._explained():
            write_draft(self.folder.draft / "run.json", json_parts(report.as_dict()))

    def _explained(self) -> AbstractContextManager[None]:
        return explained(f"The reports in {self.folder.directory} cannot be written", then="Nothing was loaded.")

    def _folder(self, result: ReturnResult | ReturnReport) -> str:
        """A folder for one return, named after it; numbered where that name is taken."""
        return _unique(f"{_safe(_supplier(result))}/{_named(result)}", self._taken)


def page_names(results: Iterable[ReturnResult]) -> list[str]:
    """Distinct names for pages about returns in one directory."""
    taken: set[str] = set()
    return [_unique(f"{_safe(_supplier(each))}-{_named(each)}", taken) for each in results]


def _supplier(result: ReturnResult | ReturnReport) -> str:
    return result.supplier.code if result.supplier else "unknown"


def _named(result: ReturnResult | ReturnReport) -> str:
    what = result.contract.id if result.contract else Path(result.file).name
    return _safe(f"{what}-{result.period_end}" if result.period_end else what)


def _unique(name: str, taken: set[str]) -> str:
    unique, number = name, 1
    while unique in taken:
        number += 1
        unique = f"{name}-{number}"
    taken.add(unique)
    return unique


def _safe(name: str) -> str:
    """A folder name that is valid on every system."""
    return re.sub(r"[^A-Za-z0-9._-]+", "_", name).strip("._")[:100] or "return"
