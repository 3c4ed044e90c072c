"""The heartbeat file says what a run is doing, not too often, and is always whole."""

import json
from datetime import datetime
from pathlib import Path

import pytest

from probation_etl.operations import heartbeat
from probation_etl.operations.events import Begun, Ended
from probation_etl.operations.heartbeat import Heartbeat

RUN = Begun("20240331T120000Z-0a1b2c3d", datetime(2024, 3, 31, 12), "duckdb:///x", Path("inbox"))


def test_it_says_how_far_the_run_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "heartbeat.json"
    beat, said = Heartbeat(path), []

    def look() -> None:
        said.append(json.loads(path.read_text()))

    beat.begun(RUN)
    look()
    beat.working(RUN, 3, 9)
    look()
    monkeypatch.setattr(heartbeat, "_EVERY_SECONDS", 0.0)
    beat.working(RUN, 4, 9)
    look()
    beat.ended(Ended(RUN, RUN.started_at, 1.0, 0))
    look()
    assert [each["state"] for each in said] == ["begun", "begun", "working", "finished"]
    assert (said[2]["files_done"], said[2]["files"]) == (4, 9)
    assert {(each["run"], each["started_at"]) for each in said} == {(RUN.run_id, "2024-03-31T12:00:00Z")}
    assert said[3]["exit_code"] == 0
