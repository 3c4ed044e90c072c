"""Situations from public reports of wrong figures, each as one small return, and what must be said of it.

The returns are of an invented library service: books on loan by branch. Nothing here is taken from a real return. Situations
of several files, of a cover, of hidden sheets and of workbooks that count from 1904 are in ``test_competing_returns``,
``test_what_workbooks_show``, ``test_rows_that_are_none`` and the tests of the readers.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from probation_etl.contracts.rulebook import Rulebook, load_rulebook
from probation_etl.intake.assess import assess
from probation_etl.intake.result import ReturnResult

CONTRACT = """\
apiVersion: v3.2.0
kind: DataContract
id: loans-share
name: Share of books on loan
version: 1.0.0
status: active
schema:
  - name: loans_share
    logicalType: object
    properties:
      - {name: branch, physicalName: Branch, logicalType: string, primaryKey: true, primaryKeyPosition: 1}
      - {name: kind, physicalName: Kind, logicalType: string, required: true, primaryKey: true, primaryKeyPosition: 2,
         enum: [{value: Adult books}, {value: Picture books - all ages}]}
      - {name: shelf, physicalName: Shelf, logicalType: string, required: true}
      - {name: lent, physicalName: Lent, logicalType: integer, logicalTypeOptions: {minimum: 0}}
      - {name: share, physicalName: Share (%), logicalType: number, logicalTypeOptions: {minimum: 0, maximum: 100, multipleOf: 0.01}, required: true}
      - {name: as_at, physicalName: As at, logicalType: date, FORMAT required: true}
customProperties:
  - property: layer
    value: return
  - property: reportingPeriod
    value: {days: 31}
  - property: identification
    value: {fileName: '(?P<supplier_code>[A-Z]\\d{2})_share_(?P<period_end>\\d{4}-\\d{2}-\\d{2})(_v\\d+)?\\.(csv|xlsx)'}
