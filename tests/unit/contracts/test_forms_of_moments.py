"""Forms of days and times: what they read, what they write, and when two of them contradict each other."""

from __future__ import annotations

from datetime import datetime

import pytest

from probation_etl.contracts.date_formats import format_faults
from probation_etl.contracts.forms import form

DAY = datetime(2020, 3, 9)


@pytest.mark.parametrize(
    ("written", "pivot", "text", "moment"),
    [
        ("dd/MM/yyyy", None, "09/03/2020", DAY),
        ("dd-MMM-yyyy", None, "09-MAR-2020", DAY),
        ("dd MMM yyyy", None, "09 Sept 2020", DAY.replace(month=9)),
        ("d MMMM yyyy", None, "9 march 2020", DAY),
        ("yyyyMMdd", None, "20200309", DAY),
        ("dd/MM/yy", 2030, "09/03/20", DAY),
        ("dd/MM/yy", 2030, "09/03/31", DAY.replace(year=1931)),
        ("dd/MM/yy", 2019, "09/03/20", DAY.replace(year=1920)),
        ("MMM yyyy", None, "Mar 2020", DAY.replace(day=1)),
        ("dd/MM/yyyy HH:mm", None, "09/03/2020 17:05", DAY.replace(hour=17, minute=5)),
        ("dd/MM/yyyy h:mm a", None, "09/03/2020 12:05 am", DAY.replace(minute=5)),
        ("yyyy-MM-dd'T'HH:mm:ss.SSS", None, "2020-03-09T01:02:03.250", DAY.replace(hour=1, minute=2, second=3, microsecond=250_000)),
        ("d 'of' MMMM", None, "9 of March", DAY.replace(year=1900)),
    ],
)  # fmt: skip
def test_a_text_is_read(written: str, pivot: int | None, text: str, moment: datetime) -> None:
    made = form(written, pivot)
    assert made.read(text) == moment
    assert made.read(made.write(moment)) == moment


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("dd/MM/yyyy", "9/3/2020"), ("dd/MM/yyyy", "31/02/2020"), ("dd MMM yyyy", "09 March 2020"), ("dd MMM yyyy", "09 Mrz 2020"),
        ("d MMMM yyyy", "9 Mar 2020"), ("yyyyMMdd", "202039"), ("dd/MM/yyyy", "09/03/2020 10:00"),
        ("dd/MM/yyyy HH:mm", "09/03/2020 24:00"), ("dd/MM/yyyy HH:mm", "09/03/2020"), ("dd/MM/yyyy h:mm a", "09/03/2020 13:05 pm"),
    ],
)  # fmt: skip
def test_a_text_in_another_form_is_not_read(written: str, text: str) -> None:
    assert form(written).read(text) is None


@pytest.mark.parametrize(
    ("formats", "pivot"),
    [
        (("yyyyMMdd", "ddMMyyyy"), None),
        (("dd/MM/yy", "MM/dd/yy"), 2030),
        (("dd/MM/yy", "yy/MM/dd"), 2030),
        (("d MMM yy", "yy MMM d"), 2030),
        (("MM/yy", "yy/MM"), 2030),
        (("d/M/yyyy", "MM/dd/yyyy"), None),
        (("dd/MM/yyyy HH:mm", "MM/dd/yyyy HH:mm"), None),
    ],
)
def test_two_forms_that_read_one_text_differently_are_a_fault(formats: tuple[str, ...], pivot: int | None) -> None:
    assert format_faults(formats, pivot) == [f"‘{formats[0]}’ and ‘{formats[1]}’ read one text as two different days"]


@pytest.mark.parametrize(
    ("formats", "pivot"),
    [
        (("dd/MM/yyyy", "d/M/yyyy", "dd-MMM-yyyy", "d MMMM yyyy", "yyyyMMdd"), None),
        (("dd MMM yyyy", "d MMMM yyyy", "dd/MM/yy"), 2030),
        (("MMM yyyy", "yyyy-MM", "MM/yyyy"), None),
        (("dd/MM/yyyy HH:mm", "dd/MM/yyyy"), None),
    ],
)
def test_forms_that_agree_stand_together(formats: tuple[str, ...], pivot: int | None) -> None:
    assert format_faults(formats, pivot) == []


@pytest.mark.parametrize(
    ("written", "told"), [("dd/MM/yy", "write it with four"), ("MMM yyyy", "one day, one month and one year")]
)
def test_a_cover_needs_a_whole_day(written: str, told: str) -> None:
    (fault,) = format_faults((written,), kind="cover")
    assert told in fault


@pytest.mark.parametrize(
    ("written", "pivot", "told"),
    [
        ("DD/MM/YYYY", None, "‘DD’ is not one of dd, d, MM, M, MMM, MMMM, yyyy, yy"),
        ("dd/MM/yy", None, "say with yearPivot which is the last year that they mean"),
        ("dd/MM/yyyy", 2030, "yearPivot has no effect"),
        ("dMyyyy", None, "nothing stands between d and M"),
        ("dd/MM", None, "it must have one month and one year"),
        ("MMM yyyy HH:mm", None, "it has a time of day, and no day"),
        ("dd/MM/yyyy hh:mm", None, "h and a belong together"),
        ("dd/MM/yyyy mm", None, "a time of day begins with its hour"),
        ("yyyy-dd-MM", None, "reads a text as a different day than yyyy-MM-dd, the format of dates in workbooks"),
    ],
)
def test_a_form_that_nothing_could_be_read_by_is_a_fault(written: str, pivot: int | None, told: str) -> None:
    (fault,) = format_faults((written,), pivot)
    assert told in fault
