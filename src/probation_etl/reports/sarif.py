"""SARIF 2.1.0: findings as results of an analysis, for tools that list and track them.

A SARIF rule is a finding code with its title and hint; the contract's own rule is a property of the result. A row is a
line of the file, and a cell a logical location, as ``Breaches!D17``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

from probation_etl.contracts.findings import CATALOGUE
from probation_etl.reports.wording import counted, return_name
from probation_etl.version import VERSION

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json"
_CHECK = "release-check"


def render_sarif(summary: Mapping[str, Any]) -> str:
    """The SARIF log of a run or a check.

    Args:
        summary: The JSON shape of results. Of a return with more findings than it shows, a notification says how many.
    """
    results = [*_results(summary["returns"]), *_failed_checks(summary["release_checks"])]
    codes = sorted({each["ruleId"] for each in results})
    run = {
        "tool": {"driver": {"name": "probation-etl", "version": VERSION, "rules": [_rule(code) for code in codes]}},
        "automationDetails": {"id": f"probation-etl/{summary['run_id']}"},
        "invocations": [_invocation(summary)],
        "columnKind": "unicodeCodePoints",
        "results": [{**each, "ruleIndex": codes.index(each["ruleId"])} for each in results],
    }
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, ensure_ascii=False, indent=2) + "\n"


def _results(returns: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    for entry in returns:
        contract, supplier = entry["contract"] or {}, entry["supplier"] or {}
        told = {
            "contract": contract.get("id"), "contractVersion": contract.get("version"), "supplier": supplier.get("code"),
            "periodEnd": entry["period_end"],
        }  # fmt: skip
        for finding in entry["findings"]:
            yield _result(finding, entry, told)


def _result(finding: Mapping[str, Any], entry: Mapping[str, Any], told: Mapping[str, Any]) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": {"uri": quote(entry["file"], errors="replace")}}
    if finding["row"] is not None:
        physical["region"] = {"startLine": finding["row"]}
    location: dict[str, Any] = {"physicalLocation": physical}
    where = [part for part in (finding["sheet"], finding["cell"] or finding["column"]) if part]
    if where:
        location["logicalLocations"] = [{"name": where[-1], "fullyQualifiedName": "!".join(where)}]
    more = {"rule": finding["rule"], "column": finding["column"], "value": finding["value"], **told}
    return {
        "ruleId": finding["code"],
        "level": finding["severity"],
        "message": {"text": f"{finding['message']} {finding['hint']}".strip() or finding["code"]},
        "locations": [location],
        "properties": {name: value for name, value in more.items() if value is not None},
    }


def _failed_checks(checks: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    for check in checks:
        if not check["passed"]:
            named = {"name": check["check"], "fullyQualifiedName": f"{check['table']}.{check['check']}"}
            message = {"text": f"{check['table']}: {check['check']}: {check['detail']}"}
            level = check.get("severity") or "error"
            yield {"ruleId": _CHECK, "level": level, "message": message, "locations": [{"logicalLocations": [named]}]}


def _rule(code: str) -> dict[str, Any]:
    kind = CATALOGUE.get(code)
    title, hint = (kind.title, kind.hint) if kind else ("Release check failed", "Look at the unified table as a whole.")
    return {"id": code, "shortDescription": {"text": title}, "help": {"text": hint}}


def _invocation(summary: Mapping[str, Any]) -> dict[str, Any]:
    """The program did its work, whatever it found; what the log leaves out is said here."""
    cut = [
        {
            "level": "note",
            "message": {
                "text": f"{return_name(each)}: {each['findings_shown']:,} of {counted(found, 'finding')} are listed; "
                "findings.csv of the return holds all."
            },
        }
        for each in summary["returns"]
        if (found := sum(each["counts"].values())) > each["findings_shown"] and each["verdict"] != "unchanged"
    ]
    invocation: dict[str, Any] = {"executionSuccessful": True, "exitCode": summary["exit_code"]}
    if summary["started_at"]:
        invocation["startTimeUtc"] = summary["started_at"]
    return {**invocation, **({"toolExecutionNotifications": cut} if cut else {})}
