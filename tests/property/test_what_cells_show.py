"""A cell that is of another kind, or shows something else than is stored, is found wherever it stands; no other is accused."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

import polars as pl
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from probation_etl.intake.result import ReturnResult

if TYPE_CHECKING:
    from conftest import Library

_NAMES = "urn:oasis:names:tc:opendocument:xmlns"
_HEAD = (
    f'<office:document-content xmlns:office="{_NAMES}:office:1.0" xmlns:table="{_NAMES}:table:1.0"'
    f' xmlns:text="{_NAMES}:text:1.0" xmlns:style="{_NAMES}:style:1.0"><office:automatic-styles>'
    '<style:style style:name="up" style:family="text"><style:text-properties style:text-position="super 58%"/></style:style>'
    '</office:automatic-styles><office:body><office:spreadsheet><table:table table:name="Loans">'
)
_FOOT = "</table:table></office:spreadsheet></office:body></office:document-content>"


@dataclass(frozen=True)
class Stored:
    """A cell: what is stored, its number format, what it shows; a text may end in a raised part."""

    value: Any
    code: str = "General"
    shows: str = ""
    raised: str = ""

    @property
    def shown(self) -> str:
        return self.shows or str(self.value)


#: A cell of the wrong kind or shown otherwise, the code of its finding, and the columns where it is one.
TEXTS, NUMBERS, DATES = ("Loan reference", "Branch", "Notes"), ("Copy", "Fine"), ("Lent on", "Returned on")
EVERY = (*TEXTS, *NUMBERS, *DATES, "Renewed")
DAYS = st.dates(date(2024, 3, 1), date(2024, 3, 28))
PLANTS: Sequence[tuple[str, Sequence[str], st.SearchStrategy[Stored]]] = (
    ("wrong-kind", (*TEXTS, *NUMBERS, "Renewed"), DAYS.map(lambda day: Stored(day, "dd/mm/yyyy", f"{day:%d/%m/%Y}"))),
    ("wrong-kind", TEXTS, DAYS.map(lambda day: Stored(day, "mmm-yy", f"{day:%b-%y}"))),
    ("wrong-kind", (*TEXTS, *NUMBERS, *DATES), st.sampled_from((Stored(True, shows="TRUE"), Stored(False, shows="FALSE")))),
    ("wrong-kind", ("Branch", "Notes", "Loan reference"), st.integers(1, 999).map(lambda tenths: Stored(tenths + 0.5))),
    ("wrong-kind", EVERY, st.integers(25, 99).map(lambda hours: Stored(timedelta(hours=hours), "[h]:mm", f"{hours}:00"))),
    ("not-a-date", DATES, st.integers(44000, 45500).map(Stored)),
    ("shown-otherwise", ("Notes", *NUMBERS), st.integers(1, 9).map(lambda number: Stored(number / 100, "0%", f"{number}%"))),
    ("shown-otherwise", ("Notes", *NUMBERS), st.integers(1, 49).map(lambda number: Stored(number, "0000", f"{number:04}"))),
    ("shown-otherwise", TEXTS, st.integers(1, 999).map(lambda number: Stored(number, '"L"0000', f"L{number:04}"))),
    ("shown-otherwise", ("Notes", "Fine"), st.integers(10**15, 10**16 - 2).map(lambda number: Stored(float(number), "0", str(number)))),
    ("shown-otherwise", (*TEXTS, "Copy"), st.sampled_from("123").map(lambda raised: Stored("4", raised=raised))),
    ("shown-in-part", DATES, DAYS.map(lambda day: Stored(day, "mmm-yy", f"{day:%b-%y}"))),
    ("shown-in-part", ("Fine",), st.integers(1, 9).map(lambda number: Stored(1 + number / 100, "0", "1"))),
    ("too-precise", ("Fine",), st.integers(1, 4).map(lambda number: Stored(1 + number / 1000, "0.00", f"{1 + number / 1000:.2f}"))),
    ("not-an-integer", ("Copy",), st.integers(1, 4).map(lambda number: Stored(1 + number / 10, "0", "1"))),
)  # fmt: skip


def faultless(number: int, day: date, fine: int) -> dict[str, Stored]:
    """A loan in cells of the right kinds, each shown in one of the ways that say what is stored."""
    money = f"£{fine / 100:.2f}"
    return {
        "Loan reference": Stored(f"L{number:04}"), "Copy": Stored(number % 99 + 1, "#,##0"), "Branch": Stored("Central"),
        "Lent on": Stored(day, "dd/mm/yyyy", f"{day:%d/%m/%Y}"),
        "Returned on": Stored(day, "d mmmm yyyy", f"{day:%d %B %Y}".lstrip("0")),
        "Fine": Stored(fine / 100, "£#,##0.00", money), "Renewed": Stored(bool(number % 2), shows=str(bool(number % 2)).upper()),
        "Notes": Stored(number, shows=str(number)),
    }  # fmt: skip


LOANS = st.lists(st.tuples(DAYS, st.integers(1, 4999)), min_size=1, max_size=6).map(
    lambda rows: [faultless(number, *row) for number, row in enumerate(rows, start=1)]
)


def xlsx(header: Sequence[str], rows: Sequence[Mapping[str, Stored]], hidden: Sequence[int] = ()) -> bytes:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        sheet = book.add_worksheet("Loans")
        sheet.write_row(0, 0, header)
        up = book.add_format({"font_script": 1})
        for row, cells in enumerate(rows, start=1):
            for column, cell in enumerate(cells[name] for name in header):
                if cell.raised:
                    sheet.write_rich_string(row, column, cell.value, up, cell.raised)
                else:
                    sheet.write(row, column, cell.value, book.add_format({"num_format": cell.code}))
        for row in hidden:
            sheet.set_row(row, None, None, {"hidden": True})
    return target.getvalue()


def ods(header: Sequence[str], rows: Sequence[Mapping[str, Stored]], hidden: Sequence[int] = ()) -> bytes:
    records = [[Stored(name) for name in header], *([cells[name] for name in header] for cells in rows)]
    filtered = ' table:visibility="filter"'
    body = (
        f"<table:table-row{filtered if at in hidden else ''}>{''.join(map(_ods_cell, record))}</table:table-row>"
        for at, record in enumerate(records)
    )
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
        archive.writestr("content.xml", f"{_HEAD}{''.join(body)}{_FOOT}")
    return target.getvalue()


def _ods_cell(cell: Stored) -> str:
    raised = f'<text:span text:style-name="up">{cell.raised}</text:span>' if cell.raised else ""
    return f"<table:table-cell {_ods_value(cell)}><text:p>{escape(cell.shown)}{raised}</text:p></table:table-cell>"


def _ods_value(cell: Stored) -> str:
    kind, name, value = "string", "", ""
    if isinstance(cell.value, bool):
        kind, name, value = "boolean", "boolean-value", str(cell.value).lower()
    elif isinstance(cell.value, int | float):
        kind, name, value = ("percentage" if "%" in cell.code else "float"), "value", repr(cell.value)
    elif isinstance(cell.value, date):
        kind, name, value = "date", "date-value", cell.value.isoformat()
    elif isinstance(cell.value, timedelta):
        kind, name, value = "time", "time-value", f"PT{cell.value.total_seconds() / 3600:.0f}H00M00S"
    return f'office:value-type="{kind}"' + (f' office:{name}="{value}"' if name else "")


WRITERS: st.SearchStrategy[Callable[..., bytes]] = st.sampled_from((xlsx, ods))


def found(library: Library, result: ReturnResult) -> list[tuple[int | None, str | None, str]]:
    return [each for each in library.faults(result) if each[2] != "acceptance-limit"]


@given(rows=LOANS, write=WRITERS)
def test_a_return_whose_cells_show_what_is_stored_has_no_finding(
    library: Library, rows: list[dict[str, Stored]], write: Callable[..., bytes]
) -> None:
    result = library.assess(write(library.header, rows), library.loans)
    assert (found(library, result), result.rows.accepted) == ([], len(rows))


@given(data=st.data(), rows=LOANS, write=WRITERS, plant=st.sampled_from(PLANTS))
def test_a_cell_of_another_kind_or_shown_otherwise_is_found_alone(
    library: Library,
    data: st.DataObject,
    rows: list[dict[str, Stored]],
    write: Callable[..., bytes],
    plant: tuple[str, Sequence[str], st.SearchStrategy[Stored]],
) -> None:
    code, columns, cells = plant
    at, column = data.draw(st.integers(0, len(rows) - 1)), data.draw(st.sampled_from(columns))
    rows[at] = rows[at] | {column: data.draw(cells)}
    if column == "Lent on":
        rows[at]["Returned on"] = Stored(date(2024, 3, 30), "dd/mm/yyyy", "30/03/2024")
    elif column == "Returned on":
        rows[at]["Lent on"] = Stored(date(2024, 2, 1), "dd/mm/yyyy", "01/02/2024")
    result = library.assess(write(library.header, rows), library.loans)
    assert found(library, result) == [(at + 2, column, code)]
    assert result.rows.accepted == (
        len(rows) if code == "shown-in-part" else max(0, len(rows) - 1) * result.is_loadable
    )


@given(data=st.data(), rows=LOANS, write=WRITERS)
def test_hidden_rows_are_read_and_told_together(
    library: Library, data: st.DataObject, rows: list[dict[str, Stored]], write: Callable[..., bytes]
) -> None:
    hidden = data.draw(st.sets(st.integers(0, len(rows))))
    result = library.assess(write(library.header, rows, sorted(hidden)), library.loans)
    assert result.rows.accepted == len(rows)
    assert [code for *_, code in found(library, result)] == (["hidden-rows"] if hidden - {0} else [])


FRAMED: Mapping[str, tuple[Sequence[str], st.SearchStrategy[Any]]] = {
    "a date": ((*TEXTS, *NUMBERS, "Renewed"), DAYS),
    "a truth value": ((*TEXTS, *NUMBERS, *DATES), st.booleans()),
    "a number": (("Branch", "Notes", "Loan reference"), st.integers(0, 999).map(lambda tenths: tenths + 0.5)),
    "a time of day or a duration": (EVERY, st.times()),
}


@given(data=st.data(), kind=st.sampled_from(sorted(FRAMED)), height=st.integers(1, 5))
def test_a_column_of_a_frame_of_another_type_is_found_in_each_of_its_rows(
    library: Library, data: st.DataObject, kind: str, height: int
) -> None:
    columns, values = FRAMED[kind]
    clean = pl.DataFrame([library.row(Copy=str(number + 1)) for number in range(height)])
    column = data.draw(st.sampled_from(columns))
    series = pl.Series(column, data.draw(st.lists(values, min_size=height, max_size=height)))
    results = []
    for table in (clean, clean.with_columns(series)):
        target = io.BytesIO()
        table.write_parquet(target)
        results.append(library.assess(target.getvalue(), library.loans))
    assert found(library, results[0]) == []
    assert found(library, results[1]) == [(row + 2, column, "wrong-kind") for row in range(height)]
    assert all(kind in message for message in results[1].findings.filter(code="wrong-kind")["message"])
