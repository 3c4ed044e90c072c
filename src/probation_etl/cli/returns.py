"""The commands that work with returns: demo, run, validate."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from probation_etl.cli.options import contracts_option, json_option, store_option
from probation_etl.cli.output import emit
from probation_etl.errors import EnvironmentFailure

_limit_option = click.option(
    "--limit", "limits", multiple=True, metavar="NAME=NUMBER",
    help="How large a file may be, such as rows=1000000; more than once for several. An unknown name lists them all.",
)  # fmt: skip


@click.command()
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False), default="probation-etl-demo")
def demo(directory: Path) -> int:
    """Runs the main job on the sample returns, in DIRECTORY (default: probation-etl-demo).

    One of the returns is faulty on purpose. Ends with 0 when all came out as it must.
    """
    from probation_etl.demo import demonstrate

    done = demonstrate(directory)
    show_run(done.result.summary)
    click.echo(f"\nStore:   {done.store}\nReports: {done.result.reports}/index.html")
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
@_limit_option
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
    data_docs: bool,
    as_json: bool,
) -> int:
    """Runs every new file in INBOX through all stages and loads what is good."""
    from probation_etl.pipeline import run as run_pipeline
    from probation_etl.readers import limits_from

    result = run_pipeline(
        inbox, store=store, reports=reports, contracts=contracts, dry_run=dry_run, limits=limits_from(limits),
        data_docs=data_docs,
    )  # fmt: skip
    if as_json:
        click.echo(json.dumps(result.summary, ensure_ascii=False, indent=2))
    elif not settings["quiet"] or result.exit_code:
        show_run(result.summary)
        if result.reports:
            click.echo(f"\nReports: {result.reports}/index.html")
    return result.exit_code


@click.command()
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path)
)
@click.option("--contract", "contract_id", help="Contract to hold the files against (default: as identified).")
@click.option("--as-supplier", help="Code of the supplier (default: as identified).")
@click.option(
    "--period-end", type=click.DateTime(["%Y-%m-%d"]), help="Last day of the period (default: as identified)."
)
@contracts_option
@_limit_option
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "csv"]),
    default="text",
    show_default=True,
    help="Form of the result.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File to write to (default: standard output).",
)
def validate(
    files: tuple[Path, ...], contract_id: str | None, as_supplier: str | None, period_end: datetime | None,
    contracts: Path | None, limits: tuple[str, ...], form: str, output: Path | None,
) -> int:  # fmt: skip
    """Checks FILES without a store. ``-`` reads CSV from standard input.

    References between returns are checked among the files given.
    """
    from probation_etl.pipeline.check import check_files
    from probation_etl.pipeline.inbox import shown_name
    from probation_etl.pipeline.rulebook import load_rulebook
    from probation_etl.readers import limits_from
    from probation_etl.reports.summary import return_summary, run_summary
    from probation_etl.sender import Given

    rulebook = load_rulebook(contracts)
    if contract_id is not None and contract_id not in {each.id for each in rulebook.returns()}:
        known = ", ".join(dict.fromkeys(each.id for each in rulebook.returns()))
        raise click.BadParameter(f"‘{contract_id}’ is no return; expected one of {known}.", param_hint="--contract")
    chosen = tuple(rulebook.contracts.versions[contract_id]) if contract_id else ()
    given = Given(chosen, as_supplier, period_end.date() if period_end else None)
    held = limits_from(limits)
    named = [("standard input" if str(path) == "-" else shown_name(Path(path.name)), path) for path in files]
    contents = [(name, _content(path, held.file_bytes)) for name, path in named]
    results = list(check_files(contents, rulebook, given=given, limits=held))
    summary = run_summary("validate", [return_summary(each) for each in results])
    _FORMS[form](summary, results, output)
    return int(summary["exit_code"])


def _content(path: Path, most: int) -> bytes:
    """The content of a file; of one past the limit so much that it is seen to be past it, and no more."""
    try:
        if str(path) == "-":
            return sys.stdin.buffer.read(most + 1)
        with path.open("rb") as file:
            return file.read(most + 1) if path.stat().st_size > most else file.read()
    except OSError as error:
        raise EnvironmentFailure(f"The file {path} cannot be read: {error.strerror}.") from None


def _verdict(entry: Mapping[str, Any]) -> str:
    """A verdict in words; a nil return is called so unless there is more to say of it."""
    nil = entry["nil"] and entry["verdict"] == "accepted"
    return "nil return" if nil else str(entry["verdict"]).replace("_", " ")


def show_run(summary: Mapping[str, Any]) -> None:
    """Prints what a run did, a line each return."""
    from probation_etl.cli.tables import plain, show_table
    from probation_etl.reports.status import exception_in_words

    if not summary["returns"]:
        click.echo("There is nothing in the inbox.")
        return
    rows = [
        (
            (each["supplier"] or {}).get("code"), (each["contract"] or {}).get("id"), each["period_end"], _verdict(each),
            each["rows"]["read"], each["rows"]["accepted"], each["rows"]["quarantined"],
            each["counts"]["error"], each["counts"]["warning"], each["file"],
        )
        for each in summary["returns"]
    ]  # fmt: skip
    counts = ("read", "accepted", "quarantined", "errors", "warnings")
    show_table(("supplier", "return", "period end", "verdict", *counts, "file"), rows)
    show_checks(summary["release_checks"])
    for each in summary["exceptions"]:
        click.echo(f"activity exception: {plain(exception_in_words(each))}")
    for entry in summary["unallocated"]:
        if entry["rows"]:
            click.echo(f"{entry['table']}: {entry['rows']} row(s) with {entry['column']} ‘{entry['value']}’")
    click.echo(f"\n{len(summary['returns'])} return(s): {summary['verdict'].replace('_', ' ')}")
    if not summary["released"]:
        click.echo(release_line(summary))


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


def _text(summary: Mapping[str, Any], _results: list[Any], output: Path | None) -> None:
    from probation_etl.cli.findings import findings_text

    emit(findings_text(summary["returns"]), output)


def _json(summary: Mapping[str, Any], _results: list[Any], output: Path | None) -> None:
    emit(json.dumps(summary, ensure_ascii=False, indent=2), output)


def _csv(_summary: Mapping[str, Any], results: list[Any], output: Path | None) -> None:
    import polars as pl

    from probation_etl.reports.files import findings_csv

    emit(findings_csv(pl.concat([each.findings for each in results])).rstrip("\r\n"), output)


_FORMS: Mapping[str, Callable[[Mapping[str, Any], list[Any], Path | None], None]] = {
    "text": _text,
    "json": _json,
    "csv": _csv,
}
