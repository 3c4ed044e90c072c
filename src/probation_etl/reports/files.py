"""The reports directory: one folder for each run, complete or absent.

A run's folder is written under a hidden name and renamed once the store has committed. If a run dies in between, the
next run publishes or removes what it left behind.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from probation_etl.errors import EnvironmentFailure
from probation_etl.files import explained, make_folder, write_file
from probation_etl.intake.resubmission import Resubmission
from probation_etl.intake.result import ReturnResult, findings_frame
from probation_etl.reports.junit import render_junit
from probation_etl.reports.model import ReturnReport, RunReport
from probation_etl.reports.return_page import render_return
from probation_etl.reports.run_page import render_run
from probation_etl.reports.sarif import render_sarif
from probation_etl.reports.spreadsheet_text import neutral
from probation_etl.reports.workbook import Sent, write_workbook

#: The first page of Great Expectations' own, below the folder of a run.
DATA_DOCS_PAGE = "data-docs/index.html"
#: Names of the page about a run, and of the page that says who has sent what.
RUN_PAGE = "index.html"
STATUS_PAGE = "status.html"
_PARTIAL = ".partial"
_FILES = ("findings.csv", "findings.json")
_RUN_FILES = ("run.json", "junit.xml", "findings.sarif")
_WORKBOOK = "annotated.xlsx"


class ReportsDirectory:
    """Where the reports of all runs are kept."""

    def __init__(self, directory: Path, run_id: str, store: str) -> None:
        """The directory, for one run.

        Args:
            directory: Where the reports of all runs are kept.
            run_id: Name of the run.
            store: URL of its store: runs on several stores may keep their reports in one directory.
        """
        self._directory, self._run_id = directory, run_id
        self._prefix = f".{hashlib.sha256(store.encode()).hexdigest()[:8]}."
        self._draft = directory / f"{self._prefix}{run_id}{_PARTIAL}"
        self._taken: set[str] = set()

    def begin(self, has_run: Callable[[str], bool]) -> None:
        """Publishes or removes what an earlier run left behind.

        Raises:
            EnvironmentFailure: The directory cannot be written.
        """
        latest = self._directory / "latest"
        if latest.exists() and not latest.is_symlink():
            raise EnvironmentFailure(f"{latest} is not a link to the newest run: move it away. Nothing was done.")
        with self._explained():
            for draft in sorted(self._directory.glob(f"{self._prefix}*{_PARTIAL}")):
                run_id = draft.name.removeprefix(self._prefix).removesuffix(_PARTIAL)
                if has_run(run_id) and (draft / "index.html").exists():
                    draft.rename(self._directory / run_id)
                else:
                    shutil.rmtree(draft)

    def write_return(
        self,
        result: ReturnResult,
        *,
        sent: Sent | None = None,
        resubmission: Resubmission | None = None,
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
        annotated = sent if result.findings.height else None
        files = (*_FILES, _WORKBOOK) if annotated else _FILES
        page = f"{folder}/{RUN_PAGE}"
        report = ReturnReport.of(result, report=page, files=files, resubmission=resubmission, due=due)
        with self._explained():
            target = self._write(folder, report, result.findings)
            if annotated:
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
            self._write(folder, named, findings_frame(report.findings))
        return named

    def _write(self, folder: str, report: ReturnReport, findings: pl.DataFrame) -> Path:
        """Writes the page of a return with its findings beside it."""
        target = self._draft / folder
        self._make_draft()
        make_folder(target)
        write_file(target / RUN_PAGE, render_return(report))
        write_file(target / "findings.json", as_json(report.as_dict()))
        write_file(target / "findings.csv", findings_csv(findings))
        return target

    def data_docs(self) -> Path:
        """Where the pages of Great Expectations go, hidden with the rest until :meth:`publish`."""
        with self._explained():
            self._make_draft()
        return (self._draft / DATA_DOCS_PAGE).parent

    def finish(self, report: RunReport, *, status_page: str) -> None:
        """Writes the page of the run with its files, and beside it the page that says who has sent what.

        They stay hidden until :meth:`publish`.
        """
        with self._explained():
            self._make_draft()
            write_file(self._draft / "index.html", render_run(report, status_page=STATUS_PAGE, files=_RUN_FILES))
            write_file(self._draft / STATUS_PAGE, status_page)
            write_file(self._draft / "run.json", as_json(report.as_dict()))
            write_file(self._draft / "junit.xml", render_junit(report))
            write_file(self._draft / "findings.sarif", render_sarif(report))

    def publish(self) -> Path:
        """Shows the run's folder and lets ``latest`` point at it.

        Raises:
            EnvironmentFailure: It cannot be shown. The store has committed by then; the next run shows it.
        """
        loaded = "The returns were loaded; the next run shows the reports."
        with self._explained(then=loaded):
            shown = self._draft.rename(self._directory / self._run_id)
            link = self._directory / ".latest.new"
            link.unlink(missing_ok=True)
            link.symlink_to(self._run_id, target_is_directory=True)
            link.replace(self._directory / "latest")
        return shown

    def discard(self) -> None:
        """Removes what was written, because the run has failed."""
        shutil.rmtree(self._draft, ignore_errors=True)

    def _make_draft(self) -> None:
        """Makes the run's folder, private because reports quote rows."""
        make_folder(self._draft)

    def _explained(self, *, then: str = "Nothing was loaded.") -> AbstractContextManager[None]:
        return explained(f"The reports in {self._directory} cannot be written", then=then)

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


def findings_csv(findings: pl.DataFrame) -> str:
    """Findings as CSV, one line each."""
    return table_csv(findings)


def table_csv(table: pl.DataFrame) -> str:
    """Any table as CSV. Text that a spreadsheet would run as a formula is kept as text by an apostrophe."""
    return neutral(table).write_csv(line_terminator="\r\n")


def _safe(name: str) -> str:
    """A folder name that is valid on every system."""
    return re.sub(r"[^A-Za-z0-9._-]+", "_", name).strip("._")[:100] or "return"


def as_json(document: Mapping[str, Any]) -> str:
    """A document as JSON, one line for each key."""
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"
