"""Counts the bytes of texts that an old workbook (``.xls``) holds once and names in many cells."""

from __future__ import annotations

from collections import Counter

from probation_etl.intake.readers.biff import records_of, sheets_of
from probation_etl.intake.readers.limits import DEFAULT_LIMITS, Limits, check_limit
from probation_etl.intake.readers.looks.xls_texts import declared_strings, shared_strings
from probation_etl.intake.readers.shared_texts import check_size_of_texts

#: Types of records: the texts, more of them, and a cell that names one.
_TEXTS, _CONTINUED, _SHARED = 0xFC, 0x3C, 0xFD
#: Bytes of a cell that names a text.
_CELL = 14


def check_shared_texts_of_xls(stream: bytes, limits: Limits = DEFAULT_LIMITS) -> None:
    """Refuses an old workbook whose cells name so many long texts that all of them would be too large.

    Args:
        stream: The records of the workbook.
        limits: How much is read.

    Raises:
        UnreadableFile: It is one, or says that it has more texts than cells may be; with the code ``too-large``.
    """
    segments, before = [b""], 0
    for kind, at, size, depth in records_of(stream, 0):
        if kind == _TEXTS:
            segments = []
        if kind == _TEXTS or (kind == _CONTINUED and before == _TEXTS):
            segments.append(stream[at : at + size])
        if depth == 1 and kind != _CONTINUED:
            before = kind
    check_limit(declared_strings(segments), limits.cells, "shared texts, as it says")
    if sum(map(len, segments)) * len(stream) // _CELL <= limits.text_bytes:
        return
    lengths = [len(text.encode(errors="replace")) for text, _ in shared_strings(segments)]
    sheets = (records_of(stream, begin) for _, begin in sheets_of(stream))
    uses = Counter(
        int.from_bytes(stream[at + 6 : at + 10], "little")
        for each in sheets
        for kind, at, _, _ in each
        if kind == _SHARED
    )
    check_size_of_texts(uses, lengths, limits)
