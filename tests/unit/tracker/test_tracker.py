"""The tracker's tables, wording and page, on small frames."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from probation_etl.tracker import reported as reported_days
from probation_etl.tracker import tables, words
from probation_etl.tracker.breach_figures import breach_figures
from probation_etl.tracker.caseload import Caseload, read_caseload
from probation_etl.tracker.caseload_figures import caseload_figures
from probation_etl.tracker.page import tracker_page
from probation_etl.tracker.periods import axis_of, line_in_words, week_labels

MARCH, SEPTEMBER, NOVEMBER = date(2020, 3, 1), date(2020, 9, 28), date(2020, 11, 29)
PROVIDERS = pl.DataFrame({"provider_code": ["C07", "C08", "N53"], "provider_name": ["Seven CRC", "Eight CRC", "Fifty"]})
REGIONS = pl.DataFrame({"region_code": ["N50", "N53"], "region_name": ["North", "Middle"]})
SCHEMA = {
    "as_at": pl.Date, "provider_kind": pl.String, "provider_code": pl.String, "ldu": pl.String, "region_code": pl.String,
    "grade": pl.String, "officers_fte": pl.Decimal(18, 2), "cases": pl.Int64, "average_caseload": pl.Decimal(18, 2),
}  # fmt: skip


class Held:
    """A store that holds these caseloads."""

    def __init__(self, *rows: dict[str, Any]) -> None:
        self._rows = pl.DataFrame(rows, schema=SCHEMA)

    def query(self, _statement: str) -> pl.DataFrame:
        return self._rows


def row(as_at: date, average: str, **changes: Any) -> dict[str, Any]:
    usual = {
        "as_at": as_at, "provider_kind": "crc", "provider_code": "C08", "ldu": "All units", "region_code": "N53",
        "grade": "probation_officer", "officers_fte": None, "cases": None, "average_caseload": Decimal(average),
    }  # fmt: skip
    return {**usual, **changes}


def unit(as_at: date, name: str, cases: int | None, officers: str | None, **changes: Any) -> dict[str, Any]:
    fte = None if officers is None else Decimal(officers)
    return row(as_at, "40", ldu=name, cases=cases, officers_fte=fte, **changes)


def compared(*rows: dict[str, Any], first: date | None = None, last: date | None = None) -> Caseload:
    return read_caseload(Held(*rows), PROVIDERS, REGIONS, schema="released", first=first, last=last)  # type: ignore[arg-type]


def sides(caseload: Caseload) -> list[tuple[Any, ...]]:
    return caseload.organisations.select("before_on", "before", "after_on", "after", "change").rows()


# Caseload before and after


def test_the_first_and_the_last_day_are_compared() -> None:
    found = compared(row(SEPTEMBER, "46.83"), row(MARCH, "56.66"), row(date(2020, 6, 1), "50"))
    assert sides(found) == [(MARCH, Decimal("56.66"), SEPTEMBER, Decimal("46.83"), Decimal("-9.83"))]


def test_other_days_can_be_asked_for() -> None:
    rows = [row(MARCH, "56"), row(SEPTEMBER, "46"), row(NOVEMBER, "40")]
    assert [each[2] for each in sides(compared(*rows, last=date(2020, 10, 1)))] == [SEPTEMBER]
    assert [each[0] for each in sides(compared(*rows, first=date(2020, 3, 2)))] == [SEPTEMBER]
    assert sides(compared(*rows, first=date(2021, 1, 1))) == []


def test_one_day_alone_is_not_a_change() -> None:
    found = compared(row(MARCH, "56"))
    assert sides(found) == [(MARCH, Decimal("56.00"), None, None, None)]
    assert found.kinds.height == 0


def test_units_are_put_together_by_cases_and_officers() -> None:
    units = [unit(MARCH, "A", 300, "10"), unit(MARCH, "B", 100, "1")]
    assert compared(*units).organisations["before"].to_list() == [Decimal("36.36")]


@pytest.mark.parametrize(("cases", "officers"), [(None, "10"), (300, None)])
def test_units_without_cases_or_officers_give_no_average(cases: int | None, officers: str | None) -> None:
    units = [unit(MARCH, "A", cases, officers), unit(MARCH, "B", 100, "1")]
    assert compared(*units).organisations["before"].to_list() == [None]


def test_no_officers_at_all_give_no_average_either() -> None:
    assert compared(unit(MARCH, "A", 0, "0"), unit(MARCH, "B", 0, "0")).organisations["before"].to_list() == [None]


def test_the_row_of_the_whole_organisation_is_used_instead_of_its_units() -> None:
    assert compared(row(MARCH, "47"), unit(MARCH, "A", 300, "10")).organisations["before"].to_list() == [Decimal(47)]


def test_kinds_are_counted_by_direction_and_compared_by_the_median() -> None:
    found = compared(
        row(MARCH, "50"), row(SEPTEMBER, "40"),
        row(MARCH, "60", provider_code="C07"), row(SEPTEMBER, "60", provider_code="C07"),
        row(MARCH, "30", provider_code="N53", provider_kind="nps"), row(SEPTEMBER, "31", provider_code="N53", provider_kind="nps"),
    )  # fmt: skip
    assert found.kinds.rows() == [
        ("crc", "probation_officer", 2, 1, 1, 0, 55.0, 50.0, -5.0),
        ("nps", "probation_officer", 1, 0, 0, 1, 30.0, 31.0, 1.0),
    ]


def test_regions_are_not_guessed() -> None:
    found = compared(
        row(MARCH, "50", region_code=None, provider_code="C07"),
        unit(MARCH, "A", 300, "10", region_code="N50"), unit(MARCH, "B", 100, "5", region_code="N53"),
    )  # fmt: skip
    of_regions = found.regions.select("region_name", "organisations", "before").rows()
    assert of_regions == [("North", 1, Decimal("40.00")), ("Middle", 1, Decimal("40.00")), (None, 1, Decimal("50.00"))]
    told = {each["provider_code"]: words.region(each) for each in found.organisations.to_dicts()}
    assert told == {"C07": "Unallocated", "C08": "Several regions"}


def test_the_figures_say_what_moved_and_how_far() -> None:
    found = compared(row(MARCH, "56.66"), row(SEPTEMBER, "46.83"))
    kinds, organisations, regions = caseload_figures(found)
    assert kinds.findings == (
        "CRCs, probation officers: lower in 1 of 1 organisations; the median went from 56.66 to 46.83.",
    )
    assert organisations.findings == ("Probation officers: lower in 1 of 1; it fell most in Eight CRC (C08) (−9.83).",)
    assert regions.table.rows == [("Middle (N53)", "CRCs", "Probation officers", "1", "56.66", "46.83", "−9.83")]
    assert organisations.charts[0].names == ("1 March 2020", "28 September 2020")


def test_days_that_differ_are_not_named_as_if_they_were_one() -> None:
    found = compared(row(MARCH, "56"), row(SEPTEMBER, "46"), row(MARCH, "30", provider_code="C07"), row(NOVEMBER, "31", provider_code="C07"))  # fmt: skip
    _, organisations, _ = caseload_figures(found)
    assert organisations.charts[0].names == ("1 March 2020", "Last day reported")
    assert [line[5] for line in organisations.table.rows] == ["29 November 2020", "28 September 2020"]


def test_no_caseload_gives_no_figure() -> None:
    assert list(caseload_figures(compared())) == []


# Weeks and months that are shown


def reported(kind: str, code: str, first: date, count: int) -> pl.DataFrame:
    days = [first + timedelta(days=at) for at in range(count)]
    return pl.DataFrame({"provider_kind": [kind] * count, "provider_code": [code] * count, "day": days})


def whole(*reports: pl.DataFrame) -> list[tuple[Any, ...]]:
    return sorted(reported_days.whole_weeks(pl.concat(reports)).rows())


def test_a_week_is_whole_from_sunday_to_saturday() -> None:
    assert whole(reported("crc", "C07", MARCH, 7)) == [(MARCH, "all", 1), (MARCH, "crc", 1)]
    assert whole(reported("crc", "C07", MARCH, 6)) == []
    assert whole(reported("crc", "C07", date(2020, 3, 2), 12)) == []


def test_organisations_can_cover_a_week_together_and_count_where_they_cover_it_alone() -> None:
    halves = reported("crc", "C07", MARCH, 3), reported("crc", "C08", date(2020, 3, 4), 4)
    assert whole(*halves) == [(MARCH, "all", 0), (MARCH, "crc", 0)]
    assert whole(*halves, reported("crc", "C09", MARCH, 8)) == [(MARCH, "all", 1), (MARCH, "crc", 1)]


def test_all_kinds_together_are_not_shown_where_one_is_missing() -> None:
    both = reported("crc", "C07", MARCH, 14), reported("nps", "N53", date(2020, 3, 8), 7)
    assert whole(*both) == [
        (MARCH, "crc", 1),
        (date(2020, 3, 8), "all", 2), (date(2020, 3, 8), "crc", 1), (date(2020, 3, 8), "nps", 1),
    ]  # fmt: skip


def test_a_month_needs_seven_reported_days() -> None:
    def months(first: date, count: int) -> list[tuple[Any, ...]]:
        return sorted(reported_days.months_reported(reported("crc", "C07", first, count)).rows())

    assert months(date(2020, 3, 25), 13) == [(date(2020, 3, 1), 31, 7, "all"), (date(2020, 3, 1), 31, 7, "crc")]
    assert months(date(2020, 2, 1), 29)[0] == (date(2020, 2, 1), 29, 29, "all")


# Weeks that some have not reported yet

HEARD = [(0, 12, 239, 300), (7, 12, 150, 200), (14, 3, 20, 40)]
"""Days after 1 March, organisations that reported, breaches heard and logged."""


def of_weeks(*found: tuple[int, int, int, int]) -> tables.TrackerTables:
    rows = [
        (MARCH + timedelta(days=day), "nps", many, 12, logged, heard, 0, 0.0, 239.0, 100 * heard / 239)
        for day, many, heard, logged in found
    ]
    names = (
        "week_starting", "provider_kind", "organisations", "expected", "logged", "heard", "suspended", "suspended_share",
        "baseline", "percent_of_baseline",
    )  # fmt: skip
    regions = pl.DataFrame(schema={"week_starting": pl.Date})
    reported = pl.DataFrame(schema={"provider_kind": pl.String, "first": pl.Date, "last": pl.Date})
    empty = pl.DataFrame()
    return tables.TrackerTables(
        empty, empty, reported, pl.DataFrame(rows, schema=names, orient="row"), empty, regions, empty, compared()
    )


def test_a_week_that_some_have_not_reported_yet_is_not_taken_for_a_fall() -> None:
    found = of_weeks(*HEARD)
    figure = next(breach_figures(found))
    (told,) = figure.findings
    assert "150 heard in the latest whole week, starting 8 March 2020, by all 12 organisations, 62.8 per cent" in told
    assert "fewest" not in told
    assert "latest 150, week starting 8 March 2020." in figure.charts[0].description
    assert figure.notes == ("Later weeks, which some organisations have not reported yet, are in the table alone.",)
    assert [line[-1] for line in figure.table.rows] == ["12", "12", "3 of 12"]
    page = tracker_page(found, pl.DataFrame({"source": ["A source"]}))
    assert page.numbers == (("of baseline heard, NPS, week of 8 March 2020, from all 12 organisations", "62.8%"),)


def test_if_no_week_is_complete_every_week_is_shown_and_none_is_called_below_the_baseline() -> None:
    figure = next(breach_figures(of_weeks((0, 5, 60, 70), (7, 5, 50, 60))))
    assert figure.findings == (
        "NPS: 50 heard in the latest whole week, starting 8 March 2020, by 5 of 12 organisations, 20.9 per cent of the baseline of 239.",
    )
    assert "latest 50, week starting 8 March 2020." in figure.charts[0].description
    assert figure.notes == ()


# Words


@pytest.mark.parametrize(
    ("value", "text"), [(0.28, "28 per cent"), (0.2804, "28 per cent"), (0.2436, "24.4 per cent"), (1, "100 per cent"), (None, "")]
)  # fmt: skip
def test_a_share_has_one_decimal_at_most(value: float | None, text: str) -> None:
    assert words.share(value) == text


def test_an_average_has_the_decimals_that_were_reported() -> None:
    assert [words.caseload(Decimal(each)) for each in ("47.00", "33.90", "56.66", "0.00")] == [
        "47",
        "33.9",
        "56.66",
        "0",
    ]


def test_a_change_has_its_sign() -> None:
    assert [words.change(Decimal(each)) for each in ("-9.83", "1.70", "0.00")] == ["−9.83", "+1.7", "0"]


def test_organisations_and_regions_stand_with_their_codes() -> None:
    place = {"provider_code": "N53", "provider_name": "East Midlands", "provider_kind": "nps"}
    assert words.organisation(place) == "NPS East Midlands (N53)"
    assert words.organisation({**place, "provider_name": None}) == "Name not known (N53)"
    assert words.organisation({**place, "provider_name": "NPS Wales"}) == "NPS Wales (N53)"
    assert words.region({"region_code": "N53", "region_name": "East Midlands"}) == "East Midlands (N53)"


def test_directions_leave_out_what_nobody_did() -> None:
    assert words.directions(8, 0, 4) == "lower in 8 and higher in 4 of 12"
    assert words.directions(1, 2, 3) == "lower in 1, the same in 2 and higher in 3 of 6"


# Weeks


def test_an_axis_has_every_week_and_month_between() -> None:
    week, later = date(2020, 3, 1), date(2020, 3, 22)
    assert axis_of("week", [{week: {}}, {later: {}}]) == [date(2020, 3, each) for each in (1, 8, 15, 22)]
    months = axis_of("month", [{date(2020, 11, 1): {}, date(2021, 2, 1): {}}])
    assert months == [date(2020, 11, 1), date(2020, 12, 1), date(2021, 1, 1), date(2021, 2, 1)]


def test_weeks_are_labelled_by_their_month_and_years_where_they_begin() -> None:
    weeks = axis_of("week", [{date(2020, 12, 6): {}, date(2021, 2, 7): {}}])
    assert week_labels(weeks) == [(0, "Dec\n2020"), (4, "Jan\n2021"), (9, "Feb")]


def test_a_line_in_words_names_its_ends_and_extremes() -> None:
    rows = {
        date(2020, 4, 5 + 7 * at): {"at": date(2020, 4, 5 + 7 * at), "heard": heard}
        for at, heard in enumerate((5, 2, 9, 4))
    }
    assert line_in_words(rows, "heard", words.count, "week") == (
        "First 5, week starting 5 April 2020; lowest 2, week starting 12 April 2020; highest 9, week starting 19 April 2020; "
        "latest 4, week starting 26 April 2020."
    )
    assert line_in_words({}, "heard", words.count, "week") == "Nothing to show."
