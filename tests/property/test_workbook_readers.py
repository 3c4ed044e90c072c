"""Workbooks with random cells in random places: what a second reader reads, and what is planted in dates is found."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from probation_etl.contracts.rulebook import Rulebook
from probation_etl.intake.assess import assess
from probation_etl.intake.readers import read_grids
from probation_etl.intake.result import ReturnResult
from raw_workbooks import BOOK, SHEET, changed
from second_reader import by_odfpy, by_openpyxl, by_xlrd, cells_of

if TYPE_CHECKING:
    from conftest import Library

EXTENSIONS = (
    '<extLst><ext uri="x" xmlns:x15="urn:x15"><x15:workbookPr chartTrackingRefBase="1"/></ext></extLst></workbook>'
)
ERRORS = ("#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!")

days = st.dates(date(1904, 3, 1), date(9999, 12, 31))
values = st.one_of(
    st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "Zs")), min_size=1, max_size=12).filter(
        lambda text: not text.startswith("#")
    ),
    st.integers(-(10**15), 10**15),
    st.integers(-(10**9), 10**9).map(lambda number: number / 1_000),
    st.booleans(),
    days,
    st.datetimes(datetime(1904, 3, 1), datetime(2100, 1, 1)).map(lambda each: each.replace(microsecond=0)),
    st.sampled_from(ERRORS).map(lambda shown: ("error", shown)),
)
sheets = st.dictionaries(st.tuples(st.integers(0, 30), st.integers(0, 12)), values, max_size=25)


def written(cells: dict[tuple[int, int], Any], **options: Any) -> bytes:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True, "strings_to_urls": False, **options}) as book:
        day, moment = (book.add_format({"num_format": each}) for each in ("dd/mm/yyyy", "yyyy-mm-dd hh:mm:ss"))
        sheet = book.add_worksheet("Loans")
        for (row, column), value in cells.items():
            if isinstance(value, tuple):
                sheet.write_formula(row, column, "=1/0", None, value[1])
            elif isinstance(value, datetime):
                sheet.write_datetime(row, column, value, moment)
            elif isinstance(value, date):
                sheet.write_datetime(row, column, value, day)
            elif isinstance(value, str):
                sheet.write_string(row, column, value)
            else:
                sheet.write(row, column, value)
    return target.getvalue()


@given(cells=sheets, from_1904=st.booleans(), extended=st.booleans())
def test_a_second_reader_reads_the_same_cells(
    cells: dict[tuple[int, int], Any], from_1904: bool, extended: bool
) -> None:
    data = written(cells, date_1904=from_1904)
    if extended:
        data = changed(data, BOOK, lambda xml: xml.replace("</workbook>", EXTENSIONS))
    (grid,) = read_grids(data)
    assert {"Loans": cells_of(grid)} == by_openpyxl(data)


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice converts the workbook")
@pytest.mark.parametrize("from_1904", [False, True])
def test_a_second_reader_reads_the_same_cells_of_other_formats(tmp_path: Path, from_1904: bool) -> None:
    drawn: list[Any] = [
        "text",
        " blanks ",
        "ﬁn",
        47,
        -0.5,
        10**14,
        1234.5678,
        True,
        False,
        date(2024, 2, 29),
        date(1999, 12, 31),
    ]
    drawn += [datetime(2024, 3, 1, 23, 59, 59), ("error", "#DIV/0!")]
    cells = {(3 + number * 7 % 40, 2 + number % 5): drawn[number % len(drawn)] for number in range(150)}
    (tmp_path / "loans.xlsx").write_bytes(written(cells, date_1904=from_1904))
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    for form, second in (("xls", by_xlrd), ("ods", by_odfpy)):
        command = [
            "soffice",
            profile,
            "--headless",
            "--convert-to",
            form,
            "--outdir",
            tmp_path,
            tmp_path / "loans.xlsx",
        ]
        subprocess.run(command, check=True, capture_output=True)
        data = (tmp_path / f"loans.{form}").read_bytes()
        (grid,) = read_grids(data)
        assert {"Loans": cells_of(grid)} == second(data)


# Returns of the library


@dataclass(frozen=True, repr=False)
class Loans:
    """Returns of the library, and what becomes of them."""

    library: Library
    rulebook: Rulebook

    def workbook(self, rows: int, *, from_1904: bool) -> bytes:
        """A clean return of some rows."""
        cells: dict[tuple[int, int], Any] = {(0, at): text for at, text in enumerate(self.library.header)}
        for row in range(1, rows + 1):
            lent = date(2024, 3, 1) + timedelta(days=row % 20)
            loan = (f"L{row:04}", 1, "Central", lent, lent + timedelta(days=5), 0.5, True, "note")
            cells |= {(row, at): value for at, value in enumerate(loan)}
        return written(cells, date_1904=from_1904)

    def assessed(self, data: bytes) -> ReturnResult:
        (result,) = assess("B1_2024-03-31.xlsx", data, self.rulebook)
        return result


@pytest.fixture(scope="module")
def loans(library: Library) -> Loans:
    identification = {
        "sheet": "Loans",
        "fileName": r"(?P<supplier_code>[A-Z]\d)_(?P<period_end>\d{4}-\d{2}-\d{2})\.xlsx",
    }
    return Loans(library, library.rulebook(library.contract(custom={"identification": identification})))


def planted(data: bytes, row: int, column: str, cell: str) -> bytes:
    """The workbook with a date cell stored in another way; the day that it holds takes the place of ``{day}``."""

    def change(xml: str) -> str:
        old = re.search(rf'<c r="{column}{row}" s="(\d)"><v>(\d+)</v></c>', xml)
        assert old is not None
        counted_from = date(1904, 1, 1) if int(old[2]) < 44_500 else date(1899, 12, 30)
        day = counted_from + timedelta(days=int(old[2]))
        return xml.replace(old[0], f'<c r="{column}{row}" s="{old[1]}"{cell.format(day=day)}</c>')

    return changed(data, SHEET, change)


@given(
    rows=st.integers(1, 12),
    at=st.integers(0, 11),
    column=st.sampled_from("DE"),
    from_1904=st.booleans(),
    number=st.integers(0, 60),
    form=st.sampled_from(
        ["", "T00:00:00", "T00:00:00Z", "T00:00:00.000", "T00:00:00.000Z", "T00:00", "T00:00:00+00:00"]
    ),
)
def test_a_date_that_is_stored_as_text_is_taken_and_a_number_in_its_place_is_not(
    loans: Loans, rows: int, at: int, column: str, from_1904: bool, number: int, form: str,
) -> None:  # fmt: skip
    row = 2 + at % rows
    plain = loans.workbook(rows, from_1904=from_1904)
    clean = loans.assessed(plain)
    assert (clean.verdict, clean.findings.height) == ("accepted", 0)
    as_text = loans.assessed(planted(plain, row, column, f' t="d"><v>{{day}}{form}</v>'))
    assert as_text.findings.height == 0
    assert as_text.accepted.equals(clean.accepted)
    extended = changed(plain, BOOK, lambda xml: xml.replace("</workbook>", EXTENSIONS))
    assert loans.assessed(extended).accepted.equals(clean.accepted)
    faulty = loans.assessed(planted(plain, row, column, f"><v>{number}</v>"))
    assert faulty.findings["cell"].drop_nulls().to_list() == [f"{column}{row}"]
