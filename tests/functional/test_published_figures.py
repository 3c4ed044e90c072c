"""A fresh sample gives the published figures, which are read from a copy of the source document's table.

The figures are about a few weeks and two days, so the returns of their fortnights are run here. ``make sweep`` runs the whole
set: 1,920 returns take minutes.
"""

from __future__ import annotations

import csv
import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from places import Outcome, Place, speed_up
from probation_etl.contracts.rulebook import Rulebook
from probation_etl.sample.tables import shipped_tables

WHOLE = bool(os.environ.get("PROBATION_ETL_WHOLE_SAMPLE"))
TABLE = Path(__file__).parents[1] / "data" / "published_figures.csv"
TABLES = shipped_tables()
NATIONAL = "NPS and CRC (all)"
KINDS = {"NPS (all)": "nps", "CRC (all)": "crc"}
GRADES = {
    "Probation officer (or equivalent)": "probation_officer",
    "Probation services officer (or equivalent)": "probation_services_officer",
}
#: Fortnights that the figures are about, by their last day, and whose caseloads are among them.
BASELINE, APRIL, NOVEMBER = "2020-03-14", "2020-04-25", "2020-12-05"
AUGUST = ("2020-08-15", "2020-08-29", "2020-09-12")
SEPTEMBER = "2020-10-10"


@dataclass(frozen=True)
class Figure:
    """One row of the table of figures."""

    line: str
    topic: str
    organisation: str
    grade: str
    when: str
    measure: str
    value: str
    quote: str


