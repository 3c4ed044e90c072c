"""The main job on the sample returns, and on corrections, copies and corrupt files."""

from __future__ import annotations

import csv
import json
import shutil
from collections import Counter
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from senders import breach, breaches, extract, suspension

from places import SAMPLE_DATA, Outcome, Place, SampleRun

Command = Callable[..., Outcome]

RETURN = {
    "file", "sheet", "contract", "supplier", "period_start", "period_end", "verdict", "nil", "rows", "notes", "counts",
    "due", "findings", "findings_shown", "rules", "resubmission", "report", "files", "loaded_by",
}  # fmt: skip
FINDING = {"code", "rule", "severity", "file", "sheet", "row", "column", "cell", "value", "message", "hint"}
GRADES = {
    "Probation officer (or equivalent)": "probation_officer",
    "Probation services officer (or equivalent)": "probation_services_officer",
    "NPSM": "probation_officer",
    "NPSQ": "probation_services_officer",
}
HISTORY = ("breach", "caseload", "suspended_breach")


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def copy_of(sample: SampleRun, tmp_path: Path) -> Place:
    """The sample's inbox, store and reports, for a test that changes them."""
    shutil.copytree(sample.root, tmp_path / "copy", symlinks=True)
    return Place(tmp_path / "copy")


def verdicts(outcome: Outcome) -> list[str]:
    return [each["verdict"] for each in outcome.json["returns"]]


