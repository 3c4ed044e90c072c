"""A text that no table can be is refused before it is read into memory, by everything that reads a return."""

from __future__ import annotations

import hashlib
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import probation_etl as pe
from places import Outcome

_SAID = "a line of more than 10,000,000 bytes, which begins at byte 1"


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One cell of 40 MB, under the name of a return."""
    path = tmp_path_factory.mktemp("large") / "N53_breaches_2020-03-01.csv"
    path.write_bytes(b"x" * 40_000_000)
    return path


@contextmanager
def in_little_memory() -> Iterator[None]:
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < 10_000_000
    finally:
        tracemalloc.stop()


def test_the_library_refuses_it(large: Path) -> None:
    pe.validate(b"", "nps-breaches")  # what is made once, such as the contracts, is no part of it
    with in_little_memory():
        result = pe.validate(large, "nps-breaches")
    assert (result.verdict, result.file) == ("rejected", large.name)
    assert result.sha256 == hashlib.sha256(large.read_bytes()).hexdigest()
    ((code, message),) = result.findings.select("code", "message").rows()
    assert (code, _SAID in message) == ("too-large", True)


@pytest.mark.parametrize("beside", [False, True], ids=["alone", "with another"])
def test_the_command_refuses_it(beside: bool, large: Path, tmp_path: Path, command: Callable[..., Outcome]) -> None:
    other = tmp_path / "notes.csv"
    other.write_text("a,b\n1,2\n", encoding="utf-8")
    with in_little_memory():
        done = command("validate", large, *([other] if beside else []))
    assert done.code == 1
    assert _SAID in " ".join(done.out.split())
    assert "[too-large]" in done.out
