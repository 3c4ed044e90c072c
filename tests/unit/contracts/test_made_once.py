"""What is made of contracts is made once."""

from __future__ import annotations

import pytest

from probation_etl.contracts import made_once as module
from probation_etl.contracts.made_once import made_once


def test_the_same_in_memory_is_asked_once_and_the_oldest_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_KEPT", 2)
    asked: list[list[int]] = []

    @made_once
    def length(of: list[int]) -> int:
        asked.append(of)
        return len(of)

    first, equal, third = [1], [1], [1, 2]
    assert [length(each) for each in (first, first, equal, third)] == [1, 1, 1, 2]
    assert len(asked) == 3
    assert length(first) == 1
    assert len(asked) == 4
