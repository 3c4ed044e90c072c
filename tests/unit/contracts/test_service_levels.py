"""When returns are due: working days, frequencies, and how a contract says both."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from probation_etl.contracts.odcs import load_contracts
from probation_etl.contracts.organisations import Reference
from probation_etl.contracts.reference_files import read_tables
from probation_etl.contracts.rulebook import load_rulebook
from probation_etl.contracts.service_levels import Frequency, ServiceLevel
from probation_etl.contracts.shipped import shipped
from probation_etl.contracts.working_days import WorkingDays
from probation_etl.errors import ContractError

if TYPE_CHECKING:
    from conftest import Library

FORTNIGHT = Frequency(14, "day")
MONTH = Frequency(1, "month")
ENGLAND = WorkingDays(frozenset(Reference.from_tables(read_tables(shipped("contracts") / "reference")).bank_holidays()))


# Working days of England and Wales


DAYS = st.dates(date(2019, 1, 1), date(2022, 12, 31))


def is_off(day: date, holidays: frozenset[date]) -> bool:
    return day.isoweekday() > 5 or day in holidays


def steps(day: date, number: int, holidays: frozenset[date]) -> date:
    """So many working days later, day by day; then on to the next working day."""
    while number or is_off(day, holidays):
        day += timedelta(days=1)
        number -= bool(number) and not is_off(day, holidays)
    return day


@given(DAYS, DAYS, st.integers(0, 12), st.frozensets(DAYS, max_size=30))
def test_working_days_are_those_that_counting_day_by_day_gives(
    one: date, other: date, latency: int, holidays: frozenset[date]
) -> None:
    calendar = WorkingDays(holidays)
    first, last = sorted((one, other))
    between = [
        day for number in range((last - first).days + 1) if not is_off(day := first + timedelta(number), holidays)
    ]
    assert calendar.between(first, last) == between
    assert calendar.due(first, latency) == steps(first, latency, holidays)
    came = steps(last, 0, holidays)
    after = [first + timedelta(number) for number in range(1, (came - first).days + 1)]
    assert calendar.late(first, last) == (sum(not is_off(day, holidays) for day in after) if last > first else 0)
    counted = calendar.count(pl.lit(first), pl.lit(last))
    assert pl.select(counted).item() == sum(day < last for day in between)


@pytest.mark.parametrize(
    ("period_end", "due"),
    [
        ("2020-11-29", "2020-12-04"),  # a Sunday, and the Friday after it
        ("2020-03-01", "2020-03-06"),
        ("2020-04-05", "2020-04-14"),  # Good Friday and Easter Monday lie between
        ("2020-05-03", "2020-05-11"),  # the bank holiday had moved to Friday 8 May
        ("2020-12-20", "2020-12-29"),  # Christmas Day on a Friday, Boxing Day kept on Monday
        ("2020-11-25", "2020-12-02"),  # a Wednesday
        ("2026-11-29", "2026-12-04"),
        ("2026-12-20", "2026-12-29"),
    ],
)
def test_five_working_days_after_the_period_end(period_end: str, due: str) -> None:
    assert ENGLAND.due(date.fromisoformat(period_end), 5) == date.fromisoformat(due)


def test_no_working_day_after_is_the_day_itself_or_the_next_working_day() -> None:
    assert ENGLAND.due(date(2020, 11, 27), 0) == date(2020, 11, 27)
    assert ENGLAND.due(date(2020, 11, 29), 0) == date(2020, 11, 30)


@pytest.mark.parametrize(
    ("came", "late"),
    [
        ("2020-12-01", 0),
        ("2020-12-04", 0),
        ("2020-12-05", 1),  # a Saturday counts as the Monday after it
        ("2020-12-06", 1),
        ("2020-12-07", 1),
        ("2020-12-08", 2),
        ("2020-12-14", 6),
        ("2020-12-24", 14),
        ("2020-12-28", 15),  # Boxing Day was kept on this Monday
        ("2020-12-29", 15),
    ],
)
def test_working_days_late(came: str, late: int) -> None:
    assert ENGLAND.late(date(2020, 12, 4), date.fromisoformat(came)) == late


def test_without_bank_holidays_every_weekday_is_a_working_day() -> None:
    assert WorkingDays().due(date(2020, 12, 20), 5) == date(2020, 12, 25)


# How often


def test_a_fortnight_is_fourteen_days() -> None:
    assert [FORTNIGHT.after(date(2020, 3, 1), periods) for periods in (-1, 0, 1, 2)] == [
        date(2020, 2, 16), date(2020, 3, 1), date(2020, 3, 15), date(2020, 3, 29),
    ]  # fmt: skip
    assert FORTNIGHT.ends(date(2020, 3, 1), date(2020, 3, 28)) == [date(2020, 3, 1), date(2020, 3, 15)]


def test_the_last_day_of_a_month_is_followed_by_that_of_the_next() -> None:
    found = [MONTH.after(date(2024, 1, 31), periods) for periods in (-1, 1, 2, 3)]
    assert found == [date(2023, 12, 31), date(2024, 2, 29), date(2024, 3, 31), date(2024, 4, 30)]
    assert MONTH.after(date(2024, 2, 29)) == date(2024, 3, 31)
    assert MONTH.after(date(2024, 1, 30)) == date(2024, 2, 29)
    assert MONTH.after(date(2024, 1, 15)) == date(2024, 2, 15)
    assert Frequency(12, "month").after(date(2024, 12, 31), 2) == date(2026, 12, 31)


def test_in_step_is_a_whole_number_of_periods() -> None:
    assert FORTNIGHT.in_step(date(2020, 11, 29), date(2020, 9, 6))
    assert not FORTNIGHT.in_step(date(2020, 3, 1), date(2020, 9, 28))
    assert MONTH.in_step(date(2024, 1, 31), date(2024, 4, 30))
    assert not MONTH.in_step(date(2024, 1, 31), date(2024, 4, 29))


# What a contract says of it


def sla(property_: str, value: object, unit: object = "d", **more: object) -> dict[str, Any]:
    entry = {"property": property_, "value": value, "unit": unit, **more}
    return {key: each for key, each in entry.items() if each is not None}


def level(library: Library, *entries: dict[str, Any], **custom: Any) -> ServiceLevel:
    contract = library.contract(slaProperties=list(entries), custom=custom)
    return load_rulebook(library.directory(contract)).contracts["loans"].service_level


@pytest.mark.parametrize(
    ("value", "unit", "frequency"),
    [
        (14, "d", FORTNIGHT), (1, "day", Frequency(1, "day")), (2, "weeks", FORTNIGHT), (1, "month", MONTH),
        (3, "months", Frequency(3, "month")), (1, "y", Frequency(12, "month")),
    ],
)  # fmt: skip
def test_frequency_and_latency_are_read(library: Library, value: int, unit: str, frequency: Frequency) -> None:
    assert level(library, sla("frequency", value, unit), sla("latency", 5)) == ServiceLevel(frequency, 5)


def test_the_anchor_is_read(library: Library) -> None:
    found = level(library, sla("frequency", 14), reportingPeriod={"days": 14, "anchor": "2020-03-01"})
    assert found == ServiceLevel(FORTNIGHT, None, date(2020, 3, 1))


def test_other_properties_of_the_standard_are_for_others(library: Library) -> None:
    found = level(library, sla("throughput", 3, "y"), sla("generalAvailability", "2020-01-01T00:00:00Z", None))
    assert found == ServiceLevel()


def test_the_retention_is_read(library: Library) -> None:
    assert level(library, sla("retention", 3, "y")) == ServiceLevel(retention=Frequency(36, "month"))


def test_a_contract_that_says_nothing_agrees_on_nothing(library: Library) -> None:
    assert level(library) == ServiceLevel()


def faults(library: Library, *entries: dict[str, Any], **custom: Any) -> list[str]:
    """Faults without the file; each has its line."""
    with pytest.raises(ContractError) as caught:
        level(library, *entries, **custom)
    assert all(int(fault.split(":")[1]) > 1 for fault in caught.value.faults)
    return [fault.split(": ", 1)[1] for fault in caught.value.faults]


@pytest.mark.parametrize(
    ("entry", "fault"),
    [
        (sla("frequency", 0), "slaProperties[0].value: frequency is ‘0’, expected a whole number from 1 to 1000"),
        (sla("frequency", 2.5), "slaProperties[0].value: frequency is ‘2.5’, expected a whole number from 1 to 1000"),
        (sla("frequency", 10**12), "slaProperties[0].value: frequency is ‘1000000000000’, expected a whole number from 1"),
        (sla("latency", "five"), "slaProperties[0].value: latency is ‘five’, expected a whole number from 0 to 1000"),
        (sla("latency", -1), "slaProperties[0].value: latency is ‘-1’, expected a whole number from 0 to 1000"),
        (sla("latency", True), "slaProperties[0].value: latency is ‘True’, expected a whole number from 0 to 1000"),
        (sla("latency", 5, "h"), "slaProperties[0].unit: latency has the unit ‘h’, expected one of d, day, days"),
        (sla("latency", 5, None), "slaProperties[0].unit: latency has no unit, expected one of d, day, days"),
        (sla("frequency", 1, "mnths"), "did you mean ‘months’?"),
        (sla("frequncy", 14), "slaProperties[0].property: ‘frequncy’ is not a property we know; did you mean ‘frequency’?"),
        (sla("Latency", 5), "slaProperties[0].property: ‘Latency’ is not a property we know; did you mean ‘latency’?"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_a_fault_with_its_place_and_the_fix(
    library: Library, entry: dict[str, Any], fault: str
) -> None:
    (found,) = faults(library, entry)
    assert fault in found


def test_a_property_twice_is_a_fault(library: Library) -> None:
    (found,) = faults(library, sla("latency", 5), sla("latency", 6))
    assert found.startswith("slaProperties[1].property: ‘latency’ appears more than once")


def test_an_anchor_needs_a_frequency_and_must_be_a_day(library: Library) -> None:
    (found,) = faults(library, reportingPeriod={"days": 14, "anchor": "2020-03-01"})
    assert "an anchor says when periods end only together with a frequency" in found
    (found,) = faults(library, sla("frequency", 14), reportingPeriod={"days": 14, "anchor": "1 March 2020"})
    assert "anchor is ‘1 March 2020’, expected a date such as 2020-11-29" in found


def test_a_level_that_no_organisation_of_the_kind_has_is_a_fault(library: Library) -> None:
    listed = (
        "code,name,kind,level,valid_from,valid_to\n"
        "A,Armley,library,branch,,\nB,Bramley,library,mobile,,\nC,County,archive,main,,\n"
    )
    contract = library.contract(custom={"suppliers": {"kind": "library", "expectedLevel": "brnch"}})
    directory = library.directory(contract, tables={"organisations": listed, "organisation_labels": "label,code\n"})
    with pytest.raises(ContractError) as caught:
        load_rulebook(directory)
    (fault,) = caught.value.faults
    assert fault.endswith("no organisation of the kind ‘library’ has the level ‘brnch’; did you mean ‘branch’?")


def test_all_shipped_returns_come_every_fortnight_and_are_due_in_five_working_days() -> None:
    found = {each.id: each.service_level for each in load_contracts().of_layer("return")}
    assert found
    assert set(found.values()) == {ServiceLevel(FORTNIGHT, 5)}
