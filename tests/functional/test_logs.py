"""Logs as JSON lines: what they say of a run, and that every line, the last error too, is of the published shape."""

import json
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import polars as pl
import pytest
from filelock import FileLock
from jsonschema import Draft202012Validator, FormatChecker
from senders import breach, breaches, extract

from places import CHECKOUT, Outcome, Place
from probation_etl import errors, journal

NAME = "N53_breaches_2020-03-01.csv"
Command = Callable[..., Outcome]
Lines = list[dict[str, Any]]

SCHEMA = json.loads((CHECKOUT / "docs" / "reference" / "schemas" / "log.schema.json").read_text(encoding="utf-8"))
PAGE = CHECKOUT / "docs" / "reference" / "logs.md"


@pytest.fixture(scope="module")
def published() -> Draft202012Validator:
    Draft202012Validator.check_schema(SCHEMA)
    return Draft202012Validator(SCHEMA, format_checker=FormatChecker())


@pytest.fixture
def lines(published: Draft202012Validator) -> Callable[[Outcome], Lines]:
    """The lines of standard error, each of the published shape."""

    def read(outcome: Outcome) -> Lines:
        found = [json.loads(line) for line in outcome.err.splitlines()]
        for each in found:
            published.validate(each)
        return found

    return read


Read = Callable[[Outcome], Lines]


@pytest.mark.usefixtures("quick")
class TestARun:
    def test_each_stage_of_a_good_and_a_bad_return_is_a_line(self, place: Place, command: Command, lines: Read) -> None:
        place.put(NAME, breaches())
        place.put("N53_breaches_2020-03-29.csv", extract(breach(9, referral_date="none")))
        place.put("N53_caseload_2020-03-01.csv", b"%PDF-1.7")
        outcome = command("--log-format", "json", "-v", *place.arguments, "--json")
        found = lines(outcome)
        assert {each["run"] for each in found} == {outcome.json["run_id"]}
        assert found[0]["counts"] == {"files": 3}
        of_good = [(each["stage"], each["outcome"]) for each in found if each.get("file") == NAME]
        assert of_good == [
            ("read", "read"), ("identify", "identified"), ("validate", "accepted"), ("load", "loaded"),
        ]  # fmt: skip
        of_bad = [(each["stage"], each["outcome"]) for each in found if each.get("file", "").endswith("03-29.csv")]
        assert of_bad[-1] == ("load", "quarantined")
        assert ("read", "unreadable-file") in [(each["stage"], each["outcome"]) for each in found]
        (validated,) = [each for each in found if each["stage"] == "validate" and each["file"] == NAME]
        (reported,) = [each for each in outcome.json["returns"] if each["file"] == NAME]
        assert {key: validated["counts"][key] for key in reported["rows"]} == reported["rows"]
        last = found[-1]
        assert (last["outcome"], last["exit_code"]) == ("rejected", 1)
        assert last["counts"]["returns"] == 3
        assert last["counts"]["rows_read"] == sum(each["rows"]["read"] for each in outcome.json["returns"])
        assert last["seconds"] > 0
        before, shown = found[-2], outcome.json["seconds"]
        assert before["outcome"] == "counted"
        assert {stage for stage, each in shown.items() if each} <= set(before["stages"])
        # What is shown was counted until it was written; the commit came after.
        assert before["stages"]["total"] >= shown["total"] >= shown["validate"] > 0

    def test_how_a_run_ended_is_one_line_without_asking_for_more(
        self, place: Place, command: Command, lines: Read
    ) -> None:
        place.put(NAME, breaches())
        (told,) = lines(command("--log-format", "json", *place.arguments))
        assert (told["stage"], told["outcome"], told["exit_code"]) == ("run", "accepted", 0)
        assert told["counts"]["returns_accepted"] == 1
        (again,) = lines(command("--log-format", "json", *place.arguments))
        assert (again["outcome"], again["counts"]["rows_read"]) == ("unchanged", 0)
        assert again["run"] != told["run"]
        unchanged = lines(command("--log-format", "json", "-v", *place.arguments))
        assert [each["outcome"] for each in unchanged] == ["begun", "unchanged", "counted", "unchanged"]

    def test_quiet_prints_nothing_of_a_run_that_has_nothing_to_report(
        self, place: Place, command: Command, lines: Read
    ) -> None:
        place.put(NAME, breaches())
        command(*place.arguments)  # a new store is something to report
        assert command("--log-format", "json", "-q", *place.arguments) == Outcome(0, "", "")
        place.put("N53_caseload_2020-03-01.csv", b"")
        outcome = command("--log-format", "json", "-q", *place.arguments)
        assert [each["exit_code"] for each in lines(outcome)] == [1] == [outcome.code]


