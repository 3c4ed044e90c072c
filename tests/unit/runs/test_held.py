"""New files are held until they are taken, as far as there is room."""

from __future__ import annotations

from probation_etl.intake.judged import JudgedFile
from probation_etl.intake.readers import Content
from probation_etl.runs.held import Held, HeldFile


def judged() -> JudgedFile:
    raise AssertionError


def file(rows: int = 1) -> HeldFile:
    return HeldFile(Content(b"text" * rows, ""), judged=judged, memory=4 * rows)


def test_a_file_is_given_back_once() -> None:
    held = Held()
    held.hold("a", file())
    assert held.released("a") is not None
    assert held.released("a") is None
    assert held.room == Held().room


def test_what_finds_no_room_is_not_held() -> None:
    held = Held(room=file().size + 1)
    held.hold("large", file(rows=10_000))
    held.hold("small", file())
    held.hold("one too many", file())
    assert [held.released(name) is None for name in ("large", "small", "one too many")] == [True, False, True]
    held.hold("one too many", file())
    assert held.released("one too many") is not None


def test_what_was_read_only_for_what_it_claims_to_be_is_not_held() -> None:
    held = Held()
    held.hold("a", HeldFile(Content(b"text", "")))
    assert not held.has("a")
    assert held.room == Held().room
