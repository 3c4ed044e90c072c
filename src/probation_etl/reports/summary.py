"""The one model that every report is rendered from: plain values in the shape that ``run --json`` prints."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

import polars as pl

from probation_etl.contracts.checks import Check
from probation_etl.contracts.findings import CATALOGUE
from probation_etl.contracts.model import ReturnContract
from probation_etl.intake.header import is_restricted
from probation_etl.intake.resubmission import Resubmission
from probation_etl.intake.result import ReturnResult
from probation_etl.stores import Attempt

FORMAT_VERSION = "1"
#: Findings of one return that the run's JSON holds; ``findings.csv`` holds them all.
FINDINGS_SHOWN = 1000

_ORDER = ("unchanged", "accepted", "accepted_with_warnings", "partly_accepted", "rejected")


def return_summary(
    result: ReturnResult,
    *,
    report: str | None = None,
    shown: int | None = FINDINGS_SHOWN,
    files: Iterable[str] = (),
    resubmission: Resubmission | None = None,
    due: date | None = None,
) -> dict[str, Any]:
    """One return as it stands in JSON.

    Args:
        result: The return.
        report: Its page, relative to the page of the run.
        shown: How many findings at most; None for all.
        files: Names of the files beside its page.
        resubmission: How it compares with the return that it corrects.
        due: The last day on which it is in time; None where nothing is agreed.
    """
    contract, supplier = result.contract, result.supplier
    findings = result.findings if shown is None else result.findings.head(shown)
    return {
        "file": result.file,
        "sheet": result.sheet,
        "contract": contract and {"id": contract.id, "version": contract.version, "title": contract.title},
        "supplier": supplier and {"code": supplier.code, "name": supplier.name},
        "period_start": _iso(result.period_start),
        "period_end": _iso(result.period_end),
        "due": _iso(due),
        "verdict": result.verdict,
        "nil": result.is_nil,
        "rows": asdict(result.rows),
        "counts": result.counts(),
        "findings": findings.to_dicts(),
        "findings_shown": findings.height,
        "rules": faults_by_rule(result.findings, contract, result.checks),
        "resubmission": resubmission and resubmission.as_dict(shown),
        "report": report,
        "files": list(files),
        "loaded_by": None,
    }


def faults_by_rule(
    findings: pl.DataFrame, contract: ReturnContract | None, checks: Mapping[str, Check]
) -> list[dict[str, Any]]:
    """How often each rule was broken, the most frequent first, with the place of the first; of all findings, shown or not.

    Args:
        findings: Columns as in ``FINDING_SCHEMA``.
        contract: The contract of the return.
        checks: Its rules by name, which say what each asks.
    """
    header = pl.col("column")
    counted = findings.group_by("code", "rule", "severity", maintain_order=True).agg(
        count=pl.len(),
        column=pl.when(header.n_unique() == 1).then(header.first()),
        row=pl.col("row").first(),
        cell=pl.col("cell").first(),
    )
    listed = counted.sort(pl.col("count"), pl.col("severity") == "error", descending=True, maintain_order=True)
    return [
        {
            **each,
            "title": CATALOGUE[each["code"]].title,
            "provision": checks[each["rule"]].words if each["rule"] in checks else None,
            "masked": is_restricted(contract, each["column"]),
        }
        for each in listed.to_dicts()
    ]


def unchanged_summary(entry: Attempt, name: str, titles: Mapping[str, str]) -> dict[str, Any]:
    """A return that an earlier run has seen with the same content, from its entry in the ledger.

    Args:
        entry: The ledger's entry.
        name: Name of the file this time.
        titles: Titles of contracts by id.
    """
    contract = entry.contract_id and {
        "id": entry.contract_id,
        "version": entry.contract_version,
        "title": titles.get(entry.contract_id, entry.contract_id),
    }
    return {
        "file": name,
        "sheet": entry.sheet,
        "contract": contract,
        "supplier": entry.supplier_code and {"code": entry.supplier_code, "name": entry.supplier_name},
        "period_start": _iso(entry.period_start),
        "period_end": _iso(entry.period_end),
        "due": None,
        "verdict": "unchanged",
        "nil": entry.is_nil,
        "rows": {
            each: getattr(entry, f"rows_{each}") for each in ("read", "accepted", "quarantined", "blank", "notes")
        },
        "counts": {"error": entry.errors, "warning": entry.warnings},
        "findings": [],
        "findings_shown": 0,
        "rules": [],
        "resubmission": None,
        "report": None,
        "files": [],
        "loaded_by": entry.run_id,
    }


def run_summary(
    run_id: str,
    returns: Iterable[Mapping[str, Any]],
    *,
    started_at: str | None = None,
    reconciliation: Iterable[Mapping[str, Any]] = (),
    release_checks: Iterable[Mapping[str, Any]] = (),
    unallocated: Iterable[Mapping[str, Any]] = (),
    exceptions: Iterable[Mapping[str, Any]] = (),
    released: bool | None = None,
    release: Mapping[str, Any] | None = None,
    data_docs: str | None = None,
) -> dict[str, Any]:
    """A whole run as it stands in JSON, with its verdict and exit code.

    Args:
        run_id: Name of the run.
        returns: Its returns, as :func:`return_summary` gives them.
        started_at: When it started, as text.
        reconciliation: What was counted.
        release_checks: What the release checks found.
        unallocated: Rows for which a lookup found no value.
        exceptions: Counts outside the band of their history and peers.
        released: Whether readers of the released tables see all that is loaded; None where there is no store.
        release: The run whose state they see, and since when; None where nothing has been released.
        data_docs: First page of Great Expectations' own, relative to the page of the run.
    """
    listed, checks = list(returns), list(release_checks)
    return {
        "format_version": FORMAT_VERSION,
        "run_id": run_id,
        "started_at": started_at,
        "verdict": max((each["verdict"] for each in listed), key=_ORDER.index, default="unchanged"),
        "returns": listed,
        "reconciliation": list(reconciliation),
        "release_checks": checks,
        "unallocated": list(unallocated),
        "exceptions": list(exceptions),
        "released": released,
        "release": release,
        "data_docs": data_docs,
        "exit_code": _exit_code(listed, checks),
    }


def _exit_code(returns: list[Mapping[str, Any]], checks: list[Mapping[str, Any]]) -> int:
    faulty = any(each["verdict"] in ("partly_accepted", "rejected") for each in returns)
    unreleased = any(not each["passed"] and each.get("severity") != "warning" for each in checks)
    return 1 if faulty or unreleased else 0


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
