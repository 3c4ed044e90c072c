"""What comes beside a return: a marker that it is whole, and control totals. Without them half a file looks like a whole one."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from branches import IDENTIFIED, NAME, Branch

from places import Outcome
from probation_etl.intake.readers import Content

FILE = NAME.format("")


@pytest.fixture
def delivered(branch: Branch, library: Any) -> Branch:
    """A branch whose returns come with a marker and control totals."""
    given = {"identification": IDENTIFIED, "delivery": {"doneMarker": ".done", "controlFile": ".control"}}
    branch.contracts = library.directory(library.contract(custom=given))
    branch.rulebook = import_module("probation_etl.contracts.rulebook").load_rulebook(branch.contracts)
    return branch


def waiting(outcome: Outcome) -> dict[str, str]:
    return {each["file"]: each["why"] for each in outcome.json["not_taken"]}


def test_a_return_waits_for_what_comes_beside_it_and_half_of_it_is_refused(delivered: Branch) -> None:
    delivered.put(FILE, "1", "2", "0.5")
    delivered.write("B2_loans_2024-03-31.csv.done", b"")
    outcome = delivered.run("--json")
    assert (outcome.code, outcome.json["returns"]) == (0, [])
    assert waiting(outcome) == {
        FILE: f"‘{FILE}.done’ has not come", "B2_loans_2024-03-31.csv.done": "‘B2_loans_2024-03-31.csv’ has not come",
    }  # fmt: skip
    delivered.write(f"{FILE}.done", b"")
    assert waiting(delivered.run("--json"))[FILE] == f"‘{FILE}.control’ has not come"
    # The control totals are of a whole file, of which half has come.
    delivered.write(f"{FILE}.control", b"rows,4\nFine,4.00\n")
    outcome = delivered.run("--json")
    assert outcome.err == "", outcome.err
    (rejected,) = outcome.json["returns"]
    assert (outcome.code, rejected["verdict"], rejected["rows"]["read"]) == (1, "rejected", 3)
    assert [(each["code"], each["message"]) for each in rejected["findings"]] == [
        ("control-total", f"‘{FILE}.control’ says that there are 4 rows, but 3 were found."),
        ("control-total", f"‘{FILE}.control’ says that ‘Fine’ adds up to 4.00, but it adds up to 3.5."),
    ]
    # The file beside it may have been the wrong one.
    delivered.write(f"{FILE}.control", b"rows,3\r\n\r\nfine,3.5")
    archive = delivered.root / "archive"
    outcome = delivered.run("--json", "--archive", archive)
    assert [each["verdict"] for each in outcome.json["returns"]] == ["accepted"]
    assert sorted(each.name for each in archive.rglob("*.*")) == [FILE, f"{FILE}.control", f"{FILE}.done"]
    assert [each.name for each in delivered.inbox.iterdir()] == ["B2_loans_2024-03-31.csv.done"]
    assert delivered.fines() == ["1.000000", "2.000000", "0.500000"]


@pytest.mark.parametrize("moved", [0, 1, 2])
def test_nothing_of_a_delivery_stays_for_ever_if_a_run_ends_while_it_moves_it(
    delivered: Branch, monkeypatch: pytest.MonkeyPatch, moved: int
) -> None:
    delivered.put(FILE, "1")
    delivered.write(f"{FILE}.done", b"")
    delivered.write(f"{FILE}.control", b"rows,1\n")
    archive, rename, done = delivered.root / "archive", Path.rename, list[Path]()

    def end(self: Path, target: Path) -> Path:
        if delivered.inbox in self.parents:
            if len(done) == moved:
                raise OSError(errno.EIO, os.strerror(errno.EIO))
            done.append(self)
        return rename(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", end)
        failed = delivered.run("--archive", archive)
    assert (failed.code, len(list(delivered.inbox.iterdir()))) == (3, 3 - moved)
    assert f"1 file could not be moved to {archive}" in failed.err
    assert delivered.verdicts("--archive", archive) == {FILE: "unchanged"}
    assert not list(delivered.inbox.iterdir())
    assert sorted(each.name for each in archive.rglob("*.*")) == [FILE, f"{FILE}.control", f"{FILE}.done"]


@pytest.mark.parametrize(
    ("totals", "said"),
    [
        (b"", "no line gives the ‘rows’"),
        (b"rows,1\nrows,2", "line 2 names what a line above it names"),
        (b"rows,1\nFine,a lot", "line 2 is not a name, a comma and a number"),
        (b"\xff\xfe", "it is not CSV in UTF-8"),
        (b"rows,1\nNotes,1", "Line 2 of ‘{}.control’ names no column of numbers"),
        (b"rows,1\n" + b"\n" * 2_000, "it has more than 1,000 lines"),
    ],
)
def test_control_totals_that_cannot_be_used_are_refused(
    delivered: Branch, library: Any, totals: bytes, said: str
) -> None:
    check_files = import_module("probation_etl.runs.check").check_files
    files = [(FILE, Content.of(library.csv(library.row(Fine="1")))), (f"{FILE}.control", Content.of(totals))]
    (result,) = check_files(files, delivered.rulebook)
    assert result.verdict == "rejected"
    assert said.format(FILE) in result.findings["message"][0]


def test_validate_says_that_control_totals_were_not_given(delivered: Branch, tmp_path: Path, library: Any) -> None:
    path = tmp_path / FILE
    path.write_bytes(library.csv(library.row(Fine="1"), library.row(Loan_reference="L0002", Fine="many")))
    outcome = delivered.command("validate", path, "--format", "json")
    assert [each["code"] for each in outcome.json["returns"][0]["findings"]] == ["no-control-total", "not-a-number"]
    (tmp_path / f"{FILE}.control").write_text("rows,2\nfine,7")
    outcome = delivered.command("validate", path, f"{path}.control", "--format", "json")
    # What a column adds up to is not known where a cell of it cannot be read.
    assert [each["code"] for each in outcome.json["returns"][0]["findings"]] == ["not-a-number"]


@pytest.mark.parametrize(
    ("custom", "said"),
    [
        (
            {"delivery": {"doneMarker": ".done"}, "identification": {"sheet": "Loans"}},
            "identification needs a fileName",
        ),
        ({"delivery": {"doneMarker": ".x", "controlFile": ".x"}}, "one file cannot be both"),
        ({"delivery": {"doneMarker": "done"}}, "done"),
        ({"delivery": {"controlFile": ".c"}, "identification": {**IDENTIFIED, "sheet": "Loans"}}, "use controlRows"),
    ],
)
def test_lint_refuses_a_delivery_that_cannot_be(
    command: Callable[..., Outcome], library: Any, custom: dict[str, Any], said: str
) -> None:
    outcome = command("contract", "lint", library.directory(library.contract(custom=custom)))
    assert outcome.code == 2
    assert said in outcome.out + outcome.err


def test_files_of_one_delivery_wait_for_each_other(branch: Branch, library: Any) -> None:
    loans = library.contract(custom={"identification": IDENTIFIED, "delivery": {"together": ["members"]}})
    named = {"fileName": r"(?P<supplier_code>[A-Z]\d)_members_(?P<period_end>\d{4}-\d{2}-\d{2})\.csv"}
    members = library.contract(
        name="members", rules=[], custom={"identification": named},
        columns=[{"name": "member", "physicalName": "Member", "logicalType": "string", "required": True}],
    )  # fmt: skip
    branch.contracts = library.directory(loans, members)
    branch.rulebook = import_module("probation_etl.contracts.rulebook").load_rulebook(branch.contracts)
    branch.put(FILE, "1")
    branch.write("B2_members_2024-03-31.csv", b"Member\nJo\n")
    outcome = branch.run("--json")
    assert (outcome.code, outcome.json["returns"]) == (0, [])
    lacking = "the file of the return ‘{}’, which is delivered with it, has not come"
    assert waiting(outcome) == {
        FILE: lacking.format("members"), "B2_members_2024-03-31.csv": lacking.format("loans")
    }  # fmt: skip
    branch.write("B1_members_2024-03-31.csv", b"Member\nJo\n")
    assert branch.verdicts() == {FILE: "accepted", "B1_members_2024-03-31.csv": "accepted"}
    # What came in an earlier run is there.
    branch.take("B1_members_2024-03-31.csv", FILE)
    branch.put(FILE, "2")
    assert branch.verdicts() == {FILE: "accepted"}


def test_columns_that_the_other_file_lists_are_known_and_must_be_there(branch: Branch, library: Any) -> None:
    custom = {
        "identification": IDENTIFIED, "describedBy": {"contract": "fields", "column": "field"}, "delivery": {"together": ["fields"]},
    }  # fmt: skip
    named = {"fileName": r"(?P<supplier_code>[A-Z]\d)_fields_(?P<period_end>\d{4}-\d{2}-\d{2}).*\.csv"}
    fields = library.contract(
        name="fields", rules=[], custom={"identification": named},
        columns=[{"name": "field", "physicalName": "Field", "logicalType": "string", "required": True}],
    )  # fmt: skip
    branch.contracts = library.directory(library.contract(custom=custom), fields)
    branch.rulebook = import_module("probation_etl.contracts.rulebook").load_rulebook(branch.contracts)
    header, row = library.csv(library.row()).decode().split("\r\n")[:2]
    branch.write(FILE, f"{header},Shelf,Colour\n{row},A,red\n".encode())
    branch.write("B1_fields_2024-03-31.csv", b"Field\nShelf\nReader group\n")

    def told() -> dict[str, list[tuple[str, str]]]:
        returns = {each["file"]: each["findings"] for each in branch.returns() if each["verdict"] != "unchanged"}
        return {name: [(each["code"], each["column"]) for each in found] for name, found in returns.items()}

    missing, unexpected = ("missing-column", "Reader group"), ("unexpected-column", "Colour")
    assert told() == {FILE: [missing, unexpected], "B1_fields_2024-03-31.csv": []}
    # The list is corrected: what was rejected for it is judged again.
    branch.write("B1_fields_2024-03-31 2.csv", b"Field\nShelf\nColour\n")
    assert told() == {FILE: [], "B1_fields_2024-03-31 2.csv": []}
