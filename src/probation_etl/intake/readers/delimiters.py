"""Finds the delimiter of a text: the contract's, unless the text cannot be split by it."""

from __future__ import annotations

import csv
import io
from collections import Counter
from itertools import islice

_OTHERS = (",", ";", "\t", "|")
_NAMES = {"\t": "tabs", " ": "spaces"}
#: Only the first lines are examined.
_CHARACTERS, _RECORDS = 60_000, 50
#: Share of the records split by a delimiter that must have the same width, and share of all records that it must split.
_ALIKE, _SPLIT = 0.8, 0.5


def delimiter_of(text: str, declared: str) -> str:
    """The delimiter to read a text with.

    Another delimiter than the contract's is used only if it splits most of the first records into the same number of cells,
    and the contract's does not occur in the first of them, so that the header could not be read with it.
    """
    sample = _sample(text)
    for other in _OTHERS:
        header = None if other == declared else _header(sample, other)
        if header is not None and declared not in header:
            return other
    return declared


def _sample(text: str) -> str:
    """The first lines of a text, without cutting a line short."""
    if len(text) <= _CHARACTERS:
        return text
    start = text[:_CHARACTERS]
    end = max(start.rfind("\n"), start.rfind("\r"))
    return start[: end + 1] if end >= 0 else start


def _header(sample: str, delimiter: str) -> str | None:
    """The first record of the width that most records have; None where the delimiter gives no common width."""
    try:
        reader = csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter)
        records = [record for record in islice(reader, _RECORDS) if record]
    except csv.Error:
        return None
    wide = [record for record in records if len(record) > 1]
    if not wide or len(wide) <= _SPLIT * len(records):
        return None
    width, times = Counter(map(len, wide)).most_common(1)[0]
    # A header has two names at least: a line such as ‘sep=;’, which spreadsheet programs write above it, has one cell.
    header = next((each for each in wide if len(each) == width and sum(map(bool, each)) > 1), None)
    return "".join(header) if header and times >= _ALIKE * len(wide) else None


def in_words(delimiter: str) -> str:
    """A delimiter as findings name it."""
    return _NAMES.get(delimiter, f"‘{delimiter}’")
