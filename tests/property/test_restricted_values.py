"""What is masked in a file does not depend on whether its restricted values are made at once or looked up."""

from __future__ import annotations

from unittest import mock

import polars as pl
from hypothesis import example, given
from hypothesis import strategies as st

from probation_etl.contracts import restricted_values
from probation_etl.contracts.guard import Guard
from probation_etl.contracts.model import Column
from probation_etl.contracts.restricted_forms import RestrictedForms

NAME = Column("name", "string", "name", restricted=True)
CARD = Column("card", "string", "card", restricted=True, pattern=r"^L\d{4}$")
FORMS = RestrictedForms((r"^L\d{4}$",), frozenset(("open shelf", "central")))
WORDS = st.sampled_from(
    ("Ada", "Lovelace", "lovelace", "Grace", "Hopper", "O'Brien", "L0001", "l0001", "4711", "47110815", "NULL", "#REF!", "Open", "shelf",
     "Central", "the", "Ángel", "\x1c", "(Ada)", "abcd", "abc1", "\u00a0")
)  # fmt: skip
BETWEEN = st.sampled_from((" ", " ", "  ", "\t", ", ", "-", ".", "’ ‘"))
TEXTS = st.lists(st.tuples(WORDS, BETWEEN), min_size=1, max_size=6).map(lambda parts: "".join(map("".join, parts)))
SENTENCES = st.one_of(TEXTS, TEXTS.map("It holds ‘{}’, which is no value.".format))
CELLS = st.lists(st.one_of(st.none(), TEXTS, WORDS, TEXTS.map(str.strip)), max_size=12)


@example([], ["Ada Lovelace"], ["Ada Lovelace", "It holds ‘Ada Lovelace’, which is no value."])
@given(CELLS, CELLS, st.lists(st.one_of(st.none(), SENTENCES), max_size=8))
def test_values_that_are_looked_up_are_those_that_are_made_at_once(
    names: list[str | None], cards: list[str | None], texts: list[str | None]
) -> None:
    due = masked(names, cards, texts, at_once=1_000)
    assert masked(names, cards, texts, at_once=-1) == due


def masked(names: list[str | None], cards: list[str | None], texts: list[str | None], *, at_once: int) -> list[object]:
    cells = [(NAME, pl.Series(names, dtype=pl.String)), (CARD, pl.Series(cards, dtype=pl.String))]
    series, guard = pl.Series(texts, dtype=pl.String), Guard(FORMS).beside(cells)
    many = pl.concat([series, pl.Series([f"row {at}" for at in range(600)])])
    with mock.patch.object(restricted_values, "_FEW_CELLS", at_once):
        return [
            *(
                [guard.text(each) for each in texts if each]
                + [guard.text(each, sentence=True) for each in texts if each]
            ),
            *(guard.masked(each, sentences=mode).to_list() for each in (series, many) for mode in (False, True)),
            *(guard.looks_restricted(each).to_list() for each in (series, many)),
        ]
