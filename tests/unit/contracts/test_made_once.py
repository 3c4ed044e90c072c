"""What is made of contracts is made once."""

from __future__ import annotations

import pytest

from probation_etl.contracts import made_once as module
from probation_etl.contracts.made_once import made_once
from probation_etl.contracts.model.mappings import MappedColumn, MappedRow, Mapping


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


def test_the_same_value_under_another_name_is_another_argument() -> None:
    @made_once
    def told(*, first: str = "", second: str = "") -> str:
        return f"{first}-{second}"

    word = "a"
    assert (told(first=word), told(second=word), told(first=word)) == ("a-", "-a", "a-")


def test_the_rows_of_a_wide_layout_are_the_same_in_memory_each_time() -> None:
    """Else what is made of them would be made for every return."""
    mapping = Mapping("figures", (MappedColumn("a", "a"),), (MappedRow("one", (MappedColumn("b", "b"),)),))
    assert mapping.rows is mapping.rows
    assert [each.name for each in mapping.rows[0].columns] == ["a", "b"]
