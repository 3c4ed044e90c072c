"""``probation-etl validate``: files are checked without a store."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from probation_etl.cli.formats import FORMS, Checked, form_of
from probation_etl.cli.options import chosen, contracts_option, limit_option
from probation_etl.files import explained

if TYPE_CHECKING:
    from probation_etl.contracts.model import ReturnContract
    from probation_etl.contracts.rulebook import Rulebook
    from probation_etl.intake.readers import Content, Limits
    from probation_etl.intake.result import ReturnResult
    from probation_etl.reports.workbook import Sent


@click.command()
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path)
)
@click.option("--contract", "contract_id", help="Contract to validate the files against (default: as identified).")
@click.option("--as-supplier", help="Code of the supplier (default: as identified).")
@click.option(
    "--period-end", type=click.DateTime(["%Y-%m-%d"]), help="Last day of the period (default: as identified)."
)
@contracts_option
@limit_option
@click.option(
    "--format",
    "form",
    type=click.Choice(list(FORMS)),
    help="Format of the result (default: by the extension of -o, or text).",
)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path),
    help="File to write to (default: standard output); a directory for the pages of several returns.",
)  # fmt: skip
@click.pass_context
def validate(
    context: click.Context, files: tuple[Path, ...], contract_id: str | None, as_supplier: str | None,
    period_end: datetime | None, contracts: Path | None, limits: tuple[str, ...], form: str | None, output: Path | None,
) -> int:  # fmt: skip
    """Checks FILES without a store. ``-`` reads CSV from standard input.

    References between returns are checked among the given files. The format xlsx holds the supplier's own rows, with failing
    cells marked; in all other formats, values of restricted columns are masked.
    """
    from probation_etl.cli.progress import FileProgress
    from probation_etl.intake.readers import limits_from
    from probation_etl.intake.sender import Given
    from probation_etl.runs.admission import load_rulebook
    from probation_etl.runs.check import check_files

    held, form = limits_from(limits), form_of(form, output)
    with FileProgress(quiet=context.obj["quiet"]) as progress:
        rulebook = load_rulebook(contracts)
        given = Given(_versions(contract_id, rulebook), as_supplier, period_end.date() if period_end else None)
        named = list(zip(_names(files, rulebook), files, strict=True))
        contents = [(name, _content(path, held)) for name, path in named]
        results = list(check_files(contents, rulebook, given=given, limits=held, on_file=progress))
        checked = Checked(results, lambda: _sent(contents, results, rulebook))
        if output:
            progress(f"writing {output.name}", len(files), len(files))
            FORMS[form](checked, output)
    if not output:
        # Not before the progress bar is gone: both may be on one terminal.
        FORMS[form](checked, None)
    return checked.report.exit_code


def _names(files: Iterable[Path], rulebook: Rulebook) -> list[str]:
    """The files by their names; by their paths where several have one name, or a contract reads the names of folders."""
    from probation_etl.intake.file_names import STANDARD_INPUT
    from probation_etl.runs.listing import shown_name

    paths = list(files)
    known = Counter(path.name for path in dict.fromkeys(paths))
    folders = any(each.identification.folder for each in rulebook.returns())
    return [
        STANDARD_INPUT if str(path) == "-" else shown_name(path if folders or known[path.name] > 1 else Path(path.name))
        for path in paths
    ]


def _sent(contents: Iterable[tuple[str, Content]], results: Iterable[ReturnResult], rulebook: Rulebook) -> list[Sent]:
    """Every sheet of the files, as they were read for their results."""
    from probation_etl.reports.workbook import Sent

    sheets = {(each.file, each.sha256): each.source.sheets for each in results}
    files = [(rulebook.guard.file_name(name, each.sha256), each.sha256) for name, each in contents]
    return [Sent(*each, sheets[each]) for each in files]


def _versions(contract_id: str | None, rulebook: Rulebook) -> tuple[ReturnContract, ...]:
    """Every version of the named contract; none if no contract is named."""
    if contract_id is None:
        return ()
    known = {each.id: each for each in rulebook.returns()}
    return tuple(
        each for each in rulebook.contracts.return_versions() if each.id == chosen(contract_id, known, kind="return").id
    )


def _content(path: Path, limits: Limits) -> Content:
    """What a file holds; of standard input one byte more than the limit at most."""
    from probation_etl.intake.readers import Content
    from probation_etl.intake.sources import content_of

    with explained(f"The file {path} cannot be read"):
        if str(path) == "-":
            return Content.of(sys.stdin.buffer.read(limits.of_a_whole.file_bytes + 1))
        return content_of(path, limits)
