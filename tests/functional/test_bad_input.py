"""Bad input of every kind: files, contracts, stores, options. The user gets a clear message, and nothing else breaks."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import polars as pl
import pytest
from senders import BREACH, BREACH_HEADER, BREACH_ROW, breach, breaches, caseload, extract, put, workbook

from places import CHECKOUT, Outcome, Place, speed_up
from probation_etl.contracts.rulebook import Rulebook

Command = Callable[..., Outcome]
CANARY = "CANARY-Q987654"

pytestmark = pytest.mark.usefixtures("quick")


class BadFile(NamedTuple):
    """A file, the code of the finding that says what is wrong with it, and words of that finding."""

    name: str
    content: bytes
    code: str
    words: str


def _without(column: str) -> bytes:
    return extract(breach(1), header=[name for name in BREACH if name != column])


def noise(seed: int) -> bytes:
    return random.Random(seed).randbytes(4000)  # noqa: S311 -- the same each time, and no secret


BAD_FILES = {
    "an empty file": BadFile("N50_breaches_2020-03-01.csv", b"", "empty-file", "not even a header"),
    "a file of white space": BadFile("N51_breaches_2020-03-01.csv", b"\n \r\n", "empty-file", "not even a header"),
    "a picture": BadFile("N52_breaches_2020-03-01.csv", b"\x89PNG\r\n\x1a\n" + bytes(50), "unreadable-file", "a picture"),
    "a PDF": BadFile("C08_return_2020-03-01.xlsx", b"%PDF-1.7\n%\xe2\xe3", "unreadable-file", "a PDF document"),
    "random bytes": BadFile(
        "C12_return_2020-03-01.xlsx", b"\x01" + noise(7), "unreadable-file", ""
    ),
    "random bytes that start as an archive does": BadFile(
        "C15_return_2020-03-01.xlsx", b"PK\x03\x04" + noise(8), "unreadable-file", "damaged"
    ),
    "a workbook cut short": BadFile("C16_return_2020-03-01.xlsx", workbook()[:3000], "unreadable-file", "damaged"),
    "a sheet with a name that is nearly right": BadFile(
        "C08_return_2020-02-16.xlsx",
        workbook(
            {"Period start": "03/02/2020", "Period end": "16/02/2020"}, Breaches=None,
            Breeches=([*("Case reference", "Event")],), Caseload=([*("LDU", "Grade")],),
        ),
        "unidentified-return",
        "did you mean ‘Breaches’?",
    ),
    "a missing sheet": BadFile(
        "C08_return_2020-03-01_b.xlsx", workbook(Suspended_breaches=None), "missing-sheet", "‘Suspended breaches’"
    ),
    "an unknown organisation": BadFile(
        "C08_return_2020-03-01_c.xlsx".replace("C08", "C98"),
        workbook({"Provider code": "C98", "Organisation": "Ruritania CRC"}),
        "unknown-organisation",
        "C98",
    ),
    "a code and a name of two organisations": BadFile(
        "C09_return_2020-03-01.xlsx", workbook({"Provider code": "C09"}), "ambiguous-organisation", "C08"
    ),
    "a cover that disagrees with the name of the file": BadFile(
        "C12_return_2020-03-01_b.xlsx", workbook(), "ambiguous-organisation", "the file name ‘C12’"
    ),
    "a control total that does not agree": BadFile(
        "C08_return_2020-03-01_d.xlsx", workbook({"Breach rows": "7"}), "control-total", "on the cover is 7, but the number found is 1"
    ),
    "a missing column": BadFile("N54_breaches_2020-03-01.csv", _without("crn"), "missing-column", "‘crn’"),
    "a column that stands twice": BadFile(
        "N54_breaches_2020-03-02.csv", breaches(1).replace(b"rosh_code", b"crn"), "duplicate-column", "‘crn’"
    ),
    "two encodings in one file": BadFile(
        "N55_breaches_2020-03-01.csv",
        extract(breach(1, court_code="CAFÉ")) + extract(breach(2, court_code="CAFÉ")).decode().encode("cp1252"),
        "unreadable-file",
        "line 4",
    ),
    "a NUL": BadFile("N57_breaches_2020-03-01.csv", breaches().replace(b"SYN01", b"SY\0N1", 1), "unreadable-file", "Line 2"),
    "no return at all": BadFile("shopping.csv", b"item,price\nmilk,1\n", "unidentified-return", "Neither the name nor"),
    "a period that is no date": BadFile("N59_breaches_2020-02-31.csv", breaches(3), "period-mismatch", "2020-02-31"),
}  # fmt: skip
IDS = list(BAD_FILES)


@pytest.fixture(scope="module")
def assessed(
    tmp_path_factory: pytest.TempPathFactory, command: Command, shipped_rulebook: Rulebook
) -> Iterator[tuple[Place, Outcome]]:
    """All bad files and two good ones in one run."""
    place = Place(tmp_path_factory.mktemp("bad"))
    put(place.inbox, **{bad.name: bad.content for bad in BAD_FILES.values()})
    put(place.inbox, **{"N53_breaches_2020-03-01.csv": breaches(), "N53_caseload_2020-03-01.csv": caseload()})
    with pytest.MonkeyPatch.context() as patch:
        speed_up(patch, shipped_rulebook)
        yield place, command(*place.arguments, "--json")


class TestBadFiles:
    """A file that cannot be accepted is rejected with a finding; the others go through."""

    def test_the_run_ends_with_1_and_says_nothing_on_standard_error(self, assessed: tuple[Place, Outcome]) -> None:
        assert (assessed[1].code, assessed[1].err) == (1, "")

    @pytest.mark.parametrize("kind", IDS)
    def test_a_run_rejects(self, kind: str, assessed: tuple[Place, Outcome]) -> None:
        bad = BAD_FILES[kind]
        rejected = [e for e in assessed[1].json["returns"] if e["file"] == bad.name and e["verdict"] == "rejected"]
        found = [finding for each in rejected for finding in each["findings"] if finding["code"] == bad.code]
        assert found, assessed[1].json["returns"]
        assert any(bad.words in each["message"] for each in found)
        assert all(each["hint"] for each in found)
        assert all(each["rows"]["accepted"] == 0 for each in rejected)

    def test_the_good_files_go_through(self, assessed: tuple[Place, Outcome]) -> None:
        place, outcome = assessed
        accepted = {each["file"] for each in outcome.json["returns"] if each["verdict"] == "accepted"}
        assert {"N53_breaches_2020-03-01.csv", "N53_caseload_2020-03-01.csv"} <= accepted
        assert place.rows("SELECT COUNT(*) FROM unified.breach WHERE provider_code = 'N53'") == [(5,)]

    def test_every_file_has_a_page_of_its_own(self, assessed: tuple[Place, Outcome]) -> None:
        place, outcome = assessed
        pages = [each["report"] for each in outcome.json["returns"]]
        assert len(set(pages)) == len(pages)
        assert all((place.reports / "latest" / page).is_file() for page in pages)

    @pytest.mark.parametrize("kind", IDS)
    def test_validate_rejects(self, kind: str, command: Command, tmp_path: Path) -> None:
        bad = BAD_FILES[kind]
        (tmp_path / bad.name).write_bytes(bad.content)
        outcome = command("validate", tmp_path / bad.name)
        assert (outcome.code, outcome.err) == (1, "")
        assert f"[{bad.code}]" in outcome.out
        assert bad.words in outcome.out

    def test_a_header_alone_is_a_nil_return(self, place: Place, command: Command) -> None:
        place.put("N53_breaches_2020-03-01.csv", extract())
        outcome = command(*place.arguments, "--json")
        (entry,) = outcome.json["returns"]
        assert (outcome.code, entry["verdict"], entry["nil"], entry["rows"]["read"]) == (0, "accepted", True, 0)

    def test_a_broken_record_is_put_aside_and_its_neighbours_are_not(self, place: Place, command: Command) -> None:
        lines = breaches(10).splitlines(keepends=True)
        lines[4] = lines[4].replace(b"N53DRBY,", b"N53DRBY,,")
        place.put("N53_breaches_2020-03-01.csv", b"".join(lines))
        outcome = command(*place.arguments, "--json")
        (entry,) = outcome.json["returns"]
        assert (outcome.code, entry["rows"]["accepted"], entry["rows"]["quarantined"]) == (1, 9, 1)
        assert [(each["code"], each["row"]) for each in entry["findings"] if each["row"]] == [("malformed-row", 5)]

    @pytest.mark.parametrize(
        ("there", "instead", "words"),
        [
            (b"N53DRBY", b'"N53DRBY', "The quotation mark at the beginning of ‘ldu_code’ does not close"),
            (b"N53DRBY", b'N53"DRBY', "A quotation mark stands inside ‘ldu_code’"),
            (b"N53DRBY", b'"N53"DRBY', "Text follows the quotation mark that closes ‘ldu_code’"),
        ],
    )
    def test_a_record_with_a_wrong_quotation_mark_is_put_aside_and_its_neighbours_are_not(
        self, place: Place, command: Command, there: bytes, instead: bytes, words: str
    ) -> None:
        lines = breaches(10).splitlines(keepends=True)
        lines[4] = lines[4].replace(there, instead)
        place.put("N53_breaches_2020-03-01.csv", b"".join(lines))
        outcome = command(*place.arguments, "--json")
        (entry,) = outcome.json["returns"]
        assert (outcome.code, entry["rows"]["accepted"], entry["rows"]["quarantined"]) == (1, 9, 1)
        (found,) = [each for each in entry["findings"] if each["row"]]
        assert (found["code"], found["row"]) == ("malformed-row", 5)
        assert words in found["message"]


class TestWhatIsNotThere:
    """A missing file or directory is a message, not a traceback."""

    def test_a_missing_inbox_ends_with_3(self, command: Command, tmp_path: Path) -> None:
        arguments = Place(tmp_path).arguments
        command(*arguments).refused(3, str(tmp_path / "inbox"), "No such file or directory", "Nothing was done")
        assert list(tmp_path.iterdir()) == []

    def test_an_inbox_that_is_a_file_ends_with_3(self, command: Command, tmp_path: Path) -> None:
        (tmp_path / "inbox").touch()
        command(*Place(tmp_path).arguments).refused(3, "inbox is a file, not a folder", "Nothing was done")

    def test_a_missing_file_to_validate_ends_with_2(self, command: Command, tmp_path: Path) -> None:
        command("validate", tmp_path / "gone.csv").refused(2, "gone.csv", "does not exist")

    def test_an_unknown_option_ends_with_2(self, command: Command) -> None:
        command("run", "inbox", "--stoer", "x").refused(2, "--stoer", "--store")

    def test_an_unknown_command_ends_with_2(self, command: Command) -> None:
        command("rnu").refused(2, "rnu")

    def test_an_unknown_contract_ends_with_2(self, command: Command, tmp_path: Path) -> None:
        put(tmp_path, **{"a.csv": breaches()})
        command("validate", tmp_path / "a.csv", "--contract", "nps-breeches").refused(2, "nps-breeches", "nps-breaches")

    def test_the_contract_of_a_unified_table_is_none_to_validate_against(
        self, command: Command, tmp_path: Path
    ) -> None:
        put(tmp_path, **{"a.csv": breaches()})
        command("validate", tmp_path / "a.csv", "--contract", "breach").refused(2, "There is no return ‘breach’")

    def test_an_output_that_cannot_be_written_ends_with_3(self, command: Command, tmp_path: Path) -> None:
        put(tmp_path, **{"N53_breaches_2020-03-01.csv": breaches()})
        target = tmp_path / "gone" / "out.txt"
        command("validate", tmp_path / "N53_breaches_2020-03-01.csv", "-o", target).refused(3, str(target))

    @pytest.mark.parametrize(("text", "words"), [("store = [", "probation_etl.toml"), ("\xff", "probation_etl.toml")])
    def test_a_broken_configuration_file_ends_with_2(
        self, command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, words: str
    ) -> None:
        monkeypatch.chdir(tmp_path)
        (tmp_path / "probation_etl.toml").write_bytes(text.encode("latin-1"))
        command("contract", "list").refused(2, words)

    def test_a_configuration_of_the_wrong_shape_ends_with_2(
        self, command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        (tmp_path / "probation_etl.toml").write_text("run = 5")
        command("run", tmp_path / "inbox").refused(2, "probation_etl.toml")

    def test_a_missing_configuration_file_ends_with_2(self, command: Command, tmp_path: Path) -> None:
        command("--config", tmp_path / "gone.toml", "contract", "list").refused(2, "gone.toml")


class TestBrokenContracts:
    """All faults at once, each with file and line."""

    @pytest.fixture
    def contracts(self, tmp_path: Path) -> Path:
        shutil.copytree(CHECKOUT / "contracts", tmp_path / "contracts")
        for name, old, new in (
            ("crc-breaches", "logicalType: integer", "logicalType: number_"),
            ("nps-breaches", "- property: layer", "- property: lyaer"),
            ("nps-caseload", "status: active\n", "status: active\nstatus: active\n"),
        ):
            path = tmp_path / "contracts" / "returns" / f"{name}.odcs.yaml"
            text = path.read_text(encoding="utf-8")
            assert old in text
            path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return tmp_path / "contracts"

    def fault_of(self, contracts: Path, name: str, text: str) -> str:
        path = contracts / "returns" / f"{name}.odcs.yaml"
        lines = path.read_text(encoding="utf-8").splitlines()
        return f"{path}:{next(at for at, line in enumerate(lines, 1) if text in line)}: "

    @pytest.mark.parametrize("kind", ["run", "validate"])
    def test_they_end_with_2_before_anything_is_touched(
        self, kind: str, contracts: Path, place: Place, command: Command
    ) -> None:
        place.put("N53_breaches_2020-03-01.csv", breaches())
        arguments = place.arguments if kind == "run" else ("validate", place.inbox / "N53_breaches_2020-03-01.csv")
        outcome = command(*arguments, "--contracts", contracts)
        outcome.refused(
            2,
            self.fault_of(contracts, "crc-breaches", "number_"),
            self.fault_of(contracts, "nps-breaches", "lyaer"),
            "did you mean ‘layer’?",
            str(contracts / "returns" / "nps-caseload.odcs.yaml") + ":8: ",
        )
        assert not place.store.exists()

    def test_rules_that_are_not_sql_and_mappings_that_fill_nothing_are_named_together(
        self, place: Place, command: Command
    ) -> None:
        contracts = place.root / "contracts"
        shutil.copytree(CHECKOUT / "contracts", contracts)
        path = contracts / "returns" / "nps-breaches.odcs.yaml"
        text = path.read_text(encoding="utf-8").replace("logged_on >= initiated_on", "logged_on >=> initiated_on")
        path.write_text(
            text.replace("        initiated_on: initiated_on\n", "        begun_on: initiated_on\n"), encoding="utf-8"
        )
        outcome = command(*place.arguments, "--contracts", contracts)
        outcome.refused(2, str(path), "logged_not_before_initiated", "begun_on", "nothing fills ‘initiated_on’")

    def test_a_directory_without_contracts_ends_with_2(self, place: Place, command: Command) -> None:
        command(*place.arguments, "--contracts", place.inbox).refused(2, "No contract was found", str(place.inbox))

    def test_a_broken_reference_table_ends_with_2(self, place: Place, command: Command) -> None:
        contracts = place.root / "contracts"
        shutil.copytree(CHECKOUT / "contracts", contracts)
        with (contracts / "reference" / "crosswalk.csv").open("a", encoding="utf-8") as file:
            file.write("C99\n")
        command(*place.arguments, "--contracts", contracts).refused(2, "crosswalk.csv", "line ")


class TestBadStores:
    """A store that cannot be used ends the run before anything is changed."""

    @pytest.fixture(autouse=True)
    def one_file(self, place: Place) -> None:
        place.put("N53_breaches_2020-03-01.csv", breaches())

    @pytest.mark.parametrize("url", ["sqlite:///a.db", "duckdb:///", "probation.duckdb", ""])
    def test_an_unknown_kind_of_url_ends_with_2(self, url: str, place: Place, command: Command) -> None:
        outcome = command("run", place.inbox, "--store", url, "--reports", place.reports)
        outcome.refused(2, "duckdb:///")
        assert not place.reports.exists()

    def test_a_file_that_is_not_a_store_ends_with_3_and_is_left_as_it_was(self, place: Place, command: Command) -> None:
        place.store.write_bytes(b"minutes of a meeting" * 1000)
        command(*place.arguments).refused(3, str(place.store), "not a DuckDB file")
        assert place.store.read_bytes() == b"minutes of a meeting" * 1000

    def test_an_empty_file_is_not_a_store_unless_a_run_makes_it_one(self, place: Place, command: Command) -> None:
        place.store.touch()
        outcome = command(*place.arguments)
        assert outcome.code in (0, 3)
        assert "Traceback" not in outcome.err

    def test_a_store_of_a_newer_program_ends_with_3_and_is_left_as_it_was(self, place: Place, command: Command) -> None:
        assert command(*place.arguments).code == 0
        with duckdb.connect(str(place.store)) as connection:
            connection.execute("INSERT INTO ledger.migrations VALUES (99)")
        before = place.dump()
        place.put("N53_caseload_2020-03-01.csv", caseload())
        command(*place.arguments).refused(3, "version 99", "newer")
        assert place.dump() == before

    def test_a_database_of_somebody_else_is_not_taken_over(self, place: Place, command: Command) -> None:
        with duckdb.connect(str(place.store)) as connection:
            connection.execute("CREATE SCHEMA ledger; CREATE TABLE ledger.returns (amount DECIMAL(9,2))")
        command(*place.arguments).refused(3, str(place.store))
        assert place.in_ledger() == 0

    @pytest.mark.parametrize("below", ["file/probation.duckdb", "file/deeper/probation.duckdb"])
    def test_a_directory_that_is_not_there_ends_with_3(self, below: str, place: Place, command: Command) -> None:
        (place.root / "file").touch()
        outcome = command("run", place.inbox, "--store", f"duckdb:///{place.root / below}", "--reports", place.reports)
        outcome.refused(3, "Nothing was done")

    @pytest.mark.skipif(os.geteuid() == 0, reason="nothing is read-only for root")
    def test_a_directory_that_may_not_be_written_ends_with_3(self, place: Place, command: Command) -> None:
        folder = place.root / "locked"
        folder.mkdir(mode=0o500)
        outcome = command("run", place.inbox, "--store", f"duckdb:///{folder}/a.duckdb", "--reports", place.reports)
        outcome.refused(3, "Permission denied")

    def test_a_store_that_is_a_directory_ends_with_3(self, place: Place, command: Command) -> None:
        place.store.mkdir()
        command(*place.arguments).refused(3, str(place.store), "is a folder", "a store is one file")

    def test_a_reports_path_that_is_a_file_ends_with_3_and_the_store_is_unchanged(
        self, place: Place, command: Command
    ) -> None:
        assert command(*place.arguments).code == 0
        before = place.dump()
        place.put("N53_caseload_2020-03-01.csv", caseload())
        taken = place.root / "taken"
        taken.write_text("minutes")
        outcome = command("run", place.inbox, "--store", place.url, "--reports", taken)
        outcome.refused(3, str(taken), "Nothing was loaded")
        assert place.dump() == before
        assert taken.read_text() == "minutes"
        assert command(*place.arguments).code == 0

    def test_a_disk_that_fills_up_while_reports_are_written_leaves_the_store_unchanged(
        self, place: Place, command: Command, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert command(*place.arguments).code == 0
        before = place.dump()
        place.put("N53_caseload_2020-03-01.csv", caseload())

        def full(*_: Any, **__: Any) -> None:
            raise OSError(28, "No space left on device")

        with monkeypatch.context() as patch:
            patch.setattr("probation_etl.reports.files.write_draft", full)
            command(*place.arguments).refused(3, "No space left on device", "Nothing was loaded")
        assert place.dump() == before
        assert not list(place.reports.glob(".*.partial"))
        assert command(*place.arguments).code == 0

    def test_a_message_never_says_that_nothing_was_loaded_when_something_was(
        self, place: Place, command: Command
    ) -> None:
        # As a copy of the reports to a disk without symbolic links leaves it.
        (place.reports / "latest").mkdir(parents=True)
        (place.reports / "latest" / "index.html").touch()
        outcome = command(*place.arguments)
        loaded = place.in_ledger() != 0
        assert "Traceback" not in outcome.err
        assert not (loaded and "Nothing was loaded" in outcome.err)
        assert loaded == (outcome.code == 0)

    def test_a_missing_store_has_no_status(self, place: Place, command: Command) -> None:
        command("status", "--store", place.url).refused(3, str(place.store), "run ‘probation-etl run’ first")
        assert not place.store.exists()


class TestTheLock:
    """Two runs never work on one store at a time."""

    HOLDER = "import sys; from filelock import FileLock; lock = FileLock(sys.argv[1]); lock.acquire(); print('held', flush=True); sys.stdin.read()"

    @pytest.fixture
    def holder(self, place: Place) -> Iterator[subprocess.Popen[bytes]]:
        lock = place.store.with_name("probation.duckdb.lock")
        with subprocess.Popen(
            [sys.executable, "-c", self.HOLDER, str(lock)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as process:
            assert process.stdout
            assert process.stdout.readline() == b"held\n"
            yield process
            process.kill()

    def test_a_second_run_ends_with_75_at_once_and_touches_nothing(
        self, holder: subprocess.Popen[bytes], place: Place, command: Command
    ) -> None:
        place.put("N53_breaches_2020-03-01.csv", breaches())
        before = place.listing()
        command(*place.arguments).refused(75, str(place.store), "Another run")
        assert place.listing() == before

    def test_a_real_process_ends_with_75_too(
        self, holder: subprocess.Popen[bytes], place: Place, process: Command
    ) -> None:
        process(*place.arguments).refused(75, "try again")

    def test_a_holder_that_is_killed_frees_the_lock(
        self, holder: subprocess.Popen[bytes], place: Place, command: Command
    ) -> None:
        place.put("N53_breaches_2020-03-01.csv", breaches())
        holder.kill()
        holder.wait()
        assert command(*place.arguments).code == 0


class TestBugsOfOurs:
    """An error that nobody foresaw: exit code 70, a report without values, nothing half-done."""

    @pytest.fixture(autouse=True)
    def somewhere(self, place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
        place.put("N53_breaches_2020-03-01.csv", breaches())
        monkeypatch.setattr(tempfile, "tempdir", str(place.root))

    def break_down(self, monkeypatch: pytest.MonkeyPatch, kind: type[BaseException] = RuntimeError) -> None:
        def fail(*_: Any, **__: Any) -> None:
            try:
                raise ValueError(CANARY)
            except ValueError as error:
                raise kind(f"row with {CANARY}") from error

        monkeypatch.setattr(import_module("probation_etl.unified.harmonise"), "harmonise_rows", fail)

    def reports_of(self, place: Place) -> list[Path]:
        return list(place.root.glob("probation-etl-bug-*.txt"))

    def test_a_run_ends_with_70_and_a_report_that_holds_no_value(
        self, place: Place, command: Command, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.break_down(monkeypatch)
        outcome = command(*place.arguments)
        (report,) = self.reports_of(place)
        outcome.refused(70, "bug of ours", "RuntimeError", str(report))
        text = report.read_text(encoding="utf-8")
        assert CANARY not in text + outcome.err
        assert "in fail" in text
        assert "ValueError" in text
        assert report.stat().st_mode & 0o777 == 0o600

    def test_nothing_is_half_done_and_the_next_run_does_it(
        self, place: Place, command: Command, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with monkeypatch.context() as patch:
            self.break_down(patch)
            assert command(*place.arguments).code == 70
        assert place.in_ledger() == 0
        assert place.in_ledger("runs") == 0
        # Nothing but the word of which file the run was at.
        assert [each.suffix for each in place.reports.iterdir()] == [".at-work"]
        assert command(*place.arguments).code == 0

    def test_validate_ends_with_70_too(self, place: Place, command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
        self.break_down(monkeypatch)
        command("validate", place.inbox / "N53_breaches_2020-03-01.csv").refused(70, "bug of ours")

    def test_a_panic_of_an_engine_is_reported_like_any_other_error(
        self, place: Place, command: Command, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        # It is no Exception: an ordinary except clause lets it through.
        self.break_down(monkeypatch, pl.exceptions.PanicException)
        outcome = command(*place.arguments)
        outcome.refused(70, "PanicException")
        assert CANARY not in outcome.err

    def test_a_traceback_asked_for_holds_no_value_either(
        self, place: Place, command: Command, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.break_down(monkeypatch)
        outcome = command("-vv", *place.arguments)
        assert outcome.code == 70
        assert "in fail" in outcome.err
        assert CANARY not in outcome.err

    def test_an_interrupt_ends_with_130_and_leaves_nothing(
        self, place: Place, command: Command, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.break_down(monkeypatch, KeyboardInterrupt)
        outcome = command(*place.arguments)
        assert (outcome.code, outcome.out) == (130, "")
        assert "Traceback" not in outcome.err
        assert place.in_ledger() == 0


class TestRealProcesses:
    """The same, as a user starts it."""

    def test_a_missing_inbox(self, process: Command, tmp_path: Path) -> None:
        process(*Place(tmp_path).arguments).refused(3, "cannot be read")

    def test_a_usage_error(self, process: Command, tmp_path: Path) -> None:
        process("validate", tmp_path / "gone.csv").refused(2, "does not exist")

    def test_bad_files(self, process: Command, tmp_path: Path) -> None:
        for kind in ("a picture", "random bytes that start as an archive does", "a missing column"):
            (tmp_path / BAD_FILES[kind].name).write_bytes(BAD_FILES[kind].content)
        outcome = process("validate", *sorted(tmp_path.iterdir()))
        assert (outcome.code, outcome.err) == (1, "")
        assert outcome.out.count(": rejected (") == 3

    def test_a_reader_that_goes_away_is_not_an_error(self, place: Place) -> None:
        rows = (breach(number, disposal_code="LIC") for number in range(1, 3000))
        place.put("N53_breaches_2020-03-01.csv", extract(*rows))
        words = [sys.executable, "-m", "probation_etl", "validate", "--format", "csv"]
        with subprocess.Popen(
            [*words, str(place.inbox / "N53_breaches_2020-03-01.csv")], stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as process:
            assert process.stdout
            assert process.stderr
            process.stdout.close()
            assert process.stderr.read() == b""
            assert process.wait(60) in (0, 1)


def test_a_row_of_a_workbook_that_breaks_a_rule_is_reported_with_its_cell(command: Command, tmp_path: Path) -> None:
    rows = (
        BREACH_HEADER,
        *(("X99000" + str(at), *BREACH_ROW[1:]) for at in range(9)),
        (*BREACH_ROW[:3], "Licence", *BREACH_ROW[4:]),
    )
    path = tmp_path / "C08_return_2020-03-01.xlsx"
    path.write_bytes(workbook(Breaches=rows))
    outcome = command("validate", path)
    assert outcome.code == 1
    assert "D13, Order type: error: ‘Licence’ is not one of" in outcome.out
