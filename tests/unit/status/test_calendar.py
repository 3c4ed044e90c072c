"""Which returns are expected: for which periods, of which organisations."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from probation_etl.contracts.odcs import load_contracts
from probation_etl.contracts.organisations import Reference
from probation_etl.contracts.reference_files import read_tables
from probation_etl.contracts.rulebook import load_rulebook
from probation_etl.contracts.service_levels import Frequency, ServiceLevel
from probation_etl.contracts.shipped import shipped
from probation_etl.contracts.working_days import WorkingDays
from probation_etl.status.calendar import Calendar, period_ends

if TYPE_CHECKING:
    from conftest import Library

WEEKLY = ServiceLevel(Frequency(7, "day"), 2)


def day(number: int) -> date:
    """A day of January 2024, which begins on a Monday."""
    return date(2024, 1, number)


def ends(senders: dict[int, int], *, on: int = 31, since: int | None = None, level: ServiceLevel = WEEKLY) -> list[int]:
    """Days of January on which an expected period ends, for the numbers of senders by such days."""
    sent = {day(end): number for end, number in senders.items()}
    found = period_ends(level, sent, on=day(on), since=day(since) if since else None, days=WorkingDays())
    assert all(each.month == 1 for each in found)
    return [each.day for each in found]


# Periods inferred from what has come


def test_nothing_is_expected_before_anybody_has_sent_anything() -> None:
    assert ends({}) == []


def test_a_round_that_all_have_missed_is_expected_as_well() -> None:
    assert ends({7: 3, 21: 3}, on=22) == [7, 14, 21]


def test_days_that_are_not_in_step_are_not_joined_up() -> None:
    assert ends({3: 2, 19: 2}, on=20) == [3, 19]


def test_one_supplier_that_mistakes_the_day_makes_no_round_of_it() -> None:
    assert ends({7: 3, 13: 1, 14: 2, 15: 1}, on=16) == [7, 14]


def test_nor_do_two_where_more_say_otherwise() -> None:
    assert ends({7: 3, 14: 9, 15: 2}, on=16) == [7, 14]


def test_the_first_supplier_of_a_new_round_opens_it_for_all() -> None:
    assert ends({7: 3, 14: 1}, on=14) == [7, 14]


def test_a_period_that_has_not_ended_is_expected_of_nobody() -> None:
    assert ends({7: 3, 14: 1}, on=13) == [7]
    assert ends({14: 1}, on=13) == []


def test_the_round_after_the_last_is_expected_from_its_end_until_the_one_after_it_is_due() -> None:
    """The period to Sunday 14 is followed by that to Sunday 21, which is due on Tuesday 23."""
    assert [ends({7: 3}, on=on) for on in (13, 14, 23, 24)] == [[7], [7, 14], [7, 14], [7]]


def test_an_earlier_day_can_be_asked_for_and_a_later_one() -> None:
    assert ends({21: 3}, on=22, since=5) == [7, 14, 21]
    assert ends({7: 3, 14: 3, 21: 3}, on=22, since=8) == [14, 21]


# Periods that the contract names


def anchored(number: int) -> ServiceLevel:
    return ServiceLevel(WEEKLY.frequency, WEEKLY.latency, day(number))


def test_with_an_anchor_every_period_is_expected_whatever_has_come() -> None:
    assert ends({}, level=anchored(7), on=22) == [7, 14, 21]
    assert ends({15: 9}, level=anchored(7), on=22) == [21]
    assert ends({15: 9}, level=anchored(7), on=31) == [21, 28]


def test_an_anchor_may_lie_in_the_middle_or_ahead() -> None:
    assert ends({2: 1}, level=anchored(14), on=22) == [7, 14, 21]
    assert ends({2: 1}, level=anchored(28), on=22) == [7, 14, 21]


# Who must send them


LISTED = (
    "code,name,kind,level,valid_from,valid_to\n"
    "A,Armley,library,branch,,\nB,Bramley,library,branch,,2024-01-10\nC,Chapel Allerton,library,branch,2024-01-11,\n"
    "M,The bus,library,mobile,,\nX,County archive,archive,main,,\n"
)


def calendar(library: Library, *, listed: str | None = LISTED, **custom: Any) -> Calendar:
    sla = [{"property": "frequency", "value": 7, "unit": "d"}, {"property": "latency", "value": 2, "unit": "d"}]
    tables = {"organisations": listed, "organisation_labels": "label,code\n"} if listed else {}
    rulebook = load_rulebook(library.directory(library.contract(slaProperties=sla, custom=custom), tables=tables))
    return Calendar(rulebook.contracts, rulebook.reference, WorkingDays())


SENT = {day(7): {"A": "Armley"}, day(14): {"A": "Armley"}}


def expected(found: Calendar) -> dict[int, str]:
    return {each.period_end.day: "".join(each.suppliers) for each in found.expected("loans", SENT, on=day(15))}


def test_they_are_those_of_the_kind_that_are_valid_at_the_period_end(library: Library) -> None:
    assert expected(calendar(library, suppliers={"kind": "library"})) == {7: "ABM", 14: "ACM"}


def test_a_level_says_who_of_the_kind_must(library: Library) -> None:
    assert expected(calendar(library, suppliers={"kind": "library", "expectedLevel": "branch"})) == {7: "AB", 14: "AC"}


@pytest.mark.parametrize("listed", [LISTED, None])
def test_where_nobody_is_named_they_are_those_who_have_sent_it(library: Library, listed: str | None) -> None:
    assert expected(calendar(library, listed=listed)) == {7: "A", 14: "A"}


def test_a_sheet_that_may_be_missing_is_expected_of_those_who_sent_it(library: Library) -> None:
    optional = calendar(library, suppliers={"kind": "library"}, identification={"sheet": "Loans", "optional": True})
    assert expected(optional) == {7: "A", 14: "A"}
    assert optional.must_send("loans", day(14)) == {}


def test_a_contract_that_does_not_apply_expects_nothing(library: Library) -> None:
    found = calendar(library, suppliers={"kind": "library"}, effectiveFrom="2024-01-08", effectiveTo="2024-02-01")
    assert expected(found) == {14: "ACM"}
    assert found.due("loans", day(7)) is None
    assert found.due("loans", day(14)) == day(16)


def test_a_return_that_has_stopped_coming_is_silent_while_its_contract_goes_on(library: Library) -> None:
    found = calendar(library)
    assert [found.silent_since("loans", SENT, on=day(on)) for on in (15, 30, 31)] == [None, None, day(14)]
    ended = calendar(library, effectiveTo="2024-01-20")
    assert ended.silent_since("loans", SENT, on=day(31)) is None


# The shipped contracts


@pytest.fixture(scope="module")
def probation() -> Calendar:
    reference = Reference.from_tables(read_tables(shipped("contracts") / "reference"))
    return Calendar.of(load_contracts(), reference)


@pytest.mark.parametrize(("end", "organisations"), [(date(2019, 11, 24), 21), (date(2020, 12, 6), 20)])
def test_wales_sends_no_crc_return_after_november_2019(probation: Calendar, end: date, organisations: int) -> None:
    (found,) = probation.expected("crc-caseload", {end: {"C01": "Northumbria CRC"}}, on=end)
    assert len(found.suppliers) == organisations
    assert ("C10" in found.suppliers) is (organisations == 21)


def test_the_twelve_regions_are_expected_and_not_the_divisions_before_them(probation: Calendar) -> None:
    end = date(2020, 11, 29)
    (found,) = probation.expected("nps-breaches", {end: {"N53": "East Midlands"}}, on=end)
    assert set(found.suppliers) == {"N03", "N07", *(f"N{number}" for number in range(50, 60))}
    assert found.due == date(2020, 12, 4)


def test_crcs_are_expected_until_their_contracts_ended(probation: Calendar) -> None:
    last, after = date(2021, 6, 20), date(2021, 7, 4)
    sent = {last: {"C01": "Northumbria CRC"}}
    assert {each.period_end for each in probation.expected("crc-caseload", sent, on=after)} == {last}