"""
HEADER = ["Branch", "Kind", "Shelf", "Lent", "Share (%)", "As at"]
NAME = "C07_share_2024-03-31"
Formats = Mapping[tuple[int, int], str]


def row(number: int, kind: str = "Adult books", **changed: Any) -> list[Any]:
    """One branch; the names of changed cells are those of the columns."""
    values = {
        "branch": f"Branch {number}", "kind": kind, "shelf": f"S{number:03}", "lent": 20 + 7 * number, "share": 28.5,
        "as_at": date(2024, 3, number),
    }  # fmt: skip
    return list((values | changed).values())


ROWS = [row(number) for number in range(1, 14)]


def changed(number: int, **cells: Any) -> list[list[Any]]:
    return [row(number, **cells) if each is ROWS[number - 1] else each for each in ROWS]


@dataclass(frozen=True)
class Situation:
    """A return, and the findings that it must have: code and severity, each once for the rows given."""

    rows: list[list[Any]]
    found: set[tuple[str, str]]
    kind: str = "csv"
    formats: Formats = field(default_factory=dict)
    says: str = ""
    name: str = NAME
    write: Callable[[Any, Any], None] | None = None


def csv_of(rows: list[list[Any]]) -> bytes:
    texts = ([each.strftime("%d/%m/%Y") if isinstance(each, date) else str(each) for each in cells] for cells in rows)
    return "".join(",".join(cells) + "\n" for cells in texts).encode()


def xlsx_of(situation: Situation) -> bytes:
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True})
    sheet = book.add_worksheet("Share")
    day = book.add_format({"num_format": "dd/mm/yyyy"})
    for at, cells in enumerate([HEADER, *situation.rows]):
        for place, value in enumerate(cells):
            own = situation.formats.get((at, place))
            form = book.add_format({"num_format": own}) if own else day if isinstance(value, date) else None
            if isinstance(value, date):
                sheet.write_datetime(at, place, value, form)
            elif value is not None:
                sheet.write(at, place, value, form)
    if situation.write:
        situation.write(book, sheet)
    book.close()
    return target.getvalue()


def raised(book: Any, sheet: Any) -> None:
    sheet.write_rich_string(3, 0, "Branch 3", book.add_format({"font_script": 1}), "2")


def filtered(_book: Any, sheet: Any) -> None:
    for at in (5, 6):
        sheet.set_row(at, None, None, {"hidden": True})


US_DATES = [row(number, as_at=f"03/{number:02}/2024") for number in range(1, 14)]
TOTAL = ["Total", "Adult books", "", sum(each[3] for each in ROWS), 28.5, date(2024, 3, 13)]
GROUPED = [row(1), row(2, branch=""), *ROWS[2:]]
ERROR, WARNING = "error", "warning"
SITUATIONS = {
    "a total below its parts": Situation([*ROWS, TOTAL], {("total-row", ERROR)}, says="adds up"),
    "a branch written once": Situation(GROUPED, {("unclear-blank", ERROR)}),
    "a date in a column of texts": Situation(changed(2, shelf=date(2024, 3, 2)), {("wrong-kind", ERROR)}, "xlsx", says="holds a date"),
    "a truth value in a column of texts": Situation(changed(2, shelf=True), {("wrong-kind", ERROR)}, "xlsx", says="truth value"),
    "a fraction in a column of texts": Situation(changed(2, shelf=20.4), {("wrong-kind", ERROR)}, "xlsx", says="20.4"),
    "a raised footnote": Situation(ROWS, {("shown-otherwise", ERROR)}, "xlsx", says="Branch 3²", write=raised),
    "a share shown as per cent": Situation(changed(2, share=0.28), {("shown-otherwise", ERROR)}, "xlsx", {(2, 4): "0%"}, "‘28%’, but ‘0.28’"),
    "a day of nought": Situation(changed(2, as_at=0), {("wrong-kind", ERROR)}, "xlsx", {(2, 5): "dd/mm/yyyy"}, "no day"),
    "a year typed as a day": Situation(changed(2, as_at=2024), {("unlikely-date", ERROR)}, "xlsx", {(2, 5): "dd/mm/yyyy"}),
    "dates of another country": Situation(US_DATES, {("ambiguous-dates", ERROR), ("ambiguous-date", ERROR), ("not-a-date", ERROR)}),
    "a shortened identifier": Situation(changed(2, shelf="2.50024E+11"), {("damaged-value", ERROR)}, says="shortened"),
    "the error of a formula as text": Situation(changed(2, shelf="#REF!"), {("error-cell", ERROR)}),
    "a leading apostrophe": Situation(changed(2, shelf="'S002"), {("damaged-value", ERROR)}, says="apostrophe"),
    "a formula for a text": Situation(changed(2, shelf='"=""S002"""'), {("damaged-value", ERROR)}, says="formula"),
    "nought before a code by format": Situation(changed(2, shelf=101), {("shown-otherwise", ERROR)}, "xlsx", {(2, 2): "0000"}, "‘0101’, but ‘101’"),
    "a letter before a code by format": Situation(changed(2, shelf=101), {("shown-otherwise", ERROR)}, "xlsx", {(2, 2): '"X"000000'}, "X000101"),
    "an old file under a new name": Situation(ROWS, {("dates-outside-period", WARNING)}, name="C07_share_2024-09-30", says="1 March 2024 to 13 March 2024"),
    "a last row with one cell": Situation([*ROWS, [""] * 6, ["Branch 14", "", "", "", "", ""]], {("missing-value", ERROR)}),
    "rows that a filter hides": Situation(ROWS, {("hidden-rows", WARNING)}, "xlsx", says="Rows 6 to 7 are hidden", write=filtered),
    "dates with a time of midnight": Situation(changed(2, as_at="02/03/2024 00:00:00"), {("not-a-date", ERROR)}, says="has a time of day"),
    "dates shown as months": Situation(ROWS, {("shown-in-part", WARNING)}, "xlsx", {(2, 5): "mmm-yy"}, "Mar-24"),
    "an en dash for a hyphen": Situation(changed(2, kind="Picture books – all ages"), {("not-in-list", ERROR)}, says="an en dash after ‘books’ (the list has a hyphen)"),
    "a no-break space": Situation(changed(2, kind="Adult\u00a0books"), {("not-in-list", ERROR)}, says="a no-break space after ‘Adult’"),
    "a header inside the data": Situation([*ROWS[:4], HEADER, *ROWS[4:]], {("repeated-header", WARNING)}),
    "nil in words": Situation([["NIL RETURN", "", "", "", "", ""]], {("nil-row", WARNING)}),
    "an average that is rounded": Situation(changed(2, share=42.142857), {("too-precise", ERROR)}, "xlsx", {(2, 4): "0.00"}, "‘42.14’, but ‘42.142857’"),
    "a copy by its name": Situation(ROWS, {("wrong-file-name", ERROR)}, name=f"Copy of {NAME}", says="<supplier code>_share_<period end, yyyy-MM-dd>"),
}  # fmt: skip


