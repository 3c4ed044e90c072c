"""The report pages as they were last looked at, byte for byte; their stylesheet is named in its place.

After a wanted change, renew them and look at the difference before it is committed:

    PROBATION_ETL_RENEW_GOLDEN=1 pytest tests/golden && git diff tests/golden
"""

import os
from pathlib import Path
from typing import Any

import pytest

from from_json import return_report, run_report, status_report
from probation_etl.contracts.findings import CATALOGUE, make
from probation_etl.reports.return_page import render_return
from probation_etl.reports.run_page import render_run
from probation_etl.status.page import render_status
from stylesheets import with_style, without_style

HERE = Path(__file__).parent
FILE = "faulty/C08_return_2020-11-29_licence_and_impossible_dates.xlsx"
NAME = "Derbyshire, Leicestershire, Nottinghamshire and Rutland CRC"
LICENCE_HINT = (
    "A licence is recalled, not breached. Take licence recalls out of this return; "
    "otherwise use one of the three order types."
)
ORDER_TYPES = "Community order, Suspended sentence order, Post-sentence supervision"


def located(code: str, row: int, letter: str, column: str, value: str | None = None, **more: Any) -> dict[str, Any]:
    places = {"file": FILE, "sheet": "Breaches", "row": row, "cell": f"{letter}{row}"}
    return make(code, column=column, value=value, **places, **more).as_dict()


def findings() -> list[dict[str, Any]]:
    licences = [
        located(
            "not-in-list",
            row,
            "D",
            "Order type",
            "Licence",
            rule="order_type|not-in-list",
            expected=ORDER_TYPES,
            hint=LICENCE_HINT,
        )
        for row in (17, 23, 41)
    ]
    rule = {"rule": "initiated_on|not-a-date", "expected": "dd/MM/yyyy"}
    return [
        make("unexpected-column", column="Notes", severity="warning", file=FILE, sheet="Breaches").as_dict(),
        located("not-a-date", 12, "G", "Breach initiated", "31/11/2020", **rule),
        *licences,
        located("missing-value", 41, "K", "Status", rule="status|required"),
        *(
            located(
                "out-of-range",
                row,
                "B",
                "Event",
                "12",
                rule="event|usual",
                severity="warning",
                expected="at most 9",
            )
            for row in range(50, 75)
        ),
    ]


def a_return(verdict: str = "accepted", read: int = 12, quarantined: int = 0, **other: Any) -> dict[str, Any]:
    return {
        "file": "annexe_2/C07_return_2020-11-29.xlsx",
        "sheet": "Breaches",
        "contract": {"id": "crc-breaches", "version": "1.0.0", "title": "CRC breaches return"},
        "supplier": {"code": "C07", "name": "Cheshire and Greater Manchester CRC"},
        "period_start": "2020-11-16",
        "period_end": "2020-11-29",
        "verdict": verdict,
        "rows": {
            "read": read,
            "accepted": read - quarantined,
            "quarantined": quarantined,
            "blank": 0,
            "notes": 0,
        },
        "nil": False,
        "counts": {"error": 0, "warning": 0},
        "findings": [],
        "findings_shown": 0,
        "report": "C07/crc-breaches-2020-11-29/index.html",
        "loaded_by": None,
        **other,
    }


def faulty_return() -> dict[str, Any]:
    found = findings()
    rows = {"read": 120, "accepted": 116, "quarantined": 4, "blank": 1, "notes": 1}
    return a_return(
        "partly_accepted",
        file=FILE,
        supplier={"code": "C08", "name": NAME},
        rows=rows,
        counts={"error": 5, "warning": 26},
        findings=found,
        findings_shown=len(found),
        rules=rules(found),
        due="2020-12-04",
        report="C08/crc-breaches-2020-11-29/index.html",
    )


PROVISIONS = {
    "order_type|not-in-list": f"‘Order type’ is one of: {ORDER_TYPES.replace(', ', '; ')}. Its meaning: The order that was breached.",
    "initiated_on|not-a-date": "‘Breach initiated’ is a date in the form dd/MM/yyyy.",
    "status|required": "‘Status’ is filled in, in every row.",
}


