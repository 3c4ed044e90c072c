"""How cells are written: forms of dates, decimal commas, words for true and false, in text and in cells of a program."""

from __future__ import annotations

import io
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from probation_etl.contracts.forms import form
from probation_etl.contracts.lint.rules import compile_contract
from probation_etl.contracts.model import Column, Mapping, ReturnContract
from probation_etl.intake.parse import TypedTable, parse
from probation_etl.intake.readers import read_grids
from probation_etl.intake.table import extract
from probation_etl.intake.typed_texts import typed

if TYPE_CHECKING:
    from conftest import Library

FORMS = (
    "dd/MM/yyyy", "d/M/yyyy", "dd-MMM-yyyy", "d MMMM yyyy", "yyyyMMdd", "dd/MM/yy", "MMM yyyy", "MM/yyyy",
    "dd/MM/yyyy HH:mm", "d/M/yyyy H:mm:ss", "dd/MM/yyyy h:mm a", "yyyy-MM-dd'T'HH:mm:ss.SSS",
)  # fmt: skip


def column(kind: Any, **more: Any) -> Column:
    return Column("value", kind, "Value", **more)


def parsed(data: bytes, of: Column) -> TypedTable:
    """The rows of a file of two columns."""
    (grid,) = read_grids(data)
    columns = (of, Column("other", "string", "Other"))
    contract = ReturnContract(
        id="values", version="1.0.0", table="values", columns=columns, mapping=Mapping("value", ())
    )
    table = extract(grid, contract)
    assert table is not None
    return parse(table, compile_contract(contract), {})


def parquet(values: pl.Series) -> bytes:
    file = io.BytesIO()
    pl.DataFrame({"Value": values, "Other": ["x"] * len(values)}).write_parquet(file)
    return file.getvalue()


@pytest.mark.parametrize("written", FORMS)
def test_each_form_is_read_alike_one_by_one_and_all_at_once(written: str) -> None:
    texts = [
        form(each, 2030).write(day)
        for each in FORMS
        for day in (date(2020, 3, 9), date(1999, 12, 31), date(2024, 2, 29))
    ]
    texts += [
        "31/02/2020",
        "20200231",
        "31-Feb-2020",
        "9 Sept 2020",
        "00/00/2020",
        "29/02/23",
        "1/1/20",
        "",
        "MAR 2020",
        "10/03/2020 12:00 PM",
    ]
    made = form(written, 2030)
    read = [made.read(text) for text in texts]
    found = pl.DataFrame({"value": texts}).select(
        typed(pl.col("value"), column("date", formats=(written,), year_pivot=2030), native=False)
    )
    assert found.to_series().to_list() == [each and each.date() for each in read]


@pytest.mark.parametrize(
    ("more", "text", "number"),
    [
        ({}, "1,5", Decimal("1.5")),
        ({}, "-0,25", Decimal("-0.25")),
        ({}, "12", Decimal(12)),
        ({}, "1.5", None),
        ({"thousands_separator": "."}, "1.234,5", Decimal("1234.5")),
        ({"thousands_separator": "."}, "1.234", Decimal(1234)),
        ({"thousands_separator": " "}, "1 234,50", Decimal("1234.5")),
        ({"decimals": 1}, "1,25", Decimal("1.25")),
    ],
)
def test_a_number_has_a_decimal_comma(more: dict[str, Any], text: str, number: Decimal | None) -> None:
    result = parsed(f'Value,Other\n"{text}",x\n'.encode(), column("number", decimal_separator=",", **more))
    assert result.frame["value"].item() == number
    rules = ["value|type"] if number is None else ["value|decimals"] if "decimals" in more else []
    assert result.faults["rule"].to_list() == rules


