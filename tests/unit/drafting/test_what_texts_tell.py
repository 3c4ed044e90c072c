"""What is told by texts: forms of days and numbers, patterns, names of files, headers that speak of people."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest
import yaml

from probation_etl.drafting.days import day_forms
from probation_etl.drafting.evidence import Evidence
from probation_etl.drafting.file_names import compared, spacing
from probation_etl.drafting.headers import column_name, header_row
from probation_etl.drafting.patterns import pattern_of
from probation_etl.drafting.privacy import why_restricted
from probation_etl.drafting.types import type_of
from probation_etl.drafting.words import speaks_of_classes, telling
from probation_etl.drafting.yaml_text import Said, written
from probation_etl.intake.readers import CellKind, Grid


def evidence(*texts: str | None, header: str = "Column") -> Evidence:
    cells = pl.Series("cell", texts, dtype=pl.String)
    kinds = pl.repeat(CellKind.TEXT, len(texts), dtype=pl.UInt8, eager=True)
    return Evidence("column", (header,), cells, kinds, (len(texts),), (None,), 0, native=False)


@pytest.mark.parametrize(
    ("texts", "formats"),
    [
        (("2020-03-01", "2020-12-31"), ("yyyy-MM-dd",)),
        (("01/03/2020", "31/12/2020"), ("dd/MM/yyyy",)),
        (("1/3/2020", "31/12/2020"), ("d/M/yyyy",)),
        (("03/01/2020", "12/31/2020"), ("MM/dd/yyyy",)),
        (("01/03/2020", "31/12/2020", "2020-03-01"), ("dd/MM/yyyy", "yyyy-MM-dd")),
        (("1 Mar 2020", "31 Dec 2020"), ("d MMM yyyy",)),
        (("20200301", "20201231"), ("yyyyMMdd",)),
        (("01/03/2020", "Tuesday"), ()),
        (("31/12/2020", "12/31/2020"), ()),
    ],
)
def test_forms_of_days_are_those_that_read_all(texts: tuple[str, ...], formats: tuple[str, ...]) -> None:
    assert day_forms(pl.Series(texts), day_first=None, native=False).formats == formats


def test_of_two_orders_of_day_and_month_none_is_guessed() -> None:
    texts = pl.Series(["01/03/2020", "02/04/2020"])
    asked = day_forms(texts, day_first=None, native=False)
    assert (asked.formats, asked.ambiguous) == ((), ("dd/MM/yyyy", "MM/dd/yyyy"))
    assert day_forms(texts, day_first=True, native=False).formats == ("dd/MM/yyyy",)
    assert day_forms(texts, day_first=False, native=False).formats == ("MM/dd/yyyy",)
    short = type_of(evidence("01/03/20", "31/12/20"))
    assert (short.type, short.questions) == (
        "string",
        ("It holds days whose years have two digits: can they be written with four?",),
    )


@pytest.mark.parametrize(
    ("texts", "type_", "rest"),
    [
        (("1", "20", "-3"), "integer", {}),
        (("1.5", "20", "n/a"), "number", {"tokens": ("n/a",), "places": 2}),
        (("1", "2", "3", "Not known"), "integer", {"tokens": ("Not known",)}),
        (("007", "1234"), "string", {}),
        (("1,234", "56"), "integer", {"thousands": ","}),
        (("1.234,50", "0,75"), "number", {"thousands": ".", "decimal": ","}),
        (("£1.50", "£2"), "number", {"units": ("£",)}),
        (("3 km", "12 km"), "integer", {"units": ("km",)}),
        (("47 [r]", "3", "[c]"), "integer", {"markers": ("r",), "shorthand": ("c",)}),
        (("true", "FALSE"), "boolean", {}),
        (("2020-03-01 09:30", "2020-03-31 17:05"), "timestamp", {"formats": ("yyyy-MM-dd HH:mm",)}),
        (("31/03/2020 9:30:00", "1/3/2020 17:05:10"), "timestamp", {"formats": ("d/M/yyyy H:mm:ss",)}),
        (("2020-03-01T09:30:00", "2020-03-31T17:05:10"), "timestamp", {"formats": ("yyyy-MM-dd'T'HH:mm:ss",)}),
        (("31/03/2020 00:00", "01/03/2020 00:00"), "date", {"formats": ("dd/MM/yyyy HH:mm",)}),
        (("01/03/2020 09:30", "02/03/2020 09:30"), "string", {"ambiguous": ("dd/MM/yyyy HH:mm", "MM/dd/yyyy HH:mm")}),
        (("09:30", "17:05", "n/a"), "time", {"formats": ("HH:mm",)}),
        (("9:30", "37:05"), "duration", {"formats": ("H:mm",)}),
        (("PT5M", "PT1H30M"), "duration", {"formats": ("PT",)}),
        (("A1", "B2"), "string", {}),
    ],
)
def test_a_type_is_the_first_that_reads_all(texts: tuple[str, ...], type_: str, rest: dict[str, object]) -> None:
    typed = type_of(evidence(*texts, None))
    assert typed.type == type_
    assert {key: getattr(typed, key) for key in rest} == rest


@pytest.mark.parametrize(
    ("texts", "pattern"),
    [
        (("L101", "L202"), r"^[A-Z]\d{3}$"),
        (("L1", "L22"), r"^[A-Z]\d+$"),
        (("AB-12", "CD-34"), r"^[A-Z]{2}-\d{2}$"),
        (("1.2", "3.4"), r"^\d\.\d$"),
        (("L101", "l101"), None),
        (("Åsa 1", "Bo 22"), None),
    ],
)
def test_a_pattern_is_what_all_texts_have_in_common(texts: tuple[str, ...], pattern: str | None) -> None:
    assert pattern_of(pl.Series(texts)) == pattern


@pytest.mark.parametrize(
    ("names", "pattern", "asked"),
    [
        (["A1_loans_2020-01-31.csv", "B2_loans_2020-02-29.csv"], r"(?P<supplier_code>[A-Z]\d)_loans_(?P<period_end>\d{4}-\d{2}-\d{2}).*\.csv", set()),
        (["loans LEEDS 2020-01-31.csv.gz"], r"loans (?P<supplier_code>[A-Z]+) (?P<period_end>\d{4}-\d{2}-\d{2}).*\.csv", {"sure"}),
        (["A1-jan.csv", "B2-jan.xlsx"], r"(?P<supplier_code>[A-Z]\d)-jan.*\.(csv|xlsx)", {"period"}),
        (["loans.csv"], r"loans.*\.csv", {"supplier", "period"}),
        (["a_b.csv", "c.csv"], None, {"form"}),
        (["table"], None, {"form"}),
    ],
)  # fmt: skip
def test_names_of_files_tell_who_and_when(names: list[str], pattern: str | None, asked: set[str]) -> None:
    found = compared(names)
    assert (found.pattern, set(found.asked)) == (pattern, asked)


def test_the_time_between_periods_is_told_where_it_is_even() -> None:
    def of(*days: str) -> tuple[int, str] | None:
        return spacing(compared([f"A1_{day}.csv" for day in days]))

    assert of("2020-01-05", "2020-01-19", "2020-02-02") == (14, "d")
    assert of("2020-01-31", "2020-02-29", "2020-03-31") == (1, "month")
    assert of("2020-03-31", "2020-06-30") == (3, "month")
    assert of("2020-01-05", "2020-01-19", "2020-02-03") is None
    assert of("2020-01-05") is None


@pytest.mark.parametrize(
    ("header", "texts", "why"),
    [
        ("Borrower", ("Ann Ash", "Ann Ash"), "the header speaks of a name"),
        ("DOB", ("a", "a"), "the header speaks of a day of birth"),
        ("cardId", ("a", "a"), "the header speaks of an identifier"),
        ("Sent to", ("a@b.example", "c@d.example") * 5, "texts like addresses or numbers of people"),
        ("By", ("Ann Ash", "Bob Birch", "Cyd Cox") * 5, "texts like names of people"),
        ("Said", ("It was a fine day", "It was a wet day") * 5, "texts of several words"),
        ("Shelf", tuple("abcdefghijkl"), "nearly all different"),
        ("Shelf", ("a", "b"), "too few cells to tell whether values are repeated"),
        ("Kind", ("a", "b", "c") * 5, None),
        ("Library", ("Leeds Libraries", "York Libraries") * 5, None),
    ],
)  # fmt: skip
def test_what_may_be_of_people_is_restricted(header: str, texts: tuple[str, ...], why: str | None) -> None:
    assert why_restricted(evidence(*texts, header=header), "string", None, is_listed=False) == why


def test_numbers_of_people_are_restricted_even_where_they_come_again_and_again() -> None:
    def why(header: str, *texts: str) -> str | None:
        return why_restricted(
            evidence(*texts * 10, header=header), "string", pattern_of(pl.Series(texts)), is_listed=True
        )

    assert why("Case number", "00123", "00456") == "the header speaks of an identifier"
    assert why("Key", "X123456", "X123457") == "the form of an identifier"
    assert why("Code", "BRE01", "BRE02") is None
    assert why("Event no", "1a", "2b") is None
    assert why("Year", "2019/20", "2020/21") is None


def test_headers_are_found_and_named() -> None:
    rows = [["Loans of March", None], [None, None], ["Loan no", "Lent on"], ["L101", "01/03/2020"]]
    assert header_row(Grid(pl.DataFrame(rows, schema=["c0", "c1"], orient="row"))) == 2
    people = [["Case Holder", "Town"], ["Ann Ash", "Leeds"], ["Bob Birch", "York"], ["Cyd Cox", "Leeds"]]
    assert (
        header_row(Grid(pl.DataFrame([["Reader Name", "Town"], *people[1:]], schema=["c0", "c1"], orient="row"))) == 0
    )
    assert (
        header_row(
            Grid(
                pl.DataFrame(
                    [[*each, f"{at}"] for at, each in enumerate(people[1:])], schema=["a", "b", "c"], orient="row"
                )
            )
        )
        is None
    )
    numbered = [["Case Holder", "Town", "Visits"], *([*each, "1"] for each in people[1:])]
    assert header_row(Grid(pl.DataFrame(numbered, schema=["a", "b", "c"], orient="row"))) == 0
    assert header_row(Grid(pl.DataFrame(people[1:], schema=["a", "b"], orient="row"))) is None
    assert header_row(Grid(pl.DataFrame(rows[3:], schema=["c0", "c1"], orient="row"))) is None
    assert [column_name(each, ()) for each in ("Loan no.", "LentOn", "% paid", "2020", "Period end", "?")] == [
        "loan_no", "lent_on", "per_cent_paid", "column_2020", "period_end_given", "column",
    ]  # fmt: skip
    assert column_name("Loan no", ["loan_no"]) == "loan_no_2"
    assert telling(["Case name"]) == "a name"
    assert telling(["Branch name"]) is None
    assert speaks_of_classes(["Branch name"])


def test_yaml_is_read_as_it_was_meant_whatever_a_text_holds() -> None:
    odd = [
        "a: b",
        "# c",
        "- d",
        "yes",
        "1",
        "2020-01-01",
        "'",
        '"',
        "a\nb",
        "\u2028",
        "é",
        "{}",
        "a, b",
        "",
        " x ",
        "null",
        "[1]",
        "@",
        "%",
    ]
    document = {
        "list": [{"value": Said(each, "why\nnot"), "then": date(2020, 1, 1)} for each in odd],
        "flow": tuple(odd), "number": 0.01, "truth": True, "nested": Said({"a": Said(1, "w" * 200)}, above=("above\n# it",)),
    }  # fmt: skip
    read = yaml.safe_load(written(document))
    assert [each["value"] for each in read["list"]] == odd
    assert read["flow"] == odd
    assert (read["number"], read["truth"], read["nested"]) == (0.01, True, {"a": 1})
