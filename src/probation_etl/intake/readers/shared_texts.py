"""Counts the bytes of texts that a workbook holds once and names in many cells, each of which becomes a text of its own."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from itertools import pairwise

from probation_etl.intake.readers.archives import Archive
from probation_etl.intake.readers.limits import DEFAULT_LIMITS, Limits, check_limit
from probation_etl.intake.readers.sheet_parts import book_part, part_of, parts_by_type
from probation_etl.intake.readers.xlsb import is_binary, number_at, records_of_xlsb

#: Where a text begins; how many texts the part says that it has; a cell with the number of its text.
_ITEM = re.compile(rb"<(?:\w+:)?si(?=[\s>/])")
_DECLARED = re.compile(rb"""<(?:\w+:)?sst\s[^<>]*?\buniqueCount\s*=\s*["'](\d+)""")
_USE = re.compile(
    rb"""<(?:\w+:)?c\s[^<>]*\bt\s*=\s*["']s["'][^<>]*>\s*+(?:<(?:\w+:)?f[^<>]*>[^<]*+</(?:\w+:)?f>\s*+)?<(?:\w+:)?v(?:\s[^<>]*)?>\s*+(\d{1,10})"""
)
#: The same in binary workbooks: types of records.
_TEXTS, _TEXT, _SHARED = 159, 19, 7


def check_shared_texts(archive: Archive, sheets: Iterable[str], cells: int, limits: Limits = DEFAULT_LIMITS) -> None:
    """Refuses a workbook whose cells name so many long texts that all of them would be too large.

    Args:
        archive: The parts of the workbook.
        sheets: Names of the parts that are sheets.
        cells: Number of cells, empty ones included.
        limits: How much is read.

    Raises:
        UnreadableFile: It is one, or says that it has more texts than cells may be; with the code ``too-large``.
    """
    name = parts_by_type(archive, book_part(archive, limits), limits).get("sharedStrings", "")
    part = part_of(archive, name, limits)
    binary = is_binary(archive)
    declared, lengths = _binary_texts(part) if binary else _texts(part)
    check_limit(declared, limits.cells, "shared texts, as it says")
    if max(lengths, default=0) * cells <= limits.text_bytes:
        return
    uses = Counter[int]()
    for sheet in sheets:
        uses.update(_binary_uses(part_of(archive, sheet, limits)) if binary else _uses(part_of(archive, sheet, limits)))
    check_size_of_texts(uses, lengths, limits)


def check_size_of_texts(uses: Counter[int], lengths: list[int], limits: Limits) -> None:
    """Refuses texts of these lengths, each as often as it is named, that are too large together."""
    size = sum(lengths[number] * times for number, times in uses.items() if number < len(lengths))
    check_limit(size, limits.text_bytes, "bytes of text in its cells")


def _texts(part: bytes) -> tuple[int, list[int]]:
    """How many texts there are said to be, and the bytes of each, with what stands around it."""
    said = _DECLARED.search(part)
    places = [*(found.start() for found in _ITEM.finditer(part)), len(part)]
    return int(said[1][:18]) if said else 0, [end - begin for begin, end in pairwise(places)]


def _uses(sheet: bytes) -> Iterable[int]:
    return map(int, _USE.findall(sheet))


def _binary_texts(part: bytes) -> tuple[int, list[int]]:
    declared, lengths = 0, list[int]()
    for kind, body in records_of_xlsb(part):
        if kind == _TEXTS:
            declared = max(declared, number_at(body, 4))
        elif kind == _TEXT:
            lengths.append(2 * number_at(body, 1))
    return declared, lengths


def _binary_uses(sheet: bytes) -> Iterable[int]:
    return (number_at(body, 8) for kind, body in records_of_xlsb(sheet) if kind == _SHARED)