def rules(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The summary's list of broken rules, of these findings."""
    counts: dict[tuple[str, ...], dict[str, Any]] = {}
    for each in found:
        key = (each["code"], each["rule"], each["severity"])
        entry = counts.setdefault(
            key, {"count": 0, **{name: each[name] for name in ("code", "rule", "severity", "column", "row", "cell")}}
        )
        entry["count"] += 1
        entry |= {"title": CATALOGUE[each["code"]].title, "provision": PROVISIONS.get(each["rule"])}
    return list(counts.values())


def rejected_return() -> dict[str, Any]:
    """Nothing loaded: a fault of the whole, and more faults of one rule than a page lists."""
    total = make("control-total", value="310", expected="300", file=FILE, sheet="Breaches").as_dict()
    late = {
        "rule": "row|heard_not_before_logged",
        "expected": "The breach was heard before it was logged with the court.",
    }
    rows = [
        located("row-rule", row, "K", "Heard on", "05/11/2020", **late, hint="Check both dates.")
        for row in range(4, 254)
    ]
    found = [total, *rows]
    return a_return(
        "rejected", read=300, quarantined=300, file=FILE, supplier={"code": "C08", "name": NAME}, due="2020-12-04",
        counts={"error": 251, "warning": 0}, findings=found, findings_shown=251, rules=rules(found),
    )  # fmt: skip


def corrected_return() -> dict[str, Any]:
    """Sent again: some faults are fixed, one is still there, one is new."""
    found = [
        located("not-in-list", 17, "D", "Order type", "Licence", rule="order_type|not-in-list", expected=ORDER_TYPES, hint=LICENCE_HINT),
        located("missing-value", 41, "K", "Status", rule="status|required"),
    ]  # fmt: skip
    gone = findings()[1:4]
    fields = ("code", "message", "rule", "severity", "row", "column", "cell", "value")
    compared = [("not-in-list", "order_type|not-in-list", 2, 1, 0), ("missing-value", "status|required", 0, 0, 1),
                ("not-a-date", "initiated_on|not-a-date", 1, 0, 0)]  # fmt: skip
    return a_return(
        "partly_accepted", read=120, quarantined=2, file=FILE.replace(".xlsx", "_v2.xlsx"), supplier={"code": "C08", "name": NAME},
        due="2020-12-04", counts={"error": 2, "warning": 0}, findings=found, findings_shown=2, rules=rules(found),
        files=["findings.csv", "findings.json", "annotated.xlsx"],
        resubmission={
            "corrects": {"return_id": "r1", "run_id": "20201201T090000-ab12cd", "file": FILE, "verdict": "partly_accepted"},
            "fixed": 3, "remaining": 1, "new": 1,
            "rules": [
                {"code": code, "rule": rule, "severity": "error", "title": CATALOGUE[code].title, "fixed": fixed, "remaining": left, "new": new}
                for code, rule, fixed, left, new in compared
            ],
            "fixed_findings": [{key: each[key] for key in fields} for each in gone],
            "remaining_findings": [0], "new_findings": [1],
        },
    )  # fmt: skip


def warned_return() -> dict[str, Any]:
    found = [each for each in findings() if each["severity"] == "warning"]
    return a_return(
        "accepted_with_warnings", read=120, counts={"error": 0, "warning": len(found)}, findings=found, findings_shown=len(found),
        rules=rules(found), due="2020-12-04",
    )  # fmt: skip


def counted(table: str, measure: str, count: float, **more: Any) -> dict[str, Any]:
    """An entry of the reconciliation; all that is in the store is in the unified table, but for what is given."""
    nobody = dict.fromkeys(("provider", "period_end", "contract_id", "return_id", "status"))
    rows = dict.fromkeys(("control", "read", "accepted", "quarantined"))
    beside = {"superseded": 0, "replaced": 0} | {key: more[key] for key in ("superseded", "replaced") if key in more}
    counts = {"table": table, "measure": measure, "from_returns": count, "in_store": count, "scope": "run"}
    return {**counts, **nobody, **rows, **beside, "in_unified": count - sum(beside.values()), **more}


def reconciliation() -> list[dict[str, Any]]:
    c08 = {
        "provider": "C08",
        "period_end": "2020-11-29",
        "contract_id": "crc-breaches",
        "return_id": "r1",
        "status": "current",
    }
    n07 = {
        "provider": "N07",
        "period_end": "2020-11-29",
        "contract_id": "nps-caseload",
        "return_id": "r2",
        "status": "current",
    }
    lost = {**c08, "provider": "C07", "return_id": "r3", "status": "rejected", "control": 9}
    rows = {"read": 120, "accepted": 116, "quarantined": 4}
    sent = {"read": 1480, "accepted": 1480, "quarantined": 0}
    return [
        counted("breach", "rows", 116, **rows, superseded=7, replaced=1),
        counted("breach", "heard", 31, superseded=2),
        counted("caseload", "rows", 1480, **sent),
        counted("caseload", "cases", 52310),
        counted("breach", "rows", 40_116, scope="store", superseded=7007, replaced=31),
        counted("weekly_breaches", "logged", 32_006, scope="store"),
        counted("breach", "rows", 0, **lost, read=12, accepted=0, quarantined=12),
        counted("breach", "rows", 116, **c08, control=120, **rows, superseded=7, replaced=1),
        counted("breach", "heard", 31, **c08, superseded=2),
        counted("caseload", "rows", 1480, **n07, **sent),
        counted("caseload", "cases", 52310, **n07),
    ]


def run() -> dict[str, Any]:
    lost = make("unidentified-return", expected="Neither the name nor the header is that of any return.")
    unknown = {
        "contract": None,
        "supplier": None,
        "period_start": None,
        "period_end": None,
        "sheet": None,
        "report": None,
    }
    rejected = {"counts": {"error": 1, "warning": 0}, "findings": [lost.as_dict()], "findings_shown": 1}
    caseload = {"id": "nps-caseload", "version": "1.0.0", "title": "NPS caseload return"}
    london = {"code": "N07", "name": "NPS London"}
    return {
        "format_version": "1",
        "run_id": "20201201T090000-ab12cd",
        "verdict": "rejected",
        "started_at": "2020-12-01T09:00:00Z",
        "returns": [
            a_return(),
            a_return(read=0, nil=True, sheet="Suspended breaches", report="C07/crc-suspended-2020-11-29/index.html"),
            faulty_return(),
            a_return("rejected", read=0, file="Copy of figures (final) v2.xlsx", **rejected, **unknown),
            a_return(
                "unchanged",
                file="C07_return_2020-11-15.xlsx",
                loaded_by="20201117T090000-77fe01",
                report=None,
            ),
            a_return(
                "accepted_with_warnings",
                read=1480,
                file="N07_caseload_2020-11-29.csv",
                sheet=None,
                contract=caseload,
                supplier=london,
                counts={"error": 0, "warning": 2},
                report="N07/nps-caseload-2020-11-29/index.html",
            ),
        ],
        "reconciliation": reconciliation(),
        "released": False,
        "release": {"run_id": "20201117T090000Z-0c0ffee0", "released_at": "2020-11-17T09:00:12Z"},
        "data_docs": "data-docs/index.html",
        "exceptions": [
            {
                "table": "weekly_breaches",
                "measure": "heard",
                "area": {"provider_code": "C08", "region_code": "N53"},
                "period": "2020-11-22",
                "value": 2,
                "side": "low",
                "own": {"median": 20.0, "low": 7.4, "high": 38.2, "count": 26},
                "peers": {"median": 18.5, "low": 6.6, "high": 36.1, "count": 19},
            }
        ],
        "release_checks": [
            {
                "table": "breach",
                "check": "table|newest_period_complete",
                "passed": False,
                "severity": "warning",
                "detail": "Providers that have not sent for the newest period yet: expected exactly 0: found 5",
            },
            {
                "table": "breach",
                "check": "key|unique",
                "passed": True,
                "detail": "expected no two rows with the same key: it holds",
            },
            {
                "table": "caseload",
                "check": "grade|not-in-list",
                "passed": False,
                "detail": "expected one of: PO, PSO: 3 of 1480 rows fail",
            },
            {
                "table": "caseload",
                "check": "cases|minimum",
                "passed": True,
                "detail": "expected at least 0: 0 of 1480 rows fail",
            },
            {
                "table": "caseload",
                "check": "grade|required",
                "passed": True,
                "detail": "expected a value in every row: 0 of 1480 rows fail",
            },
        ],
        "unallocated": [{"table": "caseload", "rows": 4}],
        "not_taken": [
            {
                "file": "C09_return_2020-11-29.csv",
                "state": "waiting",
                "why": "it was still changing while the run waited",
            },
            {"file": "C09/.lock", "state": "left_alone", "why": "hidden"},
            {"file": "C09/<new>\u202etxt", "state": "left_alone", "why": "a link"},
        ],
        "exit_code": 1,
    }


def a_line(supplier: str, name: str, state: str, came: tuple[str, ...] = (), **other: Any) -> dict[str, Any]:
    """A line of the status; what has come was received on these days."""
    counts = dict.fromkeys(("rows_read", "rows_accepted", "rows_quarantined", "errors", "warnings", "rows_unallocated"))
    numbers = dict.fromkeys(counts, 0 if came else None)
    verdict = {"nil": "accepted", "missing": None, "expected": None, "withdrawn": "accepted"}.get(state, state)
    return {
        "supplier_code": supplier, "supplier_name": name, "contract_id": "crc-breaches", "title": "CRC breaches return",
        "period_end": "2020-11-29", "state": state, "due": "2020-12-04", "received": came[0] if came else None,
        "working_days_late": 0 if came else None, "correction": len(came) > 1, "off_cycle": False, "verdict": verdict,
        "nil": state == "nil", "withdrawn": state == "withdrawn", **numbers, "file": f"{supplier}.xlsx" if came else None,
        "sheet": None, "return_id": None, "run_id": None,
        "arrivals": [{"on": each, "state": verdict, "file": f"{supplier}.xlsx", "return_id": "r"} for each in came],
        **other,
    }  # fmt: skip


def an_exception() -> dict[str, Any]:
    own, peers = (
        {"median": 14, "low": 6.5, "high": 24.4, "count": 20},
        {"median": 13.5, "low": 7, "high": 22.1, "count": 11},
    )
    area = {"provider_code": "C05", "region_code": None}
    return {
        "table": "weekly_breaches", "measure": "logged", "area": area, "period": "2020-11-22", "value": 41, "side": "high",
        "own": own, "peers": peers,
    }  # fmt: skip


def picture() -> dict[str, Any]:
    rows = {"rows_read": 120, "rows_accepted": 118, "rows_quarantined": 2, "errors": 2, "warnings": 0}
    lost = {"supplier_code": None, "supplier_name": None, "contract_id": None, "title": None, "period_end": None}
    came = ("2020-12-02",)
    lines = [
        a_line("C01", "Northumbria CRC", "accepted", ("2020-12-02", "2020-12-03"), rows_read=9, rows_accepted=9),
        a_line("C02", "Cumbria and Lancashire CRC", "nil", came),
        a_line("C03", "Durham Tees Valley CRC", "partly_accepted", came, **rows),
        a_line("C05", "West Yorkshire CRC", "accepted_with_warnings", ("2020-12-08",), working_days_late=2, rows_read=4, rows_accepted=4),
        a_line("C06", "Merseyside CRC", "rejected", came, received=None, working_days_late=2, errors=1),
        a_line("C08", NAME, "missing", working_days_late=2),
        a_line("C09", "South Yorkshire CRC", "withdrawn", came, received=None, working_days_late=2),
        a_line("C01", "Northumbria CRC", "expected", period_end="2020-12-13", due="2020-12-18"),
        a_line("C07", "Cheshire and Greater Manchester CRC", "accepted", came, off_cycle=True, rows_unallocated=4,
               period_end="2020-11-22", due="2020-11-27", working_days_late=None),
        a_line("C99", "", "rejected", came, due=None, received=None, working_days_late=None, **lost),
    ]  # fmt: skip
    counts = {
        "due": 8, "received": 5, "late": 1, "nil": 1, "partly_accepted": 1, "corrected": 1, "rejected": 1, "withdrawn": 1,
        "missing": 1, "expected": 1, "unidentified": 1,
    }  # fmt: skip
    silent = [{"contract_id": "nps-caseload", "title": "NPS caseload extract", "period_end": "2020-09-28"}]
    return {
        "format_version": "1", "on": "2020-12-08", "begun": "2020-12-01", "counts": counts, "returns": lines,
        "silent": silent, "exceptions": [an_exception()],
    }  # fmt: skip


def released_run() -> dict[str, Any]:
    """Nothing is wrong, and readers see what was loaded."""
    checks = [{**each, "passed": True} for each in run()["release_checks"]]
    released = {"released": True, "release": {"run_id": run()["run_id"], "released_at": "2020-12-01T09:04:11Z"}}
    returns = [
        a_return(),
        a_return(read=0, nil=True, sheet="Suspended breaches", report="C07/crc-suspended-2020-11-29/index.html"),
    ]
    nothing = {
        "not_taken": [],
        "exceptions": [],
        "unallocated": [],
        "data_docs": None,
        "exit_code": 0,
        "verdict": "accepted",
    }
    return {**run(), "returns": returns, "release_checks": checks, **released, **nothing}


RUN_FILES = ("run.json", "junit.xml", "findings.sarif")
PAGES = {
    "return_accepted.html": lambda: render_return(return_report(a_return(due="2020-12-04"))),
    "return_accepted_with_warnings.html": lambda: render_return(return_report(warned_return())),
    "return_checked_only.html": lambda: render_return(
        return_report({**faulty_return(), "checked_only": True, "files": []})
    ),
    "return_corrected.html": lambda: render_return(return_report(corrected_return())),
    "return_nil.html": lambda: render_return(return_report(a_return(read=0, nil=True))),
    "return_partly_accepted.html": lambda: render_return(return_report(faulty_return())),
    "return_rejected.html": lambda: render_return(return_report(rejected_return())),
    "return_unchanged.html": lambda: render_return(
        return_report(a_return("unchanged", loaded_by="20201117T090000-77fe01", report=None))
    ),
    "run.html": lambda: render_run(run_report(run()), status_page="status.html", files=RUN_FILES),
    "run_released.html": lambda: render_run(run_report(released_run()), status_page="status.html", files=RUN_FILES),
    "status.html": lambda: render_status(status_report(picture()), run_page="index.html"),
}


@pytest.mark.parametrize("name", PAGES)
def test_the_page_is_as_it_was(name: str) -> None:
    page = without_style(PAGES[name]())
    golden = HERE / name
    if os.environ.get("PROBATION_ETL_RENEW_GOLDEN"):
        golden.write_text(page, encoding="utf-8")
    assert page == golden.read_text(encoding="utf-8"), "to renew it, see the head of this file"


def test_a_page_without_its_style_gives_the_page_again() -> None:
    page = PAGES["return_nil.html"]()
    assert with_style(without_style(page)) == page
    assert len(without_style(page)) < len(page) / 2


def test_a_page_whose_policy_names_another_style_is_seen() -> None:
    page = PAGES["return_nil.html"]()
    with pytest.raises(AssertionError, match="its policy names another one"):
        without_style(page.replace("'sha256-", "'sha256-x"))
