"""Small files are judged on all processors: the store and the reports are the same as those of one process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from senders import breaches
from two_runs import differences, runs_of

from places import Place
from probation_etl.errors import UsageError
from probation_etl.intake.readers import apart
from probation_etl.intake.readers.apart import reading_process
from probation_etl.runs.judges import process as judging
from probation_etl.runs.run import run
from probation_etl.stopping import Stopped

#: What reads workbooks and tables, but for those that bring it down.
READING = """
import os, sys
from probation_etl.intake.readers.apart import worker
answer = worker._answer
worker._answer = lambda data, limits: os.abort() if b"lethal" in data else answer(data, limits)
worker.work(int(sys.argv[1]))
"""
JUDGING = f"""
import sys
from probation_etl.intake.readers.apart import reading_process
from probation_etl.runs.judges.worker import work
reading_process._PROGRAM = {READING!r}
work(int(sys.argv[1]))
"""


@pytest.fixture
def lethal(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Some files bring down what reads them, in this process and in others."""
    monkeypatch.setattr(reading_process, "_PROGRAM", READING)
    monkeypatch.setattr(judging, "_PROGRAM", JUDGING)
    monkeypatch.setattr(apart, "_kept", kept := type(apart._kept)())
    yield
    kept.end()


@pytest.fixture
def processes(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[judging.JudgingProcess]]:
    """Those that are started; none must be left."""
    made: list[judging.JudgingProcess] = []
    start = judging.JudgingProcess.__init__

    def started(self: judging.JudgingProcess, first: bytes) -> None:
        start(self, first)
        made.append(self)

    monkeypatch.setattr(judging.JudgingProcess, "__init__", started)
    yield made
    assert not any(each.is_alive for each in made)


@pytest.mark.usefixtures("quick", "lethal")
def test_the_store_and_the_reports_of_one_process_and_of_many_are_the_same(
    tmp_path: Path, processes: list[judging.JudgingProcess], monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = runs_of(Place(tmp_path / "one"), 1)
    assert not processes
    codes = "".join(alone["quarantine", "findings"])
    for code in ("unknown-reference", "competing-returns", "reader-failed", "fewer-rows", "unidentified", "damaged"):
        assert code in codes
    # A process that is ended from outside leaves its file to the one that waits.
    ask = judging.JudgingProcess.ask

    def killed(self: judging.JudgingProcess, request: Any) -> Any:
        if request.name.startswith("N54"):
            self.end()
        return ask(self, request)

    monkeypatch.setattr(judging.JudgingProcess, "ask", killed)
    assert differences(runs_of(Place(tmp_path / "two"), 2), alone) == []
    assert len(processes) >= 4


@pytest.mark.usefixtures("quick")
def test_a_wish_to_stop_ends_all_processes_and_fewer_than_one_are_refused(
    place: Place, processes: list[judging.JudgingProcess]
) -> None:
    for number in range(4):
        place.put(f"N5{number}_breaches_2020-03-29.csv", breaches(number + 1))

    def stop(*_: object) -> None:
        raise Stopped

    given: Any = {"store": place.url, "reports": place.reports}
    with pytest.raises(Stopped):
        run(place.inbox, workers=2, on_file=stop, **given)
    assert processes
    with pytest.raises(UsageError, match="one worker at least"):
        run(place.inbox, workers=0, **given)
