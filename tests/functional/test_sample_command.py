"""``probation-etl sample``: what it makes, that it is the same each time, and that its faults are those that are found."""

from __future__ import annotations

import csv
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from places import Outcome, Place
from probation_etl.sample.tables import shipped_tables

Command = Callable[..., Outcome]
CHOSEN = ("--organisations", "C08", "--organisations", "C18,N53", "--from", "2020-04-12", "--to", "2020-05-09")


def lines(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def content(directory: Path) -> dict[str, bytes]:
    return {
        path.relative_to(directory).as_posix(): path.read_bytes() for path in directory.rglob("*") if path.is_file()
    }


@dataclass(frozen=True)
class MadeSample:
    """A directory that was made, and what the command said."""

    directory: Path
    outcome: Outcome


@pytest.fixture(scope="module")
def made(command: Command, tmp_path_factory: pytest.TempPathFactory) -> MadeSample:
    """Two fortnights of a CRC that sends XLSX, of one that sends ODS, and of a region."""
    directory = tmp_path_factory.mktemp("sample") / "out"
    return MadeSample(directory, command("sample", directory, *CHOSEN))


class TestWhatIsMade:
    def test_the_files_are_those_of_the_senders_and_fortnights_that_were_asked_for(self, made: MadeSample) -> None:
        assert made.outcome.code == 0
        assert made.outcome.err == ""
        kinds = ("caseload", "breaches", "suspended_breaches")
        ends = ("2020-04-25", "2020-05-09")
        assert set(content(made.directory)) == {
            "README.txt",
            *(f"inbox/C08_return_{end}_synthetic.xlsx" for end in ends),
            *(f"inbox/C18_return_{end}_synthetic.ods" for end in ends),
            *(f"inbox/N53_{kind}_{end}_synthetic.csv" for end in ends for kind in kinds),
        }
        assert "10 file(s) with 18 SYNTHETIC return(s)" in made.outcome.out
        assert f"probation-etl run {made.directory / 'inbox'}" in made.outcome.out

    def test_every_place_that_a_reader_looks_at_says_that_it_is_synthetic(self, made: MadeSample) -> None:
        readme = (made.directory / "README.txt").read_text(encoding="utf-8")
        assert readme.startswith("SYNTHETIC RETURNS")
        assert "no row is about a person" in " ".join(readme.split())
        for path in (made.directory / "inbox").iterdir():
            assert "synthetic" in path.name
            if path.suffix == ".csv":
                rows = lines(path)
                assert all(row.get("nsi_id", "SYNTHETIC").startswith("SYNTHETIC") for row in rows)
                continue
            workbook = CalamineWorkbook.from_path(path)
            cover = dict(row[:2] for row in workbook.get_sheet_by_name("Cover").to_python())
            assert "SYNTHETIC" in cover["Prepared by"]
            for sheet in workbook.sheet_names[1:]:
                assert "SYNTHETIC" in workbook.get_sheet_by_name(sheet).to_python()[0][0]

    def test_all_of_it_is_accepted_and_nothing_is_found(
        self, made: MadeSample, command: Command, tmp_path: Path, quick: None
    ) -> None:
        place = Place(tmp_path)
        outcome = command("run", made.directory / "inbox", *place.arguments[2:], "--json")
        assert outcome.code == 0
        assert Counter(each["verdict"] for each in outcome.json["returns"]) == {"accepted": 18}
        assert sum(each["findings_shown"] for each in outcome.json["returns"]) == 0
        sent = {each["contract"]["id"]: each["rows"]["read"] for each in outcome.json["returns"]}
        assert len(sent) == 6
        assert min(sent.values()) > 0

    def test_only_statuses_of_the_edm_stand_in_extracts_of_suspended_breaches(self, made: MadeSample) -> None:
        statuses = shipped_tables().codes["status"]
        allowed = {*statuses["Suspended"], *statuses["Resumed"]}
        for path in (made.directory / "inbox").glob("N53_suspended_*"):
            found = {row["nsi_status_code"] for row in lines(path)}
            assert found
            assert found <= allowed


class TestTheSameAgain:
    def test_the_same_options_give_the_same_bytes_in_another_process(
        self, made: MadeSample, process: Callable[..., Outcome], tmp_path: Path
    ) -> None:
        outcome = process("sample", tmp_path / "again", *CHOSEN, PYTHONHASHSEED="7", TZ="Pacific/Auckland")
        assert outcome.code == 0
        assert content(tmp_path / "again") == content(made.directory)

    def test_a_part_has_the_files_of_the_whole(self, made: MadeSample, command: Command, tmp_path: Path) -> None:
        command("sample", tmp_path / "part", "n53", "--from", "2020-05-01", "--to", "2020-05-01")
        part, whole = content(tmp_path / "part" / "inbox"), content(made.directory / "inbox")
        assert set(part) == {name for name in whole if name.startswith("N53") and "2020-05-09" in name}
        assert part == {name: whole[name] for name in part}

    def test_another_seed_gives_other_returns(self, made: MadeSample, command: Command, tmp_path: Path) -> None:
        command("sample", tmp_path / "other", *CHOSEN, "--seed", 5)
        one, other = content(made.directory / "inbox"), content(tmp_path / "other" / "inbox")
        assert set(one) == set(other)
        assert all(one[name] != other[name] for name in one)


@pytest.fixture(scope="module")
def spoilt(command: Command, tmp_path_factory: pytest.TempPathFactory) -> MadeSample:
    """Faults in the returns of senders of every layout; enough of them that each kind is there."""
    directory = tmp_path_factory.mktemp("spoilt") / "out"
    codes = ["C02", "C06", "C08", "C11", "C14", "C16", "C17", "C20", "N51", "N53", "N55"]
    span = ("--from", "2020-06-07", "--to", "2020-07-04")
    return MadeSample(directory, command("sample", directory, *codes, *span, "--faults", 110))


def answer_key(made: MadeSample) -> list[dict[str, str]]:
    return lines(made.directory / "answer_key.csv")


def as_in_key(finding: dict[str, Any]) -> tuple[str, ...]:
    keys = ("file", "sheet", "row", "column", "rule", "code", "severity")
    return tuple(str(finding[key]) if finding[key] is not None else "" for key in keys)


class TestFaults:
    def test_there_are_as_many_as_asked_for_and_each_kind_is_among_them(self, spoilt: MadeSample) -> None:
        key = answer_key(spoilt)
        assert len(key) == 110
        assert list(key[0])[:5] == ["file", "sheet", "row", "column", "rule"]
        assert {(line["rule"], line["code"]) for line in key} == {
            (fault["rule"], fault["code"]) for fault in shipped_tables().faults
        }
        assert "110 fault(s) planted" in spoilt.outcome.out
        assert "Faults were planted on purpose" in (spoilt.directory / "README.txt").read_text(encoding="utf-8")

    def test_what_run_finds_is_the_answer_key_exactly(
        self, spoilt: MadeSample, command: Command, tmp_path: Path, quick: None
    ) -> None:
        outcome = command("run", spoilt.directory / "inbox", *Place(tmp_path).arguments[2:], "--json")
        assert outcome.code == 1
        found = [as_in_key(finding) for each in outcome.json["returns"] for finding in each["findings"]]
        assert sorted(found) == sorted(as_in_key(line) for line in answer_key(spoilt))
        assert "rejected" not in {each["verdict"] for each in outcome.json["returns"]}

    def test_what_validate_finds_is_the_answer_key_exactly(self, spoilt: MadeSample, command: Command) -> None:
        files = [path for name in ("N53", "C14", "C16") for path in (spoilt.directory / "inbox").glob(f"{name}*")]
        outcome = command("validate", "--format", "json", *files)
        found = [as_in_key(finding) for each in outcome.json["returns"] for finding in each["findings"]]
        names = {path.name for path in files}
        expected = [as_in_key(line) for line in answer_key(spoilt) if line["file"] in names]
        assert len(expected) > 20
        assert sorted(found) == sorted(expected)

    def test_too_many_are_refused_and_nothing_is_left(self, command: Command, tmp_path: Path) -> None:
        outcome = command("sample", tmp_path / "out", *CHOSEN, "--faults", 5000)
        outcome.refused(2, "of 5000 faults find room in these returns: ask for fewer")
        assert not (tmp_path / "out").exists()


class TestVolume:
    def test_each_return_of_breaches_has_as_many_rows_as_asked_for_and_is_accepted(
        self, command: Command, tmp_path: Path, quick: None
    ) -> None:
        outcome = command("sample", tmp_path / "out", *CHOSEN, "--rows", 300)
        assert "do not add up to the published figures" in outcome.out
        ran = command("run", tmp_path / "out" / "inbox", *Place(tmp_path).arguments[2:], "--json")
        assert ran.code == 0
        rows = {each["rows"]["read"] for each in ran.json["returns"] if each["contract"]["id"].endswith("-breaches")}
        assert 300 in rows
        assert len(ran.json["returns"]) == 18
        assert sum(each["rows"]["read"] == 300 for each in ran.json["returns"]) == 6

    def test_more_rows_than_a_sheet_holds_are_refused_for_workbooks(self, command: Command, tmp_path: Path) -> None:
        outcome = command("sample", tmp_path / "out", "N53", "C08", "--rows", 1_048_576)
        outcome.refused(2, "A sheet of a workbook has room for 1,048,570 rows, not 1,048,576")


class TestRefusals:
    def test_a_directory_that_is_not_empty_stays_as_it_is(self, command: Command, tmp_path: Path) -> None:
        (tmp_path / "mine").write_text("x")
        command("sample", tmp_path, "N53").refused(2, "is not empty: name another one, or empty it first")
        assert [each.name for each in tmp_path.iterdir()] == ["mine"]

    @pytest.mark.parametrize(
        ("options", "words"),
        [
            (["--organisations", "C10"], "No synthetic returns are made for C10; expected ‘all’ or codes of C01"),
            (["C08", "X1"], "No synthetic returns are made for X1"),
            (["--from", "2020-06-01", "--to", "2020-05-01"], "is after the last, 2020-05-01: exchange them"),
            (["--from", "2019-06-01"], "Weekly counts are known from 2020-03-01 to 2020-12-05"),
            (["--to", "2021-01-01"], "Weekly counts are known from 2020-03-01 to 2020-12-05"),
            (["--rows", "0"], "--rows"),
            (["--faults", "-1"], "--faults"),
            (["--from", "yesterday"], "--from"),
        ],
    )
    def test_what_cannot_be_made_is_an_error_and_nothing_is_written(
        self, options: list[str], words: str, command: Command, tmp_path: Path
    ) -> None:
        command("sample", tmp_path / "out", *options).refused(2, words)
        assert not (tmp_path / "out").exists()

    def test_options_come_from_the_environment_too(self, process: Callable[..., Outcome], tmp_path: Path) -> None:
        outcome = process(
            "-q", "sample", tmp_path / "out",
            PROBATION_ETL_SAMPLE_ORGANISATIONS="N53 N54", PROBATION_ETL_SAMPLE_FROM="2020-11-29",
        )  # fmt: skip
        assert (outcome.code, outcome.out, outcome.err) == (0, "", "")
        assert {path.name[:3] for path in (tmp_path / "out" / "inbox").iterdir()} == {"N53", "N54"}


def test_killed_in_the_middle_it_leaves_nothing_that_a_run_would_take(command: Command, tmp_path: Path) -> None:
    out = tmp_path / "out"
    started = subprocess.Popen([sys.executable, "-m", "probation_etl", "sample", out], stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and not any(path.suffix == ".xlsx" for path in out.rglob("*")):
            time.sleep(0.02)
    finally:
        os.kill(started.pid, signal.SIGKILL)
        started.wait()
    assert any(path.suffix == ".xlsx" for path in out.rglob("*"))
    assert all(path.relative_to(out).parts[0].startswith(".") for path in out.rglob("*"))
    outcome = command("run", out, *Place(tmp_path).arguments[2:])
    assert "There is nothing to take in the inbox" in outcome.out
    assert command("sample", out, "N53", "--from", "2020-11-29").code == 0
    assert {path.name for path in out.iterdir()} == {"README.txt", "inbox"}
