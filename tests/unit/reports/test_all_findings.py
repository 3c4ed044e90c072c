"""What is written of very many findings, part by part: the same as of few, and no more of them than anybody reads."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probation_etl.contracts.findings import Finding
from probation_etl.intake.frames import Frames
from probation_etl.intake.result import findings_frame
from probation_etl.reports import all_findings
from probation_etl.reports.all_findings import (
    LISTED,
    findings_csv,
    findings_json,
    first_findings,
    first_of_rules,
    table_csv,
)
from probation_etl.reports.return_page import render_return
from probation_etl.reports.return_report import ReturnReport
from probation_etl.reports.rule_counts import count_by_rule
from probation_etl.reports.run_report import RunReport
from probation_etl.reports.sarif import render_sarif

if TYPE_CHECKING:
    from conftest import Library

TEXTS = st.text(st.characters(codec="utf-8"), max_size=5) | st.sampled_from(
    ['"', "\\", "\x00\x1f\x7f\u2028", "=1", "\r\n"]
)
FINDINGS = st.builds(
    Finding,
    code=st.sampled_from(["not-in-list", "not-a-date"]),
    message=st.sampled_from(["a", "b"]) | TEXTS,
    rule=st.sampled_from(["x", "y"]),
    severity=st.sampled_from(["error", "warning"]),
    row=st.none() | st.integers(1, 9),
    column=st.none() | st.sampled_from(["A", "B"]),
    cell=st.none() | st.just("A1"),
    value=st.none() | TEXTS,
    hint=st.sampled_from(["", "c", "d"]),
)


def in_parts(findings: list[Finding], cuts: list[int]) -> Frames:
    at = sorted({0, len(findings), *(cut for cut in cuts if cut < len(findings))})
    frames = [findings_frame(findings[start:end]) for start, end in pairwise(at)]
    return Frames(tuple(part for each in frames or [findings_frame([])] for part in Frames.of(each).parts))


@given(st.lists(FINDINGS, max_size=12), st.lists(st.integers(0, 12), max_size=3))
def test_files_are_those_of_the_whole_however_it_is_cut(findings: list[Finding], cuts: list[int]) -> None:
    found, whole = in_parts(findings, cuts), Frames.of(findings_frame(findings))
    document = {"file": '"findings": []', "findings": [asdict(each) for each in findings], "findings_shown": len(findings),
                "rules": [{"findings": []}]}  # fmt: skip
    text = "".join(findings_json({**document, "findings": ()}, found))
    assert text == json.dumps(document, ensure_ascii=False, indent=2) + "\n"
    assert "".join(findings_csv(found)) == table_csv(whole.whole())
    assert count_by_rule(found, None, {}) == count_by_rule(whole, None, {})
    assert first_of_rules(found) == first_of_rules(whole)
    assert first_findings(found, 3) == findings[:3]


def test_parts_that_are_turned_into_text_together_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    found = Frames.of(findings_frame([Finding("not-in-list", f"m{at}", row=at) for at in range(1, 9)]))
    whole = "".join(findings_json({"findings": [], "findings_shown": 0}, found)), "".join(findings_csv(found))
    monkeypatch.setattr(all_findings, "_AT_ONCE", 3)
    assert whole == ("".join(findings_json({"findings": [], "findings_shown": 0}, found)), "".join(findings_csv(found)))


def test_of_each_rule_the_first_are_there_and_those_that_differ() -> None:
    same = [Finding("not-in-list", "m", rule=rule, row=at, value="", hint="h") for at in range(1, 500) for rule in "xy"]
    others = [replace(same[0], message="n"), replace(same[0], value="v"), replace(same[1], hint="i")]
    listed = [same[0]] * 7
    given_first = [*same, *others, *listed]
    found = first_of_rules(in_parts(given_first, [3, 600, 998]))
    assert all(given_first[at] == each for at, each in found)
    assert Counter(each.rule for _, each in found) == {"x": LISTED + 2, "y": LISTED + 1}
    assert [each for _, each in found][-3:] == others


def test_a_page_of_very_many_findings_is_that_of_all_of_them(library: Library) -> None:
    rows = [
        library.row(Loan_reference=f"L{at:04}", Branch=f"B{at % 3}", Copy="x" if at % 5 else "1") for at in range(1200)
    ]
    report = ReturnReport.of(library.assess(library.csv(*rows)))
    assert (len(report.findings), report.counts.total) == (1000, report.found.height if report.found else 0)
    assert report.counts.total > 2000
    everything = tuple(first_findings(report.found or Frames(()), report.counts.total))
    assert render_return(report) == render_return(replace(report, findings=everything, found=None))


def test_sarif_of_a_check_says_what_it_does_not_list(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("probation_etl.reports.sarif._LISTED", 3)
    rows = [library.row(Loan_reference=f"L{at:04}", Branch="South") for at in range(9)]
    report = ReturnReport.of(library.assess(library.csv(*rows)), checked_only=True)
    (run,) = json.loads(render_sarif(RunReport(run_id="validate", returns=(report,))))["runs"]
    assert len(run["results"]) == 3
    (note,) = run["invocations"][0]["toolExecutionNotifications"]
    assert note["message"]["text"].endswith("3 of 9 findings are listed; validate --format csv lists all.")
