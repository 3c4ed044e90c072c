"""The commands that look after a store: verify, rejudge, withdraw, export."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from probation_etl.cli.options import (
    as_of_option,
    contracts_option,
    json_option,
    moment,
    present,
    reason_option,
    reports_option,
    wait_option,
)
from probation_etl.cli.outcome import show_finished, show_run
from probation_etl.cli.output import plain
from probation_etl.journal import name_run

if TYPE_CHECKING:
    from probation_etl.runs.result import RunResult


@click.group()
def store() -> None:
    """Maintains a store: verifies it, withdraws returns, exports its tables."""


@store.command()
@click.argument("url")
@contracts_option
@wait_option
@json_option
@click.pass_obj
def verify(settings: Mapping[str, Any], url: str, contracts: Path | None, wait: int, as_json: bool) -> int:
    """Checks every invariant of the store at URL, and names the returns that break one.

    The exit code is 3 if one is broken. The store is not changed, and no run can use it meanwhile.
    """
    from probation_etl.api import verify as verify_store

    present(url)
    found = verify_store(url, contracts=contracts, wait=wait)
    if as_json:
        click.echo(json.dumps(found.as_dict(), ensure_ascii=False, indent=2))
        return found.exit_code
    for proof in found.proofs:
        if proof.faults:
            click.echo(f"{proof.name}: broken. {proof.statement}")
        for fault in proof.faults:
            click.echo(f"  {fault.where}: {fault.message}")
    if not (settings["quiet"] and found.holds):
        broken = sum(1 for each in found.proofs if each.faults)
        outcome = "all hold" if found.holds else f"{broken} broken"
        click.echo(f"{len(found.proofs)} invariants on {found.returns} return(s): {outcome}")
    return found.exit_code


@store.command()
@click.argument("url")
@contracts_option
@json_option
@click.pass_obj
def rejudge(settings: Mapping[str, Any], url: str, contracts: Path | None, as_json: bool) -> int:
    """Says what the contracts in force now would make of the returns in the store at URL that count.

    Their files are validated as they were kept, and nothing is loaded: rows stay as they were loaded, by the version of the
    contract that the ledger names. The exit code is 1 if a return would come out otherwise.
    """
    from probation_etl.runs.rejudge import rejudge as judge

    present(url)
    found = judge(url, contracts=contracts)
    otherwise = [each for each in found if each.differs]
    if as_json:
        shown = {
            "format_version": "1",
            "returns": [each.as_dict() for each in found],
            "exit_code": int(bool(otherwise)),
        }
        click.echo(json.dumps(shown, ensure_ascii=False, indent=2))
    elif otherwise or not settings["quiet"]:
        for each in otherwise:
            click.echo(
                plain(f"{each.return_id}: {each.loaded.in_words}; now {each.now.in_words if each.now else each.why}")
            )
        click.echo(f"{len(found)} return(s) that count: {len(otherwise)} would come out otherwise")
    return int(bool(otherwise))


@store.command()
@click.argument("url")
@click.argument("return_id")
@reason_option
@click.option("--reinstate", is_flag=True, help="Undo the withdrawal of a return.")
@reports_option
@contracts_option
@wait_option
@json_option
@click.pass_obj
def withdraw(
    settings: Mapping[str, Any], url: str, return_id: str, reason: str, reinstate: bool, reports: Path,
    contracts: Path | None, wait: int, as_json: bool,
) -> int:  # fmt: skip
    """Takes the rows of a return out of the unified tables of the store at URL.

    Nothing is deleted. The previous return for the same supplier and period takes its place, and returns that refer to its
    rows are validated again. ‘status --json’ and ‘trace’ show the RETURN_ID.
    """
    from probation_etl.runs.withdrawal import withdraw as withdraw_return

    name_run()

    def show(result: RunResult) -> None:
        if as_json:
            click.echo(json.dumps(result.summary, ensure_ascii=False, indent=2))
        elif not settings["quiet"] or result.exit_code:
            if result.report.returns:
                show_run(result.report)
            show_finished(result.report.finished, reports)
            click.echo(f"{return_id}: {'counts again' if reinstate else 'withdrawn'}")
            if result.reports:
                click.echo(f"\nReports: {result.reports}/index.html")

    present(url)
    result = withdraw_return(
        return_id,
        store=url,
        reports=reports,
        reason=reason,
        reinstate=reinstate,
        contracts=contracts,
        wait=wait,
        show=show,
    )
    return result.exit_code


@store.command()
@click.argument("url")
@reason_option
@click.option(
    "--on", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE",
    help="Day by which the time of a return must be over (default: today).",
)  # fmt: skip
@click.option("--dry-run", is_flag=True, help="Only list the returns.")
@reports_option
@contracts_option
@wait_option
@json_option
@click.pass_obj
def purge(
    settings: Mapping[str, Any], url: str, reason: str, on: datetime | None, dry_run: bool, reports: Path,
    contracts: Path | None, wait: int, as_json: bool,
) -> int:  # fmt: skip
    """Removes returns for good from the store at URL whose contract says that they need not be kept any more.

    Their rows, findings and files are removed, from the released tables too. The ledger keeps that they were there. Contracts say
    how long a return is kept after the end of its period with ‘retention’ under ‘slaProperties’; without it, it is for good.
    """
    from probation_etl.runs.purge import purge as purge_returns

    name_run()
    present(url)
    done = purge_returns(
        store=url, reports=reports, reason=reason, on=on.date() if on else None, dry_run=dry_run, contracts=contracts,
        wait=wait,
    )  # fmt: skip
    if as_json:
        click.echo(json.dumps(done.as_dict(), ensure_ascii=False, indent=2))
    elif not settings["quiet"] or done.exit_code:
        if done.run.report.returns:
            show_run(done.run.report)
        show_finished(done.run.report.finished, reports)
        for each in done.returns:
            click.echo(f"{each.return_id}: {each.rows:,} row(s), had to be kept until {each.kept_until}")
        click.echo(f"{len(done.returns)} attempt(s) at returns {'would be ' if dry_run else ''}purged")
    return done.exit_code


@store.command(name="accept-ledger")
@click.argument("url")
@click.option("--reason", required=True, help="Reason, recorded in the ledger file.")
@click.option(
    "--ledger", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
    help="Ledger file from now on (default: as it was).",
)  # fmt: skip
@contracts_option
@wait_option
@click.pass_obj
def accept_ledger(
    settings: Mapping[str, Any], url: str, reason: str, ledger: Path | None, contracts: Path | None, wait: int
) -> None:
    """Says that the store at URL is right as it is, though its ledger file says that it lacks something or holds more.

    Nothing in the store is changed. Returns that it lacks are taken again when their files are in an inbox.
    """
    from probation_etl.runs.accept import accept_ledger as accept

    present(url)
    accepted = accept(url, reason=reason, ledger=ledger, contracts=contracts, wait=wait)
    for each in accepted.disagreements:
        click.echo(f"accepted: {each.where}: {each.message}")
    if not settings["quiet"]:
        aside = f" The former one is kept as {accepted.set_aside}." if accepted.set_aside else ""
        click.echo(f"The ledger file {accepted.ledger} says what the store holds.{aside}")


@store.command()
@click.argument("url")
@click.argument("named", metavar="FILE|SHA256")
@contracts_option
@wait_option
@click.pass_obj
def unpark(settings: Mapping[str, Any], url: str, named: str, contracts: Path | None, wait: int) -> None:
    """Lets the next run read a parked file again, from the store at URL.

    A file is parked after reading it has brought a run down three times, or the process that reads such files. ‘status’ names
    those that are, with the beginning of their SHA-256. Another content or another version of the program needs no unpark.
    """
    from probation_etl.runs.unpark import unpark as take_back

    present(url)
    for each in take_back(named, store=url, contracts=contracts, wait=wait):
        if not settings["quiet"]:
            click.echo(f"{plain(each.file)} ({each.sha256[:12]}): the next run reads it again")


@store.command()
@click.argument("url")
@click.option(
    "--to", "directory", required=True, type=click.Path(path_type=Path, file_okay=False), help="Directory to write to."
)
@as_of_option
@contracts_option
@click.pass_obj
def export(settings: Mapping[str, Any], url: str, directory: Path, as_of: str | None, contracts: Path | None) -> None:
    """Writes the unified tables of the store at URL as Parquet files, with their contracts and a datapackage.json.

    An earlier export in the same directory is replaced in one step. A directory that holds anything else is refused.
    """
    from probation_etl.api import export as export_store

    present(url)
    description = export_store(url, directory, as_of=moment(as_of), contracts=contracts)
    if not settings["quiet"]:
        rows = sum(each["rows"] for each in description["resources"])
        click.echo(f"{rows} row(s) in {len(description['resources'])} file(s): {directory}/datapackage.json")