@pytest.mark.parametrize(
    ("of", "values", "typed_values"),
    [
        (column("number", decimal_separator=","), pl.Series([0.5, 1.234, -2.0]), [Decimal("0.5"), Decimal("1.234"), Decimal(-2)]),
        (column("number", thousands_separator="."), pl.Series([1.234, 1234.0]), [Decimal("1.234"), Decimal(1234)]),
        (column("boolean", true_values=("Y",), false_values=("N",)), pl.Series([True, False, None]), [True, False, None]),
        (column("boolean", true_values=("1",), false_values=("0",)), pl.Series([1, 0]), [True, False]),
        (column("date", formats=("dd-MMM-yyyy",)), pl.Series([date(2020, 3, 9)]), [date(2020, 3, 9)]),
        (column("date", formats=("yyyyMMdd",)), pl.Series([20200309]), [date(2020, 3, 9)]),
        (
            column("date", formats=("dd/MM/yyyy HH:mm",)),
            pl.Series(["2020-03-09 10:30:00", "2020-03-09 00:00:00", "2020-03-09 10:30:00.250"]).str.to_datetime(),
            [date(2020, 3, 9)] * 3,
        ),
    ],
)  # fmt: skip
def test_what_a_file_holds_as_a_value_is_that_value(of: Column, values: pl.Series, typed_values: list[Any]) -> None:
    result = parsed(parquet(values), of)
    assert (result.frame["value"].to_list(), result.faults["rule"].to_list()) == (typed_values, [])


def test_words_for_true_and_false_replace_the_usual_ones() -> None:
    result = parsed(b"Value,Other\nY,x\nno,x\nTRUE,x\n", column("boolean", true_values=("Y",), false_values=("No",)))
    assert result.frame["value"].to_list() == [True, False, None]
    assert result.faults["rule"].to_list() == ["value|type"]


def test_days_with_names_of_months_are_known_though_others_are_exchanged() -> None:
    texts = ("09/28/20", "03/04/20", "03-Apr-2020")
    data = "Value,Other\n" + "".join(f"{each},x\n" for each in texts)
    result = parsed(data.encode(), column("date", formats=("dd/MM/yy", "dd-MMM-yyyy"), year_pivot=2030))
    assert result.frame["value"].to_list() == [None, None, date(2020, 4, 3)]
    assert sorted(result.faults["rule"].to_list()) == ["value|ambiguous", "value|type"]


def test_null_tokens_of_the_contract_hold_for_columns_without_their_own(library: Library) -> None:
    own = {"customProperties": [{"property": "nullTokens", "value": []}]}
    rulebook = library.rulebook(
        library.contract(custom={"nullTokens": ["n/a"]}, columns=library.columns(notes=own), rules=[])
    )
    result = library.assess(library.csv(library.row(Fine="n/a", Notes="n/a")), rulebook)
    assert result.accepted is not None
    assert result.accepted.select("fine", "notes").row(0) == (None, "n/a")


@pytest.mark.parametrize(
    ("more", "text", "number"),
    [
        ({}, "3 km", Decimal(3)),
        ({}, "3", Decimal(3)),
        ({}, "km 3.5", Decimal("3.5")),
        ({}, "-3km", Decimal(-3)),
        ({}, "km 3 km", None),
        ({}, "km", None),
        ({}, "3 miles", None),
        ({"unit_texts": ("£",), "thousands_separator": ","}, "-£1,234.50", Decimal("-1234.5")),
        ({"unit_texts": ("%",), "decimal_separator": ","}, "12,5%", Decimal("12.5")),
        ({"needs_unit": True}, "3", None),
        ({"needs_unit": True}, "3 km", Decimal(3)),
    ],
)  # fmt: skip
def test_a_unit_beside_a_number_is_dropped(more: dict[str, Any], text: str, number: Decimal | None) -> None:
    result = parsed(f'Value,Other\n"{text}",x\n'.encode(), column("number", **{"unit_texts": ("km",), **more}))
    assert (result.frame["value"].item(), result.faults["rule"].to_list()) == (
        number,
        [] if number is not None else ["value|type"],
    )


def test_a_number_cell_needs_no_unit() -> None:
    result = parsed(parquet(pl.Series([2.5, 3.0])), column("number", unit_texts=("km",), needs_unit=True))
    assert result.frame["value"].to_list() == [Decimal("2.5"), Decimal(3)]


