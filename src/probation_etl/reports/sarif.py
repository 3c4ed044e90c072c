"""SARIF 2.1.0: findings as results of an analysis, for tools that list and track them.

A SARIF rule is a finding code with its title and hint; the contract's own rule is a property of the result. A row is a
line of the file, and a cell a logical location, as ``Breaches!D17``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from probation_etl.contracts.findings import CATALOGUE, Finding
from probation_etl.contracts.numbers import counted
from probation_etl.reports.return_report import ReturnReport
from probation_etl.reports.run_report import RunReport
from probation_etl.reports.wording import iso
from probation_etl.version import VERSION

if TYPE_CHECKING:
    from probation_etl.unified.release_checks import CheckResult

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json"
_CHECK = "release-check"
#: Findings of a return that are listed at most: tools that read such logs take no more.
_LISTED = 25_000


def render_sarif(report: RunReport) -> str:
    """The SARIF log of a run or a check.

    Args:
        report: What was found. Where a return has more findings than it lists, a notification says how many.
    """
    results = [*_results(report.returns), *_failed_checks(report.release_checks)]
    codes = sorted({each["ruleId"] for each in results})
    run = {
        "tool": {"driver": {"name": "probation-etl", "version": VERSION, "rules": [_rule(code) for code in codes]}},
        "automationDetails": {"id": f"probation-etl/{report.run_id}"},
        "invocations": [_invocation(report)],
        "columnKind": "unicodeCodePoints",
        "results": [{**each, "ruleIndex": codes.index(each["ruleId"])} for each in results],
    }
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, ensure_ascii=False, indent=2) + "\n"


def _results(returns: Iterable[ReturnReport]) -> Iterator[dict[str, Any]]:
    for entry in returns:
        contract, supplier = entry.contract, entry.supplier
        about = {
            "contract": contract.id if contract else None, "contractVersion": contract.version if contract else None,
            "supplier": supplier.code if supplier else None, "periodEnd": iso(entry.period_end),
        }  # fmt: skip
        for finding in entry.first(_LISTED):
            yield _result(finding, entry.file, about)


def _result(finding: Finding, file: str, about: Mapping[str, str | None]) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": {"uri": quote(file, errors="replace")}}
    if finding.row is not None:
        physical["region"] = {"startLine": finding.row}
    location: dict[str, Any] = {"physicalLocation": physical}
    where = [part for part in (finding.sheet, finding.cell or finding.column) if part]
    if where:
        location["logicalLocations"] = [{"name": where[-1], "fullyQualifiedName": "!".join(where)}]
    more = {"rule": finding.rule, "column": finding.column, "value": finding.value, **about}
    return {
        "ruleId": finding.code,
        "level": finding.severity,
        "message": {"text": f"{finding.message} {finding.hint}".strip() or finding.code},
        "locations": [location],
        "properties": {name: value for name, value in more.items() if value is not None},
    }


def _failed_checks(checks: Iterable[CheckResult]) -> Iterator[dict[str, Any]]:
    for each in checks:
        if not each.passed:
            named = {"name": each.check, "fullyQualifiedName": f"{each.table}.{each.check}"}
            message = {"text": f"{each.table}: {each.check}: {each.detail}"}
            locations = [{"logicalLocations": [named]}]
            yield {"ruleId": _CHECK, "level": each.severity, "message": message, "locations": locations}


def _rule(code: str) -> dict[str, Any]:
    kind = CATALOGUE.get(code)
    title, hint = (kind.title, kind.hint) if kind else ("Release check failed", "Look at the unified table as a whole.")
    return {"id": code, "shortDescription": {"text": title}, "help": {"text": hint}}


def _invocation(report: RunReport) -> dict[str, Any]:
    """The program ran successfully, whatever it found; notifications say what the log leaves out."""
    cut = [
        {
            "level": "note",
            "message": {
                "text": f"{each.name}: {len(each.first(_LISTED)):,} of {counted(each.counts.total, 'finding')} are listed; "
                f"{_all_of(each)} all."
            },
        }
        for each in report.returns
        if each.counts.total > len(each.first(_LISTED)) and each.verdict != "unchanged"
    ]
    invocation: dict[str, Any] = {"executionSuccessful": True, "exitCode": report.exit_code}
    if report.started_at:
        invocation["startTimeUtc"] = f"{report.started_at.isoformat()}Z"
    return {**invocation, **({"toolExecutionNotifications": cut} if cut else {})}


def _all_of(entry: ReturnReport) -> str:
    return "validate --format csv lists" if entry.checked_only else "findings.csv of the return holds"
