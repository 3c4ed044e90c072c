"""``probation-etl tracker``: the national picture as a page with charts, and its data."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from probation_etl.cli.options import contracts_option, present, store_option

_DAY = click.DateTime(["%Y-%m-%d"])


@click.command()
@store_option
@click.option(
    "-o", "--output", "directory", required=True, type=click.Path(path_type=Path, file_okay=False),
    help="Directory to write to.",
)  # fmt: skip
@click.option("--caseload-from", type=_DAY, help="Compare caseload from the first day reported on or after this.")
@click.option("--caseload-to", type=_DAY, help="Compare it with the last day reported on or before this.")
@click.option("--unreleased", is_flag=True, help="Show everything that is loaded (default: released data).")
@contracts_option
@click.pass_obj
def tracker(
    settings: Mapping[str, Any], store: str, directory: Path, caseload_from: datetime | None,
    caseload_to: datetime | None, unreleased: bool, contracts: Path | None,
) -> None:  # fmt: skip
    """Writes the national tracker: a page with charts and tables, and its data as CSV and JSON.

    It shows released data: what was loaded later and failed a release check is left out.

    Files of an earlier tracker in the same directory are replaced in one step; other files are left alone.
    """
    from probation_etl.api import write_tracker
    from probation_etl.tracker.words import state

    present(store)
    first, last = (each.date() if each else None for each in (caseload_from, caseload_to))
    written = write_tracker(
        store, directory, caseload_from=first, caseload_to=last, unreleased=unreleased, contracts=contracts
    )
    if not settings["quiet"]:
        click.echo(f"Tracker: {directory}/index.html")
        if note := state(written):
            click.echo(note)
