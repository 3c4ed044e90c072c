"""Files leave the inbox once what became of them is committed and reported, and none before."""

from __future__ import annotations

import errno
import os
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from branches import NAME, Branch

from probation_etl.stores import connect

GOOD = NAME.format("")


@pytest.fixture
def filled(branch: Branch) -> Branch:
    """An inbox with a file of each kind: good, rejected, competing, unfinished, out of reach."""
    branch.put(f"sent/{GOOD}", "1")
    branch.write("B2_loans_2024-03-31.csv", b"no header\n")
    branch.put("B3_loans_2024-03-31_a.csv", "3")
    branch.put("B3_loans_2024-03-31_b.csv", "4")
    branch.put("B4_loans_2024-03-31.csv.part", "5")
    os.link(branch.inbox / "B4_loans_2024-03-31.csv.part", branch.root / "elsewhere")
    os.link(branch.inbox / "B4_loans_2024-03-31.csv.part", branch.inbox / "B5_loans_2024-03-31.csv")
    return branch


def below(folder: Path) -> list[str]:
    return sorted(each.relative_to(folder).as_posix() for each in folder.rglob("*") if each.is_file())


STAY = [
    "B3_loans_2024-03-31_a.csv", "B3_loans_2024-03-31_b.csv", "B4_loans_2024-03-31.csv.part", "B5_loans_2024-03-31.csv",
]  # fmt: skip


def test_what_was_taken_is_moved_and_the_rest_stays(filled: Branch) -> None:
    archive = filled.root / "archive"
    assert filled.run("--archive", archive, "--dry-run").code == 1
    assert not archive.exists()
    first = filled.run("--archive", archive, "--json").json
    assert below(filled.inbox) == STAY
    assert below(archive) == [f"{first['run_id']}/{each}" for each in ("B2_loans_2024-03-31.csv", f"sent/{GOOD}")]
    assert archive.stat().st_mode & 0o777 == 0o700
    # A known return that comes again is moved too, beside what was moved before.
    filled.put(f"sent/{GOOD}", "1")
    again = filled.run("--archive", archive, "--json").json
    assert below(archive / again["run_id"]) == [f"sent/{GOOD}"]
    filled.take("B3_loans_2024-03-31_a.csv")
    last = filled.run("--archive", archive, "--json").json
    assert below(archive / last["run_id"]) == ["B3_loans_2024-03-31_b.csv"]
    assert filled.fines() == ["1.000000", "4.000000"]


def test_a_run_that_fails_moves_nothing_and_the_next_one_moves_what_it_left(
    branch: Branch, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = branch.root / "archive"
    branch.put(GOOD, "1")
    branch.put("B2_loans_2024-03-31.csv", "2")
    rename = Path.rename

    def refuse(self: Path, target: Any) -> Path:
        if self.name == GOOD:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return rename(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", refuse)
        outcome = branch.run("--archive", archive)
    assert outcome.code == 3
    assert "The returns were loaded and reported. 1 file could not be moved" in outcome.err
    assert below(branch.inbox) == [GOOD]
    assert branch.verdicts("--archive", archive) == {GOOD: "unchanged"}
    assert below(branch.inbox) == []
    with monkeypatch.context() as patch:
        patch.setattr(import_module("probation_etl.runs.completion"), "conclude", lambda _: 1 / 0)
        branch.put(GOOD, "2")
        assert branch.run("--archive", archive).code == 70
    assert below(branch.inbox) == [GOOD]


def test_to_another_disk_a_file_is_copied_first_and_what_came_meanwhile_stays(
    branch: Branch, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive, rename = branch.root / "archive", Path.rename

    def elsewhere(self: Path, target: Any) -> Path:
        if branch.inbox in self.parents:
            raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", elsewhere)
    branch.put(GOOD, "1")
    run = branch.run("--archive", archive, "--json").json
    assert below(archive / run["run_id"]) == [GOOD]
    assert below(branch.inbox) == []
    archiving = import_module("probation_etl.runs.take")
    put_away = archiving.put_away
    branch.put(GOOD, "2")

    def meanwhile(*arguments: Any) -> None:
        branch.put(GOOD, "3")
        put_away(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(archiving, "put_away", meanwhile)
        branch.run("--archive", archive)
    assert below(branch.inbox) == [GOOD]
    assert branch.verdicts("--archive", archive) == {GOOD: "accepted"}
    assert branch.fines() == ["3.000000"]


def test_a_withdrawn_return_that_is_sent_again_under_its_name_is_told(branch: Branch) -> None:
    archive = branch.root / "archive"
    branch.put(GOOD, "1")
    branch.run("--archive", archive)
    with connect(branch.url, branch.rulebook.contracts, branch.rulebook.tables) as store:
        (entry,) = store.ledger.entries()
    reports = branch.root / "reports"
    branch.command("store", "withdraw", branch.url, entry.return_id, "--reason", "x", "--reports", reports)
    branch.put(GOOD, "1")
    (again,) = branch.returns("--archive", archive)
    assert (again["verdict"], [each["code"] for each in again["findings"]]) == ("unchanged", ["superseded-content"])
    assert "--reinstate" in again["findings"][0]["hint"]


def test_what_a_run_writes_is_refused_in_the_inbox_but_for_the_store_which_is_left_alone(branch: Branch) -> None:
    branch.put(GOOD, "1")
    (branch.root / "link").symlink_to(branch.inbox)
    for place in (branch.inbox / "x", branch.inbox / ".." / branch.inbox.name / "x", branch.root / "link" / "x"):
        for option, what in (
            ("--archive", "archive"), ("--reports", "reports directory"), ("--ledger", "ledger file"), ("--metrics", "metrics file"),
            ("--heartbeat", "heartbeat file"), ("--openlineage", "file of OpenLineage events"),
        ):  # fmt: skip
            refused = branch.command(
                "run", branch.inbox, "--store", branch.url, "--reports", branch.root / "r", option, place
            )
            refused.refused(2, f"The {what} {place} lies in the inbox {branch.inbox}")
    for option in ("--archive", "--reports"):
        branch.command("run", branch.inbox, "--store", branch.url, option, branch.inbox).refused(2, "lies in the inbox")
    assert below(branch.inbox) == [GOOD]
    assert sorted(each.name for each in branch.root.iterdir()) == ["inbox", "link"]
    # Around it they may lie: the inbox is a folder beside those of the runs.
    around = [
        "run", branch.inbox, "--store", f"duckdb:///{branch.inbox}/s.duckdb", "--reports", branch.root, "--archive", branch.root / "a",
        "--contracts", branch.contracts,
    ]  # fmt: skip
    assert branch.command(*around).code == 0
    assert not [each for each in below(branch.inbox) if not each.startswith("s.duckdb")]
    again = branch.command(*around, "--json").json
    assert (again["returns"], {each["why"] for each in again["not_taken"]}) == ([], {"the store"})
