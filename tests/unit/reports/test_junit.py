from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest
import xmlschema
from hypothesis import given
from hypothesis import strategies as st

from probation_etl.reports.junit import render_junit
from probation_etl.reports.return_report import ReturnReport
from probation_etl.reports.run_report import RunReport
from probation_etl.unified.release_checks import CheckResult

if TYPE_CHECKING:
    from conftest import Library

SCHEMA = Path(__file__).parents[2] / "data" / "schemas" / "junit-10.xsd"
CHECKS = tuple(CheckResult(**each) for each in [
    {"table": "loan", "check": "branch|required", "passed": True, "detail": "expected a value: 0 of 2 rows fail"},
    {"table": "loan", "check": "fine|range", "passed": False, "detail": "expected at least 0: 1 of 2 rows fail"},
    {"table": "loan", "check": "usual", "passed": False, "severity": "warning", "detail": "expected 2 rows: there are 3"},
])  # fmt: skip
HOSTILE = (
    "<script>alert(1)</script>",
    "]]></failure></testsuites>",
    '"><img onerror=x>',
    "\u202e",
    "a\x00b\x1bc",
    "x" * 40_000,
)


@pytest.fixture(scope="module")
def schema() -> xmlschema.XMLSchema10:
    return xmlschema.XMLSchema10(SCHEMA)


def run(*returns: ReturnReport, **more: Any) -> RunReport:
    return RunReport(run_id="r1", returns=returns, **more)


def returned(library: Library, *rows: dict[str, str]) -> ReturnReport:
    return ReturnReport.of(library.assess(library.csv(*rows)))


def rendered(report: RunReport, schema: xmlschema.XMLSchema10) -> ET.Element:
    text = render_junit(report)
    schema.validate(text)
    return ET.fromstring(text)  # noqa: S314 -- our own text


def counts(element: ET.Element) -> tuple[str | None, str | None]:
    return element.get("tests"), element.get("failures")


def test_returns_of_one_file_are_told_apart_by_their_suppliers(library: Library, schema: xmlschema.XMLSchema10) -> None:
    first = returned(library, library.row())
    other = replace(first, supplier=None)
    names = [suite.get("name") for suite in rendered(run(first, other), schema)]
    assert names == [f"{library.file} B1 2024-03-31", f"{library.file} nobody known 2024-03-31"]


def test_a_rule_that_is_broken_is_a_case_that_fails_and_says_where(
    library: Library, schema: xmlschema.XMLSchema10
) -> None:
    rows = (
        library.row(),
        library.row(Loan_reference="L0002", Branch="South"),
        library.row(Loan_reference="L0003", Branch="West"),
    )
    root = rendered(run(returned(library, *rows)), schema)
    (suite,) = root
    assert (suite.get("name"), counts(suite), counts(root)) == (library.file, ("1", "1"), ("1", "1"))
    (case,) = suite.findall("testcase")
    assert (case.get("name"), case.get("classname")) == ("branch|enum", "loans")
    (failure,) = case
    assert (failure.tag, failure.get("type"), failure.get("message")) == (
        "failure",
        "not-in-list",
        "Not in the list: 2 errors",
    )
    assert (failure.text or "").splitlines()[0].startswith("row 3, Branch: ‘South’ is not one of: Central, N (North).")
    properties = {each.get("name"): each.get("value") for each in suite.findall("properties/property")}
    assert (properties["verdict"], properties["rows_quarantined"]) == ("partly_accepted", "2")


def test_a_warning_does_not_fail(library: Library, schema: xmlschema.XMLSchema10) -> None:
    data = library.text([*library.header, "Team"], [*(library.row()[name] for name in library.header), "x"])
    (suite,) = rendered(run(ReturnReport.of(library.assess(data))), schema)
    assert counts(suite) == ("1", "0")
    assert (suite.findtext("testcase/system-out") or "").startswith("Column is not part of the return: 1 warning\n")


def test_a_good_return_is_a_case_that_passes(library: Library, schema: xmlschema.XMLSchema10) -> None:
    (suite,) = rendered(run(returned(library, library.row())), schema)
    assert counts(suite) == ("1", "0")
    assert [(case.get("name"), len(case)) for case in suite.findall("testcase")] == [("accepted", 0)]


def test_release_checks_are_a_suite(library: Library, schema: xmlschema.XMLSchema10) -> None:
    report = run(returned(library, library.row()), release_checks=CHECKS, started_at=datetime(2020, 12, 1, 9))
    _, suite = rendered(report, schema)
    assert (suite.get("name"), counts(suite), suite.get("timestamp")) == (
        "release checks",
        ("3", "1"),
        "2020-12-01T09:00:00",
    )
    failing = [case.get("name") for case in suite.findall("testcase") if case.find("failure") is not None]
    assert failing == ["fine|range"]


def test_findings_that_are_not_shown_are_counted(library: Library, schema: xmlschema.XMLSchema10) -> None:
    rows = [library.row(Loan_reference=f"L{at:04}", Branch="South") for at in range(60)]
    (suite,) = rendered(run(returned(library, *rows).shortened(7)), schema)
    (failure,) = suite.findall("testcase/failure")
    assert failure.get("message") == "Not in the list: 60 errors"
    assert (failure.text or "").splitlines()[-1] == "… and 53 more."


@pytest.mark.parametrize("value", HOSTILE, ids=lambda value: ascii(value[:20]))
def test_no_value_breaks_it(library: Library, schema: xmlschema.XMLSchema10, value: str) -> None:
    data = library.text([*library.header, value], [*(library.row(Branch=value)[name] for name in library.header), "x"])
    report = replace(ReturnReport.of(library.assess(data)), file=f"\udcff{value}")
    (suite,) = rendered(run(report), schema)
    assert len(suite.findall("testcase")) == len(report.rules) > 0
    assert [each.tag for each in suite.iter() if each.tag not in ("testsuite", "testcase", "failure", "properties", "property", "system-out")] == []  # fmt: skip


@given(text=st.text(st.characters(exclude_categories=[]), max_size=30))
def test_no_text_breaks_it(library: Library, schema: xmlschema.XMLSchema10, text: str) -> None:
    report = returned(library, library.row(Branch="South"))
    found = tuple(replace(each, message=text, hint=text, column=text, value=text) for each in report.findings)
    rendered(run(replace(report, file=text, sheet=text, findings=found)), schema)


def test_a_run_without_returns_is_valid(schema: xmlschema.XMLSchema10) -> None:
    assert counts(rendered(run(), schema)) == ("0", "0")
