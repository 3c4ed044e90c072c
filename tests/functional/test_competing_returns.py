"""Two different files of one return: no order is known, so none is guessed. Content that comes again, and rows that do not."""

from __future__ import annotations

import shlex
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from branches import IDENTIFIED, NAME, Branch

from places import Outcome
from probation_etl.stores import connect

PAIRS = {
    "versions": (NAME.format("_v9"), NAME.format("_v10")),
    "copy": (NAME.format(""), NAME.format(" (1)")),
    "folders": (f"2024-04-02/{NAME.format('')}", f"2024-04-05 resent/{NAME.format('')}"),
    "final": (NAME.format("_draft"), NAME.format(" FINAL")),
}


@pytest.mark.parametrize("names", PAIRS.values(), ids=PAIRS)
def test_two_different_files_of_one_return_are_both_rejected_and_each_names_the_other(
    branch: Branch, names: tuple[str, str]
) -> None:
    branch.put(names[0], "1", "2")
    branch.put(names[1], "1", "3")
    outcome = branch.run("--json")
    assert outcome.code == 1
    for each, other in zip(outcome.json["returns"], (names[1], names[0]), strict=True) if names[0] < names[1] else ():
        (finding,) = each["findings"]
        assert (each["verdict"], finding["code"], finding["severity"]) == ("rejected", "competing-returns", "error")
        assert f"‘{other}’" in finding["message"]
        page = branch.root / "reports" / "latest" / each["report"]
        assert other in page.read_text(encoding="utf-8")
    assert {each["verdict"] for each in outcome.json["returns"]} == {"rejected"}
    assert branch.fines() == []


def test_what_was_loaded_before_stays_and_what_is_left_of_two_files_is_loaded(branch: Branch) -> None:
    first, second, third = (NAME.format(each) for each in ("", "_b", "_a"))
    branch.put(first, "1")
    branch.run()
    branch.put(second, "2")
    branch.put(third, "3")
    assert branch.verdicts() == {first: "unchanged", second: "rejected", third: "rejected"}
    assert branch.fines() == ["1.000000"]
    # Nothing is new while both of them lie there.
    assert branch.quietly() == Outcome(0, "", "")
    branch.take(third)
    assert branch.verdicts() == {first: "unchanged", second: "accepted"}
    assert branch.fines() == ["2.000000"]
    # The other one comes back: now the order of arrival is known.
    branch.put(third, "3")
    assert branch.verdicts() == {first: "unchanged", second: "unchanged", third: "accepted"}
    assert branch.fines() == ["3.000000"]


def test_a_file_beside_the_one_that_an_earlier_run_loaded_corrects_it(branch: Branch) -> None:
    branch.put(NAME.format("_v10"), "1")
    branch.run()
    branch.put(NAME.format("_v9"), "2")
    found = {each["file"]: each for each in branch.returns()}
    assert found[NAME.format("_v9")]["verdict"] == "accepted"
    assert found[NAME.format("_v9")]["resubmission"]["corrects"]["file"] == NAME.format("_v10")
    assert branch.fines() == ["2.000000"]


def test_the_same_content_twice_is_one_return(branch: Branch) -> None:
    branch.put(NAME.format(""), "1")
    branch.put(NAME.format(" (1)"), "1")
    assert sorted(branch.verdicts().values()) == ["accepted", "unchanged"]
    assert branch.fines() == ["1.000000"]


def test_a_broken_file_competes_with_a_good_one_as_soon_as_it_is_identified(branch: Branch) -> None:
    branch.put(NAME.format("_v1"), "1")
    branch.put(NAME.format("_v2"), "much")
    assert set(branch.verdicts().values()) == {"rejected"}
    assert branch.fines() == []


def test_a_packed_file_competes_by_the_name_of_what_is_in_it(branch: Branch) -> None:
    import gzip

    branch.put(NAME.format("_v1"), "1")
    branch.write(NAME.format("_v2") + ".gz", gzip.compress(branch.library.csv(branch.library.row(Fine="3"))))
    assert set(branch.verdicts().values()) == {"rejected"}


