"""JUnit XML: returns as test suites and rules as test cases, for tools that show how tests came out.

A suite is a return, a failing case a rule that rows or the file break. A rule that only warns passes, with what was found
in its output. The release checks are a suite of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree as ET

from probation_etl.reports.spreadsheet_text import xml_text
from probation_etl.reports.wording import counted, place, return_name

#: Places that one case lists; ``findings.csv`` holds them all.
_LISTED = 50


def render_junit(summary: Mapping[str, Any]) -> str:
    """The JUnit XML of a run or a check.

    Args:
        summary: The JSON shape of results.
    """
    suites = [_suite(each, summary) for each in summary["returns"]]
    if summary["release_checks"]:
        suites.append(_checks(summary))
    root = ET.Element("testsuites", name="probation-etl", errors="0")
    for name in ("tests", "failures"):
        root.set(name, str(sum(int(suite.get(name, "0")) for suite in suites)))
    root.extend(suites)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _suite(entry: Mapping[str, Any], summary: Mapping[str, Any]) -> ET.Element:
    cases = [_case(rule, entry) for rule in entry["rules"]] or [_element("testcase", name=_verdict(entry))]
    for case in cases:
        case.set("classname", (entry["contract"] or {}).get("id", "not identified"))
    suite = _with_cases(return_name(entry), cases, summary)
    told = {
        "verdict": entry["verdict"], "supplier": (entry["supplier"] or {}).get("code"), "period_end": entry["period_end"],
        **{f"rows_{name}": count for name, count in entry["rows"].items()}, "report": entry["report"],
    }  # fmt: skip
    properties = ET.Element("properties")
    properties.extend(
        _element("property", name=name, value=str(value)) for name, value in told.items() if value is not None
    )
    suite.insert(0, properties)
    return suite


def _case(rule: Mapping[str, Any], entry: Mapping[str, Any]) -> ET.Element:
    case = _element("testcase", name=rule["rule"])
    shown = [each for each in entry["findings"] if _key(each) == _key(rule)]
    lines = [*(f"{place(each)}{each['message']} {each['hint']}".strip() for each in shown[:_LISTED])]
    if rule["count"] > len(lines):
        lines.append(f"… and {rule['count'] - len(lines):,} more.")
    message = f"{rule['title']}: {counted(rule['count'], rule['severity'])}"
    if rule["severity"] == "error":
        found = _element("failure", type=rule["code"], message=message)
    else:
        found = ET.Element("system-out")
        lines = [message, *lines]
    found.text = xml_text("\n".join(lines))
    case.append(found)
    return case


def _checks(summary: Mapping[str, Any]) -> ET.Element:
    cases = []
    for check in summary["release_checks"]:
        case = _element("testcase", name=check["check"], classname=check["table"])
        if not check["passed"] and check.get("severity") != "warning":
            case.append(_element("failure", type="release-check", message=check["detail"]))
        elif not check["passed"]:
            said = ET.SubElement(case, "system-out")
            said.text = xml_text(check["detail"])
        cases.append(case)
    return _with_cases("release checks", cases, summary)


def _with_cases(name: str, cases: list[ET.Element], summary: Mapping[str, Any]) -> ET.Element:
    failures = sum(1 for case in cases if case.find("failure") is not None)
    suite = _element("testsuite", name=name, tests=str(len(cases)), failures=str(failures), errors="0", skipped="0")
    if summary["started_at"]:
        suite.set("timestamp", summary["started_at"].removesuffix("Z"))
    suite.extend(cases)
    return suite


def _key(told: Mapping[str, Any]) -> tuple[str, str, str]:
    return told["code"], told["rule"], told["severity"]


def _verdict(entry: Mapping[str, Any]) -> str:
    return "nil return" if entry["nil"] else str(entry["verdict"]).replace("_", " ")


def _element(tag: str, **attributes: str) -> ET.Element:
    return ET.Element(tag, {name: xml_text(text) for name, text in attributes.items()})
