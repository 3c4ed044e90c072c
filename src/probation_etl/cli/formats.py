"""The formats in which ``validate`` writes its result."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import click

from probation_etl.cli.output import emit
from probation_etl.discreet import Discreet
from probation_etl.files import explained, make_folder
from probation_etl.paths import named_as

if TYPE_CHECKING:
    from probation_etl.intake.result import ReturnResult
    from probation_etl.reports.run_report import RunReport
    from probation_etl.reports.workbook import Sent

#: Formats by the extension of the file, if the user names none.
_BY_NAME = {
    ".json": "json", ".csv": "csv", ".html": "html", ".htm": "html", ".xlsx": "xlsx", ".xml": "junit", ".sarif": "sarif",
    ".txt": "text", ".text": "text", ".log": "text",
}  # fmt: skip


@dataclass(frozen=True)
class Checked(Discreet):
    """What a check found.

    Attributes:
        files: Gives the files as they were read; asked for by a workbook alone.
    """

    results: Sequence[ReturnResult]
    files: Callable[[], list[Sent]]

    @cached_property
    def report(self) -> RunReport:
        """The check as a run would report it."""
        from probation_etl.reports.return_report import ReturnReport
        from probation_etl.reports.run_report import RunReport

        returns = tuple(ReturnReport.of(each, checked_only=True) for each in self.results)
        return RunReport(run_id="validate", returns=returns)


def form_of(named: str | None, output: Path | None) -> str:
    """The format that the user names, or that the name of the file implies.

    Raises:
        UsageError: The file is called like one of another format.
    """
    if output is None:
        return named or "text"
    form = named or _BY_NAME.get(output.suffix.lower(), "text")
    endings = tuple(ending for ending, each in _BY_NAME.items() if each == form)
    if not output.is_dir():  # pages of several returns
        named_as(output, f"the format {form}", *endings)
    return form


def write_text(checked: Checked, output: Path | None) -> None:
    """Findings and notes, then a table of returns and the most frequent faults."""
    from probation_etl.cli.output import console_on
    from probation_etl.cli.results import findings_text, headline, show_faults, show_returns

    returns = checked.report.returns
    faulty = [each for each in returns if each.findings]
    told = [each for each in returns if each.findings or each.notes]
    target = io.StringIO() if output else None
    console = console_on(target)
    if told:
        console.print(f"{findings_text(told)}\n", soft_wrap=True)
    show_returns(returns, console)
    show_faults(returns, console)
    console.print(f"\n{headline(returns)}")
    if faulty:
        console.print(
            "To see all: -o checked.xlsx marks the cells in the rows as they were sent, -o findings.csv lists them."
        )
    if target:
        emit(target.getvalue().rstrip("\n"), output)


def write_json(checked: Checked, output: Path | None) -> None:
    """The shape of ``run --json``."""
    emit(json.dumps(checked.report.shortened().as_dict(), ensure_ascii=False, indent=2), output)


def write_csv(checked: Checked, output: Path | None) -> None:
    """One line for each finding."""
    from probation_etl.intake.frames import Frames
    from probation_etl.reports.all_findings import findings_csv

    found = Frames(tuple(part for each in checked.results for part in each.found.parts))
    emit(findings_csv(found), output)


def write_junit(checked: Checked, output: Path | None) -> None:
    """JUnit XML."""
    from probation_etl.reports.junit import render_junit

    emit(render_junit(checked.report).rstrip("\n"), output)


def write_sarif(checked: Checked, output: Path | None) -> None:
    """SARIF 2.1.0."""
    from probation_etl.reports.sarif import render_sarif

    emit(render_sarif(checked.report).rstrip("\n"), output)


def write_html(checked: Checked, output: Path | None) -> None:
    """One page for each return: a single one in the named file, several in the named directory."""
    from probation_etl.reports.files import page_names
    from probation_etl.reports.return_page import render_return

    pages = [render_return(each).rstrip("\n") for each in checked.report.returns]
    if len(pages) == 1:
        emit(pages[0], output)
        return
    if output is None or output.suffix:
        raise click.BadParameter(
            f"There is a page for each of {len(pages)} returns: name a directory.", param_hint="-o"
        )
    with explained(f"The directory {output} cannot be written"):
        make_folder(output)
    for name, page in zip(page_names(checked.results), pages, strict=True):
        emit(page, output / f"{name}.html")


def write_xlsx(checked: Checked, output: Path | None) -> None:
    """The rows as they were sent, with failing cells coloured and commented."""
    from probation_etl.reports.workbook import write_workbook

    if output is None:
        raise click.BadParameter("A workbook cannot be printed: name a file for it.", param_hint="-o")
    with explained(f"The file {output} cannot be written"):
        write_workbook(output, checked.files(), checked.results)


#: Every format by its name.
FORMS: dict[str, Callable[[Checked, Path | None], None]] = {
    "text": write_text, "json": write_json, "csv": write_csv, "html": write_html, "xlsx": write_xlsx,
    "junit": write_junit, "sarif": write_sarif,
}  # fmt: skip