def test_a_file_that_is_not_of_the_same_supplier_or_period_competes_with_none(branch: Branch) -> None:
    branch.put("B1_loans_2024-03-31.csv", "1")
    branch.put("B2_loans_2024-03-31.csv", "2")
    branch.put("B1_loans_2024-04-30.csv", "3")
    branch.put("anything.csv", "4")
    verdicts = branch.verdicts()
    assert verdicts.pop("anything.csv") == "rejected"
    assert set(verdicts.values()) <= {"accepted", "accepted_with_warnings"}


class TestAnOperatorSaysWhatDecides:
    """``--newest-by modified`` and ``--newest-by name``."""

    @pytest.mark.parametrize("names", PAIRS.values(), ids=PAIRS)
    def test_by_name_in_natural_order(self, branch: Branch, names: tuple[str, str]) -> None:
        branch.put(names[1], "2")
        branch.put(names[0], "1")
        assert set(branch.verdicts("--newest-by", "name").values()) == {"accepted"}
        assert branch.fines() == ["2.000000"]
        assert set(branch.verdicts().values()) == {"unchanged"}

    @pytest.mark.parametrize("later", [0, 1])
    def test_by_time_of_modification(self, branch: Branch, later: int) -> None:
        branch.put(NAME.format("_v1"), "1", modified=1_000_000 + later)
        branch.put(NAME.format("_v2"), "2", modified=1_000_001 - later)
        branch.put(NAME.format("_v0"), "0", modified=999_999)
        assert set(branch.verdicts("--newest-by", "modified").values()) == {"accepted"}
        assert branch.fines() == ["1.000000" if later else "2.000000"]

    def test_files_that_are_equal_by_it_are_still_rejected(self, branch: Branch) -> None:
        for name in ("_v1", "_v2"):
            branch.put(NAME.format(name), name[-1], modified=1_000_000)
        assert set(branch.verdicts("--newest-by", "modified").values()) == {"rejected"}
        branch.put("v9/" + NAME.format("_V9"), "3")
        branch.take(NAME.format("_v1"), NAME.format("_v2"))
        branch.put("v9/" + NAME.format("_v09"), "4")
        assert set(branch.verdicts("--newest-by", "name").values()) == {"rejected"}

    def test_it_settles_files_that_were_rejected_before(self, branch: Branch) -> None:
        branch.put(NAME.format("_v10"), "2")
        branch.put(NAME.format("_v9"), "1")
        branch.run()
        assert set(branch.verdicts("--newest-by", "name").values()) == {"accepted"}
        assert branch.fines() == ["2.000000"]

    def test_anything_else_is_refused(self, branch: Branch) -> None:
        branch.run("--newest-by", "size").refused(2, "--newest-by")