class TestTheFirstRun:
    """What a run over the sample returns gives."""

    def test_it_ends_with_1_because_one_return_is_faulty_and_standard_error_stays_empty(
        self, sample: SampleRun
    ) -> None:
        assert sample.outcome.code == sample.summary["exit_code"] == 1
        assert sample.outcome.err == ""

    def test_the_json_has_the_promised_shape(self, sample: SampleRun) -> None:
        summary = sample.summary
        assert summary["format_version"] == "1"
        assert set(summary) == {
            "format_version", "run_id", "started_at", "verdict", "returns", "reconciliation", "release_checks",
            "unallocated", "exceptions", "released", "release", "data_docs", "finished_runs", "new_store", "not_taken",
            "seconds", "exit_code",
        }  # fmt: skip
        seconds = dict(summary["seconds"])
        assert all(seconds[each] > 0 for each in ("contracts", "open", "read", "validate", "load", "check", "report"))
        total = seconds.pop("total")
        assert sum(seconds.values()) == pytest.approx(total, abs=0.02)
        for each in summary["returns"]:
            assert set(each) == RETURN
            assert set(each["contract"]) == {"id", "version", "title"}
            assert set(each["supplier"]) == {"code", "name"}
            assert set(each["rows"]) == {"read", "accepted", "quarantined", "blank", "notes"}
            assert set(each["counts"]) == {"error", "warning"}
            assert all(set(finding) == FINDING for finding in each["findings"])
            assert each["findings_shown"] == len(each["findings"]) == sum(each["counts"].values())

    def test_every_return_has_the_outcome_that_ships_with_the_sample(self, sample: SampleRun) -> None:
        expected = json.loads((SAMPLE_DATA / "expected_outcome.json").read_text(encoding="utf-8"))
        found = [
            {
                "file": each["file"],
                "sheet": each["sheet"],
                "contract": each["contract"]["id"],
                "verdict": each["verdict"],
                "rows": {key: each["rows"][key] for key in ("read", "accepted", "quarantined")},
            }
            for each in sample.summary["returns"]
        ]
        ordered = sorted(expected["returns"], key=lambda each: (each["file"], each["sheet"] or ""))
        assert found == ordered
        assert sample.summary["verdict"] == "partly_accepted"

    def test_of_each_return_the_rows_read_are_those_accepted_and_those_quarantined(self, sample: SampleRun) -> None:
        for each in sample.summary["returns"]:
            rows = each["rows"]
            assert rows["read"] == rows["accepted"] + rows["quarantined"], each["file"]

    def test_what_the_returns_sent_is_what_the_store_holds(self, sample: SampleRun) -> None:
        counted = [
            each for each in sample.summary["reconciliation"] if each["scope"] == "run" and not each["return_id"]
        ]
        assert {(each["table"], each["measure"]) for each in counted} == {
            ("breach", "rows"), ("breach", "initiated"), ("breach", "logged"), ("breach", "heard"), ("breach", "suspended"),
            ("caseload", "rows"), ("caseload", "officers_fte"), ("caseload", "cases"),
            ("suspended_breach", "rows"), ("suspended_breach", "suspended"), ("suspended_breach", "resumed"),
        }  # fmt: skip
        assert all(each["from_returns"] == each["in_store"] for each in counted)
        for each in counted:
            if each["measure"] == "rows":
                assert sample.rows(f'SELECT COUNT(*) FROM unified."{each["table"]}"') == [(each["in_store"],)]

    def test_every_release_check_passes(self, sample: SampleRun) -> None:
        checks = sample.summary["release_checks"]
        assert checks
        # Of the latest period one faulty return has come, and no other.
        assert {each["check"] for each in checks if not each["passed"]} == {"table|newest_period_complete"}
        assert {each["severity"] for each in checks if not each["passed"]} == {"warning"}
        assert (sample.summary["released"], sample.summary["release"]["run_id"]) == (True, sample.summary["run_id"])
        assert sample.summary["exceptions"] == []
        assert {each["table"] for each in checks} == {*HISTORY, "weekly_breaches", "national_tracker"}

    def test_the_48_published_caseloads_come_out_value_for_value(self, sample: SampleRun) -> None:
        published = {
            (row["provider_code"], date.fromisoformat(row["as_at"]), GRADES[row["grade"]]): Decimal(
                row["average_caseload"]
            )
            for row in table(SAMPLE_DATA / "figures" / "annexe_2.csv")
        }
        assert len(published) == 48
        # A grade that no figure is published for, or a day of the invented workbook, is not asked for here.
        stored = sample.rows("SELECT provider_code, as_at, grade, average_caseload FROM unified.caseload")
        found = {row[:3]: row[3] for row in stored if row[:3] in published}
        assert found == published
        assert all(isinstance(value, Decimal) for value in found.values())
        assert Counter(row[:3] for row in stored if row[:3] in published).most_common(1)[0][1] == 1

    def test_caseloads_are_lower_in_all_six_crcs_and_equal_or_higher_in_five_of_the_nps_series(
        self, sample: SampleRun
    ) -> None:
        series = sample.rows(
            "SELECT a.provider_kind, b.average_caseload - a.average_caseload FROM unified.caseload a "
            "JOIN unified.caseload b USING (provider_code, ldu, grade) "
            "WHERE a.as_at = DATE '2020-03-01' AND b.as_at = DATE '2020-09-28'"
        )
        assert len(series) == 24
        assert all(change < 0 for kind, change in series if kind == "crc")
        assert sum(change >= 0 for kind, change in series if kind == "nps") == 5

    def test_the_findings_are_exactly_those_of_the_answer_key(self, sample: SampleRun) -> None:
        key = table(SAMPLE_DATA / "answer_key.csv")
        fields = ("file", "sheet", "row", "column", "cell", "code", "severity")
        found = [
            {**{name: finding[name] for name in fields}, "file": Path(finding["file"]).name, "row": str(finding["row"])}
            for each in sample.summary["returns"]
            for finding in each["findings"]
        ]
        assert sorted(found, key=repr) == sorted(({name: row[name] for name in fields} for row in key), key=repr)

    def test_good_rows_are_loaded_and_bad_rows_are_in_quarantine_as_the_ledger_counts_them(
        self, sample: SampleRun
    ) -> None:
        ledger = sample.rows(
            "SELECT return_id, rows_read, rows_accepted, rows_quarantined, errors, warnings FROM ledger.returns"
        )
        assert len(ledger) == len(sample.summary["returns"]) == 75
        loaded = Counter(each for (each,) in sample.rows(" UNION ALL ".join(
            f"SELECT return_id FROM history.{name}" for name in HISTORY
        )))  # fmt: skip
        quarantined = Counter(each for (each,) in sample.rows("SELECT return_id FROM quarantine.rows"))
        findings = Counter(sample.rows("SELECT return_id, severity FROM quarantine.findings"))
        for return_id, read, accepted, bad, errors, warnings in ledger:
            assert (accepted, bad) == (loaded[return_id], quarantined[return_id])
            assert read == accepted + bad
            assert (errors, warnings) == (findings[return_id, "error"], findings[return_id, "warning"])

    def test_the_rows_in_quarantine_are_the_rows_with_errors_in_the_answer_key(self, sample: SampleRun) -> None:
        expected = {
            (row["sheet"], int(row["row"]))
            for row in table(SAMPLE_DATA / "answer_key.csv")
            if row["severity"] == "error"
        }
        found = sample.rows("SELECT sheet, source_row FROM quarantine.rows JOIN ledger.returns USING (return_id)")
        assert len(found) == len(expected)
        assert set(found) == expected

    def test_a_row_in_quarantine_is_kept_as_it_was_sent(self, sample: SampleRun) -> None:
        ((cells,),) = sample.rows(
            "SELECT cells FROM quarantine.rows JOIN ledger.returns USING (return_id) "
            "WHERE sheet = 'Breaches' AND source_row = 6"
        )
        assert "Licence" in json.loads(cells)

    def test_every_row_names_its_return_and_the_row_in_it(self, sample: SampleRun) -> None:
        for name in HISTORY:
            assert sample.rows(
                f"SELECT COUNT(*) FROM unified.{name} u LEFT JOIN ledger.returns r USING (return_id) "
                "WHERE r.return_id IS NULL OR u.source_row IS NULL OR u.source_row < 2"
            ) == [(0,)]

    def test_a_provider_in_several_regions_has_its_caseload_unallocated_and_its_breaches_by_delivery_unit(
        self, sample: SampleRun
    ) -> None:
        regions = "SELECT DISTINCT region_code, region_basis FROM unified.{} WHERE provider_code = 'C07' ORDER BY 1"
        assert sample.rows(regions.format("caseload")) == [(None, "unallocated")]
        assert sample.rows(regions.format("breach")) == [("N50", "ldu"), ("N51", "ldu")]
        assert sample.rows("SELECT DISTINCT region_basis FROM unified.caseload WHERE provider_code <> 'C07'") == [
            ("provider",)
        ]

    def test_rows_without_a_region_are_counted_in_the_summary(self, sample: SampleRun) -> None:
        counted = {each["table"]: each["rows"] for each in sample.summary["unallocated"]}
        assert counted == {"breach": 0, "caseload": 4, "suspended_breach": 0}
        page = (sample.reports / "latest" / "index.html").read_text(encoding="utf-8")
        assert '<a href="#unallocated">Unallocated rows</a>: 4' in page

    def test_suspension_dates_stand_with_their_breach(self, sample: SampleRun) -> None:
        suspensions = sample.rows(
            "SELECT provider_code, case_reference, event_number, logged_on, suspended_on, resumed_on "
            "FROM unified.suspended_breach ORDER BY ALL"
        )
        joined = sample.rows(
            "SELECT provider_code, case_reference, event_number, logged_on, suspended_on, resumed_on "
            "FROM unified.breach WHERE suspended_on IS NOT NULL ORDER BY ALL"
        )
        assert len(suspensions) == 42
        assert joined == suspensions
        assert sample.rows("SELECT DISTINCT status FROM unified.breach WHERE suspended_on IS NOT NULL ORDER BY 1") == [
            ("resumed",),
            ("suspended",),
        ]

    def test_the_weeks_add_up_to_the_breaches(self, sample: SampleRun) -> None:
        assert sample.rows(
            "SELECT SUM(initiated), SUM(logged), SUM(heard), SUM(suspended) FROM unified.weekly_breaches"
        ) == sample.rows(
            "SELECT COUNT(initiated_on), COUNT(logged_on), COUNT(heard_on), COUNT(suspended_on) FROM unified.breach"
        )
        assert sample.rows("SELECT DISTINCT dayname(week_starting) FROM unified.weekly_breaches") == [("Sunday",)]

    def test_the_tracker_compares_with_the_published_baselines(self, sample: SampleRun) -> None:
        baselines = sample.rows(
            "SELECT DISTINCT provider_kind, baseline FROM unified.national_tracker "
            "WHERE measure = 'breaches_heard' ORDER BY 1"
        )
        assert baselines == [("crc", 923.0), ("nps", 239.0)]

    def test_the_reports_say_the_same_as_standard_output(self, sample: SampleRun) -> None:
        latest = sample.reports / "latest"
        assert latest.is_symlink()
        assert json.loads((latest / "run.json").read_text(encoding="utf-8")) == sample.summary
        for each in sample.summary["returns"]:
            folder = (latest / each["report"]).parent
            assert sorted(path.name for path in folder.iterdir()) == ["findings.csv", "findings.json", "index.html"]
            assert len(table(folder / "findings.csv")) == each["findings_shown"]

    def test_store_and_reports_are_for_their_owner_alone(self, sample: SampleRun) -> None:
        assert sample.store.stat().st_mode & 0o777 == 0o600
        for path in (sample.reports / "latest").resolve().rglob("*"):
            assert path.stat().st_mode & 0o777 == (0o700 if path.is_dir() else 0o600), path

    def test_the_inbox_is_as_it_was(self, sample: SampleRun) -> None:
        def content(folder: Path) -> dict[str, bytes]:
            return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}

        sent = {
            f"{name}/{key}": value
            for name in ("annexe_2", "faulty")
            for key, value in content(SAMPLE_DATA / name).items()
        }
        assert content(sample.inbox) == sent


