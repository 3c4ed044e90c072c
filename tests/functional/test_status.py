"""``status``: who has sent what by a day, what came late, what is missing and what is not yet due.

The clock of each run is set: what has come by a day is what the ledger says of it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import UTC, datetime
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from senders import CASELOAD, caseload, extract, workbook

from places import CHECKOUT, Outcome, Place, speed_up
from probation_etl.contracts.rulebook import Rulebook

Command = Callable[..., Outcome]
IN_TIME = ("N03", "N07", "N50", "N51", "N52", "N53", "N59")
NIL = extract(header=CASELOAD)


def at(patch: pytest.MonkeyPatch, moment: str) -> None:
    """Runs of the main job start at that time (UTC)."""

    class Clock(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]
            return datetime.fromisoformat(moment).replace(tzinfo=UTC).astimezone(tz)

    patch.setattr(import_module("probation_etl.journal"), "datetime", Clock)


def send(place: Place, code: str, content: bytes | None = None, name: str = "") -> None:
    """A caseload extract for the period to Sunday 1 March 2020, which is due on Friday 6 March."""
    good = caseload(provider_code=code)
    place.put(f"{code}_caseload_2020-03-01{name}.csv", good if content is None else content)


@pytest.fixture(scope="module")
def patch(shipped_rulebook: Rulebook) -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as context:
        speed_up(context, shipped_rulebook)
        yield context


@pytest.fixture(scope="module")
def spring(tmp_path_factory: pytest.TempPathFactory, patch: pytest.MonkeyPatch, command: Command) -> Place:
    """Twelve regions: one late, one missing, one nil, one rejected, one corrected, seven in time."""
    place = Place(tmp_path_factory.mktemp("spring"))
    place.inbox.mkdir()
    for code in IN_TIME:
        send(place, code)
    send(place, "N54", NIL)
    send(place, "N55", caseload(provider_code="N55", average_caseload="many"))
    send(place, "N56")
    for moment, code, content in (
        ("2020-03-03T09:00:00", None, None),
        ("2020-03-05T09:00:00", "N56", caseload(provider_code="N56", average_caseload="31.5")),
        ("2020-03-10T09:00:00", "N57", None),
    ):
        at(patch, moment)
        if code:
            send(place, code, content, name="_2" if content else "")
        assert command("-q", *place.arguments).code in (0, 1)
    return place


@pytest.fixture(scope="module")
def status_on(spring: Place, command: Command) -> Callable[..., dict[str, Any]]:
    """Gives the status of the store on a day, as JSON."""

    @cache
    def tell(on: str, *more: object) -> dict[str, Any]:
        outcome = command("status", "--store", spring.url, "--on", on, "--json", *more)
        assert (outcome.code, outcome.err) == (0, "")
        picture: dict[str, Any] = outcome.json
        return picture

    return tell


StatusOn = Callable[..., dict[str, Any]]


def by_code(picture: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {each["supplier_code"]: each for each in picture["returns"]}


class TestOneOfEach:
    """A set with one late, one missing, one nil, one rejected and one corrected return."""

    def test_each_has_a_line_that_says_so(self, status_on: StatusOn) -> None:
        lines = by_code(status_on("2020-03-11"))
        assert len(lines) == 12
        assert {each["contract_id"] for each in lines.values()} == {"nps-caseload"}
        assert {each["due"] for each in lines.values()} == {"2020-03-06"}
        said = {
            code: (each["state"], each["received"], each["working_days_late"], each["correction"])
            for code, each in lines.items()
        }
        assert said == {
            **dict.fromkeys(IN_TIME, ("accepted", "2020-03-03", 0, False)),
            "N54": ("nil", "2020-03-03", 0, False),
            "N55": ("rejected", None, 3, False),
            "N56": ("accepted", "2020-03-03", 0, True),
            "N57": ("accepted", "2020-03-10", 2, False),
            "N58": ("missing", None, 3, False),
        }

    def test_a_correction_shows_what_counts_now_and_when_each_came(self, status_on: StatusOn) -> None:
        line = by_code(status_on("2020-03-11"))["N56"]
        assert [(each["on"], each["state"]) for each in line["arrivals"]] == [
            ("2020-03-03", "accepted"),
            ("2020-03-05", "accepted"),
        ]
        assert line["file"] == "N56_caseload_2020-03-01_2.csv"
        assert by_code(status_on("2020-03-04"))["N56"]["correction"] is False

    def test_counts_and_the_headline_agree_with_the_lines(
        self, status_on: StatusOn, spring: Place, command: Command
    ) -> None:
        assert status_on("2020-03-11")["counts"] == {
            "due": 12, "received": 10, "late": 1, "nil": 1, "partly_accepted": 0, "corrected": 1, "rejected": 1,
            "withdrawn": 0, "missing": 1, "expected": 0, "unidentified": 0,
        }  # fmt: skip
        first = command("status", "--store", spring.url, "--on", "2020-03-11").out.splitlines()[0]
        assert first == "On 11 March 2020: 10 of 12 returns received, 1 of them late; 1 rejected, 1 missing."

    def test_the_text_fits_a_terminal_and_its_columns_are_aligned(self, spring: Place, command: Command) -> None:
        text = command("status", "--store", spring.url, "--on", "2020-03-11").out
        lines = text.splitlines()
        assert max(map(len, lines)) <= 120
        assert lines[2:4] == [
            "Period to 1 March 2020",
            "  NPS caseload extract (nps-caseload), due 6 March 2020: 10 of 12 received, 1 late",
        ]
        found = {line.split()[0]: line for line in lines if line.startswith("    N")}
        assert [
            found[code].index(word) for code, word in (("N54", "nil"), ("N57", "accepted"), ("N58", "missing"))
        ] == [found["N50"].index("accepted")] * 3
        assert "late by 2 working days" in found["N57"]
        assert "3 working days overdue" in found["N58"]
        assert "corrected: 3 March 2020, accepted; 5 March 2020, accepted" in text

    def test_the_json_is_of_the_published_shape(self, status_on: StatusOn) -> None:
        from jsonschema import Draft202012Validator

        schema = json.loads(
            (CHECKOUT / "docs" / "reference" / "schemas" / "status.schema.json").read_text(encoding="utf-8")
        )
        validator = Draft202012Validator(schema)
        for on in ("2020-03-02", "2020-03-05", "2020-03-11"):
            validator.validate(status_on(on))
        picture = deepcopy(status_on("2020-03-11"))
        picture["returns"][0]["more"] = 1
        assert not validator.is_valid(picture)


class TestAnyDay:
    """``--on``: what had come by the end of that day, what was due by then."""

    @pytest.mark.parametrize(
        ("on", "states"),
        [
            ("2020-03-03", {"N57": "expected", "N58": "expected", "N55": "rejected", "N56": "accepted"}),
            ("2020-03-06", {"N57": "expected", "N58": "expected", "N55": "rejected", "N56": "accepted"}),
            ("2020-03-07", {"N57": "missing", "N58": "missing", "N55": "rejected", "N56": "accepted"}),
            ("2020-03-09", {"N57": "missing", "N58": "missing", "N55": "rejected", "N56": "accepted"}),
            ("2020-03-10", {"N57": "accepted", "N58": "missing", "N55": "rejected", "N56": "accepted"}),
        ],
    )
    def test_what_was_so_then(self, status_on: StatusOn, on: str, states: dict[str, str]) -> None:
        lines = by_code(status_on(on))
        assert {code: lines[code]["state"] for code in states} == states

    def test_what_is_not_yet_due_is_not_missing(self, status_on: StatusOn) -> None:
        picture = status_on("2020-03-05")
        counts = picture["counts"]
        assert (counts["due"], counts["received"], counts["expected"], counts["missing"]) == (10, 9, 2, 0)
        assert by_code(picture)["N58"]["working_days_late"] is None

    def test_before_the_first_run_nothing_had_come(self, status_on: StatusOn, spring: Place, command: Command) -> None:
        picture = status_on("2020-03-02")
        assert (picture["returns"], picture["begun"]) == ([], None)
        text = command("status", "--store", spring.url, "--on", "2020-03-02").out
        assert text == "On 2 March 2020: no return had been received.\n"

    def test_a_weekend_counts_as_the_monday_after_it(self, status_on: StatusOn) -> None:
        late = [by_code(status_on(f"2020-03-{day:02}"))["N58"]["working_days_late"] for day in (7, 8, 9, 10)]
        assert late == [1, 1, 1, 2]

    def test_the_next_period_is_expected_once_it_has_ended_and_missing_once_it_was_due(
        self, status_on: StatusOn
    ) -> None:
        ends = {
            day: {each["period_end"] for each in status_on(f"2020-03-{day}")["returns"]} for day in (14, 15, 20, 21)
        }
        assert ends == {14: {"2020-03-01"}, **{day: {"2020-03-01", "2020-03-15"} for day in (15, 20, 21)}}
        counts = {day: status_on(f"2020-03-{day}")["counts"] for day in (20, 21)}
        assert [(counts[day]["expected"], counts[day]["missing"]) for day in (20, 21)] == [(12, 1), (0, 13)]

    def test_a_collection_that_has_ended_does_not_fill_the_picture(self, status_on: StatusOn) -> None:
        picture = status_on("2026-11-23")
        assert {each["period_end"] for each in picture["returns"]} == {"2020-03-01"}
        assert picture["silent"] == [
            {"contract_id": "nps-caseload", "title": "NPS caseload extract", "period_end": "2020-03-01"}
        ]

    def test_from_tells_of_earlier_periods_or_leaves_them_out(self, status_on: StatusOn) -> None:
        earlier = status_on("2020-03-11", "--from", "2020-02-10")
        states = {each["period_end"]: each["state"] for each in earlier["returns"] if each["supplier_code"] == "N50"}
        assert states == {"2020-02-16": "missing", "2020-03-01": "accepted"}
        assert status_on("2020-03-11", "--from", "2020-03-02")["returns"] == []

    @pytest.mark.parametrize(
        ("option", "value"), [("--on", "tomorrow"), ("--on", "9999-12-31"), ("--from", "0001-01-01")]
    )
    def test_a_day_that_is_none_is_refused(self, spring: Place, command: Command, option: str, value: str) -> None:
        command("status", "--store", spring.url, option, value).refused(2, option, value)


@pytest.fixture
def office(place: Place, patch: pytest.MonkeyPatch) -> Place:
    """One extract that came in time."""
    at(patch, "2020-03-03T09:00:00")
    send(place, "N53")
    return place


class TestWhatCameInBetween:
    """Withdrawals, rejected corrections and returns that come again."""

    def picture(self, office: Place, command: Command, on: str) -> dict[str, Any]:
        picture: dict[str, Any] = command("status", "--store", office.url, "--on", on, "--json").json
        return by_code(picture)["N53"]

    def test_a_withdrawn_return_counts_until_it_is_withdrawn(
        self, office: Place, patch: pytest.MonkeyPatch, command: Command
    ) -> None:
        command("-q", *office.arguments)
        before = self.picture(office, command, "2020-03-04")
        at(patch, "2020-03-09T09:00:00")
        arguments = (office.url, before["return_id"], "--reason", "wrong month", "--reports", office.reports)
        assert command("store", "withdraw", *arguments).code == 0
        after = self.picture(office, command, "2020-03-09")
        assert (before["state"], before["received"]) == ("accepted", "2020-03-03")
        assert (after["state"], after["received"], after["working_days_late"]) == ("withdrawn", None, 1)
        assert self.picture(office, command, "2020-03-08")["state"] == "accepted"

    def test_a_rejected_correction_leaves_the_return_that_counts(
        self, office: Place, patch: pytest.MonkeyPatch, command: Command
    ) -> None:
        command("-q", *office.arguments)
        at(patch, "2020-03-04T09:00:00")
        send(office, "N53", caseload(average_caseload="many"), name="_2")
        command("-q", *office.arguments)
        line = self.picture(office, command, "2020-03-04")
        assert (line["state"], line["correction"], line["file"]) == ("accepted", False, "N53_caseload_2020-03-01.csv")
        assert [each["state"] for each in line["arrivals"]] == ["accepted", "rejected"]
        text = command("status", "--store", office.url, "--on", "2020-03-04").out
        assert "sent more than once: 3 March 2020, accepted; 4 March 2020, rejected" in text

    def test_late_is_counted_from_the_first_return_that_was_acceptable(
        self, office: Place, patch: pytest.MonkeyPatch, command: Command
    ) -> None:
        send(office, "N53", caseload(average_caseload="many"))
        command("-q", *office.arguments)
        for moment, value in (("2020-03-09T09:00:00", "33.9"), ("2020-03-12T09:00:00", "34.1")):
            at(patch, moment)
            send(office, "N53", caseload(average_caseload=value), name=f"_{moment[8:10]}")
            command("-q", *office.arguments)
        line = self.picture(office, command, "2020-03-12")
        assert (line["received"], line["working_days_late"], line["correction"]) == ("2020-03-09", 1, True)
        assert [each["on"] for each in line["arrivals"]] == ["2020-03-03", "2020-03-09", "2020-03-12"]

    def test_a_day_ends_where_the_suppliers_are(
        self, place: Place, patch: pytest.MonkeyPatch, command: Command
    ) -> None:
        """On 5 April 2020 at 23:30 in UTC, the sixth had begun in England."""
        at(patch, "2020-04-05T23:30:00")
        send(place, "N53")
        command("-q", *place.arguments)
        pictures = [command("status", "--store", place.url, "--on", f"2020-04-0{day}", "--json").json for day in (5, 6)]
        assert [each["begun"] for each in pictures] == [None, "2020-04-06"]

    def test_what_is_older_than_the_store_has_come_nobody_knows_when(
        self, office: Place, patch: pytest.MonkeyPatch, command: Command
    ) -> None:
        at(patch, "2026-11-23T09:00:00")
        command("-q", *office.arguments)
        outcome = command("status", "--store", office.url, "--on", "2026-11-23")
        assert "1 return fell due before the first run on 23 November 2026: it is not known" in outcome.out
        assert "late" not in outcome.out
        assert self.picture(office, command, "2026-11-23")["working_days_late"] is None

    def test_a_file_that_is_nobodys_return_has_a_line_of_its_own(self, office: Place, command: Command) -> None:
        office.put("nothing \x1b[31m known.csv", b"a,b\n1,2\n")
        command("-q", *office.arguments)
        picture = command("status", "--store", office.url, "--on", "2020-03-11", "--json").json
        (lost,) = (each for each in picture["returns"] if each["supplier_code"] is None)
        assert (lost["state"], lost["due"], picture["counts"]["unidentified"]) == ("rejected", None, 1)
        assert picture["counts"]["rejected"] == 0
        text = command("status", "--store", office.url, "--on", "2020-03-11").out
        assert "\nNot identified: 1\n" in text
        assert "\x1b" not in text


def test_either_engine_tells_who_was_late_and_what_was_so_before(
    place: Place, url: str, patch: pytest.MonkeyPatch, command: Command
) -> None:
    for moment, code in (("2020-03-03T09:00:00", "N53"), ("2020-03-10T09:00:00", "N57")):
        at(patch, moment)
        send(place, code)
        command("-q", "run", place.inbox, "--store", url, "--reports", place.reports)
    states = {
        day: {
            code: (each["state"], each["working_days_late"])
            for code, each in by_code(picture).items()
            if code in ("N53", "N57")
        }
        for day in ("2020-03-09", "2020-03-10")
        if (picture := command("status", "--store", url, "--on", day, "--json").json)
    }
    assert states == {
        "2020-03-09": {"N53": ("accepted", 0), "N57": ("missing", 1)},
        "2020-03-10": {"N53": ("accepted", 0), "N57": ("accepted", 2)},
    }


def test_the_list_of_organisations_says_who_must_send(office: Place, command: Command) -> None:
    """C10 gave up its offenders on 30 November 2019; the old divisions of the NPS send nothing in 2020."""
    office.put("C08_return_2020-03-01.xlsx", workbook())
    office.put("C10_return_2020-03-01.xlsx", workbook({"Organisation": "Wales CRC", "Provider code": "C10"}))
    command("-q", *office.arguments)
    picture = command("status", "--store", office.url, "--on", "2020-03-11", "--json").json
    senders: dict[str, set[str]] = {}
    for each in picture["returns"]:
        if each["supplier_code"]:
            senders.setdefault(each["contract_id"], set()).add(each["supplier_code"])
    crcs = {f"C{number:02}" for number in range(1, 22)} - {"C10"}
    regions = {"N03", "N07", *(f"N{number}" for number in range(50, 60))}
    assert senders == {
        "crc-caseload": crcs, "crc-breaches": crcs, "crc-suspended-breaches": crcs, "nps-caseload": regions,
    }  # fmt: skip


class TestThePage:
    """``status.html``: beside the page of every run, and wherever it is asked for."""

    def test_every_run_has_one_beside_its_page_and_links_to_it(self, spring: Place) -> None:
        run = spring.reports / "latest"
        page = (run / "status.html").read_text(encoding="utf-8")
        assert "<h1>On 10 March 2020: 10 of 12 returns received, 1 of them late; 1 rejected, 1 missing</h1>" in page
        assert 'href="./status.html"' in (run / "index.html").read_text(encoding="utf-8")
        assert 'href="./index.html"' in page
        assert oct((run / "status.html").stat().st_mode)[-3:] == "600"

    def test_earlier_runs_keep_theirs(self, spring: Place) -> None:
        pages = [path for path in spring.reports.glob("*/status.html") if not path.parent.is_symlink()]
        days = sorted(path.read_text(encoding="utf-8").split("<h1>On ")[1].split(":")[0] for path in pages)
        assert days == ["10 March 2020", "3 March 2020", "5 March 2020"]

    def test_it_is_written_on_demand(self, spring: Place, command: Command, tmp_path: Path) -> None:
        where = ("--reports", tmp_path / "reports", "-o", tmp_path / "pages" / "today.html")
        outcome = command("status", "--store", spring.url, "--on", "2020-03-06", *where)
        assert outcome.code == 0
        for path in (tmp_path / "reports" / "status.html", tmp_path / "pages" / "today.html"):
            assert "<h1>On 6 March 2020: 9 of 10 returns received; 1 rejected, 2 not yet due</h1>" in path.read_text()
            assert f"Page: {path}" in outcome.out

    def test_a_place_that_cannot_be_written_is_named(self, spring: Place, command: Command, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        outcome = command("status", "--store", spring.url, "-o", tmp_path / "file" / "page.html")
        outcome.refused(3, str(tmp_path / "file" / "page.html"))

    def test_a_dry_run_writes_none(self, office: Place, command: Command) -> None:
        command("-q", *office.arguments, "--dry-run")
        assert not office.reports.exists()
