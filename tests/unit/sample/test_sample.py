"""Synthetic returns: the register keeps to its counts, files come out the same each time, a directory is whole or not there."""

from __future__ import annotations

import csv
import io
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from odf.opendocument import load as load_with_odfpy
from odf.table import Table as OdfTable
from python_calamine import CalamineWorkbook

from probation_etl.errors import ContractError
from probation_etl.sample.apportion import apportion
from probation_etl.sample.breaches import Breach, by_period, synthetic_reference
from probation_etl.sample.caseloads import caseloads, is_published
from probation_etl.sample.faults import Planter
from probation_etl.sample.files import CsvFile, Table
from probation_etl.sample.fortnights import WEEK, Fortnight, fortnights
from probation_etl.sample.ods import ods_bytes
from probation_etl.sample.register import EDM_BEGINS, make_register
from probation_etl.sample.sheets import Sheet
from probation_etl.sample.tables import shipped_tables
from probation_etl.sample.volume import many_breaches
from probation_etl.sample.xlsx import xlsx_bytes

TABLES = shipped_tables()
PERIODS = fortnights(TABLES.weeks)
END = PERIODS[-1].end
GRID = Sheet("A & B", [["<title>"], [], ["Day", "Num\nber", "Text"], [date(2020, 3, 1), Decimal("1.50"), "x\ny"]], 3)


def sunday(day: date) -> date:
    return day - timedelta(days=day.isoweekday() % 7)


@pytest.fixture(scope="module", params=[0, 7])
def register(request: pytest.FixtureRequest) -> dict[str, list[Breach]]:
    return make_register(TABLES, seed=request.param)


class TestApportioning:
    @given(st.integers(0, 500), st.lists(st.floats(0.1, 50), min_size=1, max_size=20))
    def test_parts_are_whole_near_their_share_and_add_up(self, total: int, weights: list[float]) -> None:
        parts = apportion(total, weights)
        assert sum(parts) == total
        assert all(abs(part - total * each / sum(weights)) < 1 for part, each in zip(parts, weights, strict=True))

    @given(st.lists(st.tuples(st.floats(0.1, 50), st.integers(0, 30)), min_size=1, max_size=20), st.data())
    def test_no_part_is_more_than_it_can_take(self, parts: list[tuple[float, int]], data: st.DataObject) -> None:
        weights, most = [each[0] for each in parts], [each[1] for each in parts]
        total = data.draw(st.integers(0, sum(most)))
        shared = apportion(total, weights, most)
        assert sum(shared) == total
        assert all(part <= room for part, room in zip(shared, most, strict=True))

    def test_what_finds_no_room_is_an_error(self) -> None:
        with pytest.raises(ContractError, match="5 cannot be shared out where there is room for 4"):
            apportion(5, [1, 1], [2, 2])


class TestTheRegister:
    def test_weekly_counts_are_those_of_the_table_for_each_kind_and_no_other_week(
        self, register: dict[str, list[Breach]]
    ) -> None:
        kinds = {each.code: each.kind for each in TABLES.senders}
        found: dict[tuple[str, str], Counter[date]] = {key: Counter() for key in TABLES.counts}
        for code, breaches in register.items():
            for each in breaches:
                if each.logged_on and each.logged_on <= END:
                    found[kinds[code], "logged"][sunday(each.logged_on)] += 1
                    found[kinds[code], "suspended"][sunday(each.logged_on)] += each.suspended_on is not None
                if each.heard_on:
                    found[kinds[code], "heard"][sunday(each.heard_on)] += 1
        assert {key: +counter for key, counter in found.items()} == {
            key: +Counter(counts) for key, counts in TABLES.counts.items()
        }

    def test_the_days_of_a_breach_follow_each_other_and_are_working_days_from_the_first_week_on(
        self, register: dict[str, list[Breach]]
    ) -> None:
        working = set(TABLES.calendar.working_days(PERIODS[0].start, date(2021, 12, 31)))
        for each in (breach for breaches in register.values() for breach in breaches):
            known = [each.initiated_on, each.logged_on, each.suspended_on, each.resumed_on, each.heard_on]
            days = [day for day in known if day is not None]
            assert days == sorted(days)
            assert set(days) <= working
            assert each.initiated_on <= END
            if each.logged_on:
                assert len(TABLES.calendar.working_days(each.initiated_on, each.logged_on)) - 1 <= 10
            if each.heard_on:
                assert each.logged_on
                assert each.withdrawn_on is None
                assert each.resumed_on or not each.suspended_on

    def test_a_breach_is_suspended_in_the_fortnight_in_which_it_was_logged_and_not_before_the_edm(
        self, register: dict[str, list[Breach]]
    ) -> None:
        suspended = [each for breaches in register.values() for each in breaches if each.suspended_on]
        assert len(suspended) > 3000
        for each in suspended:
            assert each.logged_on
            assert each.suspended_on
            period = next(period for period in PERIODS if each.logged_on in period)
            assert each.suspended_on in period
            assert each.suspended_on >= EDM_BEGINS
            assert each.reason

    def test_no_case_reference_is_given_twice(self, register: dict[str, list[Breach]]) -> None:
        references = [each.case_reference for breaches in register.values() for each in breaches]
        assert len(references) == len(set(references)) > 30_000
        assert all(len(each) == 7 and each[0] == "X" and each[1:].isdecimal() for each in references)

    def test_every_status_is_seen_at_some_period_end(self, register: dict[str, list[Breach]]) -> None:
        seen = {
            each.status_on(period.end)
            for breaches in register.values()
            for period, found in by_period(breaches, PERIODS).items()
            for each in found
        }
        assert seen == set(TABLES.words["status"])


