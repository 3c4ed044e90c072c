"""A file that brings down what is reading it: the others are loaded, it is tried again, and then it is parked."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest
from branches import Branch

from places import Outcome
from probation_etl.errors import UnreadableFile

READING = "probation_etl.intake.opened"


class BroughtDownError(BaseException):
    """Stands for what ends a process at once: an abort, or the system when memory is short."""


def name(number: int) -> str:
    return f"B{number}_loans_2024-03-31.csv"


def put(branch: Branch, number: int, *, bomb: bool = False) -> None:
    note = f"bomb {number}" if bomb else ""
    branch.write(name(number), branch.library.csv(branch.library.row(Loan_reference=f"L{number:04}", Notes=note)))


@pytest.fixture
def armed(monkeypatch: pytest.MonkeyPatch) -> Callable[[BaseException | None], None]:
    """Lets bombs go off with this when they are read; with None, they are like any other file."""
    reading = import_module(READING)
    read = reading.read_grids

    def arm(error: BaseException | None) -> None:
        def read_grids(data: bytes, **named: Any) -> Any:
            if error is not None and b"bomb" in data:
                raise error
            return read(data, **named)

        monkeypatch.setattr(reading, "read_grids", read_grids)

    return arm


def codes(outcome: Outcome) -> dict[str, list[str]]:
    returns = outcome.json["returns"]
    return {each["file"]: [found["code"] for found in each["findings"]] for each in returns if each["findings"]}


def parked(branch: Branch) -> list[tuple[str, str]]:
    found = branch.command("status", "--store", branch.url, "--json").json["parked"]
    return [(each["file"], each["brought_down"]) for each in found]


def runs_until_it_ends(branch: Branch) -> int:
    """How many runs are brought down before one ends as it should."""
    for number in range(9):
        if branch.run().code in (0, 1):
            return number
    raise AssertionError


def test_a_run_that_was_brought_down_once_is_finished_by_the_next(
    branch: Branch, armed: Callable[[BaseException | None], None]
) -> None:
    """It need not have been the file: the machine was switched off, or somebody ended the run."""
    for number in (1, 3):
        put(branch, number)
    put(branch, 2, bomb=True)
    armed(BroughtDownError())
    assert branch.run().code == 70
    armed(None)
    assert branch.verdicts() == {name(1): "accepted", name(3): "accepted", name(2): "accepted"}


def test_files_that_bring_the_run_down_cost_the_others_two_runs_each_and_are_parked(
    branch: Branch, armed: Callable[[BaseException | None], None]
) -> None:
    for number in (1, 3, 5):
        put(branch, number)
    put(branch, 2, bomb=True)
    put(branch, 4, bomb=True)
    armed(BroughtDownError())
    assert runs_until_it_ends(branch) == 4
    assert len(branch.fines()) == 3
    assert parked(branch) == []
    # Nothing else is new: each is tried until it has had three attempts.
    assert runs_until_it_ends(branch) == 2
    outcome = branch.run("--json")
    assert (outcome.code, codes(outcome)) == (1, {name(2): ["parked-file"], name(4): ["parked-file"]})
    assert parked(branch) == [(name(2), "run"), (name(4), "run")]
    text = branch.command("status", "--store", branch.url, "-o", branch.root / "status.html").out
    assert f"Parked: 2\n    {name(2)} (" in text
    assert "Parked" in (branch.root / "status.html").read_text(encoding="utf-8")
    # The same content under another name is not read either.
    (branch.inbox / name(4)).rename(branch.inbox / "B6_loans_2024-03-31.csv")
    assert codes(branch.run("--json"))["B6_loans_2024-03-31.csv"] == ["parked-file"]
    armed(None)
    shown = branch.run()
    assert f"probation-etl store unpark {branch.url} --contracts {branch.contracts} " in shown.out
    assert branch.command("store", "unpark", branch.url, name(2)).code == 0
    assert branch.verdicts()[name(2)] == "accepted"
    assert parked(branch) == [(name(4), "run")]
    assert branch.command("store", "unpark", branch.url, "nothing of that name").code == 2


def test_a_file_that_brings_its_reader_down_is_tried_three_times(
    branch: Branch, armed: Callable[[BaseException | None], None]
) -> None:
    put(branch, 1)
    put(branch, 2, bomb=True)
    put(branch, 3, bomb=True)
    armed(UnreadableFile("It asked for too much.", code="reader-failed"))
    for _ in range(2):
        outcome = branch.run("--json")
        assert codes(outcome) == {name(2): ["reader-failed"], name(3): ["reader-failed"]}
    # The machine was busy, and is not any more.
    (branch.inbox / name(3)).rename(branch.root / "kept")
    outcome = branch.run("--json")
    assert codes(outcome) == {name(2): ["reader-failed"]}
    (branch.root / "kept").rename(branch.inbox / name(3))
    armed(None)
    outcome = branch.run("--json")
    assert codes(outcome) == {name(2): ["parked-file"]}
    assert parked(branch) == [(name(2), "reader")]
    lines = branch.command("status", "--store", branch.url, "--json").json
    assert [each["file"] for each in lines["returns"] if not each["supplier_code"]] == [name(2)]
    assert {each["file"]: each["verdict"] for each in branch.returns()} == {
        name(1): "unchanged", name(2): "rejected", name(3): "unchanged",
    }  # fmt: skip
    assert len(branch.fines()) == 2


def test_a_file_that_has_gone_is_no_work_of_the_next_run(
    branch: Branch, armed: Callable[[BaseException | None], None]
) -> None:
    put(branch, 1)
    branch.run()
    put(branch, 2, bomb=True)
    armed(BroughtDownError())
    assert branch.run().code == 70
    branch.take(name(2))
    assert branch.verdicts() == {name(1): "unchanged"}
    assert len(branch.fines()) == 1


def test_a_run_that_was_loaded_was_not_brought_down(
    branch: Branch, armed: Callable[[BaseException | None], None]
) -> None:
    """A power cut may bring back its word that it was at a file."""
    for number in (1, 2, 3):
        put(branch, number)
        branch.run()
    put(branch, 4, bomb=True)
    armed(BroughtDownError())
    assert branch.run().code == 70
    armed(None)
    [at_work] = (branch.root / "reports").glob(".*.at-work")
    word = json.loads(at_work.read_text(encoding="utf-8"))
    loaded = sorted(path.name for path in (branch.root / "reports").glob("2*"))
    lines = [json.dumps(word | {"run_id": run_id}) for run_id in loaded]
    at_work.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    assert (len(loaded), branch.verdicts()[name(4)]) == (3, "accepted")