@pytest.fixture(scope="module")
def rulebook(tmp_path_factory: pytest.TempPathFactory) -> Rulebook:
    return contracts(tmp_path_factory.mktemp("contracts"), "logicalTypeOptions: {format: dd/MM/yyyy},")


def contracts(folder: Path, form: str) -> Rulebook:
    (folder / "loans-share.odcs.yaml").write_text(CONTRACT.replace("FORMAT", form), encoding="utf-8")
    return load_rulebook(folder)


def judged(situation: Situation, rulebook: Rulebook) -> ReturnResult:
    data = xlsx_of(situation) if situation.kind == "xlsx" else csv_of([HEADER, *situation.rows])
    (result,) = assess(f"{situation.name}.{situation.kind}", data, rulebook)
    return result


@pytest.mark.parametrize("situation", SITUATIONS.values(), ids=SITUATIONS)
def test_what_was_not_meant_is_told(situation: Situation, rulebook: Rulebook) -> None:
    result = judged(situation, rulebook)
    found = result.findings.filter(result.findings["code"] != "acceptance-limit")
    assert set(found.select("code", "severity").rows()) == situation.found
    assert situation.says in " ".join(found["message"])
    assert result.rows.read == result.rows.accepted + result.rows.quarantined


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_same_return_without_a_fault_has_no_finding(kind: str, rulebook: Rulebook) -> None:
    result = judged(Situation(ROWS, set(), kind), rulebook)
    assert (result.findings.height, result.rows.accepted) == (0, 13)


def test_a_date_column_without_a_format_names_the_form_that_is_due(tmp_path: Path) -> None:
    result = judged(Situation(changed(2, as_at="2 March"), set()), contracts(tmp_path, ""))
    assert "is not a date in the form yyyy-MM-dd." in " ".join(result.findings["message"])


@pytest.mark.parametrize(
    ("content", "kind", "advice"),
    [
        (b"<html><body><table><tr><td>Branch</td></tr></table></body></html>", "web page", "Save As"),
        (
            b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>',
            "XML Spreadsheet",
            "Save As",
        ),
        (b'[{"Branch": "Central"}]', "JSON", "Export"),
        (b"%PDF-1.7\n", "PDF", "Send the workbook"),
        (
            b"From: a@example.org\nTo: b@example.org\nSubject: return\nMIME-Version: 1.0\n\nattached\n",
            "mail",
            "attached",
        ),
    ],
)
def test_a_file_that_is_something_else_is_named_with_how_to_save_it(
    content: bytes, kind: str, advice: str, rulebook: Rulebook
) -> None:
    (result,) = assess("C07_share_2024-03-31.xls", content, rulebook)
    assert result.findings["code"].to_list() == ["unreadable-file"]
    assert kind in result.findings["message"][0]
    assert advice in result.findings["hint"][0]