@pytest.mark.parametrize(
    ("more", "text", "kept"),
    [
        ({"ignored": ("case",)}, "e-book", "E-BOOK"),
        ({"ignored": ("dashes",)}, "E\u2013BOOK", "E-BOOK"),
        ({"ignored": ("dashes", "spaces", "case")}, "e book", "E-BOOK"),
        ({"value_synonyms": {"Electronic": "E-BOOK"}}, "Electronic", "E-BOOK"),
        ({"value_synonyms": {"Electronic": "E-BOOK"}, "ignored": ("case",)}, "ELECTRONIC", "E-BOOK"),
        ({"separator": ";", "ignored": ("case",)}, "p; E-Book;", "P;E-BOOK"),
        ({"separator": ";"}, "P", "P"),
    ],
)  # fmt: skip
def test_the_listed_value_is_kept(more: dict[str, Any], text: str, kept: str) -> None:
    result = parsed(
        f'Value,Other\n"{text}",x\n'.encode(), column("string", labels={"P": "P", "E-BOOK": "E-BOOK"}, **more)
    )
    assert (result.frame["value"].item(), result.broken.height) == (kept, 0)


@pytest.mark.parametrize(
    ("more", "text"),
    [
        ({}, "e-book"), ({"ignored": ("case",)}, "ebook"), ({"value_synonyms": {"Paper": "P"}}, "paper"),
        ({"separator": ";"}, "P;X"), ({"separator": ";"}, "P,E-BOOK"),
    ],
)  # fmt: skip
def test_other_spellings_are_not_in_the_list(more: dict[str, Any], text: str) -> None:
    result = parsed(
        f'Value,Other\n"{text}",x\n'.encode(), column("string", labels={"P": "P", "E-BOOK": "E-BOOK"}, **more)
    )
    assert result.broken["rule"].to_list() == ["value|enum"]


def test_white_space_is_part_of_a_text_where_the_contract_says_so() -> None:
    data = b'Value,Other\n"AB  ",x\n"  ",x\n" C",x\n'
    kept = parsed(data, column("string", keeps_blanks=True))
    assert kept.frame["value"].to_list() == ["AB  ", None, " C"]
    assert parsed(data, column("string")).frame["value"].to_list() == ["AB", None, "C"]


def test_an_unlisted_value_among_several_is_named_but_not_where_it_is_restricted(library: Library) -> None:
    def said(**more: Any) -> str:
        own = {
            "customProperties": [{"property": "list", "value": {"separator": ";"}}],
            "enum": [{"value": "Arts"}, {"value": "Law"}],
            **more,
        }
        rulebook = library.rulebook(library.contract(columns=library.columns(notes=own), rules=[]))
        (message,) = library.assess(library.csv(library.row(Notes="Arts; Quilts")), rulebook).findings["message"]
        return str(message)

    assert said() == "‘Arts; Quilts’: ‘Quilts’ is not among: Arts, Law."
    assert "Quilts" not in said(classification="restricted")


def test_what_is_ignored_holds_for_reference_tables_too(library: Library) -> None:
    ignoring = {"customProperties": [{"property": "ignore", "value": ["case", "spaces"]}]}
    known = {"id": "known", "type": "foreignKey", "from": ["loans.notes"], "to": ["reference.branches.code"]}
    contract = library.contract(columns=library.columns(notes=ignoring), rules=[], relationships=[known])
    rulebook = library.rulebook(contract, tables={"branches": "code,area\nLeeds North,A\n"})
    good, bad = library.row(Notes="leedsnorth"), library.row(Notes="York", Loan_reference="L0002")
    result = library.assess(library.csv(good, bad), rulebook)
    assert [(each["row"], each["code"]) for each in result.findings.to_dicts()] == [(3, "not-in-reference-table")]


