"""How a run concludes: totals are counted, checks made, what is loaded released, and the report written."""

from __future__ import annotations

from dataclasses import replace

from probation_etl.journal import Clock, tell
from probation_etl.reports.files import DATA_DOCS_PAGE
from probation_etl.reports.run_folder import RUN_PAGE
from probation_etl.reports.run_report import RunReport
from probation_etl.runs.release import is_released, may_be_released, release_checks
from probation_etl.runs.session import RunSession
from probation_etl.stages import seconds_by_stage, spending
from probation_etl.status.arrivals import day_of
from probation_etl.status.exceptions import exceptions, unallocated
from probation_etl.status.page import render_status
from probation_etl.status.picture import status
from probation_etl.stores.reconciliation import reconciled
from probation_etl.unified.activity import ActivityException
from probation_etl.unified.reconcile import Reconciliation
from probation_etl.unified.release_checks import CheckResult


def conclude(session: RunSession) -> RunReport:
    """Counts totals, runs the release checks, releases, and writes the report, before anything is committed.

    If a check fails, or none is to be made, what was loaded is kept, and readers of ``released`` see the previous release.

    Raises:
        ReconciliationError: Totals do not agree.
    """
    counted: list[Reconciliation] = []
    checks: list[CheckResult] = []
    if session.changed:
        with spending("reconcile"):
            counted = reconciled(session.store, session.rulebook, run_id=session.record.run_id)
    if session.changed and session.releases:
        clock = Clock()
        with spending("check"):
            checks = _checks(session)
        _tell_of(checks, clock)
        if may_be_released(checks):
            clock = Clock()
            with spending("release"):
                session.store.releases.make()
            tell("release", "released", seconds=clock.seconds)
    release = session.store.releases.newest()
    with spending("exceptions"):
        unusual = exceptions(session.store, session.rulebook) if session.changed else []
    report = RunReport(
        run_id=session.record.run_id,
        started_at=session.record.started_at,
        returns=tuple(sorted(session.returns, key=lambda each: (each.file, each.sheet or ""))),
        reconciliation=tuple(counted),
        release_checks=tuple(checks),
        unallocated=tuple(unallocated(session.store, session.rulebook)),
        exceptions=tuple(unusual),
        released=is_released(release),
        release=release,
        not_taken=tuple(sorted(session.not_taken, key=lambda each: (not each.waits, each.file))),
        data_docs=DATA_DOCS_PAGE if checks and session.data_docs and session.reports else None,
        new_store=session.store.preparation.is_new,
        finished=session.finished,
    )
    written = session.reports if session.changed else None
    if written:
        with spending("report"):
            written.finish(report, status_page=_status_page(session, unusual))
    report = replace(report, seconds=seconds_by_stage())
    if written:
        written.sum_up(report)
    return report


def _checks(session: RunSession) -> list[CheckResult]:
    pages = session.reports.data_docs() if session.reports and session.data_docs else None
    return release_checks(session.store, session.rulebook, pages, session.limits.query_seconds)


def _status_page(session: RunSession, unusual: list[ActivityException]) -> str:
    """The page that says who has sent what by the day of this run."""
    contracts, reference = session.rulebook.contracts, session.rulebook.reference
    found = status(session.store, contracts, reference, on=day_of(session.record.started_at), exceptions=unusual)
    return render_status(found, run_page=RUN_PAGE)


def _tell_of(checks: list[CheckResult], clock: Clock) -> None:
    counts = {"passed": 0, "failed": 0, "warnings": 0}
    for each in checks:
        counts["passed" if each.passed else "warnings" if each.severity == "warning" else "failed"] += 1
    tell("check", "failed" if counts["failed"] else "passed", counts=counts, seconds=clock.seconds)
