"""A hostile return: its file name, headers and cells are shown on the pages, and neither break them nor run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from windows import Window

from probation_etl.contracts.rulebook import Rulebook
from probation_etl.intake.resubmission import CorrectedReturn
from probation_etl.reports.comparison import Comparison, FixedFinding
from probation_etl.reports.return_page import render_return
from probation_etl.reports.return_report import ContractName, ReturnReport, SupplierName
from probation_etl.reports.run_page import render_run
from probation_etl.reports.run_report import RunReport
from probation_etl.unified.reconcile import Reconciliation
from probation_etl.unified.release_checks import CheckResult

if TYPE_CHECKING:
    from conftest import Library

#: What would tell of itself, if it ran.
RUN = "window.harmed=1,alert(1)"
HOSTILE = (
    f"<script>{RUN}</script>",
    f'"><img src=x onerror="{RUN}">',
    f"</table></main><svg onload={RUN}>",
    f"</style></title><script>{RUN}</script>",
    f"<style>*{{display:none}}</style><iframe srcdoc='<script>{RUN}</script>'></iframe>",
    "<base href=https://example.org/><link rel=stylesheet href=x><meta http-equiv=refresh content='0;url=x'>",
    "{{ 7 * 7 }}{% raw %}",
    "abc\u202edcba\u2066\u2068xyz",
    "a\u0300" * 400,
    "line\nbreak\ttab\0null\x1b[31m",
    "lone surrogate \udcff \ud800",
    "x" * 32_767,
    "\u202e" * 32_767,
    "漢" * 300,
)


def hostile_pages(library: Library) -> dict[str, str]:
    """Pages about returns of which every text is hostile: those that a file gives, and those that a summary holds."""
    pages = {}
    for number, text in enumerate(HOSTILE):
        # No file that can be read as text holds half a character: there the other half of the pages has it.
        sent = text.encode("utf-8", "replace").decode()
        header = [sent if each == "Renewed" else each for each in library.header]
        # Not in the restricted column as well: what stands there is masked everywhere.
        row = library.row(Branch=sent, Lent_on=sent, Notes=sent)
        report = ReturnReport.of(library.assess(library.text(header, list(row.values()))))
        pages[f"file-{number}"] = render_return(report)
        pages[f"summary-{number}"] = render_return(everywhere(report, text))
    one = ReturnReport.of(library.assess(library.csv(library.row(Fine="x"))))
    returns = tuple(everywhere(one, text) for text in HOSTILE)
    checks = tuple(CheckResult(text, text, passed, text) for text in HOSTILE for passed in (True, False))
    totals = tuple(Reconciliation(text, text, 1, 1) for text in HOSTILE)
    report = RunReport(run_id="run", returns=returns, release_checks=checks, reconciliation=totals)
    pages["run"] = render_run(report)
    return pages


def everywhere(report: ReturnReport, text: str) -> ReturnReport:
    """The report with one text wherever a text of the sender can be."""
    texts = dict.fromkeys(("sheet", "column", "value", "message", "hint"), text)
    findings = tuple(replace(each, **texts) for each in report.findings)
    fixed = FixedFinding("x", text, text, "error", row=1, column=text, cell=text, value=None)
    corrects = CorrectedReturn(text, text, text, "rejected")
    return replace(
        report, file=text, sheet=text, supplier=SupplierName(text, text), contract=ContractName(text, text, text),
        resubmission=Comparison(corrects, 1, 0, 0, (), (fixed,), (), ()), report=text, findings=findings, rules=(),
        files=("findings.csv", "findings.json"),
    )  # fmt: skip


@pytest.fixture(scope="module")
def pages(library: Library, loans: Rulebook, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("hostile")
    written = []
    for name, page in hostile_pages(library).items():
        path = folder / f"{name}.html"
        path.write_bytes(page.encode("utf-8", errors="replace"))
        written.append(path)
    return written


def test_nothing_of_a_return_runs(window: Window, pages: list[Path]) -> None:
    for path in pages:
        page = window.open(path, unfolded=True)
        assert (path.name, window.complaints) == (path.name, [])
        assert window.requests == [path.as_uri()]
        assert page.evaluate("() => window.harmed === undefined")
        assert page.locator("script, img, svg, iframe, base, link, object").count() == 0


def test_nothing_of_a_return_breaks_the_page(window: Window, pages: list[Path]) -> None:
    for path in pages:
        for width in (320, 1100):
            page = window.open(path, width=width, unfolded=True)
            assert (path.name, width, window.outside()) == (path.name, width, [])
        whole = page.evaluate(
            """() => [
                document.querySelectorAll("main").length,
                document.querySelector("body > footer").checkVisibility(),
                [...document.querySelectorAll("tbody tr")].every(row =>
                    row.cells.length === row.closest("table").tHead.rows[0].cells.length || row.querySelector("[colspan]") !== null),
                [...document.querySelectorAll("section")].every(each => each.parentElement.closest("main") !== null),
            ]"""
        )
        assert whole == [1, True, True, True]


def test_text_is_painted_inside_its_own_place(window: Window, pages: list[Path]) -> None:
    """Marks stacked on a letter, or a text without end, cover nothing beside them."""
    for path in pages:
        page = window.open(path, unfolded=True)
        wide = page.evaluate(
            """() => [...document.querySelectorAll("td, th")].filter(cell => cell.scrollWidth > cell.clientWidth + 1)
                .map(cell => cell.textContent.slice(0, 40))"""
        )
        assert (path.name, wide) == (path.name, [])


def test_a_hostile_value_is_read_as_it_was_sent(window: Window, pages: list[Path]) -> None:
    page = window.open(pages[0], unfolded=True)
    assert page.locator("code", has_text=HOSTILE[0]).count() >= 1
