"""Exceptions in the loans of an invented library: planted ones are found, chance alone raises next to none."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from math import exp, log
from typing import Any

import polars as pl
import pytest

from probation_etl.contracts.model import Activity
from probation_etl.unified.activity import ActivityException, activity_exceptions

LOANS = Activity(measures=("lent",), by=("branch",), period="week", peers=("kind",))
WEEKS = [date(2020, 3, 1) + timedelta(7 * number) for number in range(39)]
LAST = WEEKS[-1]


def poisson(chance: random.Random, mean: float) -> int:
    """A count of chance events (Knuth); in parts, as the factor of a large mean is nought to a machine."""
    if mean > 30:
        return poisson(chance, mean / 2) + poisson(chance, mean / 2)
    limit, product, count = exp(-mean), chance.random(), 0
    while product > limit:
        product *= chance.random()
        count += 1
    return count


def a_calm_set(seed: int, *, change: Callable[[int], float] = lambda _: 1.0) -> pl.DataFrame:
    """Thirty-two branches of two kinds that lend from one copy in two weeks to sixty a week, for 39 weeks, by chance."""
    chance = random.Random(seed)  # noqa: S311 -- the same numbers each time
    means = [exp(log(0.5) + number / 31 * log(120)) for number in range(32)]
    rows = [
        (f"B{number:02}", "town" if number % 3 else "village", week, poisson(chance, mean * change(at)))
        for number, mean in enumerate(means)
        for at, week in enumerate(WEEKS)
    ]
    return pl.DataFrame(rows, schema=["branch", "kind", "week", "lent"], orient="row")


def planted(frame: pl.DataFrame, branch: str, count: int, week: date = LAST) -> pl.DataFrame:
    here = (pl.col("branch") == branch) & (pl.col("week") == week)
    return frame.with_columns(lent=pl.when(here).then(count).otherwise("lent"))


def found(frame: pl.DataFrame, activity: Activity = LOANS) -> list[ActivityException]:
    return activity_exceptions(frame, activity, table="loans_by_week")


def history(counts: list[int], branch: str = "B1") -> pl.DataFrame:
    rows = [(branch, "town", week, count) for week, count in zip(WEEKS, counts, strict=False)]
    return pl.DataFrame(rows, schema=["branch", "kind", "week", "lent"], orient="row")


def several(*frames: pl.DataFrame) -> pl.DataFrame:
    return pl.concat(frames)


# B24 lends 25 a week.
@pytest.mark.parametrize("count", [0, 70])
@pytest.mark.parametrize("seed", range(5))
def test_an_exception_planted_in_one_area_is_found_there_with_the_numbers_behind_it(seed: int, count: int) -> None:
    calm = a_calm_set(seed)
    assert found(calm) == []
    (exception,) = found(planted(calm, "B25", count))
    assert (exception.table, exception.measure, exception.area) == ("loans_by_week", "lent", {"branch": "B25"})
    assert (exception.period, exception.value) == (LAST, count)
    own, peers = exception.own, exception.peers
    assert peers
    assert own.count == 26
    assert peers.count == 20
    assert 15 < own.median < 40
    assert not own.low <= count <= own.high
    assert not peers.low <= count <= peers.high


def calm_sets(number: int, **given: Any) -> Iterator[list[ActivityException]]:
    return (found(a_calm_set(1000 + seed, **given)) for seed in range(number))


def test_chance_alone_raises_an_exception_in_fewer_than_one_of_a_thousand_counts() -> None:
    raised = [len(each) for each in calm_sets(60)]
    assert sum(raised) < 60 * 32 / 1000


def test_what_happened_to_all_is_not_an_exception_of_any() -> None:
    """In the last four weeks all lend a third, as in a lockdown. Against its own history alone every larger one stands out."""
    raised = [len(each) for each in calm_sets(30, change=lambda at: 0.33 if at > 34 else 1.0)]
    assert sum(raised) < 30 * 32 / 200
    alone = Activity(measures=("lent",), by=("branch",), period="week", peers=("branch",))
    assert len(found(a_calm_set(1, change=lambda at: 0.33 if at > 34 else 1.0), alone)) >= 5


def test_one_that_falls_no_further_than_its_peers_passes_and_one_that_falls_further_does_not() -> None:
    fallen = a_calm_set(3, change=lambda at: 0.5 if at == 38 else 1.0)
    assert [each.area["branch"] for each in found(planted(fallen, "B30", 2))] == ["B30"]
    assert found(planted(fallen, "B30", 25)) == []


def test_small_counts_are_handled_as_chance_has_them() -> None:
    ones = [1, 0, 2, 1, 1, 0, 1, 2, 1, 1]
    for count in (0, 1, 2, 3, 4, 5):
        assert found(history([*ones, count])) == []
    assert [each.value for each in found(history([*ones, 15]))] == [15]


def test_a_history_that_never_changed_has_the_width_of_chance() -> None:
    steady = [20] * 12
    assert found(history([*steady, 30])) == []
    (exception,) = found(history([*steady, 60]))
    assert exception.peers is None
    assert exception.own.median == pytest.approx(20)
    assert (exception.own.low, exception.own.high) == pytest.approx((7.7, 38.9), abs=0.5)


def test_without_enough_history_nothing_is_said() -> None:
    assert found(history([20] * 7 + [500])) == []
    assert len(found(history([20] * 8 + [500]))) == 1


def test_peers_are_asked_where_there_are_enough_of_them() -> None:
    doubled = [20] * 12 + [60]
    three = several(*(history(doubled, f"B{number}") for number in range(4)))
    assert len(found(three)) == 4  # three peers are too few
    assert found(several(three, history(doubled, "B5"))) == []


def test_only_the_newest_periods_are_checked_and_each_area_against_its_own() -> None:
    early = history([20] * 10 + [90, 20, 20], "B1")
    late = history([20] * 9 + [90], "B2")
    assert [each.area["branch"] for each in found(several(early, late))] == ["B2"]
    three = Activity(measures=("lent",), by=("branch",), period="week", peers=("kind",), recent=3)
    assert [each.area["branch"] for each in found(several(early, late), three)] == ["B1", "B2"]


def test_an_area_without_a_name_is_an_area() -> None:
    frame = history([20] * 10 + [90]).with_columns(branch=pl.lit(None, dtype=pl.String))
    (exception,) = found(frame)
    assert exception.area == {"branch": None}


def test_in_json_bounds_have_one_decimal_and_the_side_is_said() -> None:
    (exception,) = found(history([20] * 12 + [0]))
    assert exception.as_dict() == {
        "table": "loans_by_week", "measure": "lent", "area": {"branch": "B1"}, "period": "2020-05-24", "value": 0,
        "side": "low", "own": {"median": 20.0, "low": 7.3, "high": 38.9, "count": 12}, "peers": None,
    }  # fmt: skip
