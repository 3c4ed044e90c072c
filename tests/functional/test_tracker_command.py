"""The tracker as its readers get it: files with the numbers of the store, and nothing of a person in them."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import duckdb
import pytest
from branches import IDENTIFIED, Branch
from jsonschema import Draft202012Validator
from senders import (
    BREACH_HEADER,
    SUSPENSION,
    SUSPENSION_HEADER,
    breach,
    caseload,
    extract,
    suspension,
    workbook,
)  # fmt: skip

import probation_etl as pe
from places import CHECKOUT, Outcome, Place, SampleRun, speed_up
from probation_etl.contracts.rulebook import Rulebook, load_rulebook
from probation_etl.stores import connect
from probation_etl.unified.release_checks import CheckResult

Command = Callable[..., Outcome]
FILES = ["caseload.csv", "index.html", "suspended_share.csv", "tracker.csv", "tracker.json", "weekly_breaches.csv"]
COVER = {
    "Organisation": "Cheshire and Greater Manchester CRC", "Provider code": "C07", "Period start": "29/03/2020",
    "Period end": "11/04/2020",
}  # fmt: skip


def heard(number: int, logged: str, heard_on: str) -> dict[str, str]:
    """A breach of the NPS that was heard, its order to continue."""
    return breach(number, referral_date=logged, logged_date=logged, hearing_date=heard_on, nsi_status_code="BRE08")


def crc_breach(number: int, unit: str, logged: str, heard_on: str = "") -> tuple[str, ...]:
    end = ("Heard", "Proven - order to continue") if heard_on else ("Logged", "")
    return (
        f"X98{number:04}", "1", unit, "Community order", "Unpaid work", "Low", logged, logged, "Court", heard_on, *end,
    )  # fmt: skip


@pytest.fixture(autouse=True)
def one_rulebook(monkeypatch: pytest.MonkeyPatch, shipped_rulebook: Rulebook) -> None:
    """The contracts are read once, not by every command."""
    monkeypatch.setattr("probation_etl.api.load_rulebook", lambda _directory=None: shipped_rulebook)


def inbox() -> dict[str, bytes]:
    """A fortnight of two organisations, counted by hand below."""
    nps = extract(
        breach(1, referral_date="2020-03-31", logged_date="2020-03-31"),
        heard(2, "2020-03-31", "2020-04-03"),
        heard(3, "2020-04-07", "2020-04-09"),
    )
    suspended = suspension(1, logged_date="2020-03-31", suspended_date="2020-04-02")
    crc = workbook(
        COVER,
        Caseload=(("Local delivery unit", "Grade", "As at", "Officers (FTE)", "Cases", "Average caseload"),),
        Breaches=(
            BREACH_HEADER,
            crc_breach(1, "Manchester North", "01/04/2020", "03/04/2020"),
            crc_breach(2, "Nowhere known", "02/04/2020"),
            crc_breach(3, "Nowhere known", "07/04/2020"),
        ),
        Suspended_breaches=(
            SUSPENSION_HEADER,
            ("X980002", "1", "Nowhere known", "02/04/2020", "03/04/2020", "Court not listing breaches", ""),
        ),
    )
    return {
        "N53_breaches_2020-04-11.csv": nps,
        "N53_suspended_breaches_2020-04-11.csv": extract(suspended, header=SUSPENSION),
        "N53_caseload_2020-04-11.csv": caseload(snapshot_date="2020-04-06"),
        "C07_return_2020-04-11.xlsx": crc,
    }


def loaded(place: Place, command: Command, url: str) -> str:
    for name, content in inbox().items():
        place.put(name, content)
    outcome = command("run", place.inbox, "--store", url, "--reports", place.reports, "--json")
    assert {each["verdict"] for each in outcome.json["returns"]} <= {"accepted", "accepted_with_warnings"}, outcome
    return url


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory, command: Command, shipped_rulebook: Rulebook) -> Place:
    """A store with the fortnight above, which no test changes."""
    place = Place(tmp_path_factory.mktemp("known"))
    place.inbox.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        speed_up(patch, shipped_rulebook)
        loaded(place, command, place.url)
    return place


@pytest.fixture(scope="module")
def written(known: Place, command: Command, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tracker of that store, in a directory that was not there before."""
    directory = tmp_path_factory.mktemp("written") / "new" / "out"
    tracked(command, known.url, directory)
    return directory


def tracked(command: Command, url: str, directory: Path, *more: object) -> Any:
    outcome = command("tracker", "--store", url, "-o", directory, *more)
    assert (outcome.code, outcome.err) == (0, ""), outcome
    return json.loads((directory / "tracker.json").read_text(encoding="utf-8"))


