"""Texts made for a pattern: the shortest first, of the lengths that are asked for; other patterns are refused."""

from __future__ import annotations

import pytest

from probation_etl.contracts.pattern_texts import UnsupportedPattern, texts


@pytest.mark.parametrize("pattern", ["(?=a)b", r"(a)\1", "(?i)a", r"\bword", r"\p{L}", "[]", "[^ -~]"])
def test_patterns_beyond_the_subset_are_refused(pattern: str) -> None:
    with pytest.raises(UnsupportedPattern):
        texts(pattern)


@pytest.mark.parametrize(
    ("pattern", "shortest"),
    [
        (r"^[A-Z]\d{6}$", "A000000"),
        ("^(a|bc)+$", "a"),
        (r"^\w{2,3}\.csv$", "aa.csv"),
        ("^x?y*z$", "z"),
        ("^[^a]$", "b"),
    ],
)
def test_the_shortest_text_comes_first(pattern: str, shortest: str) -> None:
    assert texts(pattern)[0] == shortest


def test_texts_have_the_lengths_that_are_asked_for() -> None:
    assert {7, 9} <= {len(text) for text in texts("^[a-z]{2,}-[a-z]*$", lengths=(7, 9))}
