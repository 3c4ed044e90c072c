"""``probation-etl contract diff``: what changed between two contracts, and whether it breaks returns."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from probation_etl.cli.options import present
from probation_etl.cli.output import printable


@click.command()
@click.argument("before", metavar="A")
@click.argument("after", metavar="[B]", required=False)
@click.option("--from", "since", metavar="REV", help="Compare A as it was in a git revision with A as it is.")
@click.option(
    "--contracts", type=click.Path(path_type=Path),
    help="Directory in which ids are looked up and beside whose contracts files are read (default: the shipped contracts; for a file, its own directory).",
)  # fmt: skip
@click.option(
    "--store", metavar="URL",
    help="Also judge the returns that this store keeps by both contracts, and list those that come out otherwise.",
)  # fmt: skip
@click.option("--strict", is_flag=True, help="Also end with 1 where it is not known whether something breaks.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Format of the output.",
)
@click.pass_obj
def diff(
    settings: Mapping[str, Any], before: str, after: str | None, since: str | None, contracts: Path | None, store: str | None, strict: bool, form: str
) -> int:  # fmt: skip
    """Says what changed from contract A to contract B, and whether returns that passed before still do.

    A and B are contract files, directories of contracts, ids such as ID or ID@VERSION, or revisions of a git repository such as
    REV:PATH. Example returns that pass A are judged by B, and the other way round. A change is breaking if such a return is
    refused, compatible if what it says refuses nothing, and otherwise unknown. The exit code is 1 if a change is breaking, or if a
    kept return would lose rows. Nothing is written.
    """
    from probation_etl.comparison.diff import diff_contracts
    from probation_etl.comparison.replay_shown import in_words, summary
    from probation_etl.comparison.shown import lines

    if store:
        present(store)
    found = diff_contracts(before, after, since=since, contracts=contracts, store=store)
    code = 1 if found.effect == "breaking" or (strict and found.effect == "unknown") else 0
    if form == "json":
        click.echo(json.dumps({**found.as_dict(), "exit_code": code}, ensure_ascii=False, indent=2))
    elif code or not settings["quiet"]:
        for each in found.contracts:
            click.echo(printable("\n".join(lines(each))))
        if not found.contracts:
            click.echo("Nothing changed.")
        if found.replayed is not None:
            for kept in found.replayed:
                if kept.differs:
                    click.echo(printable("\n".join(in_words(kept))))
            click.echo(summary(found.replayed))
    return code
