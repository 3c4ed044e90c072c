from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft4Validator

from probation_etl.reports.return_report import ReturnReport
from probation_etl.reports.run_report import RunReport
from probation_etl.reports.sarif import render_sarif
from probation_etl.unified.release_checks import CheckResult

if TYPE_CHECKING:
    from conftest import Library

SCHEMA = Path(__file__).parents[2] / "data" / "schemas" / "sarif-schema-2.1.0.json"
CHECKS = tuple(CheckResult(**each) for each in [
    {"table": "loan", "check": "fine|range", "passed": False, "detail": "expected at least 0: 1 of 2 rows fail"},
    {"table": "loan", "check": "usual", "passed": False, "severity": "warning", "detail": "expected 2 rows: there are 3"},
    {"table": "loan", "check": "branch|required", "passed": True, "detail": "expected a value: 0 of 2 rows fail"},
])  # fmt: skip


@pytest.fixture(scope="module")
def schema() -> Draft4Validator:
    document = json.loads(SCHEMA.read_text(encoding="utf-8"))
    Draft4Validator.check_schema(document)
    return Draft4Validator(document)


def run_of(*returns: ReturnReport, **more: Any) -> RunReport:
    return RunReport(run_id="r1", returns=returns, **more)


def rendered(report: RunReport, schema: Draft4Validator) -> dict[str, Any]:
    log = json.loads(render_sarif(report).encode("utf-8", errors="replace"))
    schema.validate(log)
    (run,) = log["runs"]
    assert [run["tool"]["driver"]["rules"][each["ruleIndex"]]["id"] for each in run["results"]] == [
        each["ruleId"] for each in run["results"]
    ]
    return dict(run)


def test_a_finding_is_a_result_with_its_place(library: Library, schema: Draft4Validator) -> None:
    header = list(library.header)
    data = library.workbook(Loans=[header, [library.row(Branch="South")[name] for name in header]])
    contract = library.contract(custom={"identification": {"sheet": "Loans"}})
    result = library.assess(data, library.rulebook(contract), name="my loans.xlsx")
    run = rendered(run_of(ReturnReport.of(result), started_at=datetime(2020, 12, 1, 9)), schema)
    found = next(each for each in run["results"] if each["ruleId"] == "not-in-list")
    assert found["level"] == "error"
    assert found["message"]["text"].startswith("‘South’ is not one of: Central, N (North).")
    (location,) = found["locations"]
    assert location["physicalLocation"] == {
        "artifactLocation": {"uri": "my%20loans.xlsx"}, "region": {"startLine": 2}
    }  # fmt: skip
    assert location["logicalLocations"] == [{"name": "C2", "fullyQualifiedName": "Loans!C2"}]
    assert (found["properties"]["rule"], found["properties"]["value"]) == ("branch|enum", "South")
    assert run["invocations"][0]["startTimeUtc"] == "2020-12-01T09:00:00Z"
    assert {each["id"] for each in run["tool"]["driver"]["rules"]} == {each["ruleId"] for each in run["results"]}


def test_a_finding_of_the_file_has_no_line(library: Library, schema: Draft4Validator) -> None:
    run = rendered(run_of(ReturnReport.of(library.assess(b"nothing,known\n1,2\n"))), schema)
    assert all("region" not in each["locations"][0]["physicalLocation"] for each in run["results"])
    assert run["results"]


def test_a_failed_release_check_is_a_result_and_one_that_warns_a_warning(schema: Draft4Validator) -> None:
    run = rendered(run_of(release_checks=CHECKS), schema)
    assert [(each["ruleId"], each["level"]) for each in run["results"]] == [
        ("release-check", "error"),
        ("release-check", "warning"),
    ]


def test_what_is_not_listed_is_said(library: Library, schema: Draft4Validator) -> None:
    rows = [library.row(Loan_reference=f"L{at:04}", Branch="South") for at in range(9)]
    run = rendered(run_of(ReturnReport.of(library.assess(library.csv(*rows))).shortened(4)), schema)
    assert len(run["results"]) == 4
    (note,) = run["invocations"][0]["toolExecutionNotifications"]
    assert note["message"]["text"].startswith(f"{library.file}: 4 of 9 findings are listed;")


@given(text=st.text(st.characters(exclude_categories=[]), max_size=30))
def test_no_text_breaks_it(library: Library, schema: Draft4Validator, text: str) -> None:
    report = ReturnReport.of(library.assess(library.csv(library.row(Branch="x"))))
    texts = dict.fromkeys(("message", "hint", "column", "value", "sheet"), text)
    found = tuple(replace(each, **texts) for each in report.findings)
    rendered(run_of(replace(report, file=text, sheet=text, findings=found)), schema)


def test_the_schema_refuses_what_is_not_sarif(schema: Draft4Validator) -> None:
    log = json.loads(render_sarif(run_of()))
    assert schema.is_valid(log)
    log["runs"][0]["results"] = [{"level": "fatal", "message": {"text": "x"}}]
    assert not schema.is_valid(log)
