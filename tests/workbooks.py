"""Reads a written workbook from its XML parts: cells with their colours, comments, links and formulas.

Not with a reader of workbooks: what is looked for here is what such a reader may leave out.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from xml.etree import ElementTree as ET

NAMES = {
    "x": "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "r": "http://schemas.openxmlformats.org/package/2006/relationships",
}
_REFERENCE = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


@dataclass(frozen=True)
class SheetParts:
    """One sheet.

    Attributes:
        texts: Text by A1 reference.
        styles: Number of the style by A1 reference.
        links: Where each linked cell leads to.
        comments: Text of the comment by A1 reference.
    """

    xml: ET.Element
    texts: Mapping[str, str]
    styles: Mapping[str, int]
    links: Mapping[str, str]
    comments: Mapping[str, str]

    def attribute(self, element: str, name: str) -> str | None:
        found = self.xml.find(f".//x:{element}", NAMES)
        return None if found is None else found.get(name)


class WorkbookParts:
    """All parts of a workbook."""

    def __init__(self, path: Path) -> None:
        with zipfile.ZipFile(path) as archive:
            assert archive.testzip() is None
            self.parts = {name: archive.read(name) for name in archive.namelist()}
        # Every part must be XML that a strict parser accepts.
        self.xml = {name: ET.fromstring(data) for name, data in self.parts.items()}  # noqa: S314 -- our own file

    @cached_property
    def sheets(self) -> dict[str, SheetParts]:
        targets = {each.get("Id"): each.get("Target") for each in self.xml["xl/_rels/workbook.xml.rels"]}
        listed = self.xml["xl/workbook.xml"].findall("x:sheets/x:sheet", NAMES)
        return {str(each.get("name")): self._sheet(str(targets[each.get(_REFERENCE)])) for each in listed}

    @cached_property
    def fills(self) -> list[str | None]:
        """Colour of each style."""
        styles = self.xml["xl/styles.xml"]
        colours = [each.find(".//x:fgColor", NAMES) for each in styles.findall("x:fills/x:fill", NAMES)]
        formats = styles.findall("x:cellXfs/x:xf", NAMES)
        chosen = (colours[int(each.get("fillId", "0"))] for each in formats)
        return [None if colour is None else colour.get("rgb") for colour in chosen]

    @cached_property
    def quoted(self) -> list[bool]:
        """Whether each style marks its cells as text."""
        return [each.get("quotePrefix") == "1" for each in self.xml["xl/styles.xml"].findall("x:cellXfs/x:xf", NAMES)]

    @property
    def formulas(self) -> int:
        return sum(len(sheet.xml.findall(".//x:f", NAMES)) for sheet in self.sheets.values())

    def _sheet(self, target: str) -> SheetParts:
        xml = self.xml[f"xl/{target}"]
        cells = {str(each.get("r")): each for each in xml.findall(".//x:c", NAMES)}
        links = {str(each.get("ref")): str(each.get("location")) for each in xml.findall(".//x:hyperlink", NAMES)}
        return SheetParts(
            xml,
            {place: _text(cell) for place, cell in cells.items() if cell.get("t") == "inlineStr"},
            {place: int(cell.get("s", "0")) for place, cell in cells.items()},
            links,
            self._comments(target),
        )

    def _comments(self, target: str) -> dict[str, str]:
        folder, _, name = f"xl/{target}".rpartition("/")
        relations = self.xml.get(f"{folder}/_rels/{name}.rels")
        for each in relations if relations is not None else ():
            if str(each.get("Type")).endswith("/comments"):
                part = self.xml[f"xl/{str(each.get('Target')).removeprefix('../')}"]
                return {str(one.get("ref")): _text(one) for one in part.findall(".//x:comment", NAMES)}
        return {}


def _text(element: ET.Element) -> str:
    """Text as a spreadsheet shows it: control characters are escaped in the XML."""
    whole = "".join(each.text or "" for each in element.iter(f"{{{NAMES['x']}}}t"))
    return _ESCAPED.sub(lambda found: chr(int(found.group(1), 16)), whole)
