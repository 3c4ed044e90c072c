"""Properties of folding: what it may not change, and what it must overlook."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from probation_etl.contracts.organisations import fold

NAMES = (
    "Derbyshire, Leicestershire, Nottinghamshire and Rutland CRC",
    "Hampshire & IOW CRC",
    "NPS South West",
    "Thames Valley (MTC16)",
    "Kent-Surrey-Sussex",
)
SPACES = (" ", "\u00a0", "\n", "\r\n", "\t", "\u2003", "  ", " \u200b", "\u2028")
DASHES = ("-", "\u2010", "\u2011", "\u2013", "\u2014", "\u2212", "\uff0d")
ZERO_WIDTH = ("", "\u200b", "\u200d", "\u2060", "\ufeff", "\u00ad")
COMBINING = st.characters(categories=("Mn", "Mc", "Me"))


@st.composite
def retyped_names(draw: st.DrawFn) -> tuple[str, str]:
    """A name, and the same name with other spaces, dashes, case and characters of no width."""
    name = draw(st.sampled_from(NAMES))
    retyped = []
    for char in name:
        one_of = SPACES if char == " " else DASHES if char == "-" else (char, char.upper(), char.lower())
        retyped.append(draw(st.sampled_from(one_of)) + draw(st.sampled_from(ZERO_WIDTH)))
    return name, "".join(retyped)


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text(alphabet=st.one_of(COMBINING, st.characters(), st.sampled_from("'&-ǰΐᾳ\u200b\u0345"))))
def test_folding_twice_changes_nothing_where_characters_combine(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text())
def test_single_spaces_between_words_and_no_other(text: str) -> None:
    folded = fold(text)
    assert folded == " ".join(folded.split())


@given(retyped_names())
def test_the_accidents_of_typing_are_overlooked(names: tuple[str, str]) -> None:
    name, retyped = names
    assert fold(retyped) == fold(name)


@given(st.lists(st.text(alphabet="abcdefghijklmnopqrstuvwxyz0123456789", min_size=1), min_size=1))
def test_plain_words_stay_as_they_are(words: list[str]) -> None:
    assert fold(" ".join(words)) == " ".join(words)


@given(st.text(alphabet="abc XYZ"), st.text(alphabet="abc XYZ"))
def test_an_ampersand_is_the_word_and(left: str, right: str) -> None:
    assert fold(f"{left}&{right}") == fold(f"{left} and {right}")


@given(st.text(alphabet="abcdefgh", min_size=1), st.text(alphabet="abcdefgh", min_size=1))
def test_different_words_stay_different(left: str, right: str) -> None:
    assert (fold(left) == fold(right)) == (left == right)
