"""Words of headers and cells that a draft goes by. They are plain English: none is a name of a certain return."""

from __future__ import annotations

import re
from collections.abc import Iterable

from probation_etl.contracts.organisations import fold

#: Words of headers below which people are told apart, or what is said of them; by what the draft says of the column.
_TELLING = {
    "a name": "name names surname forename firstname lastname fullname initials alias author keeper borrower reader member client "
    "customer patient pupil child offender person officer worker manager supervisor assessor contact assigned owner who",
    "a day of birth": "birth birthday dob born age",
    "an address": "address street postcode zip town email mail phone telephone mobile fax",
    "an identifier": "id identifier reference ref crn pnc nino nhs uprn upn urn uln passport licence number no num",
    "free text": "note notes comment comments remark remarks text narrative description detail details summary",
}
_BY_WORD = {word: what for what, words in _TELLING.items() for word in words.split()}
#: Words of headers below which there are classes of things, even where the header also has one of the words above.
_CLASS_WORDS = (
    "type kind class category status state code grade level band tier priority risk reason outcome result method source mode sex gender "
    "ethnicity region area district branch unit office court team department service provider organisation library"
)
_CLASSES = frozenset(_CLASS_WORDS.split())
#: Words of headers below which there are lengths of time.
_LENGTHS = frozenset(("duration", "length", "taken", "spent", "worked", "hours", "minutes", "elapsed"))
#: Words of headers below which there is the sender of a row.
_SENDERS = frozenset(("supplier", "provider", "organisation", "sender", "library", "school", "authority", "trust"))
#: Names of people, whole; e-mail addresses, postcodes, numbers of telephones and of national insurance.
_PERSON = re.compile(r"(?:(?:Mr|Mrs|Ms|Miss|Dr)\.? )?[A-Z][a-z'’-]+,? (?:[A-Z]\.? )?[A-Z][a-z'’-]+(?:[A-Z][a-z]+)?")
_ADDRESS = re.compile(
    r"\S+@\S+\.\w+|[A-Z]{1,2}[0-9][A-Z0-9]? ?[0-9][A-Z]{2}|\+?[0-9][0-9 ()-]{8,}[0-9]|[A-Z]{2} ?(?:[0-9]{2} ?){3}[A-D]"
)
#: Marks that nobody writes as a value.
SIGNS = (
    "-",
    "--",
    "---",
    "–",
    "—",
    "n/a",
    "na",
    ".",
    "..",
    "#n/a",
    "null",
    "(null)",
    "<null>",
    "[null]",
    r"\n",
    "nan",
    "nat",
    "<na>",
)
#: What people write where they have no number and no day.
_NO_VALUE = frozenset(
    ("none", "nil", "unknown", "not known", "not applicable", "not available", "not recorded", "not yet", "tbc", "tba", "missing", "blank", "?")
)  # fmt: skip


def telling(headers: Iterable[str]) -> str | None:
    """What a header says that its cells tell of people: ``a name``; None where it says nothing like that."""
    words = [word for each in headers for word in _words(each)]
    found = next((_BY_WORD[word] for word in words if word in _BY_WORD), None)
    return None if found in ("a name", "free text") and _CLASSES.intersection(words) else found


def speaks_of_classes(headers: Iterable[str]) -> bool:
    """Whether a header says that its cells are classes of things."""
    return any(_CLASSES.intersection(_words(each)) for each in headers)


def speaks_of_length(headers: Iterable[str]) -> bool:
    """Whether a header says that its cells are lengths of time."""
    return any(_LENGTHS.intersection(_words(each)) for each in headers)


def speaks_of_sender(headers: Iterable[str]) -> bool:
    """Whether a header says that its cells name who sends a row."""
    return any(_SENDERS.intersection(_words(each)) for each in headers)


def is_person(text: str) -> bool:
    """Whether a text has the form of a name: ``Ann Ash``, ``Ash, Ann``."""
    return _PERSON.fullmatch(text) is not None


def is_address(text: str) -> bool:
    """Whether a text has the form of an address or a number of a person."""
    return _ADDRESS.fullmatch(text) is not None


def is_sign(text: str) -> bool:
    """Whether a text is a mark for no value, whatever its column."""
    return text.casefold() in SIGNS


def is_no_value(text: str) -> bool:
    """Whether a text stands for no value in a column of numbers or days."""
    return is_sign(text) or text.casefold() in _NO_VALUE


def _words(header: str) -> list[str]:
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", header)
    return fold(parted.replace("_", " ")).split()
