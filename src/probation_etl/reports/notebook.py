"""What a notebook shows of a result: the verdict, the counts and the first findings, with values masked as in every report."""

from __future__ import annotations

from probation_etl.intake.result import ReturnResult
from probation_etl.reports.html import part
from probation_etl.reports.return_report import ReturnReport
from probation_etl.reports.run_report import RunReport
from probation_etl.reports.verdicts import VERDICTS

#: Findings of a return, and returns of a run, that are shown.
_FINDINGS, _RETURNS = 10, 20


def return_in_notebook(result: ReturnResult) -> str:
    """A return as part of a page."""
    return part("notebook.html.j2", page=ReturnReport.of(result, checked_only=True).shortened(_FINDINGS), returns=None)


def run_in_notebook(report: RunReport) -> str:
    """A run as part of a page, the returns that need attention first."""
    returns = sorted(report.returns, key=lambda each: VERDICTS.index(each.verdict), reverse=True)
    return part("notebook.html.j2", page=report, returns=returns[:_RETURNS])
