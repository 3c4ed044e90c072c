"""A table that is not for a terminal is lined up as the library draws it, without drawing it."""

from __future__ import annotations

import io
from unittest import mock

from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from probation_etl.cli import output
from probation_etl.cli.output import show_table

CELLS = (
    st.none()
    | st.integers(-5, 5_000_000)
    | st.text(st.sampled_from("ab -äß界😀é\u0301\t\n,="), max_size=8).map(str.strip)
)
TABLES = st.integers(1, 4).flatmap(
    lambda width: st.tuples(
        st.lists(st.text("abc", min_size=1, max_size=6), min_size=width, max_size=width),
        st.lists(st.tuples(*[CELLS] * width), max_size=5),
    )
)


def shown(header: list[str], rows: list[tuple[object, ...]], width: int) -> str:
    target = io.StringIO()
    show_table(header, rows, Console(file=target, width=width, highlight=False, markup=False, emoji=False))
    return target.getvalue()


@given(TABLES, st.sampled_from([20, 200]))
def test_it_is_what_the_library_draws(table: tuple[list[str], list[tuple[object, ...]]], width: int) -> None:
    with mock.patch.object(output, "_lined_up", return_value=None):
        drawn = shown(*table, width)
    assert shown(*table, width) == drawn


def test_numbers_are_to_the_right_and_nothing_is_behind_a_line() -> None:
    assert shown(["times", "what"], [(1_000, "x"), (2, None)], 200) == "times  what\n1,000  x\n    2\n"
