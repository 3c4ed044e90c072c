"""The commands that run the main job: demo, run."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import click

from probation_etl.cli.options import contracts_option, json_option, limit_option, store_option


@click.command()
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False), default="probation-etl-demo")
def demo(directory: Path) -> int:
    """Runs the main job on the sample returns, in DIRECTORY (default: probation-etl-demo).

    One of the returns is faulty on purpose. Ends with 0 when all came out as it must.
    """
    from probation_etl.demo import demonstrate

    done = demonstrate(directory)
    show_run(done.result.summary, done.result.reports)
    click.echo(f"Store: {done.store}")
    for surprise in done.surprises:
        click.echo(f"probation-etl: {surprise}", err=True)
    click.echo(
        "All came out as expected, the faulty return included." if not done.surprises else "This is not as expected."
    )
    return 1 if done.surprises else 0


@click.command()
@click.argument("inbox", type=click.Path(path_type=Path))
@store_option
@click.option(
    "--reports", type=click.Path(path_type=Path), default="reports", show_default=True, help="Where reports go."
)
@contracts_option
@click.option("--dry-run", is_flag=True, help="Judge everything, change nothing.")
@limit_option
@click.option(
    "--annotated",
    is_flag=True,
    help="Write each return with findings as a workbook with its faults marked; it holds the supplier's own data.",
)
@click.option(
    "--data-docs", is_flag=True, help="Let Great Expectations make its own pages of the release checks, in the reports."
)
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
    as_json: bool,
) -> int:
    """Runs every new file in INBOX through all stages and loads what is good."""
    from probation_etl.cli.progress import FileProgress
    from probation_etl.intake.readers import limits_from
    from probation_etl.runs import run as run_pipeline

    held = limits_from(limits)
    with FileProgress(quiet=settings["quiet"]) as progress:
        result = run_pipeline(
            inbox, store=store, reports=reports, contracts=contracts, dry_run=dry_run, limits=held,
            annotated=annotated, on_file=progress, data_docs=data_docs,
        )  # fmt: skip
    if as_json:
        click.echo(json.dumps(result.summary, ensure_ascii=False, indent=2))
    elif not settings["quiet"] or result.exit_code:
        show_run(result.summary, result.reports)
    return result.exit_code


def show_run(summary: Mapping[str, Any], reports: Path | None = None) -> None:
    """Prints what a run did: a line each return, the most frequent faults, and where to look.

    Args:
        summary: The JSON shape of results.
        reports: Folder of the run's reports; None where none were written.
    """
    from probation_etl.cli.summary import headline, show_faults, show_returns
    from probation_etl.cli.tables import console_on, plain
    from probation_etl.status.page import exception_in_words

    if not summary["returns"]:
        click.echo("There is nothing in the inbox.")
        return
    console = console_on()
    show_returns(summary["returns"], console)
    show_faults(summary["returns"], console)
    click.echo("")
    show_checks(summary["release_checks"])
    for each in summary["exceptions"]:
        click.echo(f"activity exception: {plain(exception_in_words(each))}")
    for entry in summary["unallocated"]:
        if entry["rows"]:
            click.echo(f"{entry['table']}: {entry['rows']} row(s) with {entry['column']} ‘{entry['value']}’")
    click.echo(headline(summary))
    if not summary["released"]:
        click.echo(release_line(summary))
    if reports:
        click.echo(f"Reports: {reports}/index.html")


def show_checks(checks: Iterable[Mapping[str, Any]]) -> None:
    """Prints the release checks that failed, a line each."""
    for check in checks:
        if not check["passed"]:
            what = "warning" if check["severity"] == "warning" else "failed"
            click.echo(f"release check {what}: {check['table']}: {check['check']}: {check['detail']}")


def release_line(summary: Mapping[str, Any]) -> str:
    """What readers of the released tables see."""
    state = summary["release"]
    if summary["released"]:
        return f"Released: readers see the state after run {state['run_id']}."
    seen = f"the state after run {state['run_id']}, released {state['released_at']}" if state else "no rows yet"
    return f"Not released: readers of ‘released’ see {seen}. ‘probation-etl check --release’ checks again."