class TestASecondRun:
    """The same content again changes nothing."""

    def test_everything_is_unchanged(self, sample: SampleRun, command: Command) -> None:
        # What is known of the files of an inbox is noted there too.
        store, reports = sample.dump(), sorted(path.name for path in sample.reports.glob("[!.]*"))
        outcome = command(*sample.arguments, "--json")
        assert (outcome.code, outcome.err) == (0, "")
        assert set(verdicts(outcome)) == {"unchanged"}
        assert len(outcome.json["returns"]) == 75
        assert {each["loaded_by"] for each in outcome.json["returns"]} == {sample.summary["run_id"]}
        assert outcome.json["release_checks"] == []
        assert sample.dump() == store
        assert sorted(path.name for path in sample.reports.glob("[!.]*")) == reports

    def test_quiet_prints_nothing(self, sample: SampleRun, command: Command) -> None:
        assert command("-q", *sample.arguments) == Outcome(0, "", "")

    def test_a_renamed_copy_is_unchanged(self, sample: SampleRun, command: Command, tmp_path: Path) -> None:
        place = copy_of(sample, tmp_path)
        store = place.dump()
        shutil.rmtree(place.inbox)
        for number, name in enumerate(("C08_return_2020-03-01.xlsx", "N53_breaches_2020-03-01.csv")):
            place.put(f"copy {number}{Path(name).suffix}", (SAMPLE_DATA / "annexe_2" / name).read_bytes())
        outcome = command(*place.arguments, "--json")
        assert (outcome.code, verdicts(outcome)) == (0, ["unchanged"] * 4)
        assert place.dump() == store


