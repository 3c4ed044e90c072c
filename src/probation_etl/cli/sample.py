"""``probation-etl sample``: synthetic returns to try the program with."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from probation_etl.cli.logs import in_json

if TYPE_CHECKING:
    from probation_etl.sample.make import Made, Progress

_DAY = click.DateTime(["%Y-%m-%d"])


@click.command()
@click.argument("directory", metavar="OUT", type=click.Path(path_type=Path))
@click.argument("more", metavar="[CODE]...", nargs=-1)
@click.option(
    "--organisations", multiple=True, metavar="all|CODE",
    help="Code of an organisation, such as C08. Further codes follow it, with spaces or commas between (default: all).",
)  # fmt: skip
@click.option(
    "--from", "first", type=_DAY, metavar="DATE", help="First day; its whole fortnight is made (default: 2020-03-01)."
)
@click.option(
    "--to", "last", type=_DAY, metavar="DATE", help="Last day; its whole fortnight is made (default: 2020-11-29)."
)
@click.option(
    "--rows", type=click.IntRange(min=1), metavar="N",
    help="Rows of each return of breaches, to try large returns (default: as many as match the published figures).",
)  # fmt: skip
@click.option("--seed", type=int, default=0, show_default=True, metavar="N", help="Another number gives other returns.")
@click.option(
    "--faults", type=click.IntRange(min=0), default=0, show_default=True, metavar="N",
    help="Number of faults to plant; answer_key.csv lists them.",
)  # fmt: skip
@click.pass_obj
def sample(
    settings: Mapping[str, Any],
    directory: Path,
    more: tuple[str, ...],
    organisations: tuple[str, ...],
    first: datetime | None,
    last: datetime | None,
    rows: int | None,
    seed: int,
    faults: int,
) -> None:
    """Makes synthetic returns in OUT, a directory that is empty or does not exist.

    The whole set has the fortnightly returns of 32 organisations from March to November 2020. Their weekly numbers of
    breaches add up to the published figures. No row is about a person. The same options give the same files.
    """
    from probation_etl.paths import named_as_folder
    from probation_etl.sample import FIRST_DAY, LAST_DAY, Wanted, make_sample

    wanted = Wanted(
        _codes((*organisations, *more)), _day(first) or FIRST_DAY, _day(last) or LAST_DAY, rows, seed, faults
    )
    with _progress() as progress:
        made = make_sample(named_as_folder(directory), wanted, progress=progress)
    if not settings["quiet"]:
        _show(made, directory)


def _codes(organisations: tuple[str, ...]) -> tuple[str, ...]:
    """The codes that are named; none if all organisations are meant."""
    codes = [code for text in organisations for code in re.split(r"[\s,]+", text) if code]
    return () if any(code.casefold() == "all" for code in codes) else tuple(codes)


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None


@contextmanager
def _progress() -> Iterator[Progress | None]:
    """A progress bar on a terminal; nothing elsewhere."""
    if not sys.stderr.isatty() or in_json():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress as Bar

    with Bar(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Making returns")
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _show(made: Made, directory: Path) -> None:
    click.echo(
        f"{made.files} file(s) with {made.returns} SYNTHETIC return(s), {made.rows} row(s): "
        f"{made.organisations} organisation(s), {made.periods} fortnight(s)."
    )
    click.echo(
        "Their weekly numbers of breaches add up to the published figures."
        if made.published
        else "Their weekly numbers of breaches do not add up to the published figures, as those of the whole set do."
    )
    if made.faults:
        click.echo(f"{made.faults} fault(s) planted: {directory / 'answer_key.csv'}")
    click.echo(f"Read first: {directory / 'README.txt'}\nLoad them:  probation-etl run {made.inbox}")