def lines(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def schema() -> Draft202012Validator:
    return Draft202012Validator(
        json.loads((CHECKOUT / "docs" / "reference" / "schemas" / "tracker.schema.json").read_text(encoding="utf-8"))
    )


@pytest.mark.usefixtures("quick")
def test_the_numbers_are_those_of_the_returns_on_either_engine(
    place: Place, command: Command, url: str, tmp_path: Path
) -> None:
    found = tracked(command, loaded(place, command, url), tmp_path / "out")
    weeks = [
        (each["week_starting"], each["provider_kind"], each["logged"], each["heard"], each["suspended"], each["suspended_share"])
        for each in found["weeks"]
    ]  # fmt: skip
    assert weeks == [
        ("2020-03-29", "all", 4, 2, 2, 0.5), ("2020-03-29", "crc", 2, 1, 1, 0.5), ("2020-03-29", "nps", 2, 1, 1, 0.5),
        ("2020-04-05", "all", 2, 1, 0, 0), ("2020-04-05", "crc", 1, 0, 0, 0), ("2020-04-05", "nps", 1, 1, 0, 0),
    ]  # fmt: skip
    assert [each["baseline"] for each in found["weeks"]] == [None, 923, 239] * 2
    assert found["weeks"][-1]["percent_of_baseline"] == pytest.approx(100 / 239)
    months = [(each["month"], each["days_reported"], each["provider_kind"], each["logged"], each["suspended"]) for each in found["months"]]  # fmt: skip
    assert months == [("2020-04-01", 11, "all", 4, 1), ("2020-04-01", 11, "crc", 3, 1), ("2020-04-01", 11, "nps", 1, 0)]
    regions = [(each["month"], each["region_code"], each["logged"], each["heard"]) for each in found["region_months"]]
    assert regions == [("2020-04-01", "N50", 1, 1), ("2020-04-01", "N53", 1, 2), ("2020-04-01", None, 2, 0)]
    assert found["reported"] == [
        {"provider_kind": kind, "organisations": 1, "first": "2020-03-29", "last": "2020-04-11"}
        for kind in ("crc", "nps")
    ]


def fail_the_checks(patch: pytest.MonkeyPatch) -> None:
    """From now on a release check fails in every run."""
    failed = CheckResult("breach", "planted", passed=False, detail="it does not hold")
    patch.setattr(import_module("probation_etl.runs.conclusion"), "release_checks", lambda *_: [failed])


@pytest.mark.usefixtures("quick")
def test_what_failed_a_release_check_is_not_shown_unless_asked_for(
    place: Place, command: Command, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = tracked(command, loaded(place, command, url), tmp_path / "before")
    assert (before["shows"], before["released"]) == ("released", True)
    fail_the_checks(monkeypatch)
    place.put("N53_caseload_2020-04-11_v2.csv", caseload(snapshot_date="2020-04-06", average_caseload="35.5"))
    place.put("N53_breaches_2020-04-25.csv", extract(heard(4, "2020-04-14", "2020-04-16")))
    assert command("run", place.inbox, "--store", url, "--reports", place.reports).code == 1

    outcome = command("tracker", "--store", url, "-o", tmp_path / "out")
    assert "This is what was released on " in outcome.out.splitlines()[1]
    found = json.loads((tmp_path / "out" / "tracker.json").read_text(encoding="utf-8"))
    assert schema().is_valid(found)
    assert found == {**before, "released": False}
    for name in FILES:
        if name.endswith(".csv"):
            assert (tmp_path / "out" / name).read_bytes() == (tmp_path / "before" / name).read_bytes()
    page = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    assert "Later loads and changes have not been released." in page

    everything = tracked(command, url, tmp_path / "all", "--unreleased")
    assert (everything["shows"], everything["release"]) == ("loaded", before["release"])
    assert [each["heard"] for each in everything["weeks"] if each["week_starting"] == "2020-04-12"] == [1]
    assert [each["before"] for each in everything["caseload"]["organisations"]] == [35.5]
    page = (tmp_path / "all" / "index.html").read_text(encoding="utf-8")
    assert "It has not been released, because the release checks have not passed." in page


def test_it_is_read_from_what_readers_of_the_released_tables_see(
    known: Place, command: Command, tmp_path: Path
) -> None:
    """By other contracts than those of the release, the unified tables may say otherwise."""
    store = tmp_path / "copy.duckdb"
    shutil.copy(known.store, store)
    with duckdb.connect(str(store)) as connection:
        for name in ("caseload", "weekly_breaches", "breach", "national_tracker"):
            connection.execute(f"CREATE TABLE released.other AS FROM released.{name}")
            connection.execute(f"DROP VIEW released.{name}")
            connection.execute(f"ALTER TABLE released.other RENAME TO {name}")
        connection.execute("UPDATE released.caseload SET average_caseload = 36.5")
        connection.execute("UPDATE released.weekly_breaches SET heard = 7 * heard")
        connection.execute("UPDATE released.breach SET suspended_on = NULL")
        connection.execute("DELETE FROM released.national_tracker")
    found = tracked(command, f"duckdb:///{store}", tmp_path / "out")
    assert [each["before"] for each in found["caseload"]["organisations"]] == [36.5]
    assert sorted(each["heard"] for each in found["weeks"]) == [0, 7, 7, 7, 7, 14]
    assert {each["suspended"] for each in found["months"]} == {0}
    assert lines(tmp_path / "out" / "tracker.csv") == []


@pytest.mark.usefixtures("quick")
def test_where_nothing_was_released_nothing_is_shown(
    place: Place, command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail_the_checks(monkeypatch)
    found = tracked(command, loaded(place, command, place.url), tmp_path)
    assert (found["weeks"], found["caseload"]["organisations"], found["release"]) == ([], [], None)
    assert "There is nothing to show: the store holds no released returns" in (tmp_path / "index.html").read_text()


def test_the_json_is_of_the_published_shape(written: Path) -> None:
    found = json.loads((written / "tracker.json").read_text(encoding="utf-8"))
    schema().validate(found)
    found["weeks"][0]["more"] = 1
    assert not schema().is_valid(found)


def test_the_csv_files_hold_the_views_and_name_providers_and_regions(known: Place, written: Path) -> None:
    assert sorted(path.name for path in written.iterdir()) == FILES
    national = known.rows("SELECT measure, CAST(week_starting AS VARCHAR), provider_kind FROM unified.national_tracker")
    found = [(each["measure"], each["week_starting"], each["provider_kind"]) for each in lines(written / "tracker.csv")]
    assert sorted(found) == sorted(national)
    weekly = lines(written / "weekly_breaches.csv")
    named = {
        (each["provider_code"], each["provider_name"], each["region_code"], each["region_name"]) for each in weekly
    }
    crc = ("C07", "Cheshire and Greater Manchester CRC")
    assert named == {
        (*crc, "N50", "Greater Manchester"),
        (*crc, "", ""),
        ("N53", "East Midlands", "N53", "East Midlands"),
    }
    assert sum(int(each["logged"]) for each in weekly) == 6
    assert [each["before"] for each in lines(written / "caseload.csv")] == ["33.90"]
    assert [each["suspended"] for each in lines(written / "suspended_share.csv")] == ["1", "1", "0"]


def test_the_page_says_what_it_shows_and_shows_what_is_unallocated(written: Path) -> None:
    page = (written / "index.html").read_text(encoding="utf-8")
    assert "for days from 29 March 2020 to 11 April 2020" in page
    assert (
        "NPS: 1 heard in the latest whole week, starting 5 April 2020, by 1 of 12 organisations, 0.4 per cent of the baseline of 239"
        in page
    )
    assert "50 per cent of all breaches logged were suspended (NPS 50 per cent and CRCs 50 per cent)" in page
    assert "April 2020 (11 of 30 days)" in page
    assert '<th scope="col" class="number">Unallocated</th>' in page  # heard in each week
    assert '<th scope="row">Unallocated</th><td class="number">50%</td>' in page  # suspended in each month


def test_nothing_of_a_person_is_in_any_file(written: Path) -> None:
    for path in written.iterdir():
        text = path.read_text(encoding="utf-8")
        assert not [name for name in ("X99000", "X98000", "SYNTHETIC", "Nowhere known") if name in text]


def test_files_are_for_their_owner_alone(written: Path) -> None:
    assert written.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in written.iterdir()} == {0o600}


def test_the_same_store_gives_the_same_bytes_and_other_files_are_left_alone(
    known: Place, written: Path, command: Command, tmp_path: Path
) -> None:
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    (tmp_path / "index.html").write_text("an earlier one", encoding="utf-8")
    tracked(command, known.url, tmp_path)
    assert (tmp_path / "notes.txt").read_text(encoding="utf-8") == "mine"
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([*FILES, "notes.txt"])
    assert all((tmp_path / name).read_bytes() == (written / name).read_bytes() for name in FILES)


def test_the_page_says_that_a_store_is_empty(place: Place, command: Command, tmp_path: Path) -> None:
    assert command(*place.arguments).code == 0
    assert schema().is_valid(tracked(command, place.url, tmp_path / "out"))
    page = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    assert "There is nothing to show" in page
    assert "<svg" not in page
    assert [len(lines(tmp_path / "out" / name)) for name in FILES if name.endswith(".csv")] == [0, 0, 0, 0]


@pytest.mark.usefixtures("quick")
def test_nil_returns_are_not_shown_as_a_gap(place: Place, command: Command, tmp_path: Path) -> None:
    """A fortnight in which nothing happened is a fortnight of noughts, not one that nobody reported."""
    place.put("N53_breaches_2020-04-11.csv", extract())
    command(*place.arguments)
    found = tracked(command, place.url, tmp_path / "out")
    nps = [each for each in found["weeks"] if each["provider_kind"] == "nps"]
    assert [(each["heard"], each["suspended_share"], each["organisations"]) for each in nps] == [(0, None, 1)] * 2


def test_without_a_store_there_is_nothing_to_read(command: Command, tmp_path: Path) -> None:
    outcome = command("tracker", "--store", f"duckdb:///{tmp_path}/none.duckdb", "-o", tmp_path / "out")
    outcome.refused(3, "There is no store at", "run ‘probation-etl run’ first")
    assert not (tmp_path / "out").exists()


def test_contracts_of_something_else_are_refused(
    branch: Branch, library: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is nothing in them that it could show."""
    monkeypatch.setattr("probation_etl.api.load_rulebook", load_rulebook)
    assert branch.run().code == 0
    missing = ("The tracker shows", "no table ‘breach’", "no reference table ‘regions’", "Use the shipped contracts")
    branch.command("tracker", "--store", branch.url, "-o", tmp_path / "out").refused(2, *missing)
    regions = {"regions": "code\nN\n"}
    branch.contracts = library.directory(library.contract(custom={"identification": IDENTIFIED}), tables=regions)
    branch.command("tracker", "--store", branch.url, "-o", tmp_path / "out").refused(
        2, "no ‘name’ in the reference table ‘regions’"
    )
    assert not (tmp_path / "out").exists()


def test_a_directory_that_cannot_be_written_keeps_what_it_holds(known: Place, command: Command, tmp_path: Path) -> None:
    out = tmp_path / "out"
    (out / "tracker.json").mkdir(parents=True)
    command("tracker", "--store", known.url, "-o", out).refused(3, str(out), "whole: as it was, or new")
    assert [path.name for path in out.iterdir() if path.name.startswith(".")] == []
    below_a_file = known.inbox / "N53_breaches_2020-04-11.csv" / "out"
    command("tracker", "--store", known.url, "-o", below_a_file).refused(3, "cannot be written")


def test_it_says_where_the_page_is_unless_it_is_to_be_quiet(known: Place, command: Command, tmp_path: Path) -> None:
    arguments = ("tracker", "--store", known.url, "-o", tmp_path)
    assert command(*arguments).out == f"Tracker: {tmp_path}/index.html\n"
    assert command("-q", *arguments).out == ""


def test_the_library_does_the_same(known: Place, written: Path, tmp_path: Path, shipped_rulebook: Rulebook) -> None:
    with connect(known.url, shipped_rulebook.contracts, shipped_rulebook.tables) as store:
        found = pe.write_tracker(store, tmp_path)
    assert found == json.loads((written / "tracker.json").read_text(encoding="utf-8"))
    assert all((tmp_path / name).read_bytes() == (written / name).read_bytes() for name in FILES)


# The published caseloads


def test_the_published_caseloads_are_compared_as_published(sample: SampleRun, command: Command, tmp_path: Path) -> None:
    shutil.copy(sample.store, tmp_path / "copy.duckdb")
    found = tracked(command, f"duckdb:///{tmp_path}/copy.duckdb", tmp_path / "out", "--caseload-to", "2020-09-28")
    with (CHECKOUT / "sample_data" / "figures" / "annexe_2.csv").open(encoding="utf-8", newline="") as file:
        published = {
            (each["provider_code"], each["as_at"], each["grade"].split(" (")[0].lower()): float(
                each["average_caseload"]
            )
            for each in csv.DictReader(file)
        }
    shown = {
        (each["provider_code"], each[f"{side}_on"], each["grade"].replace("_", " ")): each[side]
        for each in found["caseload"]["organisations"]
        for side in ("before", "after")
    }
    assert len(published) == 48
    assert shown == published
    kinds = {(each["provider_kind"], each["grade"]): each for each in found["caseload"]["kinds"]}
    crc, nps = ([each for (kind, _), each in kinds.items() if kind == wanted] for wanted in ("crc", "nps"))
    assert [each["lower"] for each in crc] == [6, 6]
    assert sum(each["equal"] + each["higher"] for each in nps) == 5
    page = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    assert "CRCs, probation officers: lower in 6 of 6 organisations" in page
