"""Which part of a workbook in Office Open XML holds which sheet, its styles and its texts."""

from __future__ import annotations

import html
import posixpath
import re
from collections.abc import Iterator

from probation_etl.intake.readers.archives import Archive
from probation_etl.intake.readers.limits import DEFAULT_LIMITS, Limits

_RELATION = re.compile(r"<(?:\w+:)?Relationship\s[^<>]*>")
_ATTRIBUTE = re.compile(r"""([\w:]+)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')""")
_SHEET = re.compile(r"<(?:\w+:)?sheet\s[^<>]*>")
_BOOK = "xl/workbook"


def part_of(archive: Archive, name: str, limits: Limits = DEFAULT_LIMITS) -> bytes:
    """The content of a part; nothing where there is no such part. Capital letters do not count."""
    return b"".join(pieces_of(archive, name, limits))


def pieces_of(archive: Archive, name: str, limits: Limits = DEFAULT_LIMITS) -> Iterator[bytes]:
    """The content of a part, piece by piece."""
    for member in archive.members:
        if plain(member.filename) == plain(name):
            yield from archive.pieces(member, limits)


def plain(name: str) -> str:
    """The name of a part in the form in which names are compared."""
    return name.replace("\\", "/").lower().lstrip("/")


def book_part(archive: Archive, limits: Limits = DEFAULT_LIMITS) -> str:
    """Name of the part with the list of sheets."""
    for attributes in _relations(part_of(archive, "_rels/.rels", limits)):
        if attributes.get("Type", "").endswith("/officeDocument"):
            return attributes.get("Target", "").lstrip("/")
    return f"{_BOOK}.xml"


def targets_of(archive: Archive, part: str, limits: Limits = DEFAULT_LIMITS) -> dict[str, str]:
    """Names of the parts that a part refers to, by the key that it uses for each."""
    return {each["Id"]: name for each, name in _related(archive, part, limits) if "Id" in each}


def parts_by_type(archive: Archive, part: str, limits: Limits = DEFAULT_LIMITS) -> dict[str, str]:
    """Names of the parts that a part refers to, by the last word of their type: ``styles``."""
    return {each.get("Type", "").rpartition("/")[2]: name for each, name in _related(archive, part, limits)}


def _related(archive: Archive, part: str, limits: Limits) -> Iterator[tuple[dict[str, str], str]]:
    folder, name = posixpath.split(part)
    for each in _relations(part_of(archive, f"{folder}/_rels/{name}.rels", limits)):
        if "Target" in each:
            target = posixpath.join(f"/{folder}", each["Target"].replace("\\", "/"))
            yield each, plain(posixpath.normpath(target))


def xlsx_sheet_names(archive: Archive, limits: Limits = DEFAULT_LIMITS) -> dict[str, str]:
    """Names of sheets, by the name of the part that each is in."""
    book = book_part(archive, limits)
    targets = targets_of(archive, book, limits)
    names = {}
    for tag in _SHEET.findall(part_of(archive, book, limits).decode("utf-8", "replace")):
        attributes = dict(attributes_of(tag))
        key = next((value for name, value in attributes.items() if name.endswith(":id")), "")
        if key in targets:
            names[targets[key]] = attributes.get("name", "")
    return names


def _relations(xml: bytes) -> Iterator[dict[str, str]]:
    for tag in _RELATION.findall(xml.decode("utf-8", "replace")):
        yield dict(attributes_of(tag))


def attributes_of(tag: str) -> Iterator[tuple[str, str]]:
    """Name and value of each attribute of a tag."""
    for name, double, single in _ATTRIBUTE.findall(tag):
        yield name, html.unescape(double or single)
