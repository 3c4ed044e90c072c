"""The commands that run the main job and its checks: demo, run, check."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from probation_etl.cli.logs import remark
from probation_etl.cli.operations import operations_options, watched
from probation_etl.cli.options import (
    contracts_option,
    json_option,
    limit_option,
    present,
    reports_option,
    store_option,
    wait_option,
)
from probation_etl.cli.outcome import release_line, show_checks, show_finished, show_run
from probation_etl.cli.run_options import (
    archive_option,
    ledger_option,
    newest_by_option,
    read_all_option,
    release_option,
    settle_option,
    workers_option,
)

if TYPE_CHECKING:
    from probation_etl.operations.events import Observer
    from probation_etl.runs.order import NewestBy
    from probation_etl.runs.result import RunResult


@click.command()
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False), default="probation-etl-demo")
def demo(directory: Path) -> int:
    """Runs the main job on the sample returns, in DIRECTORY (default: probation-etl-demo).

    One of the returns is faulty on purpose. The exit code is 0 if the outcome is the expected one.
    """
    from probation_etl.demo import demonstrate

    done = demonstrate(directory)
    show_run(done.result.report, done.result.reports)
    click.echo(f"Store: {done.store}")
    for surprise in done.surprises:
        remark(f"probation-etl: {surprise}", warns=True)
    click.echo(
        "The outcome is as expected, including the faulty return." if not done.surprises else "This is not as expected."
    )
    return 1 if done.surprises else 0


@click.command()
@click.argument("inbox", type=click.Path(path_type=Path))
@store_option
@reports_option
@contracts_option
@click.option("--dry-run", is_flag=True, help="Validate everything and change nothing.")
@limit_option
@click.option(
    "--annotated",
    is_flag=True,
    help="Write each return that has findings as a workbook with the faulty cells marked. It holds the supplier's data.",
)
@click.option(
    "--data-docs",
    is_flag=True,
    help="Add the pages that Great Expectations makes of the release checks to the reports.",
)
@newest_by_option
@settle_option
@archive_option
@read_all_option
@workers_option
@release_option
@ledger_option
@wait_option
@operations_options
@json_option
@click.pass_obj
def run(
    settings: Mapping[str, Any],
    inbox: Path,
    store: str,
    reports: Path,
    contracts: Path | None,
    dry_run: bool,
    limits: tuple[str, ...],
    annotated: bool,
    data_docs: bool,
    newest_by: NewestBy | None,
    settle: float,
    archive: Path | None,
    read_all: bool,
    workers: int | None,
    release: bool,
    ledger: Path | None,
    wait: int,
    observers: Sequence[Observer],
    as_json: bool,
) -> int:
    """Validates every new file in INBOX, loads the good rows and writes reports."""
    from probation_etl.cli.progress import FileProgress
    from probation_etl.intake.readers import limits_from
    from probation_etl.runs.run import run as run_pipeline

    with (
        watched(() if dry_run else observers, inbox=inbox, store=store) as watch,
        FileProgress(quiet=settings["quiet"], also=watch.working) as progress,
    ):

        def show(result: RunResult) -> None:
            progress.stop()
            watch.found(result.exit_code, result.report, result.reports)
            if as_json:
                click.echo(json.dumps(result.summary, ensure_ascii=False, indent=2))
            elif not settings["quiet"] or result.exit_code or result.report.tells:
                if result.report.new_store:
                    click.echo(_new_store(store, dry_run=dry_run))
                show_run(result.report, result.reports)
                show_finished(result.report.finished, reports)

        result = run_pipeline(
            inbox, store=store, reports=reports, contracts=contracts, dry_run=dry_run, limits=limits_from(limits),
            annotated=annotated, on_file=progress, data_docs=data_docs, newest_by=newest_by, settle=settle,
            archive=archive, release=release, ledger=ledger, wait=wait, read_all=read_all, workers=workers, show=show,
        )  # fmt: skip
    return result.exit_code


def _new_store(store: str, *, dry_run: bool) -> str:
    """Said aloud, because a mistyped path makes a new store too."""
    from probation_etl.stores import shown_url

    made = f"There is no store yet: {shown_url(store)}" if dry_run else f"New store: {shown_url(store)}"
    return f"{made}. If there should be one already, is the path right?"


@click.command()
@store_option
@click.option(
    "--data-docs", type=click.Path(path_type=Path, file_okay=False), metavar="DIR",
    help="Directory for the pages that Great Expectations makes of the checks.",
)  # fmt: skip
@click.option("--release", is_flag=True, help="Release what is loaded to readers if the checks pass.")
@contracts_option
@limit_option
@wait_option
@json_option
@click.pass_obj
def check(
    settings: Mapping[str, Any], store: str, data_docs: Path | None, release: bool, contracts: Path | None,
    limits: tuple[str, ...], wait: int, as_json: bool,
) -> int:  # fmt: skip
    """Runs the release checks (Great Expectations) on the unified tables.

    The exit code is 1 if a check fails whose severity is error. A run makes the same checks, and releases what it has
    loaded if they pass. This command releases nothing without --release.
    """
    from probation_etl.intake.readers import limits_from
    from probation_etl.runs.release import check_store

    present(store)
    found = check_store(
        store, contracts=contracts, data_docs=data_docs, release=release, wait=wait, limits=limits_from(limits)
    )
    if as_json:
        click.echo(json.dumps(found.as_dict(), ensure_ascii=False, indent=2))
    elif not settings["quiet"] or found.exit_code:
        show_checks(found.checks)
        passed = sum(each.passed for each in found.checks)
        click.echo(f"{passed} of {len(found.checks)} release checks passed")
        click.echo(release_line(found.release, released=found.released))
        if data_docs:
            click.echo(f"Pages: {data_docs}/index.html")
    return found.exit_code
