"""Number formats of spreadsheets: what a person sees of a value, and whether that is the value that is stored."""

from __future__ import annotations

import csv
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import xlsxwriter

from probation_etl.intake.readers import Otherwise
from probation_etl.intake.readers.looks.codes import BUILT_IN
from probation_etl.intake.readers.looks.showing import decimals_shown, rendered, shown_by

ACCOUNTS = '_-* #,##0_-;-* #,##0_-;_-* "-"??_-;_-@_-'

OTHERWISE = [
    ("0%", 0.28, "28%", Otherwise.PER_CENT),
    ("0.0%", 0.285, "28.5%", Otherwise.PER_CENT),
    ("0%;[Red]-0%", -0.5, "-50%", Otherwise.PER_CENT),
    ("0000", 101, "0101", Otherwise.FORMAT),
    ('"X"000000', 101001, "X101001", Otherwise.FORMAT),
    ('0"A"', 12, "12A", Otherwise.FORMAT),
    ("00\\:00", 930, "09:30", Otherwise.FORMAT),
    ("000-00-0000", 123456789, "123-45-6789", Otherwise.FORMAT),
    ("#,##0,", 1234567, "1,235", Otherwise.FORMAT),
    ('0.0,,"m"', 1500000, "1.5m", Otherwise.FORMAT),
    ('0" thousand"', 12, "12 thousand", Otherwise.FORMAT),
    ('"<"0', 5, "<5", Otherwise.FORMAT),
    ("# ?/?", 1.5, "1 1/2", Otherwise.FORMAT),
    (";;;", 5, "", Otherwise.FORMAT),
    (";;;", "secret", "", Otherwise.FORMAT),
    ("0;-0;;@", 0, "", Otherwise.FORMAT),
    ("0;0", -5, "5", Otherwise.FORMAT),
    ("[Red]-0;0", 5, "-5", Otherwise.FORMAT),
    ('[<100]"low";0', 7, "low", Otherwise.FORMAT),
    ('"Yes";;"No"', 1, "Yes", Otherwise.FORMAT),
    ('0;0;0;"see "@', "note", "see note", Otherwise.FORMAT),
    ("0.00", 42.142857, "42.14", Otherwise.ROUNDED),
    ("0", 0.5, "1", Otherwise.ROUNDED),
    ("#,##0.0", 1234.56, "1,234.6", Otherwise.ROUNDED),
    ("0.00E+00", 250024123456, "2.50E+11", Otherwise.ROUNDED),
    ("dd/mm/yyyy", 44102.5, "28/09/2020", Otherwise.ROUNDED),
    ("mmm-yy", 44075, "Sep-20", Otherwise.DATE_PART),
    ("[$-409]mmm\\-yy;@", 44075, "Sep-20", Otherwise.DATE_PART),
    ("d-mmm", 44102, "28-Sep", Otherwise.DATE_PART),
    ("yyyy", 44102, "2020", Otherwise.DATE_PART),
    ("dddd", 44102, "Monday", Otherwise.DATE_PART),
    ("d mmmmm yyyy", 44102, "28 S 2020", Otherwise.DATE_PART),
    ("[h]:mm", 1.25, "30:00", Otherwise.TIME),
    ("h:mm AM/PM", 0.75, "6:00 PM", Otherwise.TIME),
    ("mm:ss", 0.01, "14:24", Otherwise.TIME),
    ("General", 1234567890123456, "1.23457E+15", Otherwise.DIGITS),
    ("0", 1234567890123456, "1234567890123460", Otherwise.DIGITS),
]

AS_STORED = [
    ("General", 47.5), ("General", 123456789012), ("General", 42.142857142857146), ("@", 47), ("@", "text"), ("0", 47),
    ("0.0", 47), ("#,##0", 1234567), ("#,##0.00", 1234.5), ("£#,##0.00", 1234.5), ("[$€-2] #,##0.00", -5.5), ("[$GBP] 0", 5),
    ("#,##0 [$kr-41D]", 1234), (ACCOUNTS, 1234), (ACCOUNTS, -1234), (ACCOUNTS, 0), ("0.00", 0.1 + 0.2), ("0%", 0),
    ("#,##0_);[Red](#,##0)", -5), ("0;[Red]0", -5), ("+0;-0;0", 5), ("# ##0", 12345), ("0.###", 0.25), ("#.00", 0.5),
    ('0" cases"', 12), ('0.0 "hours"', 6.5), ("0\\%", 28), ("# ?/?", 3), ("0.00E+00", 123000), ("0;0;0", "text"),
    ("dd/mm/yyyy", 44102), ("m/d/yy", 44102), ("d mmmm yyyy", 44102), ("dddd, d mmm yy", 44102), ("yyyymmdd", 44102),
    ("[$-F800]dddd, mmmm dd, yyyy", 44102), ("dd/mm/yyyy hh:mm", 44102.5), ("General", "text"), ("0.00", "text"),
    ("", 0.25), ("", "text"), ("General;General;General;General", "text"), ('"', "text"), ("[$-409]@", "text"), ("x" * 300, 5),
]  # fmt: skip