@pytest.mark.usefixtures("quick")
class TestADryRun:
    """Everything is validated, and nothing is changed."""

    def test_it_ends_as_the_run_would_and_leaves_the_store_alone(self, place: Place, command: Command) -> None:
        place.put("N53_breaches_2020-03-01.csv", breaches())
        command(*place.arguments)
        rows = [breach(number) for number in range(6, 11)]
        place.put("N53_breaches_2020-10-12.csv", extract(*rows[:4], {**rows[4], "nsi_status_code": "?"}))
        store, files = place.dump(), place.listing()
        dry = command(*place.arguments, "--dry-run", "--json")
        assert place.dump() == store
        assert {*place.listing()} == {*files}
        wet = command(*place.arguments, "--json")
        assert dry.code == wet.code == 1
        told = [
            [{key: each[key] for key in ("file", "verdict", "rows", "findings")} for each in outcome.json["returns"]]
            for outcome in (dry, wet)
        ]
        assert told[0] == told[1]
        assert place.dump() != store

    def test_no_store_is_created_where_there_is_none(self, place: Place, command: Command) -> None:
        place.put("N53_breaches_2020-03-01.csv", breaches())
        outcome = command(*place.arguments, "--dry-run", "--json")
        assert (outcome.code, verdicts(outcome)) == (0, ["accepted"])
        assert not place.reports.exists()
        assert not place.store.exists()


