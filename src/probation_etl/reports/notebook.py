"""What a notebook shows of a result: the verdict, the counts and the first findings, with values masked as in every report."""

from __future__ import annotations

from dataclasses import replace

from probation_etl.intake.frames import Frames
from probation_etl.intake.result import ReturnResult
from probation_etl.reports.html import part
from probation_etl.reports.return_report import FindingCounts, ReturnReport
from probation_etl.reports.run_report import RunReport
from probation_etl.reports.verdicts import VERDICTS

#: Findings of a return, and returns of a run, that are shown.
_FINDINGS, _RETURNS = 10, 20


def return_in_notebook(result: ReturnResult) -> str:
    """A return as part of a page."""
    first = replace(result, found=Frames.of(result.findings.head(_FINDINGS)))
    report = ReturnReport.of(first, checked_only=True)
    return part("notebook.html.j2", page=replace(report, counts=FindingCounts(**result.counts())), returns=None)


def run_in_notebook(report: RunReport) -> str:
    """A run as part of a page, the returns that need attention first."""
    returns = sorted(report.returns, key=lambda each: VERDICTS.index(each.verdict), reverse=True)
    return part("notebook.html.j2", page=report, returns=returns[:_RETURNS])
