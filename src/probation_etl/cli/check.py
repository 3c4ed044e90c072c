"""``probation-etl check``: the release checks."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from probation_etl.cli.options import contracts_option, json_option, present, store_option
from probation_etl.cli.returns import release_line, show_checks


@click.command()
@store_option
@click.option(
    "--data-docs", type=click.Path(path_type=Path, file_okay=False), metavar="DIR",
    help="Directory for the pages that Great Expectations makes of it.",
)  # fmt: skip
@click.option("--release", is_flag=True, help="Where the checks pass, let readers see what is loaded.")
@contracts_option
@json_option
@click.pass_obj
def check(
    settings: Mapping[str, Any], store: str, data_docs: Path | None, release: bool, contracts: Path | None,
    as_json: bool,
) -> int:  # fmt: skip
    """Runs the release checks (Great Expectations) on the unified tables.

    Ends with 1 when one fails that is no mere warning. A run makes the same checks, and releases what it has loaded when
    they pass; nothing is released here without --release.
    """
    from probation_etl.runs.release import check_store

    present(store)
    found = check_store(store, contracts=contracts, data_docs=data_docs, release=release)
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