class TestContentOfAnotherReturn:
    """The bytes of one return under the name of another."""

    def test_is_rejected_and_the_earlier_return_named(self, branch: Branch) -> None:
        branch.put("B1_loans_2024-03-31.csv", "1")
        branch.run()
        branch.put("B2_loans_2024-04-30.csv", "1")
        found = {each["file"]: each for each in branch.returns()}["B2_loans_2024-04-30.csv"]
        assert found["verdict"] == "rejected"
        (finding,) = [each for each in found["findings"] if each["severity"] == "error"]
        assert finding["code"] == "content-of-another-return"
        for word in ("‘B1_loans_2024-03-31.csv’", "B1", "31 March 2024"):
            assert word in finding["message"]

    def test_of_a_workbook_is_rejected_too_and_is_not_unchanged(self, branch: Branch) -> None:
        cells = [branch.library.header, list(branch.library.row(Fine="1").values())]
        book = branch.library.workbook(Loans=cells)
        for name in ("B1_loans_2024-03-31.xlsx", "B2/B2_loans_2024-03-31.xlsx"):
            branch.write(name, book)
            found = {each["file"]: each for each in branch.returns()}
        assert found["B1_loans_2024-03-31.xlsx"]["verdict"] == "unchanged"
        told = found["B2/B2_loans_2024-03-31.xlsx"]
        assert (told["verdict"], [each["code"] for each in told["findings"]]) == (
            "rejected",
            ["content-of-another-return"],
        )

    def test_is_taken_once_the_earlier_return_is_withdrawn(self, branch: Branch) -> None:
        branch.put("B1_loans_2024-03-31.csv", "1")
        (first,) = branch.returns()
        branch.put("B2_loans_2024-03-31.csv", "1")
        branch.run()
        with connect(branch.url, branch.rulebook.contracts, branch.rulebook.tables) as store:
            (entry,) = [each for each in store.ledger.entries() if each.file == first["file"]]
        branch.command(
            "store", "withdraw", branch.url, entry.return_id, "--reason", "x", "--reports", branch.root / "reports"
        )
        assert branch.verdicts()["B2_loans_2024-03-31.csv"] == "accepted"

    def test_is_rejected_though_a_correction_counts_by_now_until_it_is_withdrawn(self, branch: Branch) -> None:
        """A file of the last period that was corrected is not that of the next one."""
        branch.put("B1_loans_2024-03-31.csv", "1")
        branch.run()
        branch.put("B1_loans_2024-03-31.csv", "2")
        branch.run()
        branch.put("B1_loans_2024-04-30.csv", "1")
        found = {each["file"]: each for each in branch.returns()}["B1_loans_2024-04-30.csv"]
        assert [each["code"] for each in found["findings"] if each["severity"] == "error"] == [
            "content-of-another-return"
        ]
        assert branch.fines() == ["2.000000"]
        with connect(branch.url, branch.rulebook.contracts, branch.rulebook.tables) as store:
            first = min(store.ledger.entries(), key=lambda each: each.sequence)
        branch.command(
            "store", "withdraw", branch.url, first.return_id, "--reason", "x", "--reports", branch.root / "reports"
        )
        assert branch.verdicts()["B1_loans_2024-04-30.csv"].startswith("accepted")

    def test_of_two_in_one_run_neither_is_taken(self, branch: Branch) -> None:
        branch.put("B1_loans_2024-03-31.csv", "1")
        branch.put("B2_loans_2024-03-31.csv", "1")
        assert set(branch.verdicts().values()) == {"rejected"}

    def test_nil_returns_are_the_same_whoever_sends_them(self, branch: Branch) -> None:
        branch.put("B1_loans_2024-03-31.csv")
        branch.put("B2_loans_2024-03-31.csv")
        assert set(branch.verdicts().values()) == {"accepted"}


