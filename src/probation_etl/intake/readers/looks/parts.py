"""What the styles of an Office workbook say, and which of its shared texts have raised characters."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from xml.parsers import expat

from probation_etl.intake.readers.looks.codes import BUILT_IN, GENERAL
from probation_etl.intake.readers.looks.raised import Run, with_raised
from probation_etl.intake.readers.looks.sheet import Style
from probation_etl.intake.readers.xml_parts import BROKEN_XML

Attributes = dict[str, str]

_LEVELS = {"superscript": 1, "subscript": -1}
_ITEM = re.compile(rb"<(?:\w+:)?si(?=[\s>/])")
_RUN = re.compile(rb"<(?:\w+:)?r(?:\s[^<>]*)?>(.*?)</(?:\w+:)?r>", re.DOTALL)
_LEVEL = re.compile(rb"""<(?:\w+:)?vertAlign\s+val\s*=\s*["'](\w+)["']""")
_TEXT = re.compile(rb"<(?:\w+:)?t(?:\s[^<>]*)?>(.*?)</(?:\w+:)?t>", re.DOTALL)


def elements(pieces: Iterable[bytes]) -> Iterator[tuple[tuple[str, ...], Attributes]]:
    """The elements of a part in order, each with the names of those around it, without prefixes."""
    found: list[tuple[tuple[str, ...], Attributes]] = []
    path: list[str] = []

    def start(tag: str, attributes: Attributes) -> None:
        path.append(tag.rpartition(":")[2])
        found.append((tuple(path[-2:]), attributes))

    def end(_: str) -> None:
        path.pop()

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = start, end
    try:
        for piece in pieces:
            parser.Parse(piece, False)  # noqa: FBT003 -- the library takes it by place only
            yield from found
            found.clear()
    except BROKEN_XML:
        return


def read_styles(pieces: Iterable[bytes]) -> list[Style]:
    """The style of each number that cells name."""
    codes, levels, used = dict(BUILT_IN), [0], []
    fonts = 0
    for path, attributes in elements(pieces):
        if path == ("numFmts", "numFmt") and attributes.get("numFmtId", "").isdigit():
            codes[int(attributes["numFmtId"])] = attributes.get("formatCode", GENERAL)
        elif path == ("fonts", "font"):
            fonts += 1
            levels.append(0)
        elif path == ("font", "vertAlign") and len(levels) == fonts + 1:
            levels[-1] = _LEVELS.get(attributes.get("val", ""), 0)
        elif path == ("cellXfs", "xf"):
            used.append((_number(attributes, "numFmtId"), _number(attributes, "fontId")))
    levels = levels[1:] or [0]
    return [Style(codes.get(code, GENERAL), levels[font] if font < len(levels) else 0) for code, font in used]


def _number(attributes: Attributes, name: str) -> int:
    text = attributes.get(name, "")
    return int(text) if text.isdigit() and len(text) < 10 else 0


def runs(item: bytes) -> list[Run]:
    """The runs of a rich text."""
    found = []
    for match in _RUN.finditer(item):
        level = _LEVEL.search(match[1])
        text = b"".join(_TEXT.findall(match[1])).decode("utf-8", "replace")
        found.append(Run(html.unescape(text), _LEVELS.get(level[1].decode(), 0) if level else 0))
    return found


def raised_strings(pieces: Iterable[bytes]) -> dict[int, str]:
    """The shared texts with raised or lowered characters by their number."""
    found: dict[int, str] = {}
    number, rest = 0, b""
    for piece in pieces:
        whole = rest + piece
        starts = [match.start() for match in _ITEM.finditer(whole)]
        cut = starts[-1] if starts else 0
        number += _raised(whole[:cut], starts[:-1], number, found)
        rest = whole[cut:]
    starts = [match.start() for match in _ITEM.finditer(rest)]
    _raised(rest, starts, number, found)
    return found


def _raised(text: bytes, starts: list[int], number: int, found: dict[int, str]) -> int:
    """Adds the raised texts of a part, and returns how many texts it has."""
    if b"vertAlign" in text:
        for at, (start, stop) in enumerate(zip(starts, [*starts[1:], len(text)], strict=True)):
            item = text[start:stop]
            if b"vertAlign" in item and (shown := with_raised(runs(item))):
                found[number + at] = shown
    return len(starts)
