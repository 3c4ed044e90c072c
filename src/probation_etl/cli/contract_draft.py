"""``probation-etl contract draft``: a contract from sample files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from probation_etl.cli.logs import remark
from probation_etl.cli.output import emit, printable
from probation_etl.errors import UsageError
from probation_etl.files import explained, make_folder, write_file

if TYPE_CHECKING:
    from probation_etl.drafting import ContractDraft

_ENDING = ".odcs.yaml"


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option(
    "-o", "--output", type=click.Path(path_type=Path),
    help="File to write to (default: standard output); a directory for the contracts of several sheets.",
)  # fmt: skip
@click.option("--id", "contract_id", help="Id of the contract (default: made of the names of the files).")
@click.option("--force", is_flag=True, help="Overwrite existing contracts.")
@click.pass_obj
def draft(
    settings: Mapping[str, Any], files: tuple[Path, ...], output: Path | None, contract_id: str | None, force: bool
) -> int:
    """Writes a contract from sample FILES of one return: CSV, workbooks, Parquet or Arrow.

    The more suppliers and periods there are among the files, the more can be told from them. Beside each line stands what speaks for
    it, and what could not be told is a question. Columns that may tell people apart are drafted as restricted, and shown by their shape
    alone. The files are then validated by the draft, row by row; the exit code is 1 if it does not accept all of them.
    """
    from probation_etl.drafting import draft_contract

    if output and output.suffix and not output.is_dir():
        if not output.name.endswith(_ENDING):
            raise UsageError(f"Names of contracts end in {_ENDING}: name another file than {output}.")
        _refuse_existing([output], force=force)
    drafted = draft_contract(files, id=contract_id)
    places = _places(drafted, output)
    _refuse_existing(places.values(), force=force)
    for name, place in places.items():
        with explained(f"The file {place} cannot be written"):
            make_folder(place.parent)
            write_file(place, drafted.contracts[name])
    if not places:
        emit(next(iter(drafted.contracts.values())).rstrip("\n"), None)
    _tell(drafted, settings["quiet"])
    return 2 if drafted.faults else 0 if drafted.accepts_all else 1


def _places(drafted: ContractDraft, output: Path | None) -> dict[str, Path]:
    """Where each contract is written; nowhere if it is printed."""
    several = len(drafted.contracts) > 1
    if output is None and not several:
        return {}
    if output is None:
        raise UsageError(
            f"The files hold {len(drafted.contracts)} tables: name a directory for their contracts with -o."
        )
    if output.is_dir() or not output.suffix:
        return {name: output / f"{name}{_ENDING}" for name in drafted.contracts}
    if several:
        raise UsageError(
            f"The files hold {len(drafted.contracts)} tables: {output} is one file; name a directory with -o."
        )
    return {next(iter(drafted.contracts)): output}


def _refuse_existing(places: Iterable[Path], *, force: bool) -> None:
    existing = next((each for each in places if each.exists()), None)
    if existing and not force:
        raise UsageError(f"{existing} already exists: name another file, or overwrite it with --force.")


def _tell(drafted: ContractDraft, quiet: bool) -> None:
    """What became of the files by the draft, beside the result."""
    refused = [each for each in drafted.results if not each.is_accepted]
    for each in refused:
        name = f"{each.file} [{each.sheet}]" if each.sheet else each.file
        codes = ", ".join(f"{number} {code}" for code, number in each.findings.items())
        remark(
            printable(
                f"{name}: {each.verdict.replace('_', ' ')}, {each.accepted:,} of {each.read:,} rows accepted ({codes})"
            ),
            warns=True,
        )
    for line in (*drafted.faults, *drafted.warnings, *drafted.unproved):
        remark(printable(line), warns=True)
    if not quiet:
        rows, accepted = (sum(getattr(each, name) for each in drafted.results) for name in ("read", "accepted"))
        remark(
            f"{len(drafted.contracts)} contract(s) drafted: {len(drafted.results) - len(refused)} of {len(drafted.results)} return(s) accepted, "
            f"{accepted:,} of {rows:,} row(s); {drafted.rules} rule(s), {len(drafted.unproved)} not proved."
        )