class TestContentThatWasSuperseded:
    """The answer says what counts now and how to make this content count, once."""

    @pytest.fixture
    def superseded(self, branch: Branch) -> Branch:
        branch.put(NAME.format(""), "1", "1", "1")
        branch.run()
        branch.put(NAME.format(" corrected"), "2", "2", "2")
        branch.run()
        return branch

    def test_a_file_that_still_lies_there_is_not_told(self, superseded: Branch) -> None:
        assert superseded.quietly() == Outcome(0, "", "")
        assert [each["findings"] for each in superseded.returns()] == [[], []]

    def test_under_another_name_it_is_told_once_everywhere(self, superseded: Branch) -> None:
        again = NAME.format(" again")
        superseded.put(again, "1", "1", "1")
        outcome = superseded.quietly()
        assert outcome.code == 0
        assert f"{again}: warning: This content was loaded" in outcome.out
        assert "probation-etl store withdraw" in outcome.out
        run = import_module("json").loads((superseded.root / "reports" / "latest" / "run.json").read_text())
        (told,) = [each for each in run["returns"] if each["file"] == again]
        assert told["verdict"] == "unchanged"
        (finding,) = told["findings"]
        assert (finding["code"], finding["severity"]) == ("superseded-content", "warning")
        assert f"‘{NAME.format(' corrected')}’" in finding["message"]
        page = (superseded.root / "reports" / "latest" / told["report"]).read_text(encoding="utf-8")
        assert "store withdraw" in page
        assert superseded.quietly() == Outcome(0, "", "")

    def test_the_command_makes_it_count(self, superseded: Branch) -> None:
        superseded.put(NAME.format(" again"), "1", "1", "1")
        (finding,) = [finding for each in superseded.returns() for finding in each["findings"]]
        words = shlex.split(finding["hint"].partition(": ")[2])
        assert words[:3] == ["probation-etl", "store", "withdraw"]
        done = superseded._command(*words[1:], "--reports", superseded.root / "reports")
        assert done.code == 0
        assert superseded.fines() == ["1.000000"] * 3

    def test_under_the_same_name_once_what_counts_is_no_longer_there(self, superseded: Branch) -> None:
        superseded.take(NAME.format(" corrected"))
        (each,) = superseded.returns()
        assert [finding["code"] for finding in each["findings"]] == ["superseded-content"]
        assert superseded.quietly() == Outcome(0, "", "")

    def test_where_the_file_had_other_content_in_between(self, branch: Branch) -> None:
        for fine in ("1", "2"):
            branch.put(NAME.format(""), fine)
            branch.run()
        branch.put(NAME.format(""), "1")
        (each,) = branch.returns()
        assert [finding["code"] for finding in each["findings"]] == ["superseded-content"]

    def test_after_a_withdrawal_though_the_file_may_have_been_left_there(self, branch: Branch) -> None:
        branch.put(NAME.format(""), "1")
        branch.run()
        (loaded,) = branch.command("status", "--store", branch.url, "--json").json["returns"]
        branch.command(
            "store", "withdraw", branch.url, loaded["return_id"], "--reason", "x", "--reports", branch.root / "reports"
        )
        branch.put(NAME.format(""), "1")
        told = branch.quietly()
        assert told.code == 0
        assert "was withdrawn: no return counts now" in told.out
        assert "--reinstate" in told.out
        assert branch.quietly() == Outcome(0, "", "")

    def test_a_dry_run_tells_it_too(self, superseded: Branch) -> None:
        superseded.put(NAME.format(" again"), "1", "1", "1")
        for _ in range(2):
            found = [finding["code"] for each in superseded.returns("--dry-run") for finding in each["findings"]]
            assert found == ["superseded-content"]


class TestACorrectionThatHasLostRows:
    """It is loaded, with a warning that names the return before it."""

    @pytest.mark.parametrize(
        ("before", "after", "told"),
        [(12, 7, True), (12, 8, False), (13, 3, True), (2, 1, False), (1, 0, True), (12, 0, True), (3, 12, False)],
    )
    def test_is_questioned_from_a_third_on(self, branch: Branch, before: int, after: int, told: bool) -> None:
        branch.put(NAME.format(""), *["1"] * before)
        first = branch.run("--json").json["run_id"]
        branch.put(NAME.format(" corrected"), *["2"] * after)
        found = {each["file"]: each for each in branch.returns()}[NAME.format(" corrected")]
        assert [each["code"] for each in found["findings"]] == (["fewer-rows"] if told else [])
        assert found["verdict"] == ("accepted_with_warnings" if told else "accepted")
        for finding in found["findings"]:
            assert finding["severity"] == "warning"
            for word in (NAME.format(""), first, f"{before}"):
                assert word in finding["message"]
            page = branch.root / "reports" / "latest" / found["report"]
            assert "fewer than before" in page.read_text(encoding="utf-8")

    def test_the_contract_says_how_many_may_be_lost(self, branch: Branch, library: Any, tmp_path: Path) -> None:
        branch.contracts = library.directory(
            library.contract(custom={"identification": IDENTIFIED, "correction": {"largestLoss": 0.8}})
        )
        branch.put(NAME.format(""), *["1"] * 12)
        branch.run()
        branch.put(NAME.format(" corrected"), *["2"] * 3)
        assert branch.verdicts()[NAME.format(" corrected")] == "accepted"


def test_validate_says_that_files_compete(branch: Branch) -> None:
    names = PAIRS["folders"]
    branch.put(names[0], "1")
    branch.put(names[1], "2")
    outcome = branch.command("validate", *(branch.inbox / each for each in names))
    assert outcome.code == 1
    assert outcome.out.count("[competing-returns]") == 2
    assert branch.command("validate", branch.inbox / names[0]).code == 0
