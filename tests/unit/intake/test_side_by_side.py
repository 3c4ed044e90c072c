"""Things are made side by side: in their order, a few at a time, and nothing is begun after an error."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from threading import Barrier

import pytest

from probation_etl.intake import side_by_side as module
from probation_etl.intake.side_by_side import begun, side_by_side


@pytest.fixture(params=[1, 2, 3])
def workers(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(module, "workers", lambda: request.param)
    return int(request.param)


@pytest.mark.parametrize("number", [0, 1, 2, 7])
def test_what_is_made_comes_in_order(workers: int, number: int) -> None:
    assert [*side_by_side(lambda each: each * workers, range(number))] == [each * workers for each in range(number)]


def test_no_more_are_taken_than_are_in_work(workers: int) -> None:
    taken = []

    def given() -> Iterator[int]:
        for each in range(9):
            taken.append(each)
            yield each

    with closing(side_by_side(lambda each: each, given())) as made:
        assert next(made) == 0
        assert len(taken) <= max(workers, 2) + 1


def test_an_error_comes_in_its_place_and_ends_the_work(workers: int) -> None:
    begun = []

    def make(each: int) -> float:
        begun.append(each)
        return 1 / (each - 2)

    made = side_by_side(make, range(20))
    assert [next(made), next(made)] == [-0.5, -1]
    with pytest.raises(ZeroDivisionError):
        next(made)
    assert max(begun) <= 2 + workers


def test_threads_work_at_the_same_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "workers", lambda: 2)
    both = Barrier(2, timeout=10)
    assert len([*side_by_side(lambda _: both.wait(), range(2))]) == 2


@pytest.mark.parametrize("is_much", [False, True])
def test_what_is_begun_is_waited_for(workers: int, is_much: bool) -> None:
    assert begun(lambda: workers, is_much=is_much)() == workers


def test_of_few_rows_no_thread_is_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ThreadPoolExecutor", None)
    assert [*side_by_side(str, range(3), rows=10)] == ["0", "1", "2"]
    assert begun(lambda: 1, is_much=False)() == 1
