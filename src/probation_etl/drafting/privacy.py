"""Whether a column may hold what tells people apart, so that nothing of it is written into a draft but shapes."""

from __future__ import annotations

from probation_etl.contracts.model.columns import Type
from probation_etl.contracts.restricted_forms import is_specific
from probation_etl.drafting.evidence import Evidence
from probation_etl.drafting.words import is_address, is_person, speaks_of_classes, telling

#: Share of different texts from which nearly all are different, and fewest cells that tell anything of it.
_NEARLY_ALL, _LEAST = 0.8, 10
#: Words and characters of texts that are sentences, and digits of a number that may be one of a person.
_WORDS, _LONG, _DIGITS = 5, 60, 5
#: Digits of a code that may be one of a person; years, of which there are lists.
_DIGITS_OF_CODES, _YEAR = 4, r"^(?:19|20)[0-9]{2}(?:[-/ ](?:[0-9]{2}|20[0-9]{2}))?$"
#: Share of the first texts that are alike.
_ALIKE, _LOOKED_AT = 0.8, 1_000


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
    if said == "an identifier" and is_listed and not _has_digits(found) and not (pattern and is_specific(pattern)):
        said = None
    if said:
        return f"the header speaks of {said}"
    if found.count and many and not (is_listed and speaks_of_classes(found.headers)):
        return "nearly all different" if found.count >= _LEAST else "too few cells to tell whether values are repeated"
    return _why_by_texts(found, pattern, is_listed=is_listed)


def _why_by_texts(found: Evidence, pattern: str | None, *, is_listed: bool) -> str | None:
    texts = found.different
    if _has_digits(found) or (pattern and is_specific(pattern) and not is_listed):
        return "the form of an identifier"
    words = texts.str.count_matches(r"\S+").mean()
    longest = int(texts.str.len_chars().max() or 0)  # type: ignore[arg-type] # a length
    if isinstance(words, float) and (words >= _WORDS or longest > _LONG) and not is_listed:
        return "texts of several words"
    first = texts.head(_LOOKED_AT)
    if len(first) and sum(map(is_address, first)) >= _ALIKE * len(first):
        return "texts like addresses or numbers of people"
    people = sum(map(is_person, first))
    if people and people >= _ALIKE * len(first) and not speaks_of_classes(found.headers):
        return "texts like names of people"
    return None


def _has_digits(found: Evidence) -> bool:
    """Whether each text has so many digits that it may be the number of a person, even where it comes again and again."""
    texts = found.different
    digits = texts.str.count_matches("[0-9]").min()
    return isinstance(digits, int) and digits >= _DIGITS_OF_CODES and not texts.str.contains(_YEAR).all()
