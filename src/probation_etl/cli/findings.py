"""Findings as lines for a person: what was found, where, what to do next."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from probation_etl.contracts.findings import Finding
    from probation_etl.reports.model import ReturnReport

_SHOWN = 50


def findings_text(returns: Iterable[ReturnReport]) -> str:
    """Each return with its verdict, counts and the first of its findings."""
    return "\n\n".join("\n".join(_lines(each)) for each in returns)


def _lines(report: ReturnReport) -> Iterable[str]:
    contract = report.contract.id if report.contract else "not identified"
    rows = report.rows
    yield f"{report.name}: {report.verdict.replace('_', ' ')} ({contract})"
    yield f"  rows read {rows.read}, accepted {rows.accepted}, quarantined {rows.quarantined}, blank {rows.blank}"
    for finding in report.findings[:_SHOWN]:
        yield f"  {_place(finding)}{finding.severity}: {_one_line(finding.message)} [{finding.code}]"
        yield f"    {_one_line(finding.hint)}"
    more = report.counts.total - min(len(report.findings), _SHOWN)
    if more:
        yield f"  … and {more} more; --format csv lists them all"


def _place(finding: Finding) -> str:
    if finding.row is None:
        return ""
    where = finding.cell or f"row {finding.row}"
    column = f", {_one_line(finding.column)}" if finding.column else ""
    return f"{where}{column}: "


def _one_line(text: str) -> str:
    """Text of a file on one line, without characters that could steer the terminal."""
    return "".join(char if char.isprintable() else " " for char in text)