@pytest.mark.parametrize(("code", "value", "text", "how"), OTHERWISE)
def test_what_is_shown_otherwise_is_told(code: str, value: float | str, text: str, how: Otherwise) -> None:
    assert shown_by(code, value) == (text, how)


@pytest.mark.parametrize(("code", "value"), AS_STORED)
def test_a_value_shown_in_other_words_is_the_same_value(code: str, value: float | str) -> None:
    assert shown_by(code, value) is None


def test_days_may_be_counted_from_1904() -> None:
    assert shown_by("mmm-yy", 44075 - 1462, from_1904=True) == ("Sep-20", Otherwise.DATE_PART)


@pytest.mark.parametrize(
    ("code", "decimals"), [("General", 99), ("@", 99), ("0", 0), ("0.00", 2), (ACCOUNTS, 0), ("dd/mm/yyyy", 0), ("0%", None),
                           ("0000", None), ("mmm-yy", None), ("[>5]0.0;0.00", None), ("#,##0,", None), ("h:mm", None)]
)  # fmt: skip
def test_a_format_says_which_numbers_it_may_show_otherwise(code: str, decimals: int | None) -> None:
    assert decimals_shown(code) == decimals


#: What LibreOffice shows in another way without a difference in value, or where it counts days from elsewhere.
FORMATS = [
    *(code for number, code in BUILT_IN.items() if number not in (0, 5, 6, 7, 8, 12, 13, 42, 44, 49)),
    "0000", '"X"000000', "#,##0,", '#,##0.0,,"m"', ";;;", "[Red]-0;0", "[<100]0;0.0", '[<0]0.0;[>=100]#,##0;"mid"', "0;0",
    '0" cases"', "000-00-0000", '0;-0;"-";@"!"', "d mmmm yyyy", "[mm]:ss", "yyyy-mm-dd hh:mm:ss.00", "ddd d mmm yy", "dddd",
    "mmmmm", "0.0##", "??0.0?", "# ##0", "0\\%", "#,###", "0.0;(0.0)", "0%;[Red]-0%", "00:00", "0\\:00", "[$GBP] 0.00",
    "h AM/PM", "m/d", "yyyy", "yy-m-d", "##0.00E+00", "0E-0", "+0;-0;0", "(0)", ".00", "#", ACCOUNTS,
]  # fmt: skip
NUMBERS = [0, 1, -1, 0.28, -0.28, 3, 101, 1234, -1234.5, 1234567.891, 0.5, 42.142857142857146, 999.9999, 99.5, 2.675]
DAYS = [61, 366.25, 44102, 44102.52, 45000.75]


def is_of_days(code: str) -> bool:
    return any(letter in re.sub(r'"[^"]*"|\[Red\]', "", code) for letter in "dymhs")


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_a_value_looks_as_in_libreoffice(tmp_path: Path) -> None:
    cases = [(code, value) for code in FORMATS for value in ([*DAYS] if is_of_days(code) else [*NUMBERS, "text"])]
    with xlsxwriter.Workbook(tmp_path / "looks.xlsx") as book:
        sheet = book.add_worksheet()
        for row, (code, value) in enumerate(cases):
            sheet.write(row, 0, value, book.add_format({"num_format": code}))
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    as_shown = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true"
    command = [
        "soffice",
        profile,
        "--headless",
        "--convert-to",
        as_shown,
        "--outdir",
        tmp_path,
        tmp_path / "looks.xlsx",
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    with (tmp_path / "looks.csv").open(encoding="utf-8", newline="") as file:
        shown = [record[0] if record else "" for record in csv.reader(file)]
    ours = [rendered(code, value) for code, value in cases]
    assert [(*case, text.strip()) for case, text in zip(cases, ours, strict=True)] == [
        (*case, text.strip()) for case, text in zip(cases, shown, strict=True)
    ]
