"""The form that all texts of a column have, as a pattern: classes of characters, and how many of each."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import groupby

import polars as pl

#: Classes: capital letters, small letters, digits. Any other character stands for itself.
_CLASSES = {"A": "[A-Z]", "a": "[a-z]", "9": r"\d"}
_OTHERS = re.compile(r"[^A-Za-z0-9 ./_:&+,()'-]")
#: Parts of a pattern; a form with more says nothing to a reader.
_MOST_PARTS = 8


def pattern_of(texts: pl.Series) -> str | None:
    r"""The pattern of some different texts: ``^[A-Z]{3}\d{3}$``; None where they have no form in common.

    A part of a length that varies may be of any length: longer ones may be still to come.
    """
    if not len(texts) or texts.str.contains(_OTHERS.pattern).any():
        return None
    forms = texts.str.replace_all("[A-Z]", "A").str.replace_all("[a-z]", "a").str.replace_all("[0-9]", "9").unique()
    runs = [_runs(form) for form in forms.head(200)]
    if len(forms) > 200 or len({tuple(sign for sign, _ in each) for each in runs}) != 1 or len(runs[0]) > _MOST_PARTS:
        return None
    parts = "".join(_part(sign, [each[at][1] for each in runs]) for at, (sign, _) in enumerate(runs[0]))
    return f"^{parts}$"


def says_something(pattern: str) -> bool:
    """Whether a pattern is more than any word: it has digits, or capital letters of a certain number."""
    return r"\d" in pattern or bool(re.fullmatch(r"\^\[A-Z\](?:\{\d\})?\$", pattern))


def code_pattern(codes: Iterable[str]) -> str:
    """The pattern of some codes in names of files, without anchors; any letters and digits where they differ in form."""
    texts = pl.Series(list(codes), dtype=pl.String)
    pattern = pattern_of(texts)
    if pattern and r"\d" in pattern and len(texts) > 1:
        return pattern[1:-1]
    return "[A-Z]+" if texts.str.contains("^[A-Z]+$").all() else "[A-Za-z0-9]+"


def _runs(form: str) -> list[tuple[str, int]]:
    return [(sign, len(list(same))) for sign, same in groupby(form)]


def _part(sign: str, lengths: Sequence[int]) -> str:
    written = _CLASSES.get(sign, re.escape(sign) if sign in ".+()" else sign)
    if len(set(lengths)) > 1:
        return f"{written}+"
    return written if lengths[0] == 1 else f"{written}{{{lengths[0]}}}"
