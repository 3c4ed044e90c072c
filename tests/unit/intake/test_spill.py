"""Rows and bytes that wait on disk are those that were put down, and nothing of them is left."""

from __future__ import annotations

import gc
import hashlib
import io
import tempfile
from pathlib import Path

import polars as pl
import pytest

from probation_etl.errors import EnvironmentFailure
from probation_etl.intake import received, spill
from probation_etl.intake.frames import Frames, InMemory
from probation_etl.intake.spill import Spill, SpilledBytes, Widened

FRAMES = [
    pl.DataFrame({"row": rows, "text": [f"é{row}" if row % 2 else None for row in rows]})
    for rows in ([1, 2, 3], [], [4])
]


def spilled() -> Frames:
    kept = Spill()
    return Frames(tuple(kept.kept(each.cast({"row": pl.Int64, "text": pl.String})) for each in FRAMES))


def test_rows_come_back_in_their_order_whole_or_part_by_part() -> None:
    frames = spilled()
    assert frames.height == 4
    assert [each["row"].to_list() for each in frames] == [[1, 2, 3], [], [4]]
    assert frames.whole()["text"].to_list() == ["é1", None, "é3", None]
    assert [each.columns for each in frames.of_columns(["text"])] == [["text"]] * 3


def test_some_of_the_rows_and_what_is_made_of_them_wait_on_disk_too() -> None:
    chosen = spilled().chosen([pl.Series([True, False, True]), pl.Series([], dtype=pl.Boolean), pl.Series([False])])
    assert chosen.height == 2
    assert chosen.whole()["row"].to_list() == [1, 3]
    doubled = spilled().mapped(lambda each: each.with_columns(pl.col("row") * 2))
    assert doubled.whole()["row"].to_list() == [2, 4, 6, 8]
    assert not any(isinstance(each, InMemory) for each in doubled.parts)


def test_a_part_with_fewer_columns_has_the_others_empty() -> None:
    part = Widened(Spill().kept(pl.DataFrame({"c0": ["a"]})), {"c0": pl.String(), "c1": pl.String()})
    assert part.read().to_dicts() == [{"c0": "a", "c1": None}]
    assert part.read(["c1"]).to_dicts() == [{"c1": None}]


def test_rows_in_memory_side_by_side_are_put_together() -> None:
    one, other = Frames.of(pl.DataFrame({"row": [1]})), Frames.of(pl.DataFrame({"row": [2]}))
    assert len(one.followed_by(other).parts) == 1
    assert one.followed_by(other).whole()["row"].to_list() == [1, 2]


def test_bytes_come_back_in_parts_with_their_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spill, "PART", 3)
    monkeypatch.setattr(received, "PART", 3)
    kept = SpilledBytes.of(io.BytesIO(b"\0abcdefg"), 100)
    assert list(kept.parts()) == [b"\0ab", b"cde", b"fg"]
    assert (len(kept), kept.whole(), kept.sha256) == (8, b"\0abcdefg", hashlib.sha256(b"\0abcdefg").hexdigest())
    # Of more than is read, so much is put down that it is seen.
    assert len(SpilledBytes.of(io.BytesIO(b"x" * 50), 4)) == 6


def test_nothing_is_seen_in_the_folder_and_nothing_is_left_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    opened = len(list(Path("/dev/fd").iterdir()))
    frames = spilled()
    assert list(tmp_path.iterdir()) == []
    assert len(list(Path("/dev/fd").iterdir())) == opened + 1
    del frames
    gc.collect()
    assert len(list(Path("/dev/fd").iterdir())) == opened


def test_a_full_disk_is_told_of_with_the_folder() -> None:
    full = Spill()
    full._file = Path("/dev/full").open("r+b", buffering=0)  # noqa: SIM115 -- closed below
    with full._file, pytest.raises(EnvironmentFailure, match=r"temporary folder .*: No space left on device\.$"):
        full.kept(FRAMES[0])