@pytest.mark.parametrize(
    ("own", "text", "shape"),
    [
        ({"logicalType": "timestamp", "logicalTypeOptions": {"format": "dd/MM/yyyy HH:mm"}}, "31/02/1984 09:15", "99/99/9999 99:99"),
        ({"logicalType": "time"}, "25:17", "99:99"),
        ({"customProperties": [{"property": "duration", "value": "H:mm"}]}, "17:85", "99:99"),
        ({"logicalType": "date", "logicalTypeOptions": {"format": "dd-MMM-yyyy"}}, "31-Feb-1984", "99-AAA-9999"),
        (
            {"logicalType": "number", "customProperties": [{"property": "unit", "value": {"texts": ["km"], "required": True}}]},
            "173", "999",
        ),
    ],
)  # fmt: skip
def test_a_restricted_value_in_another_form_is_masked(
    library: Library, own: dict[str, Any], text: str, shape: str
) -> None:
    columns = library.columns(notes={"logicalTypeOptions": {}, **own, "classification": "restricted"})
    rulebook = library.rulebook(library.contract(columns=columns, rules=[]))
    (found,) = library.assess(library.csv(library.row(Notes=text)), rulebook).findings.to_dicts()
    assert found["value"] == shape
    assert text not in f"{found}"


@pytest.mark.parametrize(
    ("kind", "formats", "text", "value"),
    [
        ("timestamp", ("dd/MM/yyyy HH:mm",), "09/03/2020 09:30", datetime(2020, 3, 9, 9, 30)),
        ("timestamp", (), "2020-03-09T09:30:01", datetime(2020, 3, 9, 9, 30, 1)),
        ("timestamp", ("dd/MM/yyyy h:mm a",), "09/03/2020 12:30 AM", datetime(2020, 3, 9, 0, 30)),
        ("timestamp", ("dd/MM/yyyy",), "09/03/2020", datetime(2020, 3, 9)),
        ("timestamp", ("dd/MM/yyyy HH:mm",), "09/03/2020", None),
        ("timestamp", (), "2020-03-09T09:30:01Z", None),
        ("timestamp", ("yyyy-MM-dd'T'HH:mm:ss'Z'",), "2020-03-09T09:30:01Z", datetime(2020, 3, 9, 9, 30, 1)),
        ("timestamp", ("yyyy-MM-dd HH:mm:ss+00:00",), "2020-03-09 09:30:01+00:00", datetime(2020, 3, 9, 9, 30, 1)),
        ("time", (), "09:30", time(9, 30)),
        ("time", ("H:mm",), "9:30", time(9, 30)),
        ("time", ("hh:mm a",), "09:30 pm", time(21, 30)),
        ("time", (), "24:00", None),
        ("time", (), "2020-03-09 09:30", None),
        ("duration", ("H:mm",), "25:30", timedelta(hours=25, minutes=30)),
        ("duration", ("H:mm",), "-0:30", timedelta(minutes=-30)),
        ("duration", ("H:mm:ss",), "0:00:05", timedelta(seconds=5)),
        ("duration", ("D.HH:mm",), "3.04:05", timedelta(days=3, hours=4, minutes=5)),
        ("duration", ("m",), "90", timedelta(minutes=90)),
        ("duration", ("PT",), "P1DT2H0.5S", timedelta(days=1, hours=2, milliseconds=500)),
        ("duration", ("PT",), "PT", None),
        ("duration", ("PT",), "P1M", None),
        ("duration", ("H:mm",), "1:75", None),
        ("duration", ("H:mm",), "90", None),
    ],
)  # fmt: skip
def test_moments_times_and_lengths_are_read(kind: str, formats: tuple[str, ...], text: str, value: Any) -> None:
    result = parsed(f"Value,Other\n{text},x\n".encode(), column(kind, formats=formats))
    assert (result.frame["value"].item(), result.faults["rule"].to_list()) == (
        value,
        [] if value is not None else ["value|type"],
    )
    if value is not None and kind == "duration":
        (form_of,) = column(kind, formats=formats).durations
        assert form_of.read(text) == value == form_of.read(form_of.write(value))


def test_moments_too_show_that_day_and_month_were_exchanged() -> None:
    data = "Value,Other\n" + "".join(f"{each} 10:00,x\n" for each in ("09/28/2020", "03/04/2020", "13/04/2020"))
    result = parsed(data.encode(), column("timestamp", formats=("dd/MM/yyyy HH:mm",)))
    assert result.frame["value"].to_list() == [None, None, datetime(2020, 4, 13, 10)]
    assert sorted(result.faults["rule"].to_list()) == ["value|ambiguous", "value|type"]
