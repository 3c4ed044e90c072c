"""A run reads each file once, looks for each header once and counts the findings of each return once, whatever it writes."""

from __future__ import annotations

import hashlib
import shutil
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from senders import BREACH_HEADER, BREACH_ROW, CASELOAD_HEADER, CASELOAD_ROW, SUSPENSION_HEADER, workbook

from places import SAMPLE_DATA, Place
from probation_etl.intake.header import find_headers
from probation_etl.intake.readers import Grid, read_grids
from probation_etl.reports.rule_counts import count_by_rule
from probation_etl.runs.inbox import read_file
from probation_etl.runs.run import RunResult, run

NAME = "C08_return_2020-03-29.xlsx"
SUSPENSION_ROW = ("X990001", "1", "Derby City", "21/02/2020", "24/03/2020", "", "")


@dataclass
class Counts:
    """What was read since the last run began.

    Attributes:
        files: How often each file of the inbox was opened, by its name.
        contents: How often cells were made of bytes, by their hash.
        sheets: How often each sheet was searched for a header, by the identity of its cells.
        summaries: For how many returns the findings were counted by rule.
    """

    files: Counter[str] = field(default_factory=Counter)
    contents: Counter[str] = field(default_factory=Counter)
    sheets: Counter[int] = field(default_factory=Counter)
    summaries: Counter[str] = field(default_factory=Counter)
    _alive: list[Grid] = field(default_factory=list)

    def searched(self, grid: Grid) -> int:
        self._alive.append(grid)  # no other sheet gets its identity
        return id(grid)


@pytest.fixture
def counts(monkeypatch: pytest.MonkeyPatch) -> Counts:
    """Counts calls wherever the functions are imported, now or later."""
    found = Counts()
    watched: tuple[tuple[Callable[..., Any], Callable[..., None]], ...] = (
        (read_file, lambda _inbox, path, _limits: found.files.update([path.name])),
        (read_grids, lambda data, **_: found.contents.update([sha256(data)])),
        (find_headers, lambda grid, _contracts: found.sheets.update([found.searched(grid)])),
        (count_by_rule, lambda *_: found.summaries.update(["returns"])),
    )
    for function, note in watched:
        _watch(monkeypatch, function, note)
    return found


def _watch(patch: pytest.MonkeyPatch, function: Callable[..., Any], note: Callable[..., None]) -> None:
    def counted(*arguments: Any, **named: Any) -> Any:
        note(*arguments, **named)
        return function(*arguments, **named)

    for name, module in list(sys.modules.items()):
        if name.startswith("probation_etl") and vars(module).get(function.__name__) is function:
            patch.setattr(module, function.__name__, counted)


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def annotated(place: Place) -> RunResult:
    return run(place.inbox, store=place.url, reports=place.reports, annotated=True, workers=1)


@pytest.mark.usefixtures("quick")
def test_each_file_of_the_sample_is_read_once_to_know_it_and_to_load_it(place: Place, counts: Counts) -> None:
    for folder in ("annexe_2", "faulty"):
        shutil.copytree(SAMPLE_DATA / folder, place.inbox / folder)
    files = [path for path in place.inbox.rglob("*") if path.suffix in (".csv", ".xlsx", ".ods")]
    returns = annotated(place).returns
    assert counts.contents == Counter(sha256(path.read_bytes()) for path in files)
    assert counts.files == Counter(path.name for path in files)
    assert len(counts.sheets) == len(returns)
    assert set(counts.sheets.values()) == {1}
    assert counts.summaries["returns"] == len(returns)


@pytest.mark.usefixtures("quick")
def test_a_corrected_workbook_and_the_one_before_it_are_read_once(place: Place, counts: Counts) -> None:
    sent = [faulty_workbook("none"), faulty_workbook("nobody knows")]
    for content in sent:
        counts.files.clear(), counts.contents.clear(), counts.sheets.clear()
        place.put(NAME, content)
        returns = annotated(place).returns
    assert [each["resubmission"]["remaining"] > 0 for each in returns] == [True, True, True]
    assert counts.files == Counter({NAME: 1})
    assert counts.contents == Counter(map(sha256, sent))
    assert Counter(counts.sheets.values()) == {1: 6}


def faulty_workbook(risk: str) -> bytes:
    """Three returns, each with a fault in a row; most rows of breaches and suspensions are good."""
    breach = dict(zip(BREACH_HEADER, BREACH_ROW, strict=True))
    breaches = [{**breach, "Case reference": f"X99{at:04}"} for at in range(60)]
    suspension = dict(zip(SUSPENSION_HEADER, SUSPENSION_ROW, strict=True))
    suspensions = [{**suspension, "Case reference": f"X99{at:04}"} for at in range(1, 60)]
    breaches[0]["Risk of harm"] = suspensions[1]["Resumed on"] = risk
    return workbook(
        {"Period start": "16/03/2020", "Period end": "29/03/2020"},
        Breaches=[BREACH_HEADER, *(each.values() for each in breaches)],
        Suspended_breaches=[SUSPENSION_HEADER, *(each.values() for each in suspensions)],
        Caseload=[CASELOAD_HEADER, (*CASELOAD_ROW[:2], "29/03/2020", "", "", risk)],
    )
