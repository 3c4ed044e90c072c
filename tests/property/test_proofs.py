"""The rules of random contracts are proved, and texts made for random patterns match them."""

from __future__ import annotations

import re
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from probation_etl.contracts.pattern_texts import series, texts
from probation_etl.proof import prove
from random_contracts import contracts

_atoms = st.sampled_from(["a", "Z", "7", "-", r"\.", r"\d", r"\w", ".", "[a-f]", "[^a-f]", "[A-Z0-9]", r"[\d-]"])
_signs = st.sampled_from(["", "", "", "?", "*", "+", "{2}", "{1,3}", "{2,}", "+?"])
_pieces = st.builds("".join, st.lists(st.builds("".join, st.tuples(_atoms, _signs)), min_size=1, max_size=4))
_groups = st.builds(lambda one, other, sign: f"(?:{one}|({other})){sign}", _pieces, _pieces, _signs)
patterns = st.builds(
    lambda parts, anchored: f"^{''.join(parts)}$" if anchored else "".join(parts),
    st.lists(st.one_of(_pieces, _groups), min_size=1, max_size=3),
    st.booleans(),
)


@given(patterns)
def test_texts_match_their_pattern(pattern: str) -> None:
    made = texts(pattern, lengths=(9,))
    assert made
    assert all(re.search(pattern, text) for text in [*made, *series(pattern, 5)])


@settings(max_examples=8, suppress_health_check=[HealthCheck.too_slow])
@given(columns=contracts())
def test_every_rule_of_a_random_contract_is_proved(library: Any, columns: list[dict[str, Any]]) -> None:
    book = library.rulebook(library.contract(columns=columns, rules=()))
    proofs = prove(book.contracts["loans"], book)
    assert [(each.rule, each.how) for each in proofs if not each.proved] == []
    for proof in proofs:
        assert proof.example
        assert {code for _, code, _, _ in proof.example.found(book)} == {proof.code}
