"""Whether a column may hold what tells people apart, so that nothing of it is written into a draft but shapes."""

from __future__ import annotations

import re

from probation_etl.contracts.model.columns import Type
from probation_etl.contracts.restricted_forms import is_specific
from probation_etl.drafting.evidence import Evidence
from probation_etl.drafting.words import speaks_of_classes, telling

#: Share of different texts from which nearly all are different, and fewest cells that tell anything of it.
_NEARLY_ALL, _LEAST = 0.8, 10
#: Words and characters of texts that are sentences, and digits of a number that may be one of a person.
_WORDS, _LONG, _DIGITS = 5, 60, 5
_PERSON = re.compile(r"(?:(?:Mr|Mrs|Ms|Miss|Dr)\.? )?[A-Z][a-z'’-]+,? (?:[A-Z]\.? )?[A-Z][a-z'’-]+(?:[A-Z][a-z]+)?")
#: E-mail addresses, postcodes, numbers of telephones and of national insurance.
_ADDRESS = r"^\S+@\S+\.\w+$|^[A-Z]{1,2}[0-9][A-Z0-9]? ?[0-9][A-Z]{2}$|^\+?[0-9][0-9 ()-]{8,}[0-9]$|^[A-Z]{2} ?(?:[0-9]{2} ?){3}[A-D]$"
_ALIKE = 0.8


def why_restricted(found: Evidence, type_: Type, pattern: str | None, *, is_listed: bool) -> str | None:
    """Why a column is drafted as restricted; None where nothing speaks for it.

    Args:
        found: Its cells.
        type_: Its type.
        pattern: The form of its cells, if all have one.
        is_listed: Whether it has few different texts, which are repeated.
    """
    said, many = telling(found.headers), len(found.different) >= _NEARLY_ALL * found.count
    if type_ in ("number", "boolean", "time", "duration"):
        return None
    if type_ in ("date", "timestamp"):
        return "the header speaks of a day of birth" if said == "a day of birth" else None
    if type_ == "integer":
        digits = found.different.str.len_chars().min()
        long = isinstance(digits, int) and digits >= _DIGITS
        return "numbers of several digits, nearly all different" if long and (many or said == "an identifier") else None
    if said == "an identifier" and is_listed and not (pattern and is_specific(pattern)):
        said = None
    if said:
        return f"the header speaks of {said}"
    if found.count and many and not (is_listed and speaks_of_classes(found.headers)):
        return "nearly all different" if found.count >= _LEAST else "too few cells to tell whether values are repeated"
    return _why_by_texts(found, pattern, is_listed=is_listed)


def _why_by_texts(found: Evidence, pattern: str | None, *, is_listed: bool) -> str | None:
    texts = found.different
    if pattern and is_specific(pattern) and not is_listed:
        return "the form of an identifier"
    words = texts.str.count_matches(r"\S+").mean()
    longest = int(texts.str.len_chars().max() or 0)  # type: ignore[arg-type] # a length
    if isinstance(words, float) and (words >= _WORDS or longest > _LONG) and not is_listed:
        return "texts of several words"
    if len(texts) and float(texts.str.contains(_ADDRESS).mean() or 0) >= _ALIKE:  # type: ignore[arg-type] # a share
        return "texts like addresses or numbers of people"
    people = sum(bool(_PERSON.fullmatch(each)) for each in texts.head(1_000))
    if people and people >= _ALIKE * min(len(texts), 1_000) and not speaks_of_classes(found.headers):
        return "texts like names of people"
    return None
