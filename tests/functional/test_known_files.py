"""A file that a run has taken is not read again while nothing says that it has changed; what comes of a run is the same."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from branches import NAME, Branch

import probation_etl as pe

FIRST, SECOND, RIVAL = (NAME.format(each) for each in ("", "_NAME-OF-A-PERSON", "_b"))
OTHER = "B2_loans_2024-03-31.csv"


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[str]]:
    """Tells which files were read since it was last asked."""
    looking = import_module("probation_etl.runs.looking")
    hashed, names = looking.hashed, list[str]()

    def seen(inbox: Any, path: Path) -> Any:
        names.append(path.name)
        return hashed(inbox, path)

    def since() -> list[str]:
        found = sorted(names)
        names.clear()
        return found

    monkeypatch.setattr(looking, "hashed", seen)
    return since


@pytest.fixture
def fine_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock of the file system has no grain: what was written a moment ago is known at once."""
    monkeypatch.setattr("probation_etl.runs.known_files._GRAIN", 0)


def told(branch: Branch, *more: object) -> dict[str, Any]:
    """What a run says, without its name and times. New files are taken at once."""
    said = dict(branch.run("--json", "--settle", 0, *more).json)
    return {key: value for key, value in said.items() if key not in ("run_id", "started_at", "seconds")}


def known(branch: Branch) -> Path:
    (found,) = (branch.root / "reports").glob(".*.known")
    return found


@pytest.mark.usefixtures("fine_clock")
def test_what_has_not_changed_is_not_read_and_the_result_is_the_same(
    branch: Branch, read: Callable[[], list[str]]
) -> None:
    branch.put(SECOND, "1")
    branch.put(OTHER, "2")
    assert told(branch, "--dry-run")["verdict"] == "accepted"
    assert not (branch.root / "reports").exists()
    assert told(branch)["verdict"] == "accepted"
    noted, mode = known(branch).read_bytes(), known(branch).stat().st_mode & 0o777
    assert (mode, b"PERSON" in noted, b"loans" in noted) == (0o600, False, False)
    read()
    unread, unread_dry = told(branch), told(branch, "--dry-run")
    assert read() == []
    assert told(branch, "--read-all") == unread == unread_dry
    assert read() == sorted([SECOND, OTHER])
    reports = {"reports": branch.root / "reports", "contracts": branch.contracts}
    assert pe.run(branch.inbox, store=branch.url, **reports).verdict == "unchanged"
    assert read() == []
    assert pe.run(branch.inbox, store=branch.url, read_all=True, **reports).verdict == "unchanged"
    assert read() == sorted([SECOND, OTHER])
    # As large as before, and as old as it says; it is still seen to have changed.
    before = (branch.inbox / OTHER).stat()
    branch.put(OTHER, "3")
    os.utime(branch.inbox / OTHER, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert {each["file"]: each["verdict"] for each in told(branch)["returns"]} == {
        SECOND: "unchanged",
        OTHER: "accepted",
    }
    assert read() == [OTHER]
    # Whether content that is known under another name is this return is not known before it is read.
    (branch.inbox / OTHER).rename(branch.inbox / "sent.csv")
    renamed = told(branch)
    read()
    assert told(branch) == renamed
    assert read() == ["sent.csv"]
    assert told(branch, "--archive", branch.root / "archive")["verdict"] == "unchanged"
    assert read() == sorted([SECOND, "sent.csv"])


@pytest.mark.usefixtures("fine_clock")
def test_what_is_not_decided_is_read_again(branch: Branch, read: Callable[[], list[str]]) -> None:
    branch.put(OTHER, "1")
    told(branch)
    kept = [branch.root / name for name in ("store.duckdb", "store.duckdb.ledger.jsonl")]
    for each in kept:
        shutil.copy(each, each.with_suffix(".kept"))
    branch.put(FIRST, "2")
    branch.put(RIVAL, "3")
    assert told(branch)["verdict"] == "rejected"
    read()
    assert told(branch)["verdict"] == "unchanged"
    assert read() == [FIRST, RIVAL]
    branch.take(RIVAL)
    assert told(branch)["verdict"] == "accepted"
    read()
    assert told(branch)["verdict"] == "unchanged"
    assert read() == []
    # A store that was put back does not know what was loaded since.
    for each in kept:
        shutil.copy(each.with_suffix(".kept"), each)
    assert told(branch)["verdict"] == "accepted"
    assert read() == [FIRST]
    assert branch.fines() == ["1.000000", "2.000000"]
    os.link(branch.inbox / FIRST, branch.root / "elsewhere")
    assert [each["code"] for one in told(branch)["returns"] for each in one["findings"]] == ["linked-file"]
    (branch.root / "elsewhere").unlink()
    contract = next(branch.contracts.rglob("*.odcs.yaml"))
    contract.write_text(f"{contract.read_text(encoding='utf-8')}# looked at again\n", encoding="utf-8")
    read()
    told(branch)
    assert read() == sorted([FIRST, OTHER])
    # Nothing of them was new under the other contracts: that is known as well.
    assert told(branch)["verdict"] == "unchanged"
    assert read() == []
    # What these contracts make of them may have been lost with a store that was put back.
    for each in kept:
        shutil.copy(each.with_suffix(".kept"), each)
    told(branch)
    assert FIRST in read()


def test_a_hash_that_was_taken_too_soon_counts_for_nothing(
    branch: Branch, read: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    branch.put(FIRST, "1")
    branch.put(OTHER, "2")
    both, begun = sorted([FIRST, OTHER]), time.time_ns()
    with monkeypatch.context() as patch:
        # The third time they have been seen to be as they are for long enough, whoever's clock it is.
        for seconds, expected in ((0, both), (1, both), (4, both), (5, []), (6, []), (-3600, both)):
            patch.setattr(time, "time_ns", lambda seconds=seconds: begun + seconds * 1_000_000_000)
            told(branch)
            assert read() == expected, seconds
    known(branch).unlink()
    time.sleep(max(0, 2 + (begun - time.time_ns()) / 1e9))
    told(branch)
    read()
    told(branch)
    assert read() == [], "the times of the files and of the notes are by one clock"


@pytest.mark.usefixtures("fine_clock")
def test_what_somebody_else_may_have_noted_is_not_believed(branch: Branch, read: Callable[[], list[str]]) -> None:
    branch.put(FIRST, "1")
    told(branch)
    good = known(branch).read_bytes()
    forged = branch.root / "forged"

    def linked(file: Path) -> None:
        forged.write_bytes(good)
        file.unlink()
        file.symlink_to(forged)

    damage: list[Callable[[Path], object]] = [
        lambda file: file.write_bytes(good[:-9]),
        lambda file: file.write_bytes(good.replace(b'"format":2', b'"format":3')),
        lambda file: file.write_bytes(b""),
        lambda file: file.chmod(0o622),
        linked,
        *([lambda file: os.chown(file, 12345, 12345)] if os.geteuid() == 0 else []),
    ]
    for each in damage:
        each(known(branch))
        read()
        assert told(branch)["verdict"] == "unchanged"
        assert read() == [FIRST], each
        assert told(branch)["verdict"] == "unchanged"
        assert read() == [], each
        known(branch).unlink()
        told(branch)
