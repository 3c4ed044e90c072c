"""A directory of contracts is compiled once, and anew as soon as a byte of it is another."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from probation_etl.contracts.rulebook import load_rulebook
from probation_etl.contracts.shipped import shipped
from probation_etl.errors import ContractError


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return Path(shutil.copytree(shipped("contracts"), tmp_path / "contracts"))


def test_what_did_not_change_is_compiled_once(directory: Path) -> None:
    once = load_rulebook(directory)
    assert load_rulebook(directory) is once
    for each in directory.rglob("*.yaml"):
        os.utime(each, (0, 0))
    assert load_rulebook(str(directory)) is once


@pytest.mark.parametrize("pattern", ["unified/*.odcs.yaml", "reference/*.odcs.yaml", "reference/*.csv"])
def test_a_byte_that_changes_is_seen_whatever_the_times_say(directory: Path, pattern: str) -> None:
    before = load_rulebook(directory)
    path = next(iter(sorted(directory.glob(pattern))))
    about, text = path.stat(), path.read_bytes()
    path.write_bytes(text + b"\n")
    os.utime(path, ns=(about.st_atime_ns, about.st_mtime_ns))
    after = load_rulebook(directory)
    assert after is not before
    path.write_bytes(text)
    assert load_rulebook(directory) is before
    assert after.contracts.digest != before.contracts.digest


def test_a_fault_is_told_each_time(directory: Path) -> None:
    path = sorted(directory.glob("unified/*.odcs.yaml"))[0]
    path.write_text("id: nothing\n", encoding="utf-8")
    for _ in range(2):
        with pytest.raises(ContractError):
            load_rulebook(directory)


def test_what_is_no_file_is_no_content(directory: Path) -> None:
    """A pipe would be waited for."""
    before = load_rulebook(directory)
    os.mkfifo(directory / "pipe.odcs.yaml")
    with pytest.raises(ContractError, match="not a file"):
        load_rulebook(directory)
    (directory / "pipe.odcs.yaml").unlink()
    assert load_rulebook(directory) is before


def test_another_directory_with_the_same_content_has_its_own_places(directory: Path, tmp_path: Path) -> None:
    other = Path(shutil.copytree(directory, tmp_path / "other"))
    load_rulebook(directory)
    (table, *_) = load_rulebook(other).contracts.unified()
    assert table.path
    assert table.path.is_relative_to(other)


def test_few_are_kept(directory: Path, tmp_path: Path) -> None:
    first = load_rulebook(directory)
    for number in range(8):
        load_rulebook(shutil.copytree(directory, tmp_path / f"other{number}"))
    assert load_rulebook(directory) is not first
