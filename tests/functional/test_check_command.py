"""``probation-etl check``: the release checks by themselves, their pages, and what of the data is in them: nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote

import pytest

from lending import CANARY, UNIFIED, VIEW, Lending
from places import Outcome

FILE = "B_lending_2020-03-08.csv"
Command = Callable[..., Outcome]


def at_work(url: str, directory: Path, command: Command) -> Lending:
    place = Lending(directory, url, command)
    place.write()
    place.send(FILE, ("1", 0), ("2", 99))
    return place


@pytest.fixture
def either(url: str, tmp_path: Path, command: Command) -> Lending:
    """A library with a store on each engine in turn."""
    return at_work(url, tmp_path, command)


@pytest.fixture
def lending(tmp_path: Path, command: Command) -> Lending:
    """A library with a DuckDB file."""
    return at_work(f"duckdb:///{tmp_path / 'store.duckdb'}", tmp_path, command)


def test_each_failed_check_is_a_line_and_the_command_ends_with_1(either: Lending) -> None:
    assert either.run().code == 1
    found = either.check()
    assert (found.code, found.err) == (1, "")
    assert "release check failed: loan: fine|maximum: expected at most 50: 1 of 2 rows fail" in found.out
    assert "release check warning: loan: table|nobody_owes: Loans with a fine: expected exactly 0: found 1" in found.out
    assert "Not released: readers of ‘released’ see no rows yet." in found.out
    assert CANARY not in found.out
    assert either.check("--release").code == 1
    assert "no rows yet" in either.check().out
    written = either.check("--json").json
    assert (written["exit_code"], written["released"], written["release"]) == (1, False, None)
    failed = {(each["check"], each["severity"]) for each in written["release_checks"] if not each["passed"]}
    assert failed == {("fine|maximum", "error"), ("table|nobody_owes", "warning")}


def test_a_check_releases_only_with_the_option(lending: Lending) -> None:
    lending.run()
    lending.write(unified=UNIFIED.replace("maximum: 50", "maximum: 500"))
    passed = lending.check()
    assert (passed.code, "Not released" in passed.out) == (0, True)
    released = lending.check("--release", "--json").json
    assert (released["exit_code"], released["released"]) == (0, True)
    again = lending.check()
    assert f"Released: readers see the state after run {released['release']['run_id']}." in again.out


def test_pages_hold_every_check_and_no_value_of_the_data(either: Lending, tmp_path: Path) -> None:
    run = either.run("--data-docs", "--json").json
    folder = either.reports / run["run_id"]
    assert (folder / run["data_docs"]).is_file()
    assert run["data_docs"] in (folder / "index.html").read_text(encoding="utf-8")
    found = either.check("--data-docs", tmp_path / "pages")
    assert f"Pages: {tmp_path}/pages/index.html" in found.out
    for directory in (folder / "data-docs", tmp_path / "pages"):
        pages = {path: path.read_text(encoding="utf-8") for path in directory.rglob("*.html")}
        text = "".join(pages.values())
        assert "No library takes more than a pound." in text
        assert "fine" in text
        # The library's own list of pages needs scripts from the internet; the plain one needs none.
        listed = re.findall(
            r'<li><a href="(validations/[^"]+)">([^<]+)</a>: (\w+)</li>', pages[directory / "index.html"]
        )
        assert {directory / unquote(link) for link, _, _ in listed} == set(directory.glob("validations/**/*.html"))
        assert ("loan", "failed") in {(suite, outcome) for _, suite, outcome in listed}
        assert ("loans_by_week", "passed") in {(suite, outcome) for _, suite, outcome in listed}
        # The fine of 99 pence and the tickets are in no page, nor in any other file.
        assert not any(CANARY in each.read_text(errors="replace") for each in directory.rglob("*") if each.is_file())
        assert not any(">99<" in page or "99.0" in page for page in pages.values())
        assert {path.stat().st_mode & 0o077 for path in directory.rglob("*")} == {0}
        # Nothing is fetched and nothing runs; links lead to pages that are there.
        assert {path.suffix for path in directory.rglob("*") if path.is_file()} == {".html", ""}
        for path, page in pages.items():
            assert not re.search(r"<(script|link|img|iframe|object|embed|svg|form)\b|\son\w+=|\ssrc=|\sstyle=", page), (
                path
            )
            assert page.count("Content-Security-Policy") == 1
            assert "default-src 'none'" in page
            links = re.findall(r'href="([^"#]*)', page)
            assert all((path.parent / unquote(link)).exists() for link in links), path


#: Expectations whose results are values of the data.
REVEALING = """\
      - id: of_a_list
        type: custom
        engine: great-expectations
        severity: warning
        implementation: {type: expect_column_distinct_values_to_be_in_set, kwargs: {column: ticket, value_set: [nothing]}}
      - id: greatest
        type: custom
        engine: great-expectations
        implementation: {type: expect_column_max_to_be_between, kwargs: {column: fine, max_value: 500}}
