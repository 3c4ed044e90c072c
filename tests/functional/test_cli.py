"""The commands and their options: what they print where, and where settings come from."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from senders import breach, breaches, extract, suspension

from places import CHECKOUT, SAMPLE_DATA, Outcome, Place, SampleRun
from probation_etl.contracts.model import ReturnContract
from probation_etl.contracts.odcs import load_contract

Command = Callable[..., Outcome]

ENGINES = ("polars", "pandera", "pandas", "great_expectations", "duckdb", "jinja2")
NAME = "N53_breaches_2020-03-01.csv"
BAD = [breach(number) for number in range(1, 6)]
BAD[1] = {**BAD[1], "disposal_code": "LIC"}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / NAME
    path.write_bytes(extract(*BAD))
    return path


class TestHelp:
    """Help is quick and complete."""

    def test_it_lists_every_command(self, command: Command) -> None:
        outcome = command("--help")
        assert (outcome.code, outcome.err) == (0, "")
        for name in ("demo", "run", "validate", "contract", "status", "--config", "--log-format", "--version"):
            assert name in outcome.out

    @pytest.mark.parametrize(
        "words", [("run",), ("validate",), ("demo",), ("status",), ("contract",), ("contract", "lint")]
    )
    def test_every_command_has_help(self, words: tuple[str, ...], command: Command) -> None:
        outcome = command(*words, "--help")
        assert outcome.code == 0
        assert outcome.out.startswith(f"Usage: probation-etl {' '.join(words)}")

    def test_every_option_says_what_it_does(self, command: Command) -> None:
        for words in (("run",), ("validate",), ("status",), ("demo",), ("contract", "list")):
            for line in re.findall(r"^  (-[^\n]*)$", command(*words, "--help").out, re.MULTILINE):
                assert re.search(r"\S  +\S|^\S+ \S+$|\]$", line) or len(line) > 20, line

    def test_an_option_of_the_program_after_the_command_is_told_its_place(self, command: Command) -> None:
        command("run", "-q", "inbox").refused(2, "It belongs before the command: ‘probation-etl -q run …’")
        command("store", "withdraw", "--log-format", "json").refused(2, "‘probation-etl --log-format store withdraw …’")
        outcome = command("run", "--quick", "inbox")
        assert (outcome.code, "belongs" in outcome.err) == (2, False)

    def test_it_loads_no_engine(self) -> None:
        done = subprocess.run(
            [sys.executable, "-X", "importtime", "-m", "probation_etl", "--help"],
            capture_output=True, check=True, text=True,
        )  # fmt: skip
        loaded = {
            line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if line.startswith("import time:")
        }
        assert "click" in loaded
        assert loaded.isdisjoint(ENGINES)

    def test_the_version_is_that_of_the_package(self, command: Command) -> None:
        from probation_etl import __version__

        assert command("--version").out == f"probation-etl, version {__version__}\n"


class TestContracts:
    """``contract list`` and ``contract lint``."""

    def test_list_names_every_shipped_contract(self, command: Command) -> None:
        outcome = command("contract", "list")
        assert (outcome.code, outcome.err) == (0, "")
        ids = {path.name.removesuffix(".odcs.yaml") for path in (CHECKOUT / "contracts").rglob("*.odcs.yaml")}
        assert ids == {line.split()[0] for line in outcome.out.splitlines()[1:]}

    @pytest.mark.parametrize("name", ["crc-breaches", "nps-caseload", "breach", "national_tracker"])
    def test_show_names_every_column_and_rule(self, name: str, command: Command) -> None:
        contract = load_contract(name)
        text, data = command("contract", "show", name), command("contract", "show", name, "--json").json
        assert text.code == 0
        assert [each["name"] for each in data["columns"]] == list(contract.column_names)
        for column in contract.columns:
            assert f"  {column.name} ({column.type}): ‘{column.header}’" in text.out.splitlines()
            assert all(each in text.out for each in (*column.synonyms, *column.labels, *column.labels.values()))
        across = contract.cross_rules if isinstance(contract, ReturnContract) else ()
        rules = [*contract.rules, *contract.table_rules, *across, *contract.references]
        assert [each["name"].partition("|")[2] for each in data.get("rules", ())] == [each.name for each in rules]
        assert all(f"|{each.name} ({each.severity})" in text.out for each in rules)
        assert data.get("key", []) == list(contract.key)

    def test_show_takes_any_version(self, tmp_path: Path, command: Command) -> None:
        shipped = Path(str(load_contract("nps-caseload").path)).read_text(encoding="utf-8")
        newer = shipped.replace("version: 1.0.0", "version: 2.0.0", 1).replace('"2014-06-01"', '"2030-01-01"', 1)
        ends = '"2014-06-01"\n  - property: effectiveTo\n    value: "2029-12-31"'
        older = shipped.replace('"2014-06-01"', ends, 1).replace("ldu_code", "old_code")
        for number, text in enumerate((older, newer)):
            (tmp_path / f"{number}.odcs.yaml").write_text(text, encoding="utf-8")
        arguments = ("contract", "show", "nps-caseload", "--contracts", tmp_path)
        newest = command(*arguments, "--json").json
        assert newest["version"] == "2.0.0"
        assert newest["versions"] == [
            {"version": "1.0.0", "from": "2014-06-01", "to": "2029-12-31"}, {"version": "2.0.0", "from": "2030-01-01"},
        ]  # fmt: skip
        assert "‘old_code’" not in command(*arguments).out
        assert "‘old_code’" in command(*arguments, "--version", "1.0.0").out
        command(*arguments, "--version", "3.0.0").refused(2, "expected one of 1.0.0, 2.0.0")

    def test_show_of_a_misspelt_id_suggests_the_nearest(self, command: Command) -> None:
        command("contract", "show", "breech").refused(2, "did you mean ‘breach’?")

    def test_lint_finds_no_fault_in_the_shipped_contracts(self, command: Command) -> None:
        outcome = command("contract", "lint")
        assert (outcome.code, outcome.out) == (0, "")
        assert re.fullmatch(r"\d+ contract\(s\) checked, 0 fault\(s\) found\.\n", outcome.err)

    def test_lint_takes_one_file(self, command: Command) -> None:
        outcome = command("contract", "lint", CHECKOUT / "contracts" / "returns" / "nps-breaches.odcs.yaml")
        assert (outcome.code, outcome.out) == (0, "")

    def test_lint_names_faults_with_file_and_line_and_ends_with_2(self, command: Command, tmp_path: Path) -> None:
        text = (CHECKOUT / "contracts" / "returns" / "nps-breaches.odcs.yaml").read_text(encoding="utf-8")
        path = tmp_path / "nps-breaches.odcs.yaml"
        path.write_text(
            text.replace("severity: error", "severity: fatal", 1).replace("version: 1.0.0\n", "", 1), encoding="utf-8"
        )
        outcome = command("contract", "lint", path)
        assert outcome.code == 2
        assert outcome.out.splitlines()
        assert all(re.match(rf"{re.escape(str(path))}:\d+: ", line) for line in outcome.out.splitlines())
        assert "version" in outcome.out
        assert "Traceback" not in outcome.err

    @pytest.mark.parametrize("content", [b"", b"- a\n- b\n", b"a: [", b"\xff\xfe", b"kind: DataContract\n"])
    def test_lint_of_a_file_that_is_not_a_contract_ends_with_2(
        self, content: bytes, command: Command, tmp_path: Path
    ) -> None:
        (tmp_path / "a.odcs.yaml").write_bytes(content)
        outcome = command("contract", "lint", tmp_path)
        assert outcome.code == 2
        assert re.match(rf"{re.escape(str(tmp_path))}/a.odcs.yaml:[12]: ", outcome.out)

    def test_lint_of_nothing_ends_with_2(self, command: Command, tmp_path: Path) -> None:
        assert command("contract", "lint", tmp_path).code == 2


class TestStatus:
    """Who has sent what. What is late and missing: see ``test_status``."""

    def lines(self, sample: SampleRun, command: Command) -> list[dict[str, Any]]:
        return list(command("status", "--store", sample.url, "--json").json["returns"])

    def test_the_sample_is_of_two_days_and_no_cycle_is_made_of_them(self, sample: SampleRun, command: Command) -> None:
        """Of all 32 organisations 12 sent returns for 1 March and 28 September 2020, and one for a day of its own."""
        lines = self.lines(sample, command)
        assert {each["period_end"] for each in lines if each["state"] == "missing"} == {"2020-03-01", "2020-09-28"}
        assert {each["supplier_code"] for each in lines if each["off_cycle"]} == {"C08"}

    def test_as_text(self, sample: SampleRun, command: Command) -> None:
        outcome = command("status", "--store", sample.url)
        assert (outcome.code, outcome.err) == (0, "")
        header, *lines = outcome.out.splitlines()
        assert header.endswith(": 75 of 195 returns received; 120 missing.")
        told = [line for line in lines if re.match(r"    [CN]\d\d ", line)]
        assert len(told) == 195
        assert sum(" missing" in line for line in told) == 120
        assert any(" nil return " in line for line in told)

    def test_as_json(self, sample: SampleRun, command: Command) -> None:
        lines = [each for each in self.lines(sample, command) if each["verdict"]]
        assert len(lines) == 75
        (entry,) = (
            each for each in lines if (each["contract_id"], each["period_end"]) == ("crc-breaches", "2020-11-29")
        )
        assert (entry["supplier_code"], entry["verdict"], entry["rows_read"]) == ("C08", "partly_accepted", 32)
        assert sum(each["nil"] for each in lines) == sum(each["nil"] for each in sample.summary["returns"])

    def test_rows_without_a_region_are_counted_with_their_return(self, sample: SampleRun, command: Command) -> None:
        lines = [each for each in self.lines(sample, command) if each["verdict"]]
        counted = {(each["supplier_code"], each["contract_id"]): 0 for each in lines}
        for each in lines:
            counted[each["supplier_code"], each["contract_id"]] += each["rows_unallocated"]
        assert {key: rows for key, rows in counted.items() if rows} == {("C07", "crc-caseload"): 4}
        assert sum(counted.values()) == sum(each["rows"] for each in sample.summary["unallocated"])
        text = command("status", "--store", sample.url).out
        assert [int(rows) for rows in re.findall(r"^ +(\d+) rows unallocated$", text, re.M)] == [2, 2]

    def test_it_changes_nothing(self, sample: SampleRun, command: Command) -> None:
        before = sample.dump()
        command("status", "--store", sample.url)
        assert sample.dump() == before


@pytest.mark.usefixtures("quick")
class TestValidate:
    """Checking without a store."""

    def test_as_text(self, file: Path, command: Command) -> None:
        outcome = command("validate", file)
        assert (outcome.code, outcome.err) == (1, "")
        first, counts, finding, hint, _, header, row, *rest = outcome.out.splitlines()
        assert first == f"{NAME}: partly accepted (nps-breaches)"
        assert counts.split() == ["rows", "read", "5,", "accepted", "4,", "quarantined", "1,", "blank", "0"]
        assert finding.startswith("  row 3, disposal_code: error: ‘LIC’ is not one of")
        assert hint.startswith("    A licence is recalled")
        assert header.split() == [
            "return", "period", "end", "verdict", "read", "accepted", "quarantined", "errors", "warnings", "file"
        ]  # fmt: skip
        assert row.split() == [
            *["N53", "nps-breaches", "2020-03-01", "partly", "accepted", "5", "4", "1", "1", "0"],
            NAME,
        ]
        assert "\n".join(rest).split() == [
            *[
                "Most",
                "frequent",
                "faults",
                "times",
                "severity",
                "what",
                "is",
                "wrong",
                "column",
                "first",
                "at",
                "of",
                "return",
            ],
            *["1", "error", "Not", "in", "the", "list", "disposal_code", "row", "3", "N53", "nps-breaches"],
            *["1", "return:", "1", "partly", "accepted"],
            *[
                "To",
                "see",
                "all:",
                "-o",
                "checked.xlsx",
                "marks",
                "the",
                "cells",
                "in",
                "the",
                "rows",
                "as",
                "they",
                "were",
                "sent,",
            ],
            *["-o", "findings.csv", "lists", "them."],
        ]

    def test_as_json(self, file: Path, command: Command) -> None:
        summary = command("validate", "--format", "json", file).json
        assert (summary["verdict"], summary["exit_code"]) == ("partly_accepted", 1)
        (entry,) = summary["returns"]
        assert entry["supplier"]["code"] == "N53"
        assert [(each["code"], each["row"], each["cell"]) for each in entry["findings"]] == [("not-in-list", 3, None)]

    def test_as_csv(self, file: Path, command: Command) -> None:
        outcome = command("validate", "--format", "csv", file)
        (row,) = csv.DictReader(io.StringIO(outcome.out))
        assert (row["code"], row["row"], row["column"], row["value"]) == ("not-in-list", "3", "disposal_code", "LIC")

    @pytest.mark.parametrize("form", ["text", "json", "csv"])
    def test_a_file_holds_what_standard_output_would(self, form: str, file: Path, command: Command) -> None:
        target = file.with_name("out")
        outcome = command("validate", "--format", form, "-o", target, file)
        assert outcome == Outcome(1, "", "")
        assert target.read_bytes().decode().splitlines() == command("validate", "--format", form, file).out.splitlines()

    def test_standard_input_is_read_as_csv(self, command: Command) -> None:
        said = ("--contract", "nps-breaches", "--as-supplier", "N53", "--period-end", "2020-03-01")
        outcome = command("validate", "-", *said, "--format", "json", stdin=breaches())
        assert outcome.code == 0
        (entry,) = outcome.json["returns"]
        assert (entry["verdict"], entry["supplier"]["code"], entry["period_end"]) == ("accepted", "N53", "2020-03-01")

    def test_standard_input_without_a_word_of_who_sends_it_is_rejected(self, command: Command) -> None:
        outcome = command("validate", "-", "--format", "json", stdin=breaches())
        assert outcome.code == 1
        codes = {each["code"] for each in outcome.json["returns"][0]["findings"]}
        assert {"unknown-organisation", "period-mismatch"} <= codes

    def test_a_pipe_of_a_real_process_is_read_to_its_end(self, process: Command) -> None:
        said = ("--contract", "nps-breaches", "--as-supplier", "N53", "--period-end", "2020-03-01")
        outcome = process("validate", "-", *said, "--format", "json", stdin=breaches(3000))
        assert (outcome.code, outcome.err) == (0, "")
        assert outcome.json["returns"][0]["rows"]["accepted"] == 3000

    def test_what_the_caller_says_goes_before_what_the_file_says(self, file: Path, command: Command) -> None:
        outcome = command("validate", file, "--as-supplier", "N52", "--format", "json")
        (entry,) = outcome.json["returns"]
        assert entry["supplier"]["code"] == "N52"
        assert "row|provider_is_sender" in {each["rule"] for each in entry["findings"]}

    def test_a_reference_is_checked_among_the_files_given(self, tmp_path: Path, command: Command) -> None:
        # Named so that the one that refers comes first.
        later = {"referral_date": "2020-09-08", "logged_date": "2020-09-10", "nsi_status_code": "BRE26"}
        referring, target = tmp_path / "N53_suspended_breaches_2020-09-28.csv", tmp_path / "N53_breaches_2020-09-28.csv"
        target.write_bytes(extract(breach(1, **later)))
        referring.write_bytes(extract(suspension(1), header=suspension(1)))
        alone = command("validate", referring, "--format", "json")
        assert alone.code == 0
        assert [each["code"] for each in alone.json["returns"][0]["findings"]] == ["unchecked-reference"]
        together = command("validate", referring, target, "--format", "json")
        assert [each["findings"] for each in together.json["returns"]] == [[], []]
        referring.write_bytes(extract(suspension(2), header=suspension(2)))
        astray = command("validate", target, referring, "--format", "json")
        assert astray.code == 1
        assert "unknown-reference" in {each["code"] for each in astray.json["returns"][1]["findings"]}


@pytest.mark.usefixtures("quick")
class TestSettings:
    """A flag comes before the environment, and the environment before the settings file."""

    @pytest.fixture(autouse=True)
    def there(self, place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
        place.put(NAME, breaches())
        monkeypatch.chdir(place.root)

    def stores(self, place: Place) -> list[str]:
        return sorted(path.name for path in place.root.glob("*.duckdb"))

    def test_without_a_setting_the_store_is_in_the_working_directory(self, place: Place, command: Command) -> None:
        assert command("run", "inbox").code == 0
        assert self.stores(place) == ["probation.duckdb"]
        assert (place.root / "reports" / "latest" / "index.html").is_file()

    def test_the_environment_names_the_store(
        self, place: Place, command: Command, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (place.root / "probation_etl.toml").write_text('[run]\nstore = "duckdb:///file.duckdb"\n')
        monkeypatch.setenv("PROBATION_ETL_RUN_STORE", "duckdb:///environment.duckdb")
        assert command("run", "inbox").code == 0
        assert self.stores(place) == ["environment.duckdb"]

    def test_a_flag_goes_before_the_environment(
        self, place: Place, command: Command, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PROBATION_ETL_RUN_STORE", "duckdb:///environment.duckdb")
        assert command("run", "inbox", "--store", "duckdb:///flag.duckdb").code == 0
        assert self.stores(place) == ["flag.duckdb"]

    def test_the_file_in_the_working_directory_names_store_and_reports(self, place: Place, command: Command) -> None:
        (place.root / "probation_etl.toml").write_text(
            '[run]\nstore = "duckdb:///file.duckdb"\nreports = "pages"\n[status]\nstore = "duckdb:///file.duckdb"\n'
        )
        assert command("run", "inbox").code == 0
        assert self.stores(place) == ["file.duckdb"]
        assert (place.root / "pages" / "latest").exists()
        assert command("status", "--json").json["counts"]["received"] == 1

    @pytest.mark.parametrize(
        ("name", "value", "arguments", "printed"),
        [
            ("VALIDATE_FORMAT", "csv", ("validate", NAME), "file,"),
            ("VALIDATE_CONTRACT", "crc-caseload", ("validate", NAME), "(crc-caseload)"),
            ("VALIDATE_LIMIT", "rows=1", ("validate", NAME), "[too-large]"),
            ("CONTRACT_SHOW_JSON", "1", ("contract", "show", "breach"), '"id": "breach"'),
            ("CONTRACT_EXPORT_TO", "frictionless", ("contract", "export", "nps-breaches"), '"fields"'),
        ],
    )
    def test_every_option_can_come_from_the_environment_and_the_file_by_the_name_of_its_flag(
        self, name: str, value: str, arguments: tuple[str, ...], printed: str, place: Place, command: Command,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:  # fmt: skip
        monkeypatch.chdir(place.root / "inbox")
        assert printed not in command(*arguments).out
        with monkeypatch.context() as environment:
            environment.setenv(f"PROBATION_ETL_{name}", value)
            assert printed in command(*arguments).out
        table, _, option = name.lower().rpartition("_")
        given = f'["{value}"]' if option == "limit" else f'"{value}"'
        Path("probation_etl.toml").write_text(f"[{table.replace('_', '.')}]\n{option} = {given}\n")
        assert printed in command(*arguments).out

    @pytest.mark.parametrize("written", ["as-supplier", "as_supplier"])
    def test_a_setting_of_two_words_is_read_with_a_hyphen_or_an_underscore(
        self, written: str, place: Place, command: Command
    ) -> None:
        (place.root / "probation_etl.toml").write_text(f'[validate]\n{written} = "N99"\n')
        assert "[unknown-organisation]" in command("validate", place.root / "inbox" / NAME).out

    def test_settings_of_the_program_itself_come_from_both_too(
        self, place: Place, command: Command, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (place.root / "probation_etl.toml").write_text('log-format = "json"\nverbose = 1\n')
        assert command("run", "inbox", "--dry-run").err.startswith("{")
        monkeypatch.setenv("PROBATION_ETL_LOG_FORMAT", "text")
        assert command("run", "inbox", "--dry-run").err.startswith("info: ")
        assert command("--log-format", "json", "run", "inbox", "--dry-run").err.startswith("{")

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("[validate]\nfromat = 'csv'", "‘validate’ has no option ‘fromat’; did you mean ‘format’?"),
            ("[contract.list]\ncontracs = 'x'", "‘contract list’ has no option ‘contracs’; did you mean ‘contracts’?"),
            ("[contract]\nlist = 'x'", "give its options as a table, [contract.list]"),
            ("stor = 'x'", "‘stor’ is neither a command nor an option"),
        ],
    )
    def test_a_setting_that_nothing_has_is_refused(self, text: str, words: str, place: Place, command: Command) -> None:
        (place.root / "probation_etl.toml").write_text(text)
        outcome = command("contract", "list")
        assert outcome.code == 2
        assert words in outcome.err

    def test_another_file_can_be_named(self, place: Place, command: Command) -> None:
        (place.root / "probation_etl.toml").write_text('[run]\nstore = "duckdb:///usual.duckdb"\n')
        (place.root / "other.toml").write_text('[run]\nstore = "duckdb:///other.duckdb"\n')
        assert command("--config", "other.toml", "run", "inbox").code == 0
        assert self.stores(place) == ["other.duckdb"]


@pytest.mark.usefixtures("quick")
class TestStreams:
    """Results on standard output, everything else on standard error."""

    @pytest.fixture(autouse=True)
    def there(self, place: Place) -> None:
        place.put(NAME, breaches())

    def test_logs_as_json_are_one_object_a_line_on_standard_error(self, place: Place, command: Command) -> None:
        outcome = command("--log-format", "json", "-v", *place.arguments, "--json")
        assert outcome.json["verdict"] == "accepted"
        lines = [json.loads(line) for line in outcome.err.splitlines()]
        assert [each["message"] for each in lines][1:3] == ["file read", "return identified"]
        assert lines[1]["file"] == NAME
        assert all({"time", "level", "run"} <= set(each) for each in lines)

    def test_logs_as_text_go_to_standard_error_too(self, place: Place, command: Command) -> None:
        outcome = command("-v", *place.arguments, "--json")
        assert outcome.json["verdict"] == "accepted"
        assert f"\ninfo: file read stage=read file={NAME} bytes=" in outcome.err

    def test_without_asking_nothing_is_on_standard_error(self, place: Place, command: Command) -> None:
        outcome = command(*place.arguments)
        assert outcome.err == ""
        assert "nps-breaches" in outcome.out

    def test_quiet_shows_what_went_wrong_all_the_same(self, place: Place, command: Command) -> None:
        place.put("N53_caseload_2020-03-01.csv", b"")
        outcome = command("-q", *place.arguments)
        assert outcome.code == 1
        assert "N53_caseload_2020-03-01.csv" in outcome.out

    def test_a_line_break_in_a_file_name_does_not_break_a_log_line(self, place: Place, command: Command) -> None:
        place.put("N53_breaches_2020-03-01\nerror: all is lost \x1b[31m.csv", extract(breach(9)))
        for form in ("text", "json"):
            outcome = command("--log-format", form, "-v", *place.arguments, "--dry-run")
            lines = outcome.err.splitlines()
            assert all(line.startswith(("{", "info: ", "warning: ")) for line in lines)
            assert len(lines) == 13
            assert "\x1b" not in outcome.err + outcome.out

    @pytest.mark.parametrize("name", ["a\x1b[31m.csv", "a\x07\x9b2J.csv", "a\nb.csv", "a\u202eb.csv", "a\udcff.csv"])
    def test_no_character_of_a_file_name_acts_on_a_terminal(self, tmp_path: Path, command: Command, name: str) -> None:
        (tmp_path / name).write_bytes(b"%PDF-1.7")
        for path in (tmp_path / name, tmp_path / f"gone {name}"):
            outcome = command("validate", path)
            shown = outcome.out + outcome.err
            assert outcome.code in (1, 2)
            assert all(char.isprintable() for char in shown.replace("\n", ""))
            assert "\nb.csv" not in shown


@pytest.mark.usefixtures("quick")
class TestDemo:
    """The demonstration, on few of its returns: with all of them it is shown where the program is installed."""

    @pytest.fixture(autouse=True)
    def few_returns(self, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
        small = tmp_path_factory.mktemp("shipped")
        sample = SAMPLE_DATA
        expected = json.loads((sample / "expected_outcome.json").read_text(encoding="utf-8"))
        expected["returns"] = [
            each for each in expected["returns"] if "N53" in each["file"] or "faulty" in each["file"]
        ]
        for name in {each["file"] for each in expected["returns"]}:
            (small / "sample_data" / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(sample / name, small / "sample_data" / name)
        shutil.copy(sample / "README.md", small / "sample_data")
        (small / "sample_data" / "expected_outcome.json").write_text(json.dumps(expected), encoding="utf-8")
        monkeypatch.setattr("probation_etl.demo.shipped", lambda name: small / name)

    def test_it_runs_in_a_new_directory_and_again_in_the_same(self, tmp_path: Path, command: Command) -> None:
        for _ in range(2):
            outcome = command("demo", tmp_path / "demo")
            assert (outcome.code, outcome.err) == (0, "")
            assert "The outcome is as expected, including the faulty return." in outcome.out
            page = re.search(r"^Reports: (.*)$", outcome.out, re.MULTILINE)
            assert page
            assert Path(page[1]).is_file()
        assert (tmp_path / "demo" / "README.md").is_file()

    def test_it_refuses_a_directory_that_holds_other_things(self, tmp_path: Path, command: Command) -> None:
        (tmp_path / "minutes.txt").write_text("of a meeting")
        command("demo", tmp_path).refused(2, str(tmp_path), "not empty")
        assert [path.name for path in tmp_path.iterdir()] == ["minutes.txt"]

    def test_what_a_user_put_beside_an_earlier_demonstration_is_left_alone(
        self, tmp_path: Path, command: Command
    ) -> None:
        (tmp_path / ".made-by-probation-etl-demo").touch()
        (tmp_path / "inbox").mkdir()
        (tmp_path / "my notes.txt").write_text("of a meeting")
        assert command("demo", tmp_path).code in (0, 2)
        assert (tmp_path / "my notes.txt").exists()

    def test_a_directory_that_cannot_be_made_ends_with_3(self, tmp_path: Path, command: Command) -> None:
        (tmp_path / "file").touch()
        outcome = command("demo", tmp_path / "file" / "demo")
        assert outcome.code == 3
        assert "Traceback" not in outcome.err