def test_another_seed_makes_another_register() -> None:
    one, other = (make_register(TABLES, seed=seed)["C08"] for seed in (1, 2))
    assert [each.initiated_on for each in one] != [each.initiated_on for each in other]


def test_a_breach_is_in_the_return_of_each_period_in_which_something_happens_to_it() -> None:
    first, second, third = PERIODS[:3]
    unit = TABLES.senders[0].units[0]
    breach = Breach(
        0, "X000000", 1, unit, "", "", "", 1, "", first.start, second.start, heard_on=second.end,
    )  # fmt: skip
    assert by_period([breach], PERIODS[:3]) == {first: [breach], second: [breach], third: []}
    assert by_period([breach], [third]) == {third: []}
    assert [breach.status_on(day) for day in (first.end, second.start, second.end)] == ["Initiated", "Logged", "Heard"]


def test_case_references_do_not_run_out() -> None:
    sender = TABLES.senders[3]
    numbers = [0, 31_249, 31_250, 26 * 31_250, 26 * 31_250 + 1, 5_000_000]
    found = [synthetic_reference(sender, number) for number in numbers]
    assert len(set(found)) == len(found)
    assert all(len(reference) == 7 and 0 <= event <= 999 for reference, event in found)


class TestCaseloads:
    def test_the_48_published_averages_are_reported_as_printed(self) -> None:
        reported = [
            (each.sender.code, each.grade, each.as_at, str(each.average_caseload))
            for sender in TABLES.senders
            for period in PERIODS
            if is_published(sender, period, TABLES)
            for each in caseloads(sender, period, TABLES, seed=0)
        ]
        assert len(reported) == 48
        assert sorted(reported) == sorted(
            (each.provider_code, each.grade, each.as_at, str(each.average_caseload)) for each in TABLES.figures
        )

    def test_synthetic_averages_agree_with_officers_and_cases_and_have_the_decimals_of_the_sender(self) -> None:
        for sender in TABLES.senders:
            for period in PERIODS:
                for each in caseloads(sender, period, TABLES, seed=0):
                    assert each.as_at in period
                    if each.officers_fte is not None and each.cases is not None:
                        exponent = each.average_caseload.as_tuple().exponent
                        assert exponent == -sender.decimals
                        difference = abs(each.average_caseload * each.officers_fte - each.cases)
                        assert difference <= each.officers_fte * Decimal("0.05")


def test_fortnights_are_two_weeks_from_sunday_to_saturday() -> None:
    assert len(PERIODS) == 20
    assert (PERIODS[0].start, PERIODS[-1].end) == (date(2020, 3, 1), date(2020, 12, 5))
    assert all(one.end + timedelta(days=1) == other.start for one, other in pairwise(PERIODS))
    assert date(2020, 9, 28) in Fortnight(date(2020, 9, 27))
    assert timedelta(days=14) == 2 * WEEK


@pytest.mark.parametrize("rows", [1, 500])
@pytest.mark.parametrize("period", [PERIODS[0], PERIODS[10]])
def test_volume_breaches_are_as_many_as_asked_for_and_lie_in_the_period(rows: int, period: Fortnight) -> None:
    breaches = many_breaches(TABLES.senders[0], period, TABLES, rows=rows, first_number=100, seed=0)
    assert len(breaches) == rows
    assert [each.number for each in breaches] == list(range(100, 100 + rows))
    assert all(day in period for each in breaches for day in each.days)
    assert all(each.suspended_on is None for each in breaches) or period != PERIODS[0]


