"""Which part of a workbook in Office Open XML holds which sheet."""

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
    members = (each for each in archive.members if plain(each.filename) == plain(name))
    return b"".join(piece for member in members for piece in archive.pieces(member, limits))


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
    folder, name = posixpath.split(part)
    relations = part_of(archive, f"{folder}/_rels/{name}.rels", limits)
    return {
        each["Id"]: plain(posixpath.normpath(posixpath.join(f"/{folder}", each["Target"].replace("\\", "/"))))
        for each in _relations(relations)
        if each.keys() >= {"Id", "Target"}
    }


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