"""


def test_what_was_observed_is_in_no_page_and_no_file(lending: Lending) -> None:
    end = "        mustBe: 0\ncustomProperties:"
    assert UNIFIED.count(end) == 1
    lending.write(unified=UNIFIED.replace(end, f"        mustBe: 0\n{REVEALING}customProperties:"))
    found = lending.run("--data-docs", "--json").json
    outcomes = {each["check"]: each["passed"] for each in found["release_checks"]}
    assert (outcomes["ticket|of_a_list"], outcomes["fine|greatest"]) == (False, True)
    folder = lending.reports / found["run_id"] / "data-docs"
    text = "".join(each.read_text(errors="replace") for each in folder.rglob("*.html"))
    assert "max_value 500" in text  # what was expected stands there
    assert CANARY not in text
    assert not re.search(r">\s*99(\.0)?\s*<", text)


def test_a_run_makes_no_pages_unasked(lending: Lending) -> None:
    run = lending.run("--json").json
    assert run["data_docs"] is None
    assert not (lending.reports / run["run_id"] / "data-docs").exists()


def test_there_must_be_a_store(tmp_path: Path, command: Command) -> None:
    found = command("check", "--store", f"duckdb:///{tmp_path / 'none.duckdb'}")
    found.refused(3, "There is no store", "probation-etl run")


def test_pages_may_go_to_a_folder_below_the_one_we_are_in(
    lending: Lending, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lending.run()
    monkeypatch.chdir(tmp_path)
    assert "bug of ours" not in lending.check("--data-docs", "pages").err
    assert (tmp_path / "pages" / "index.html").is_file()


def test_a_directory_with_something_else_is_refused(lending: Lending, tmp_path: Path) -> None:
    lending.run()
    lending.check("--data-docs", tmp_path).refused(3, "holds something else than Data Docs")


def a_fault(lending: Lending, **changed: str) -> str:
    lending.write(**changed)
    linted = lending.command("contract", "lint", lending.contracts)
    assert linted.code == 2
    return linted.out


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("SELECT COUNT(*) FROM unified.loan WHERE", "SELECT COUNT(*) FROM unified.loans WHERE", "loans"),
        ("SELECT COUNT(*) FROM unified.loan WHERE fine > 0", "SELECT MAX(ticket) FROM unified.loan", "a release check counts"),
        ("SELECT COUNT(*) FROM unified.loan WHERE fine > 0", "SELECT fine FROM unified.loan", "a release check counts"),
        (
            "SELECT COUNT(*) FROM unified.loan WHERE fine > 0",
            "SELECT COUNT(*) FROM unified.loan GROUP BY fine", "a release check counts",
        ),
        ("mustBe: 0", "mustBe: 0.5", "compare with a whole number"),
        ("mustBe: 0", "mustNotBe: 0", "needs just one comparison of mustBe, mustBeGreaterThan"),
        ("        mustBe: 0\n", "", "the key ‘mustBe’ is needed here"),
        ("id: nobody_owes", "id: fines_together", "needs an id that no other has"),
        ("severity: warning", "severity: grave", "expected error or warning"),
    ],
)  # fmt: skip
def test_a_release_check_that_cannot_be_made_is_a_fault_of_the_contract(
    old: str, new: str, said: str, tmp_path: Path, command: Command
) -> None:
    lending = Lending(tmp_path, "", command)
    assert old in UNIFIED
    fault = a_fault(lending, unified=UNIFIED.replace(old, new))
    assert said in fault
    assert "loan.odcs.yaml" in fault


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("measures: [loans]", "measures: [loan]", "no column ‘loan’; did you mean ‘loans’?"),
        ("period: week", "period: branch", "must be a date"),
        ("measures: [loans]", "measures: [week]", "must be a count"),
        (
            "by: [branch]",
            "by: [ticket], query: 'SELECT *, 1 AS loans, lent_on AS week FROM unified.loan'",
            "restricted",
        ),
        ("recent: 1", "recent: 0", "recent"),
        ("recent: 1", "history: {least: 9, most: 8}", "history.least is 9"),
        ("recent: 1", "query: SELECT 1 FROM unified.nowhere", "nowhere"),
    ],
)
def test_activity_that_cannot_be_watched_is_a_fault_of_the_contract(
    old: str, new: str, said: str, tmp_path: Path, command: Command
) -> None:
    lending = Lending(tmp_path, "", command)
    assert old in VIEW
    assert said in a_fault(lending, view=VIEW.replace(old, new))


def test_an_activity_exception_is_reported_by_the_run_and_changes_nothing_else(
    lending: Lending, command: Command
) -> None:
    (lending.root / "inbox" / FILE).unlink()
    for week in range(10):
        day = f"2020-{4 + week // 4:02}-{6 + 7 * (week % 4):02}"
        count = 40 if week == 9 else 6
        lending.send(f"B_lending_{day}.csv", *((f"{week}-{number}", 0) for number in range(count)), day=day)
    run = lending.run("--json").json
    assert run["exit_code"] == 0
    (exception,) = run["exceptions"]
    assert (exception["table"], exception["measure"], exception["area"]) == ("loans_by_week", "loans", {"branch": "B"})
    assert (exception["value"], exception["side"], exception["own"]["count"]) == (40, "high", 9)
    assert exception["peers"] is None
    page = (lending.reports / run["run_id"] / "index.html").read_text(encoding="utf-8")
    assert "Activity exceptions" in page