class TestFiles:
    def test_a_spreadsheet_says_what_it_was_given_to_both_readers(self, tmp_path: Path) -> None:
        (tmp_path / "a.ods").write_bytes(ods_bytes([GRID], title="T & t"))
        (tmp_path / "a.xlsx").write_bytes(xlsx_bytes([GRID], title="T & t"))
        grids = [
            CalamineWorkbook.from_path(tmp_path / name).get_sheet_by_name("A & B").to_python(skip_empty_area=False)
            for name in ("a.ods", "a.xlsx")
        ]
        assert grids[0] == grids[1]
        assert grids[0][0][0] == "<title>"
        assert grids[0][2:] == [["Day", "Num\nber", "Text"], [date(2020, 3, 1), 1.5, "x\ny"]]

    def test_another_program_opens_the_spreadsheet(self, tmp_path: Path) -> None:
        (tmp_path / "a.ods").write_bytes(ods_bytes([GRID], title="T"))
        document = load_with_odfpy(tmp_path / "a.ods")
        assert [each.getAttribute("name") for each in document.getElementsByType(OdfTable)] == ["A & B"]

    @pytest.mark.parametrize("write", [ods_bytes, xlsx_bytes])
    def test_the_same_sheets_give_the_same_bytes(self, write: object) -> None:
        assert callable(write)
        assert write([GRID], title="T") == write([GRID], title="T")

    def test_a_csv_file_leaves_empty_what_is_missing(self) -> None:
        table = Table(
            "loans", "a.csv", "", {"title": "Title", "due": "Due"}, [{"title": None, "due": date(2020, 3, 1)}]
        )
        assert CsvFile("a.csv", [table]).content() == b"Title,Due\n,2020-03-01\n"


def loans(count: int) -> Table:
    records = [{"title": f"T{number}", "lent": date(2020, 3, 1), "due": date(2020, 3, 9)} for number in range(count)]
    return Table("loans", "loans.csv", "", {"title": "Title", "lent": "Lent", "due": "Due"}, records)  # type: ignore[arg-type]


def kind(**said: str | None) -> dict[str, str | None]:
    usual = {"contract": "loans", "needs": None, "apart": None, "code": "c", "severity": "error", "rule": "r"}
    return {**usual, "found_in": said["column"], **said}


class TestPlanting:
    def planter(self, kinds: list[dict[str, str | None]], *quotas: int) -> Planter:
        return Planter(kinds, iter(quotas), Random(1))  # noqa: S311 -- chance, not secrecy

    def test_each_fault_is_in_a_row_of_its_own_and_in_the_key(self) -> None:
        table, planter = loans(40), self.planter([kind(column="title", becomes="N##")], 3)
        planter.plant([table])
        spoilt = [number for number, record in enumerate(table.records) if str(record["title"]).startswith("N")]
        key = list(csv.DictReader(io.StringIO(planter.answer_key())))
        assert sorted(str(table.records[number]["title"]) for number in spoilt) == ["N01", "N02", "N03"]
        assert [int(line["row"]) for line in key] == [number + 2 for number in spoilt]
        assert {(line["file"], line["sheet"], line["column"], line["rule"]) for line in key} == {
            ("loans.csv", "", "Title", "r")
        }

    def test_no_more_than_a_tenth_of_a_return_is_spoilt_and_the_next_takes_the_rest(self) -> None:
        planter = self.planter([kind(column="title", becomes="N")], 5, 0)
        planter.plant([loans(30)])
        assert (len(planter.planted), planter.owed) == (3, 2)
        planter.plant([loans(30)])
        assert (len(planter.planted), planter.owed) == (5, 0)

    def test_a_cell_can_be_emptied_or_taken_from_another_and_moved(self) -> None:
        for becomes, expected in ((None, None), ("{lent-2}", date(2020, 2, 28)), ("{lent}", date(2020, 3, 1))):
            table = loans(10)
            self.planter([kind(column="due", becomes=becomes)], 1).plant([table])
            assert [record["due"] for record in table.records].count(expected) == 1  # type: ignore[arg-type]

    def test_a_fault_is_planted_only_where_it_fits(self) -> None:
        table = loans(20)
        table.records[7]["due"] = None
        other = Table("other", "o.csv", "", {}, [{"title": f"T{number}"} for number in range(20) if number != 4])
        planter = self.planter([kind(column="title", becomes="N", needs="due lent<due", apart="title")], 1)
        planter.plant([table, other])
        assert table.records[4]["title"] == "N"
        table.records[4]["title"] = "T4"
        empty = self.planter([kind(column="title", becomes="N", needs="!due")], 1)
        empty.plant([table])
        assert table.records[7]["title"] == "N"
        never = self.planter([kind(column="title", becomes="N", needs="due<lent")], 1)
        never.plant([loans(20)])
        assert (never.planted, never.owed) == ([], 1)
