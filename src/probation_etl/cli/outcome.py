"""What a run did, and what its checks found, as lines of text."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from probation_etl.reports.run_report import FinishedRun, RunReport
    from probation_etl.stores import Release
    from probation_etl.unified.release_checks import CheckResult


def show_run(report: RunReport, reports: Path | None = None) -> None:
    """Prints what a run did: a line for each return, the most frequent faults, and where the reports are.

    Args:
        report: What was found.
        reports: Folder of the run's reports; None where none were written.
    """
    from probation_etl.cli.output import console_on, plain
    from probation_etl.cli.results import headline, show_beside, show_faults, show_not_taken, show_returns
    from probation_etl.status.page import exception_in_words

    if not report.returns:
        click.echo("There is nothing to take in the inbox." if report.not_taken else "There is nothing in the inbox.")
        show_not_taken(report.not_taken)
        return
    console = console_on()
    show_returns(report.returns, console)
    show_faults(report.returns, console)
    click.echo("")
    show_beside(report.returns)
    show_checks(report.release_checks)
    for exception in report.exceptions:
        click.echo(f"activity exception: {plain(exception_in_words(exception))}")
    for each in report.unallocated:
        if each.rows:
            click.echo(f"{each.table}: {each.rows} row(s) with {each.column} ‘{each.value}’")
    click.echo(headline(report.returns))
    show_not_taken(report.not_taken)
    if not report.released:
        click.echo(release_line(report.release, released=False))
    if reports:
        click.echo(f"Reports: {reports}/index.html")


def show_finished(runs: Iterable[FinishedRun], reports: Path) -> None:
    """Prints a line for each earlier run that was finished.

    Args:
        runs: The runs.
        reports: Where the reports of all runs are kept.
    """
    for each in runs:
        where = f"reports: {reports / each.run_id}/index.html" if each.report else "its reports were removed"
        verdict = each.verdict.replace("_", " ")
        click.echo(
            f"Run {each.run_id} was interrupted after its returns were loaded, and is finished now: {verdict}; {where}"
        )


def show_checks(checks: Iterable[CheckResult]) -> None:
    """Prints a line for each release check that failed."""
    for check in checks:
        if not check.passed:
            what = "warning" if check.severity == "warning" else "failed"
            click.echo(f"release check {what}: {check.table}: {check.check}: {check.detail}")


def release_line(release: Release | None, *, released: bool) -> str:
    """What readers of the released tables see.

    Args:
        release: The newest release; None where there is none.
        released: Whether it shows all that is loaded.
    """
    if release and released:
        return f"Released: readers see the state after run {release.run_id}."
    since = release and release.as_dict()["released_at"]
    seen = f"the state after run {release.run_id}, released {since}" if release else "no rows yet"
    return f"Not released: readers of ‘released’ see {seen}. ‘probation-etl check --release’ makes the checks, and releases if they pass."