@pytest.mark.usefixtures("quick")
class TestCorrections:
    """A corrected return replaces the earlier one of the same supplier and period; both stay in history."""

    CASES = "SELECT case_reference FROM {}.breach ORDER BY 1, return_id"

    @pytest.fixture
    def loaded(self, place: Place, command: Command) -> Place:
        place.put("N53_breaches_2020-03-01.csv", breaches(3))
        assert command(*place.arguments).code == 0
        return place

    def cases(self, place: Place, schema: str) -> list[Any]:
        return [case for (case,) in place.rows(self.CASES.format(schema))]

    def test_a_correction_replaces_the_whole_return(self, loaded: Place, command: Command) -> None:
        loaded.put("N53_breaches_2020-03-01_corrected.csv", extract(breach(2), breach(4)))
        assert command(*loaded.arguments).code == 0
        assert self.cases(loaded, "unified") == ["X990002", "X990004"]
        assert self.cases(loaded, "history") == ["X990001", "X990002", "X990002", "X990003", "X990004"]

    def test_a_corrected_file_under_the_same_name_replaces_it_too(self, loaded: Place, command: Command) -> None:
        loaded.put("N53_breaches_2020-03-01.csv", extract(breach(4)))
        assert command(*loaded.arguments).code == 0
        assert self.cases(loaded, "unified") == ["X990004"]

    def test_a_nil_correction_leaves_no_rows(self, loaded: Place, command: Command) -> None:
        loaded.put("N53_breaches_2020-03-01.csv", extract())
        assert command(*loaded.arguments).code == 0
        assert self.cases(loaded, "unified") == []
        assert len(self.cases(loaded, "history")) == 3

    def test_a_rejected_correction_does_not_remove_the_good_return(self, loaded: Place, command: Command) -> None:
        before = loaded.dump()
        loaded.put("N53_breaches_2020-03-01_corrected.csv", breaches(3, disposal_code="LIC"))
        outcome = command(*loaded.arguments, "--json")
        assert (outcome.code, sorted(verdicts(outcome))) == (1, ["rejected", "unchanged"])
        for name in ("unified.breach", "history.breach", "unified.weekly_breaches"):
            assert loaded.dump()[name] == before[name]

    def test_the_original_again_does_not_undo_the_correction(self, loaded: Place, command: Command) -> None:
        original = (loaded.inbox / "N53_breaches_2020-03-01.csv").read_bytes()
        loaded.put("N53_breaches_2020-03-01.csv", extract(breach(4)))
        command(*loaded.arguments)
        loaded.put("N53_breaches_2020-03-01.csv", original)
        assert verdicts(command(*loaded.arguments, "--json")) == ["unchanged"]
        assert self.cases(loaded, "unified") == ["X990004"]

    def test_rows_of_other_periods_and_suppliers_stay(self, loaded: Place, command: Command) -> None:
        loaded.put("N53_breaches_2020-03-15.csv", extract(breach(7)))
        loaded.put("N52_breaches_2020-03-01.csv", extract(breach(8, provider_code="N52", ldu_code="")))
        loaded.put("N53_breaches_2020-03-01.csv", extract(breach(4)))
        command(*loaded.arguments)
        assert self.cases(loaded, "unified") == ["X990004", "X990007", "X990008"]

    def test_the_later_period_gives_the_status_of_a_breach(self, loaded: Place, command: Command) -> None:
        heard = breach(1, nsi_status_code="BRE08", hearing_date="2020-03-10")
        loaded.put("N53_breaches_2020-03-15.csv", extract(heard))
        command(*loaded.arguments)
        assert loaded.rows("SELECT status FROM unified.breach WHERE case_reference = 'X990001'") == [("heard",)]
        assert len(self.cases(loaded, "unified")) == 3

    def test_a_row_that_was_partly_wrong_counts_once_it_is_corrected(self, place: Place, command: Command) -> None:
        rows = [breach(number) for number in range(1, 6)]
        place.put("N53_breaches_2020-03-01.csv", extract(*rows[:4], {**rows[4], "disposal_code": "LIC"}))
        assert command(*place.arguments).code == 1
        assert len(self.cases(place, "unified")) == 4
        place.put("N53_breaches_2020-03-01.csv", extract(*rows))
        outcome = command(*place.arguments, "--json")
        assert (outcome.code, verdicts(outcome)) == (0, ["accepted"])
        assert len(self.cases(place, "unified")) == 5


