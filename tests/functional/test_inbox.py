"""What a run takes from an inbox, and what it leaves: nothing stops the others, and nothing is left without a word."""

from __future__ import annotations

import errno
import os
from typing import Any

import pytest
from branches import NAME, Branch

GOOD, OTHER, ELSEWHERE = NAME.format(""), "B2_loans_2024-03-31.csv", "B3_loans_2024-03-31.csv"


def codes(outcome: Any) -> dict[str, list[str]]:
    """Codes of the findings of each file that has some."""
    returns = outcome.json["returns"]
    return {each["file"]: [found["code"] for found in each["findings"]] for each in returns if each["findings"]}


class Refusing:
    """A system that refuses to open certain files and to list certain folders, as it does a user who is not root."""

    def __init__(self, patch: pytest.MonkeyPatch, refused: dict[str, int]) -> None:
        self._refused, self._open, self._scandir = refused, os.open, os.scandir
        patch.setattr(os, "open", self.open)
        patch.setattr(os, "scandir", self.scandir)

    def open(self, path: Any, *arguments: Any, **named: Any) -> int:
        self._check(path)
        return self._open(path, *arguments, **named)

    def scandir(self, path: Any) -> Any:
        self._check(path)
        return self._scandir(path)

    def _check(self, path: Any) -> None:
        number = self._refused.get(os.path.basename(os.fspath(path)))  # noqa: PTH119 -- whatever the program passes
        if number:
            raise OSError(number, os.strerror(number), path)


def test_a_file_and_a_folder_out_of_reach_do_not_stop_the_others(
    branch: Branch, monkeypatch: pytest.MonkeyPatch
) -> None:
    branch.put(GOOD, "1")
    branch.put(OTHER, "2")
    branch.put(f"closed/{ELSEWHERE}", "3")
    branch.put("B4_loans_2024-03-31.csv", "4")
    refused = {OTHER: errno.EACCES, "closed": errno.EACCES, "B4_loans_2024-03-31.csv": errno.EIO}
    with monkeypatch.context() as patch:
        Refusing(patch, refused)
        outcome, again = branch.run("--json"), branch.run()
    assert outcome.code == again.code == 1
    assert codes(outcome) == {each: ["inaccessible-file"] for each in ("B4_loans_2024-03-31.csv", OTHER, "closed")}
    assert "Permission denied" in again.out
    assert "Input/output error" in again.out
    assert "the user who runs this program may read it" in again.out
    assert sorted(branch.verdicts().values()) == ["accepted"] * 3 + ["unchanged"]


def test_what_is_no_file_of_the_inbox_is_left_and_told(branch: Branch) -> None:
    branch.put(GOOD, "1")
    branch.put("elsewhere", "2")
    outside = branch.root / "outside.csv"
    (branch.inbox / "elsewhere").rename(outside)
    (branch.inbox / OTHER).symlink_to(outside)
    os.link(outside, branch.inbox / ELSEWHERE)
    branch.put(f"{OTHER}.part", "2")
    outcome = branch.run("--json")
    assert outcome.code == 1
    assert codes(outcome) == {ELSEWHERE: ["linked-file"]}
    assert outcome.json["not_taken"] == [
        {"file": OTHER, "state": "left_alone", "why": "a link"},
        {"file": f"{OTHER}.part", "state": "left_alone", "why": "still being written"},
    ]
    assert branch.fines() == ["1.000000"]
    shown = branch.command("-v", "run", branch.inbox, "--store", branch.url, "--reports", branch.root / "reports")
    assert any("left alone: a link" in line and OTHER in line for line in shown.err.splitlines())
    assert "Left alone: 2 (a link: 1, still being written: 1)" in shown.out
    assert "Put a copy of the file into the inbox" in shown.out
