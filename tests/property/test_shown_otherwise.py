"""What is shown otherwise than stored is found wherever it stands, and what is shown in other words is left in peace."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from probation_etl.intake.readers import Otherwise, column_letters, read_grids
from probation_etl.intake.readers.looks.showing import rendered, shown_by
from raw_workbooks import open_document

if TYPE_CHECKING:
    from conftest import Library

modest = settings(max_examples=20)

# Formats alone

COLOURS = st.sampled_from(["", "[Red]", "[Color10]", "[Blue]"])
DAY, MONTH, YEAR = ("d", "dd"), ("m", "mm", "mmm", "mmmm"), ("yy", "yyyy")
SERIALS = st.integers(61, 80_000)


@st.composite
def numbers(draw: st.DrawFn) -> tuple[float, int]:
    """A number and how many decimals it has."""
    places = draw(st.integers(0, 4))
    return draw(st.integers(-(10**9), 10**9)) / 10**places, places


@st.composite
def number_formats(draw: st.DrawFn, least: int) -> str:
    """A format that shows a number as it is, in other words, if it has no more decimals."""
    places = draw(st.integers(least, 6))
    decimals = draw(st.sampled_from(["0", "#", "?"])) * (places - least)
    body = (
        draw(st.sampled_from(["0", "#,##0", "#0", "??0", "# ##0"])) + ("." if places else "") + "0" * least + decimals
    )
    before = draw(st.sampled_from(["", "£", "[$€-2] ", '"$"', "[$GBP] ", "_-* ", "\\ "]))
    after = draw(st.sampled_from(["", " ", "_)", '" cases"', " [$kr-41D]", "\\%"]))
    positive = draw(COLOURS) + before + body + after
    negative = draw(st.sampled_from(["", f";-{before}{body}{after}", f";[Red]{before}{body}{after}", f";({body})"]))
    nought = draw(st.sampled_from(["", f";{body}", ';"-"'])) if negative else ""
    return positive + negative + nought + draw(st.sampled_from(["", ";@"]))


@given(data=st.data(), number=numbers())
def test_a_number_in_other_words_is_the_same_number(data: st.DataObject, number: tuple[float, int]) -> None:
    value, places = number
    assert shown_by(data.draw(number_formats(places)), value) is None


@given(number=numbers(), places=st.integers(0, 3), signs=st.sampled_from(["0", "#,##0"]))
def test_a_number_with_fewer_decimals_is_rounded(number: tuple[float, int], places: int, signs: str) -> None:
    value, _ = number
    code = signs + ("." + "0" * places if places else "")
    found = shown_by(code, value)
    assert (found is None) == (round(value, places) == value)
    assert found is None or found.how == Otherwise.ROUNDED


@given(
    value=st.integers(-(10**9), 10**9).filter(bool),
    code=st.sampled_from(["0%", "0.0%", "#,##0.00%", "0%;[Red]-0%"]),
    places=st.integers(0, 4),
)
def test_a_percentage_is_not_its_number(value: int, code: str, places: int) -> None:
    found = shown_by(code, value / 10**places)
    assert found is not None
    assert found.how == Otherwise.PER_CENT
    assert found.text.endswith("%")


@given(
    value=st.integers(1, 10**6),
    code=st.sampled_from(
        ["00000000", '"X"000000', '"Ref "0', '0"A"', "0-0", "00\\:00\\:00\\:00", '0"k"', "#,##0,", '0" million"', ";;;", '"n/a"',
         '"<"0', "-0", ';0;"none"', '[>0]"some";0']
    ),
)  # fmt: skip
def test_a_number_with_what_makes_another_of_it_is_told(value: int, code: str) -> None:
    found = shown_by(code, value)
    assert found is not None
    assert found.how == Otherwise.FORMAT


@st.composite
def date_formats(draw: st.DrawFn, *parts: tuple[str, ...]) -> str:
    written = [draw(st.sampled_from(part)) for part in draw(st.permutations(parts))]
    body = draw(st.sampled_from(["/", "-", ".", " ", "\\ ", '" of "', ""])).join(written)
    around = st.sampled_from([("", ""), ("[$-809]", ";@"), ("ddd ", ""), ("", " hh:mm"), ("[Blue]", "")])
    before, after = draw(around)
    return before + body + after


@given(code=date_formats(DAY, MONTH, YEAR), serial=SERIALS)
def test_a_date_in_other_words_is_the_same_date(code: str, serial: int) -> None:
    assert shown_by(code, serial) is None


@given(
    code=st.sampled_from([(DAY, MONTH), (MONTH, YEAR), (DAY, YEAR), (DAY,), (MONTH,), (YEAR,)]).flatmap(
        lambda parts: date_formats(*parts)
    ),
    serial=SERIALS,
)
def test_a_date_without_all_of_its_parts_is_told(code: str, serial: int) -> None:
    found = shown_by(code, serial)
    assert found is not None
    assert found.how == Otherwise.DATE_PART


@given(
    value=st.floats(0, 1_000, allow_nan=False),
    code=st.sampled_from(["h:mm", "[h]:mm", "hh:mm:ss", "[mm]:ss", "h AM/PM", "[$-F400]h:mm:ss AM/PM", "mm:ss.0"]),
)
def test_a_time_is_not_its_number(value: float, code: str) -> None:
    found = shown_by(code, value)
    assert found is not None
    assert found.how == Otherwise.TIME


@given(
    value=st.one_of(st.floats(allow_nan=False, allow_infinity=False), st.text(max_size=6)),
    code=st.text(st.sampled_from('0#?.,%E+-/;@*_\\"[]<>=$dmyhsGeneralRed x5'), max_size=14),
)
def test_any_format_at_all_is_applied(value: float | str, code: str) -> None:
    rendered(code, value)
    shown_by(code, value)


# Returns

HEADER = ("Loan reference", "Copy", "Branch", "Lent on", "Returned on", "Fine", "Renewed", "Notes")
EPOCH = date(1899, 12, 30)


@dataclass(frozen=True)
class Cell:
    """A value with its format, or a text and what stands raised behind it; and the code that is due."""

    value: Any
    code: str = "General"
    raised: str = ""
    finding: str = ""

    @property
    def number(self) -> float | str:
        return (self.value - EPOCH).days if isinstance(self.value, date) else self.value


CLEAN_CODES = {
    "Copy": ("General", "0", "#,##0", "0;[Red]-0"),
    "Lent on": ("dd/mm/yyyy", "d mmm yyyy", "yyyy-mm-dd", "[$-409]d\\-mmm\\-yy;@", "dddd, d mmmm yyyy"),
    "Returned on": ("dd/mm/yyyy", "m/d/yy"),
    "Fine": ("General", "0.00", "£#,##0.00", "0.000", '_-* #,##0.00_-;-* #,##0.00_-;_-* "-"??_-;_-@_-'),
}
FAULTS: dict[str, tuple[Callable[[int], Cell], ...]] = {
    "Copy": (
        lambda n: Cell(n % 90 + 1, "0000", finding="shown-otherwise"),
        lambda n: Cell(n % 90 + 1, '"C"0', finding="shown-otherwise"),
        lambda n: Cell(n % 90 + 1, "0%", finding="shown-otherwise"),
        lambda n: Cell(str(n % 9 + 1), raised="1", finding="shown-otherwise"),
    ),
    "Branch": (lambda _: Cell("Central", raised="2", finding="shown-otherwise"),),
    "Lent on": (
        lambda n: Cell(date(2024, 3, n % 30 + 1), "mmm-yy", finding="shown-in-part"),
        lambda n: Cell(date(2024, 3, n % 30 + 1), "dd mmm", finding="shown-in-part"),
    ),
    "Fine": (
        lambda n: Cell((n % 90 + 1) / 100, "0%", finding="shown-otherwise"),
        lambda n: Cell(n % 40 + 1, "#,##0.0,", finding="shown-otherwise"),
        lambda n: Cell(n % 40 + 0.25, "0.0", finding="shown-in-part"),
        lambda n: Cell(n % 40 + 0.5, "# ?/?", finding="shown-otherwise"),
    ),
    "Notes": (lambda n: Cell(f"note {n}", raised="a", finding="shown-otherwise"),),
}  # fmt: skip


@st.composite
def returns(draw: st.DrawFn) -> tuple[list[dict[str, Cell]], set[tuple[int, str, str]], set[int]]:
    """Rows, the faults planted in them, and hidden rows counted from 0."""
    rows = []
    for number in range(draw(st.integers(1, 6))):
        lent = date(2024, 3, 1) + timedelta(days=draw(st.integers(0, 20)))
        values = {
            "Loan reference": f"L{number:04}", "Copy": draw(st.integers(1, 99)), "Branch": "Central", "Lent on": lent,
            "Returned on": lent + timedelta(days=3), "Fine": draw(st.integers(0, 4_999)) / 100, "Renewed": True, "Notes": "none",
        }  # fmt: skip
        rows.append(
            {
                name: Cell(value, draw(st.sampled_from(CLEAN_CODES.get(name, ("General",)))))
                for name, value in values.items()
            }
        )
    planted = draw(st.sets(st.tuples(st.integers(0, len(rows) - 1), st.sampled_from(sorted(FAULTS))), max_size=4))
    for row, column in planted:
        rows[row][column] = draw(st.sampled_from(FAULTS[column]))(row)
    told = {(row + 2, column, rows[row][column].finding) for row, column in planted}
    return rows, told, draw(st.sets(st.integers(1, len(rows)), max_size=2))


def as_xlsx(rows: list[dict[str, Cell]], hidden: set[int]) -> bytes:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        sheet, raised = book.add_worksheet("Loans"), book.add_format({"font_script": 1})
        sheet.write_row(0, 0, HEADER)
        for at, row in enumerate(rows, start=1):
            for column, name in enumerate(HEADER):
                cell = row[name]
                if cell.raised:
                    sheet.write_rich_string(at, column, cell.value, raised, cell.raised)
                elif isinstance(cell.value, bool):
                    sheet.write_boolean(at, column, cell.value)
                else:
                    sheet.write(at, column, cell.number, book.add_format({"num_format": cell.code}))
        for at in hidden:
            sheet.set_row(at, options={"hidden": True})
    return target.getvalue()


def as_ods(rows: list[dict[str, Cell]], hidden: set[int]) -> bytes:
    header = "".join(_ods_cell(Cell(name)) for name in HEADER)
    body = "".join(
        f'<table:table-row table:visibility="{"filter" if at in hidden else "visible"}">'
        f"{''.join(_ods_cell(row[name]) for name in HEADER)}</table:table-row>"
        for at, row in enumerate(rows, start=1)
    )
    up = '<style:style style:name="up" style:family="text"><style:text-properties style:text-position="super 58%"/></style:style>'
    return open_document(f"<table:table-row>{header}</table:table-row>{body}", styles=up)


def _ods_cell(cell: Cell) -> str:
    value = cell.value
    if isinstance(value, bool):
        kind, text = f'boolean" office:boolean-value="{str(value).lower()}', str(value).upper()
    elif isinstance(value, str):
        kind = "string"
        text = value + (f'<text:span text:style-name="up">{cell.raised}</text:span>' if cell.raised else "")
    elif isinstance(value, date):
        kind, text = f'date" office:date-value="{value.isoformat()}', rendered(cell.code, cell.number)
    else:
        kind = f'{"percentage" if "%" in cell.code else "float"}" office:value="{value}'
        text = rendered(cell.code, value)
    return f'<table:table-cell office:value-type="{kind}"><text:p>{text}</text:p></table:table-cell>'


@pytest.mark.parametrize("written", [as_xlsx, as_ods])
@modest
@given(planned=returns())
def test_what_a_return_shows_otherwise_is_found_and_nothing_else(
    library: Library,
    written: Callable[[list[dict[str, Cell]], set[int]], bytes],
    planned: tuple[list[dict[str, Cell]], set[tuple[int, str, str]], set[int]],
) -> None:
    rows, planted, hidden = planned
    data = written(rows, hidden)
    findings = library.assess(data).findings.to_dicts()
    letters = {column_letters(at): name for at, name in enumerate(HEADER)}
    found = {
        (each["row"], letters.get(each["column"], each["column"]), each["code"])
        for each in findings
        if each["code"].startswith("shown")
    }
    assert found == planted
    (grid,) = read_grids(data)
    assert set(grid.hidden_rows) == hidden
    if not planted and not hidden:
        assert findings == []