@pytest.mark.usefixtures("quick")
class TestArrivals:
    """A return may come before those it refers to."""

    def test_a_suspension_that_came_before_its_breach_counts_once_the_breach_is_there(
        self, place: Place, command: Command
    ) -> None:
        later = {"referral_date": "2020-09-08", "logged_date": "2020-09-10", "nsi_status_code": "BRE26"}
        place.put("N53_suspended_breaches_2020-09-28.csv", extract(suspension(1), header=suspension(1)))
        assert verdicts(command(*place.arguments, "--json")) == ["rejected"]
        place.put("N53_breaches_2020-09-28.csv", extract(breach(1, **later)))
        for _ in range(2):
            command(*place.arguments)
        assert place.rows("SELECT case_reference FROM unified.suspended_breach") == [("X990001",)]


@pytest.mark.usefixtures("quick")
class TestManyFiles:
    """One file never decides what becomes of another."""

    def test_one_corrupt_file_does_not_block_the_good_ones(self, place: Place, command: Command) -> None:
        for number in range(2, 5):
            row = breach(number, referral_date=f"2020-0{number}-19", logged_date=f"2020-0{number}-21")
            place.put(f"N53_breaches_2020-0{number}-29.csv", extract(row))
        broken = bytearray((SAMPLE_DATA / "annexe_2" / "C08_return_2020-03-01.xlsx").read_bytes())
        broken[200:4000] = b"\xff" * 3800
        place.put("C08_return_2020-03-01.xlsx", bytes(broken))
        outcome = command(*place.arguments, "--json")
        assert outcome.code == 1
        assert sorted(verdicts(outcome)) == ["accepted"] * 3 + ["rejected"]
        (rejected,) = (each for each in outcome.json["returns"] if each["verdict"] == "rejected")
        assert rejected["findings"][0]["code"] == "unreadable-file"
        assert len(place.rows("SELECT * FROM unified.breach")) == 3

    def test_files_still_being_written_and_links_are_left_alone(self, place: Place, command: Command) -> None:
        for name in (".N53_breaches_2020-03-01.csv", "a.part", "a.tmp", "a.filepart", "~$C08_return.xlsx"):
            place.put(name, breaches())
        (place.root / "elsewhere.csv").write_bytes(breaches())
        (place.inbox / "N53_breaches_2020-03-01.csv").symlink_to(place.root / "elsewhere.csv")
        outcome = command(*place.arguments, "--json")
        assert (outcome.code, outcome.json["returns"]) == (0, [])

    def test_an_empty_inbox_is_nothing_to_do(self, place: Place, command: Command) -> None:
        assert command("-q", *place.arguments) == Outcome(0, "", "")
        assert list(place.reports.glob("[!.]*")) == []
