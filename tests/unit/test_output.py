"""A result in a file is there whole, or what was there before still is."""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import pytest

from probation_etl.cli.output import emit
from probation_etl.errors import EnvironmentFailure


@contextmanager
def room(size: int) -> Iterator[None]:
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


@pytest.mark.parametrize("earlier", [None, "what was there\n"])
def test_on_a_full_disk_what_was_there_stays_as_it_was(tmp_path: Path, earlier: str | None) -> None:
    path = tmp_path / "findings.csv"
    if earlier is not None:
        path.write_text(earlier, encoding="utf-8")
    with room(1_000), pytest.raises(EnvironmentFailure, match="cannot be written: File too large"):
        emit("x" * 5_000, path)
    assert [each.read_text(encoding="utf-8") for each in tmp_path.iterdir()] == ([earlier] if earlier else [])


def test_a_file_keeps_who_may_read_it_and_a_link_leads_where_it_led(tmp_path: Path) -> None:
    path, link = tmp_path / "findings.csv", tmp_path / "latest.csv"
    path.write_text("what was there", encoding="utf-8")
    path.chmod(0o640)
    link.symlink_to(path.name)
    emit("new", link)
    assert link.is_symlink()
    assert path.read_text(encoding="utf-8") == "new\n"
    assert path.stat().st_mode & 0o777 == 0o640
    assert sorted(each.name for each in tmp_path.iterdir()) == ["findings.csv", "latest.csv"]


def test_what_is_no_ordinary_file_takes_the_result_as_it_comes(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[str] = []
    reader = Thread(target=lambda: read.append(pipe.read_text(encoding="utf-8")))
    reader.start()
    emit("new", pipe)
    reader.join(timeout=10)
    assert read == ["new\n"]
    assert pipe.is_fifo()


def test_a_directory_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFailure, match="cannot be written: Is a directory"):
        emit("new", tmp_path)
