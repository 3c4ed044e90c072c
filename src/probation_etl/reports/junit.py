"""JUnit XML: returns as test suites and rules as test cases, for tools that show test results.

A suite is a return, and a failing case is a rule that the return breaks. A rule that only warns passes, with its findings
in the output. The release checks are one more suite.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from xml.etree import ElementTree as ET

from probation_etl.contracts.findings import Finding
from probation_etl.contracts.numbers import counted
from probation_etl.reports.return_report import ReturnReport
from probation_etl.reports.rule_counts import RuleCount
from probation_etl.reports.run_report import RunReport
from probation_etl.reports.spreadsheet_text import xml_text
from probation_etl.reports.wording import place

#: Places that one case lists; ``findings.csv`` holds them all.
_LISTED = 50


def render_junit(report: RunReport) -> str:
    """The JUnit XML of a run or a check.

    Args:
        report: What was found.
    """
    several = Counter(each.name for each in report.returns)
    suites = [_suite(each, report, is_one_of_several=several[each.name] > 1) for each in report.returns]
    if report.release_checks:
        suites.append(_checks(report))
    root = ET.Element("testsuites", name="probation-etl", errors="0")
    for name in ("tests", "failures"):
        root.set(name, str(sum(int(suite.get(name, "0")) for suite in suites)))
    root.extend(suites)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _suite(entry: ReturnReport, report: RunReport, *, is_one_of_several: bool) -> ET.Element:
    """The suite of a return; where a file holds several of one name, it is named by supplier and period too."""
    found = _of_rules(entry)
    cases = [_case(rule, found[rule.key]) for rule in entry.rules] or [_element("testcase", name=_verdict(entry))]
    for case in cases:
        case.set("classname", entry.contract.id if entry.contract else "not identified")
    whose = f" {entry.supplier.code if entry.supplier else 'nobody known'} {entry.period_end or 'no period'}"
    suite = _with_cases(f"{entry.name}{whose if is_one_of_several else ''}", cases, report)
    facts: dict[str, object] = {
        "verdict": entry.verdict, "supplier": entry.supplier and entry.supplier.code, "period_end": entry.period_end,
        **{f"rows_{name}": count for name, count in vars(entry.rows).items()}, "report": entry.report,
    }  # fmt: skip
    properties = ET.Element("properties")
    properties.extend(
        _element("property", name=name, value=str(value)) for name, value in facts.items() if value is not None
    )
    suite.insert(0, properties)
    return suite


def _of_rules(entry: ReturnReport) -> dict[tuple[str, str, str], list[Finding]]:
    """The first findings of each rule."""
    found: defaultdict[tuple[str, str, str], list[Finding]] = defaultdict(list)
    for _, each in entry.of_rules():
        found[each.severity, each.code, each.rule].append(each)
    return found


def _case(rule: RuleCount, found: Sequence[Finding]) -> ET.Element:
    case = _element("testcase", name=rule.rule)
    listed = found[:_LISTED]
    lines = [f"{place(each)}{each.message} {each.hint}".strip() for each in listed]
    if rule.count > len(lines):
        lines.append(f"… and {rule.count - len(lines):,} more.")
    message = f"{rule.title}: {counted(rule.count, rule.severity)}"
    if rule.severity == "error":
        said = _element("failure", type=rule.code, message=message)
    else:
        said = ET.Element("system-out")
        lines = [message, *lines]
    said.text = xml_text("\n".join(lines))
    case.append(said)
    return case


def _checks(report: RunReport) -> ET.Element:
    cases = []
    for check in report.release_checks:
        case = _element("testcase", name=check.check, classname=check.table)
        if not check.passed and check.severity != "warning":
            case.append(_element("failure", type="release-check", message=check.detail))
        elif not check.passed:
            said = ET.SubElement(case, "system-out")
            said.text = xml_text(check.detail)
        cases.append(case)
    return _with_cases("release checks", cases, report)


def _with_cases(name: str, cases: list[ET.Element], report: RunReport) -> ET.Element:
    failures = sum(1 for case in cases if case.find("failure") is not None)
    suite = _element("testsuite", name=name, tests=str(len(cases)), failures=str(failures), errors="0", skipped="0")
    if report.started_at:
        suite.set("timestamp", report.started_at.isoformat())
    suite.extend(cases)
    return suite


def _verdict(entry: ReturnReport) -> str:
    return "nil return" if entry.nil else entry.verdict.replace("_", " ")


def _element(tag: str, **attributes: str) -> ET.Element:
    return ET.Element(tag, {name: xml_text(text) for name, text in attributes.items()})
