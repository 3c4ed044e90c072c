"""What people and programs are told of a run that has ended: numbers and names of returns, and no value of one.

Files are not named: a name may hold what is written in the file. The shape is published in
``docs/reference/schemas/notice.schema.json``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from probation_etl.operations.events import Ended
from probation_etl.reports.return_report import ReturnReport
from probation_etl.reports.run_report import RunReport
from probation_etl.reports.tally import Tally
from probation_etl.reports.verdicts import NEED_ATTENTION
from probation_etl.reports.wording import iso

#: So many returns are listed at most.
_MOST = 100


def notice(end: Ended) -> dict[str, Any]:
    """The notice as JSON."""
    report = end.report
    tally = Tally.of(report) if report else None
    attention = _attention(report) if report else []
    return {
        "format_version": "1",
        "run": end.run.run_id,
        "state": end.state,
        "verdict": report.verdict if report else None,
        "exit_code": end.exit_code,
        "started_at": f"{end.run.started_at.isoformat()}Z",
        "ended_at": f"{end.ended_at.isoformat(timespec='seconds')}Z",
        "seconds": end.seconds,
        "error": {"code": end.failure.code, "message": end.failure.message} if end.failure else None,
        "returns": dict(tally.returns) if tally else None,
        "rows": asdict(tally.rows) if tally else None,
        "findings": asdict(tally.findings) if tally else None,
        "failed_checks": _failed_checks(report) if report else [],
        "released": report.released if report else None,
        "attention": attention[:_MOST],
        "attention_total": len(attention),
        "reports": str(end.reports) if end.reports else None,
        "text": text(end),
    }


def headline(end: Ended) -> str:
    """The run in one line."""
    if end.failure:
        return f"the run failed with exit code {end.exit_code} ({end.failure.code})"
    if end.report is None or not end.report.returns:
        return "nothing was in the inbox"
    verdicts = {key: number for key, number in Tally.of(end.report).returns.items() if number}
    counted = ", ".join(f"{number} {verdict.replace('_', ' ')}" for verdict, number in verdicts.items())
    total = sum(verdicts.values())
    return f"{total} return{'s' if total > 1 else ''}: {counted}"


def text(end: Ended) -> str:
    """The notice as text: the run in one line, then what asks for attention."""
    return "\n".join(_lines(end))


def _lines(end: Ended) -> Iterator[str]:
    yield f"probation-etl: {headline(end)}."
    if end.failure:
        yield end.failure.message
    if end.report:
        attention = _attention(end.report)
        for each in attention[:_MOST]:
            yield f"- {_in_words(each)}"
        if len(attention) > _MOST:
            yield f"- and {len(attention) - _MOST} more"
        for check in _failed_checks(end.report):
            yield f"- release check failed: {check}"
        if end.report.released is False:
            yield "- what was loaded is not released to readers"
    if end.reports:
        yield f"Reports: {end.reports}/index.html"
    yield f"Run: {end.run.run_id}"


def _in_words(each: dict[str, Any]) -> str:
    name = " ".join(each[key] for key in ("supplier", "contract", "period_end") if each[key])
    rows, codes = each["rows"], ", ".join(each["codes"])
    taken = f"{rows['accepted']} of {rows['read']} row(s) accepted" if rows["read"] else "no row was read"
    return f"{name or 'a file'}: {each['verdict'].replace('_', ' ')}, {taken}, {each['errors']} error(s) ({codes})"


def _attention(report: RunReport) -> list[dict[str, Any]]:
    return [_named(each) for each in report.returns if each.verdict in NEED_ATTENTION]


def _named(each: ReturnReport) -> dict[str, Any]:
    """A return by what it is; its page only where the page is not named after the file."""
    contract = each.contract.id if each.contract else None
    return {
        "supplier": each.supplier.code if each.supplier else None,
        "contract": contract,
        "period_end": iso(each.period_end),
        "verdict": each.verdict,
        "rows": {"read": each.rows.read, "accepted": each.rows.accepted, "quarantined": each.rows.quarantined},
        "errors": each.counts.error,
        "warnings": each.counts.warning,
        "codes": sorted({one.code for one in each.rules if one.severity == "error"}),
        "report": each.report if contract else None,
    }


def _failed_checks(report: RunReport) -> list[str]:
    failed = (each for each in report.release_checks if not each.passed and each.severity != "warning")
    return [f"{each.table}: {each.check}" for each in failed]
