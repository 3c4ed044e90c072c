"""Each second counts for one stage, the innermost at work; what is measured elsewhere counts too."""

from __future__ import annotations

import pytest

from probation_etl import stages
from probation_etl.stages import counted, seconds_by_stage, spend, spending


def test_seconds_belong_to_the_innermost_stage_and_add_up(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(stages, "perf_counter", lambda: now[0])

    def passes(seconds: float) -> None:
        now[0] += seconds

    with counted():
        passes(1)
        with spending("check"):
            passes(2)
            with spending("import"):
                passes(4)
            passes(8)
        passes(16)
        spend("read", 16)
        spend("run", 32)  # a whole is no stage of itself
        with counted(), spending("check"):
            passes(64)
        found = seconds_by_stage()
    assert {stage: each for stage, each in found.items() if each} == {
        "read": 16,
        "import": 4,
        "check": 74,
        "other": 1,
        "total": 95,
    }
    assert list(found) == [*stages.STAGES, "other", "total"]
    assert seconds_by_stage() == {}


def test_a_stage_that_fails_is_counted_and_outside_of_a_run_nothing_is(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(stages, "perf_counter", lambda: now[0])

    def failing() -> None:
        with spending("load"):
            now[0] += 3
            raise OSError

    with pytest.raises(OSError):  # noqa: PT011 -- raised here
        failing()
    with counted():
        with pytest.raises(OSError):  # noqa: PT011
            failing()
        with spending(stages.COMMIT):
            now[0] += 2
        assert {stage: each for stage, each in seconds_by_stage().items() if each} == {
            "load": 3,
            "commit": 2,
            "total": 5,
        }


def test_seconds_that_others_measured_beside_each_other_are_no_more_than_have_passed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = [0.0]
    monkeypatch.setattr(stages, "perf_counter", lambda: now[0])
    with counted():
        now[0] += 10
        spend("read", 6)
        spend("validate", 6)
        found = seconds_by_stage()
    assert (found["read"], found["validate"], found["other"], found["total"]) == (6, 4, 0, 10)
