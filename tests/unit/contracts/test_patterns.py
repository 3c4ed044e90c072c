"""Patterns of contracts: no pattern and no text makes matching slow, and names of files are matched as a whole."""

from __future__ import annotations

import time

import polars as pl
import pytest

from probation_etl.contracts.guard import Guard
from probation_etl.contracts.pattern_texts import UnsupportedPattern, texts
from probation_etl.contracts.patterns import found_in, pattern_fault, tries_again, whole_match
from probation_etl.contracts.restricted_forms import RestrictedForms

#: Seconds of the processor; a pattern that is tried again and again would take years.
QUICK = 1.0
_LETTERS = "A" * 5_000


@pytest.mark.parametrize("pattern", [r"(a+)+b", r"(a|a)*b", r"(.*)*(.*)*b", r"(?:a?){60}a{60}b", r"(a*)*\.csv"])
def test_no_pattern_of_a_file_name_is_slow(pattern: str) -> None:
    began = time.process_time()
    assert whole_match(pattern, ("a" * 250 + "!", "a" * 200)) is None
    assert found_in(pattern, ["a" * 5_000]) == [False]
    assert time.process_time() - began < QUICK


def test_the_whole_name_is_matched_in_upper_or_lower_case() -> None:
    pattern = r"(?P<supplier_code>[A-Z]\d)_loans|(?P<period_end>\d{4})\.(csv|xlsx)"
    found = whole_match(pattern, ("x", "2020.CSV", "B1_LOANS"))
    assert found is not None
    assert found.groups["period_end"] == "2020"
    assert found.groups["supplier_code"] is None
    assert whole_match(r"loans\.csv", ("loans.csv",))
    for other in ("my loans.csv", "loans.csv\n", "loans.csvx", "loans.csv\udc80", "\u0662020.csv"):
        assert whole_match(pattern, (other,)) is whole_match(r"loans\.csv", (other,)) is None
    assert whole_match(r".*\.csv", ("a\udc80.csv",)), "a name that is no Unicode text has a name all the same"


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        (r"a(?=b)", "look-around"), (r"(?P<a>x)(?P=a)", "back-references"), (r"(((a{1000}){1000}){1000}){9}", "endless"),
        ("(" * 2_000 + ")" * 2_000, "too deep"), ("a" * 10_001, "at most 10,000"), ("(a", "not a regular expression"),
    ],
)  # fmt: skip
def test_a_pattern_that_cannot_be_used_is_a_fault(pattern: str, words: str) -> None:
    began = time.process_time()
    assert words in (pattern_fault(pattern) or "")
    assert time.process_time() - began < QUICK


@pytest.mark.parametrize("pattern", [r"(a?){1000000000}", r"(((a?){999}){999}){999}", r"a{999999}"])
def test_texts_without_end_are_not_made(pattern: str) -> None:
    began = time.process_time()
    with pytest.raises(UnsupportedPattern):
        texts(pattern)
    assert time.process_time() - began < QUICK


@pytest.mark.parametrize(
    ("pattern", "again"),
    [
        (r"^[A-Z]\d{6}$", False), (r"^(?:[A-Z]{2})?\d{2}/\d{5}$", False), (r"^(\d{2}-){3}[A-Z]$", False), (r"^[A-Z]+\d{5}$", False),
        (r"[a)+*]\d{6}", False), (r"^([A-Z]+)+\d{6}$", True), (r"(A|A)+\d{6}", True), (r"[A-Z]+[A-Z]+\d{6}", True),
    ],
)  # fmt: skip
def test_masking_is_quick_and_hides_at_least_what_looks_restricted(pattern: str, again: bool) -> None:
    assert tries_again(pattern) == again
    guard = Guard(RestrictedForms((pattern,)))
    began = time.process_time()
    secret = texts(pattern)[0]
    for text in (secret, f"see {secret} there", _LETTERS, f"{_LETTERS} {secret}", f"{_LETTERS[:40]} {secret}"):
        assert secret not in guard.masked(pl.Series([text])).item()
    assert guard.text(_LETTERS) == _LETTERS
    assert guard.text("nothing to hide") == "nothing to hide"
    assert time.process_time() - began < QUICK