@pytest.mark.usefixtures("quick")
class TestTheLastError:
    @pytest.mark.parametrize(
        ("more", "code", "kind"),
        [
            (("--store", "sqlite:///x"), 2, "usage"),
            (("--contracts", "nowhere"), 2, "contract"),
            (("--no-such-option",), 2, "usage"),
            (("--reports", "/dev/null/reports"), 3, "environment"),
        ],
    )
    def test_is_a_line_as_well(
        self, place: Place, command: Command, lines: Read, more: tuple[str, ...], code: int, kind: str
    ) -> None:
        place.put(NAME, breaches())
        outcome = command("--log-format", "json", "-q", *place.arguments, *more)
        assert (outcome.code, outcome.out) == (code, "")
        (told,) = lines(outcome)
        assert (told["exit_code"], told["code"], told["outcome"]) == (code, kind, "failed")
        assert (told["run"] is None) is ("--no-such-option" in more)

    def test_of_a_run_beside_another_carries_its_own_name(self, place: Place, command: Command, lines: Read) -> None:
        with FileLock(f"{place.store}.lock"):
            (told,) = lines(command("--log-format", "json", *place.arguments))
        assert (told["exit_code"], told["code"]) == (75, "locked")
        assert told["run"]

    @pytest.mark.parametrize(
        "words", [("--nothing",), ("rum",), ("run",), ("--config", "nowhere.toml", "run", "inbox")]
    )
    def test_of_a_command_line_is_one_whatever_is_wrong_with_it(
        self, command: Command, lines: Read, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (told,) = lines(command("--log-format=json", *words))
        assert (told["exit_code"], told["code"], told["run"]) == (2, "usage", None)
        monkeypatch.setenv("PROBATION_ETL_LOG_FORMAT", "json")
        assert lines(command(*words))[0]["message"] == told["message"]

    def test_of_a_bug_says_where_it_arose_only_if_asked_and_never_its_text(
        self, place: Place, command: Command, lines: Read, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fails(*_: object) -> None:
            raise RuntimeError("A1234BC")

        monkeypatch.setattr("probation_etl.runs.inbox.os.scandir", fails)
        (told,) = lines(command("--log-format", "json", *place.arguments))
        assert (told["exit_code"], told["code"]) == (70, "internal")
        assert "course" not in told
        (more,) = lines(command("--log-format", "json", "-vv", *place.arguments))
        assert any("/runs/" in each for each in more["course"])
        assert "A1234BC" not in json.dumps([told, more])

    def test_of_an_interruption(
        self, place: Place, command: Command, lines: Read, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def interrupted(*_: object) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr("probation_etl.runs.inbox.os.scandir", interrupted)
        outcome = command("--log-format", "json", *place.arguments)
        assert [each["code"] for each in lines(outcome)] == ["interrupted"]
        assert outcome.code == 130

    def test_every_kind_is_on_the_page(self) -> None:
        page = PAGE.read_text(encoding="utf-8")
        kinds = {each.kind: each.exit_code for each in vars(errors).values() if hasattr(each, "exit_code")}
        ends = {kind: code for kind, code in kinds.items() if kind != "unreadable-file"}
        assert [kind for kind, code in ends.items() if f"| `{kind}` | {code} |" not in page] == []


def test_warnings_of_libraries_are_lines_without_their_text(
    tmp_path: Path, command: Command, lines: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.warnoptions", [])
    monkeypatch.setattr(warnings, "showwarning", warnings.showwarning)

    def warns(*_: object) -> None:
        with warnings.catch_warnings(action="always"):
            warnings.warn("A1234BC", stacklevel=1)
        raise pl.exceptions.PolarsError("A1234BC")

    monkeypatch.setattr("probation_etl.runs.inbox.os.scandir", warns)
    outcome = command("--log-format", "json", "-vv", "run", tmp_path, "--dry-run")
    found = lines(outcome)
    assert [each["stage"] for each in found] == ["library", "command"]
    assert "A1234BC" not in outcome.err


def test_what_is_said_beside_results_is_a_line(command: Command, lines: Read, library: Any) -> None:
    (path,) = library.directory(library.contract()).glob("*.yaml")
    (told,) = lines(command("--log-format", "json", "-v", "contract", "lint", path))
    assert (told["stage"], told["outcome"]) == ("command", "remark")
    assert command("contract", "lint", path).err == f"{told['message']}\n"


def test_what_a_library_prints_past_python_is_no_line(tmp_path: Path, lines: Read) -> None:
    """As polars does when it panics."""
    panics = (
        "import os; from probation_etl.cli import main\n"
        "def scandir(*_): os.write(2, b'A1234BC\\n'); raise BaseException\n"
        "os.scandir = scandir; main(['--log-format', 'json', 'run', '.', '--dry-run'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", panics], capture_output=True, encoding="utf-8", cwd=tmp_path, check=False
    )
    assert [each["code"] for each in lines(Outcome(done.returncode, done.stdout, done.stderr))] == ["internal"]
    assert (done.returncode, done.stdout) == (70, "")


def test_lines_are_told_in_one_place_and_each_stage_is_published() -> None:
    """A line that is logged elsewhere would have no shape."""
    source = CHECKOUT / "src" / "probation_etl"
    logging_themselves = {
        path.relative_to(source).as_posix() for path in source.rglob("*.py") if "getLogger" in path.read_text("utf-8")
    }
    assert logging_themselves == {"journal.py", "cli/logs.py", "unified/release_checks/silence.py"}
    published = {each["properties"]["stage"]["const"] for each in SCHEMA["$defs"].values() if "properties" in each}
    assert {*get_args(journal.Stage), "library", "command"} == published