def figures(*lines: int) -> list[Figure]:
    """The figures that stand in these lines of the source document."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        rows = [
            Figure(
                row["line"], row["topic"], row["organisation"], row["grade_or_category"], row["date_or_period"],
                row["measure"], row["value"], row["quote"],
            )
            for row in csv.DictReader(file)
        ]  # fmt: skip
    found = [row for row in rows if not lines or int(row.line) in lines]
    assert found
    return found


def is_wanted(path: Path) -> bool:
    """Whether a figure is about what this file returns: breaches of some fortnights, caseloads of twelve organisations."""
    code, end = path.name[:3], next(end for end in path.stem.split("_") if end.startswith("2020-"))
    is_workbook, is_caseload = path.suffix != ".csv", "_caseload_" in path.name
    if end in {BASELINE, SEPTEMBER} and code in {each.provider_code for each in TABLES.figures} and is_caseload:
        return True
    if end == SEPTEMBER:
        return WHOLE or (is_workbook and code in {each.provider_code for each in TABLES.figures})
    return WHOLE or (end in {BASELINE, APRIL, NOVEMBER, *AUGUST} and not is_caseload)


@dataclass(frozen=True)
class National(Place):
    """The sample after a run."""

    made: Outcome
    outcome: Outcome

    def tracker(self, measure: str, week: date) -> dict[str, dict[str, float]]:
        """Value, baseline and percentage of the baseline of a measure in a week, by kind of provider."""
        rows = self.rows(
            "SELECT provider_kind, value, baseline, percent_of_baseline FROM unified.national_tracker "
            "WHERE measure = $1 AND week_starting = $2",
            [measure, week],
        )
        return {row[0]: dict(zip(("value", "baseline", "percent"), row[1:], strict=True)) for row in rows}

    def suspended_percent(self, first: date, last: date) -> float:
        """Suspended of a hundred logged, in the weeks that start from one day to another, all providers together."""
        query = "SELECT 100 * SUM(suspended) / SUM(logged) FROM unified.weekly_breaches WHERE week_starting BETWEEN $1 AND $2"
        return float(self.rows(query, [first, last])[0][0])


@pytest.fixture(scope="module")
def national(
    command: Callable[..., Outcome], shipped_rulebook: Rulebook, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[National]:
    root = tmp_path_factory.mktemp("national")
    made = command("sample", root / "sample")
    place = Place(root)
    place.inbox.mkdir()
    for path in (root / "sample" / "inbox").iterdir():
        if is_wanted(path):
            shutil.copy(path, place.inbox)
    with pytest.MonkeyPatch.context() as patch:
        if not WHOLE:
            speed_up(patch, shipped_rulebook)
        yield National(root, made, command(*place.arguments, "--json"))


def test_the_whole_set_is_made(national: National) -> None:
    names = [path.name for path in (national.root / "sample" / "inbox").iterdir()]
    assert Counter(Path(name).suffix for name in names) == {".xlsx": 320, ".ods": 80, ".csv": 720}
    assert len({name[:3] for name in names}) == 32
    assert "1120 file(s) with 1920 SYNTHETIC return(s)" in national.made.out
    assert "add up to the published figures" in national.made.out


def test_every_return_is_accepted_and_nothing_is_found(national: National) -> None:
    returns: list[dict[str, Any]] = national.outcome.json["returns"]
    assert national.outcome.code == 0
    assert {each["verdict"] for each in returns} == {"accepted"}
    assert sum(each["findings_shown"] for each in returns) == 0
    assert len({each["supplier"]["code"] for each in returns}) == 32
    assert all(each["passed"] for each in national.outcome.json["release_checks"])
    if WHOLE:
        assert len(returns) == 1920
        assert national.outcome.json["release_checks"]


@pytest.mark.parametrize("week", [date(2020, 3, 1), date(2020, 3, 8)])
def test_heard_before_the_lockdown_are_the_weekly_baseline(national: National, week: date) -> None:
    heard = national.tracker("breaches_heard", week)
    for figure in figures(993):
        found = heard[KINDS[figure.organisation]]
        assert found["value"] == found["baseline"] == float(figure.value)
        assert found["percent"] == 100


def test_heard_in_the_middle_of_april_are_the_published_low_points(national: National) -> None:
    heard = national.tracker("breaches_heard", date(2020, 4, 12))
    assert {figure.organisation: float(figure.value) for figure in figures(994)} == {
        organisation: heard[kind]["value"] for organisation, kind in KINDS.items()
    }


def test_heard_at_the_end_of_november_are_below_half_for_crcs_and_less_low_for_the_nps(national: National) -> None:
    (figure,) = figures(999)
    assert figure.value.startswith("<")
    heard = national.tracker("breaches_heard", date(2020, 11, 29))
    assert heard[KINDS[figure.organisation]]["percent"] < float(figure.value.removeprefix("<"))
    assert heard["crc"]["percent"] < heard["nps"]["percent"] < 100


def test_suspended_in_august_are_the_published_share_of_the_logged(national: National) -> None:
    (figure,) = figures(1005)
    assert (figure.organisation, figure.when) == (NATIONAL, "2020-08")
    assert round(national.suspended_percent(date(2020, 8, 1), date(2020, 8, 31)), 9) == float(figure.value)


def test_suspended_at_the_end_of_november_are_the_published_shares(national: National) -> None:
    week = date(2020, 11, 29)
    shares = national.tracker("suspended_share", week)
    for figure in figures(1006, 1007):
        kind = KINDS.get(figure.organisation)
        share = 100 * shares[kind]["value"] if kind else national.suspended_percent(week, week)
        assert round(share, 9) == float(figure.value), figure


def test_the_shares_of_the_last_fortnight_round_to_the_published_ones_as_well(national: National) -> None:
    week = date(2020, 11, 22)
    shares = national.tracker("suspended_share", week)
    for figure in figures(1006, 1007):
        kind = KINDS.get(figure.organisation)
        share = 100 * shares[kind]["value"] if kind else national.suspended_percent(week, week)
        assert round(share) == int(figure.value), figure


def test_the_48_caseloads_of_annexe_2_come_out_value_for_value(national: National) -> None:
    annexe = [figure for figure in figures() if "Annexe 2" in figure.topic]
    codes = {figure.organisation: figure.provider_code for figure in TABLES.figures}
    published = {
        (codes[each.organisation], date.fromisoformat(each.when), GRADES[each.grade]): Decimal(each.value)
        for each in annexe
    }
    assert len(annexe) == len(published) == 48
    stored = national.rows("SELECT provider_code, as_at, grade, average_caseload FROM unified.caseload")
    found = [row for row in stored if row[:3] in published]
    assert len(found) == 48
    assert {row[:3]: row[3] for row in found} == published


def test_every_week_of_the_fortnights_counts_what_the_table_says(national: National) -> None:
    """The table is what the returns are made from; the tracker counts rows. No week lies outside it."""
    rows = national.rows(
        "SELECT provider_kind, week_starting, SUM(logged), SUM(heard), SUM(suspended) FROM unified.weekly_breaches GROUP BY 1, 2"
    )
    assert {row[1] for row in rows} <= set(TABLES.weeks)
    ends = [date.fromisoformat(end) for end in (BASELINE, APRIL, NOVEMBER, *AUGUST)]
    checked = 0
    for kind, week, logged, heard, suspended in rows:
        if WHOLE or any(0 <= (end - week).days <= 13 for end in ends):
            expected = tuple(TABLES.counts[kind, measure][week] for measure in ("logged", "heard", "suspended"))
            assert (logged, heard, suspended) == expected, (kind, week)
            checked += 1
    assert checked == 2 * (40 if WHOLE else 2 * len(ends))
