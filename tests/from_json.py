"""Reports from their JSON shape: tests write the shape that users get, and may leave out what has a default."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from probation_etl.contracts.findings import Finding
from probation_etl.intake.notes import Note
from probation_etl.intake.resubmission import CorrectedReturn
from probation_etl.intake.verdict import Rows
from probation_etl.reports.comparison import ComparedRule, Comparison, FixedFinding
from probation_etl.reports.not_taken import NotTaken
from probation_etl.reports.return_report import ContractName, FindingCounts, ReturnReport, SupplierName
from probation_etl.reports.rule_counts import RuleCount
from probation_etl.reports.run_report import RunReport, Unallocated
from probation_etl.status.model import SilentReturn, StatusLine, StatusReport, Submission
from probation_etl.stores import Release
from probation_etl.unified.activity import ActivityException, Band
from probation_etl.unified.reconcile import Reconciliation
from probation_etl.unified.release_checks import CheckResult

Document = Mapping[str, Any]
DAYS = {"period_start", "period_end", "due", "received", "on", "begun", "period"}


def return_report(document: Document) -> ReturnReport:
    files = document.get("files", ("findings.csv", "findings.json"))
    given = _dated({key: value for key, value in document.items() if key != "findings_shown"})
    return ReturnReport(
        **given
        | {
            "contract": _made(ContractName, document.get("contract")),
            "supplier": _made(SupplierName, document.get("supplier")),
            "rows": Rows(**document["rows"]),
            "notes": tuple(Note(**each) for each in document.get("notes", ())),
            "counts": FindingCounts(**document["counts"]),
            "findings": tuple(Finding(**each) for each in document["findings"]),
            "rules": tuple(RuleCount(**each) for each in document.get("rules", ())),
            "resubmission": _comparison(document.get("resubmission")),
            "files": tuple(files),
        }
    )


def _comparison(document: Document | None) -> Comparison | None:
    if document is None:
        return None
    return Comparison(
        CorrectedReturn(**document["corrects"]),
        *(document[key] for key in ("fixed", "remaining", "new")),
        tuple(ComparedRule(**each) for each in document["rules"]),
        tuple(FixedFinding(**each) for each in document["fixed_findings"]),
        tuple(document["remaining_findings"]),
        tuple(document["new_findings"]),
    )


def run_report(document: Document) -> RunReport:
    started, release = document.get("started_at"), document.get("release")
    return RunReport(
        run_id=document["run_id"],
        started_at=_moment(started) if started else None,
        returns=tuple(map(return_report, document["returns"])),
        reconciliation=tuple(Reconciliation(**_dated(each)) for each in document.get("reconciliation", ())),
        release_checks=tuple(CheckResult(**each) for each in document.get("release_checks", ())),
        unallocated=tuple(
            Unallocated(**{"column": "", "value": "", **each}) for each in document.get("unallocated", ())
        ),
        exceptions=tuple(map(activity_exception, document.get("exceptions", ()))),
        released=document.get("released"),
        release=Release(release["run_id"], _moment(release["released_at"]), "", is_newest=False) if release else None,
        data_docs=document.get("data_docs"),
        not_taken=tuple(NotTaken(**each) for each in document.get("not_taken", ())),
    )


def activity_exception(document: Document) -> ActivityException:
    bands = {key: _made(Band, document[key]) for key in ("own", "peers")}
    return ActivityException(**_dated({key: value for key, value in document.items() if key != "side"}) | bands)


def status_line(document: Document) -> StatusLine:
    arrivals = tuple(
        Submission(**{"file": "", "return_id": "", **_dated(each)}) for each in document.get("arrivals", ())
    )
    return StatusLine(**_dated(document) | {"arrivals": arrivals})


def status_report(document: Document) -> StatusReport:
    return StatusReport(
        date.fromisoformat(document["on"]),
        date.fromisoformat(document["begun"]),
        tuple(map(status_line, document["returns"])),
        tuple(SilentReturn(**{"contract_id": "", **_dated(each)}) for each in document["silent"]),
        tuple(map(activity_exception, document["exceptions"])),
    )


def _made(kind: type[Any], document: Document | None) -> Any:
    return None if document is None else kind(**document)


def _dated(document: Document) -> dict[str, Any]:
    return {key: date.fromisoformat(value) if key in DAYS and value else value for key, value in document.items()}


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text.removesuffix("Z"))
