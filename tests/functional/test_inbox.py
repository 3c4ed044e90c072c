"""What a run takes from an inbox, and what it leaves: nothing stops the others, and nothing is left without a word."""

from __future__ import annotations

import errno
import io
import os
import time
from collections.abc import Callable
from importlib import import_module
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
    page = (branch.root / "reports" / outcome.json["run_id"] / "index.html").read_text(encoding="utf-8")
    assert "Left alone in the inbox: 2 (a link: 1, still being written: 1)" in page
    assert f"{OTHER}.part</bdi>" in page
    assert branch.fines() == ["1.000000"]
    shown = branch.command("-v", "run", branch.inbox, "--store", branch.url, "--reports", branch.root / "reports")
    assert any("left alone: a link" in line and OTHER in line for line in shown.err.splitlines())
    assert "Left alone: 2 (a link: 1, still being written: 1)" in shown.out
    assert "Put a copy of the file into the inbox" in shown.out


class TestSettling:
    """A file that is still being written is left for the next run; the clock decides nothing."""

    @pytest.fixture
    def written(self, branch: Branch, monkeypatch: pytest.MonkeyPatch) -> list[Callable[[], None]]:
        """What is done while a run waits."""
        while_waiting: list[Callable[[], None]] = []
        settling = import_module("probation_etl.runs.settling")

        def sleep(seconds: float) -> None:
            assert 0 < seconds <= 300
            for each in while_waiting:
                each()

        monkeypatch.setattr(settling.time, "sleep", sleep)
        return while_waiting

    def test_what_changes_while_the_run_waits_is_told_and_taken_by_the_next(
        self, branch: Branch, written: list[Callable[[], None]]
    ) -> None:
        branch.put(GOOD, "1")
        branch.put(OTHER, "2")
        written.append(lambda: branch.put(OTHER, "2", "3"))
        outcome = branch.run("--settle", "300", "--json")
        assert [each["file"] for each in outcome.json["returns"]] == [GOOD]
        assert [(each["file"], each["state"]) for each in outcome.json["not_taken"]] == [(OTHER, "waiting")]
        written.clear()
        assert branch.verdicts("--settle", "300") == {GOOD: "unchanged", OTHER: "accepted"}
        assert branch.fines() == ["1.000000", "2.000000", "3.000000"]

    @pytest.mark.parametrize("years", [50, -5])
    def test_the_time_of_a_file_or_of_the_machine_may_be_wrong(
        self, branch: Branch, written: list[Callable[[], None]], years: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        now = time.time()
        branch.put(GOOD, "1", modified=int(now + years * 365 * 86_400))
        monkeypatch.setattr(time, "time_ns", lambda: int((now - 86_400) * 1e9))
        assert branch.verdicts("--settle", "300") == {GOOD: "accepted"}
        # Nothing is new: nothing is waited for.
        written.append(lambda: pytest.fail("waited"))
        assert branch.verdicts("--settle", "300") == {GOOD: "unchanged"}


def test_a_file_that_changes_after_the_first_look_is_left_for_the_next_run(
    branch: Branch, monkeypatch: pytest.MonkeyPatch
) -> None:
    taking = import_module("probation_etl.runs.take")
    branch.put(GOOD, "1")
    settled = taking.settled

    def then_changed(*arguments: Any) -> Any:
        found = settled(*arguments)
        branch.put(GOOD, "1", "2")
        return found

    with monkeypatch.context() as patch:
        patch.setattr(taking, "settled", then_changed)
        outcome = branch.run()
    assert outcome.code == 0
    assert f"{GOOD}: waiting: it changed" in outcome.out
    assert branch.verdicts() == {GOOD: "accepted"}


def test_little_memory_is_enough_for_small_files_and_none_is_no_bug(
    branch: Branch, monkeypatch: pytest.MonkeyPatch
) -> None:
    branch.put(GOOD, "1")
    contents = import_module("probation_etl.intake.readers.contents")
    asked: list[int] = []
    whole = contents._whole

    def read(stream: Any, size: int, limit: int) -> bytes:
        asked.append(size)
        return bytes(whole(stream, size, limit))

    with monkeypatch.context() as patch:
        patch.setattr(contents, "_whole", lambda *_: bytearray(1 << 60))
        branch.run().refused(3, "There is not enough memory. Nothing is half-done.")
    monkeypatch.setattr(contents, "_whole", read)
    assert branch.verdicts() == {GOOD: "accepted"}
    assert max(asked) == (branch.inbox / GOOD).stat().st_size
    grown = io.BytesIO(b"abcdef")
    assert [whole(grown, 2, limit) for limit in (9,)] == [b"abcdef"]
