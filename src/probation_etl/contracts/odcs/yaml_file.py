"""A contract file as data, with the line of every part; what a small file may not become is refused before it does.

Ten lines of YAML can stand for more parts than any memory holds, a pipe never ends, and a list of lists can be deeper than
what reads it. So the events of a file are counted before anything is made of them.
"""

from __future__ import annotations

import re
import stat
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import yaml

from probation_etl.contracts.odcs.schema_errors import Steps
from probation_etl.contracts.odcs.schema_validator import Json

#: Bytes of a file, parts of it with those that aliases stand for, parts in each other, and characters of a text.
LARGEST_FILE, MOST_PARTS, DEEPEST, LONGEST_TEXT = 1_000_000, 20_000, 40, 20_000
#: Digits of a number, more than any cell holds.
_LONGEST_NUMBER = 40
_NUMBERS = ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float")
_TAGS = frozenset(
    (*_NUMBERS, *(f"tag:yaml.org,2002:{kind}" for kind in ("bool", "map", "merge", "null", "seq", "str")))
)


class YamlFile(NamedTuple):
    """What a file says.

    Attributes:
        lines: Line (from 1) of each part, by its steps from the root.
    """

    data: Json
    lines: dict[Steps, int]


class UnreadableYaml(ValueError):
    """A file of which nothing can be made.

    Attributes:
        line: Where, from 1.
    """

    def __init__(self, words: str, line: int = 1) -> None:
        super().__init__(words)
        self.line = line


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """A safe loader that refuses a key given twice; YAML would silently keep the last one."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, object]:  # noqa: FBT001, FBT002 -- as the library calls it
        seen: set[object] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.constructor.ConstructorError(None, None, "a key must be a word", key.start_mark)
            if key.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key ‘{key.value}’ appears twice", key.start_mark
                )
            seen.add(key.value)
        mapping: dict[Hashable, object] = super().construct_mapping(node, deep)
        return mapping


# Dates and words such as yes and no stay text, as a JSON document would have them.
_Loader.yaml_implicit_resolvers = {
    first: [
        (tag, pattern)
        for tag, pattern in resolvers
        if tag not in ("tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:bool")
    ]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(?:true|false)$"), list("tf"))


def read_yaml(path: Path, *, within: Path | None = None) -> YamlFile:
    """What a file says.

    Args:
        path: The file.
        within: Directory that it must be in, links followed; None where its place does not matter.

    Raises:
        UnreadableYaml: It is no file of text, is too large, or is not YAML.
    """
    text = _text(path, within)
    try:
        _refuse_what_grows(text)
        loader = _Loader(text)
        node = loader.get_single_node()
        if node is None:
            return YamlFile(None, {})
        lines = dict(_lines(node))
        return YamlFile(loader.construct_document(node), lines)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "it cannot be parsed"
        raise UnreadableYaml(f"this is not YAML: {problem}", mark.line + 1 if mark else 1) from None


def _text(path: Path, within: Path | None) -> str:
    try:
        if within is not None and not path.resolve().is_relative_to(within.resolve()):
            raise UnreadableYaml("this is a link to a file outside of the directory of contracts")
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            raise UnreadableYaml("this is not a file: a contract is read from a file of text alone")
        if found.st_size > LARGEST_FILE:
            raise UnreadableYaml(f"the file has {found.st_size:,} bytes; a contract has at most {LARGEST_FILE:,}")
        data = path.read_bytes()
    except OSError as error:
        raise UnreadableYaml(f"the file cannot be read: {error.strerror}") from None
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise UnreadableYaml("the file cannot be read: it is not UTF-8 text", line) from None


def _refuse_what_grows(text: str) -> None:
    """Refuses what is too deep, too long, or would be too large once every alias is replaced by what it stands for."""
    grown = _Grown()
    for event in yaml.parse(text, Loader=_Loader):
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.ScalarEvent) and len(event.value) > LONGEST_TEXT:
            words = f"a text of {len(event.value):,} characters; it can have at most {LONGEST_TEXT:,}"
            raise UnreadableYaml(words, line)
        if isinstance(event, yaml.ScalarEvent) and (sign := _UNSEEN.search(event.value)):
            raise UnreadableYaml(f"a text holds the control character U+{ord(sign[0]):04X}, which nobody sees", line)
        grown.add(event, line)
        if len(grown.open) > DEEPEST:
            raise UnreadableYaml(f"parts stand in each other more than {DEEPEST} deep", line)
        if grown.parts > MOST_PARTS:
            raise UnreadableYaml(f"with what its aliases stand for it has more than {MOST_PARTS:,} parts", line)


@dataclass
class _Grown:
    """How large a file becomes.

    Attributes:
        parts: Parts so far, with those that aliases stand for.
        open: Parts that have not ended yet: the anchor of each, and how many parts came before it.
        sizes: Parts of what each anchor names; None before it ends.
    """

    parts: int = 0
    open: list[tuple[str | None, int]] = field(default_factory=list)
    sizes: dict[str | None, int | None] = field(default_factory=dict)

    def add(self, event: yaml.Event, line: int) -> None:
        if isinstance(event, yaml.CollectionStartEvent):
            self.sizes[event.anchor] = None
            self.open.append((event.anchor, self.parts))
        elif isinstance(event, yaml.CollectionEndEvent):
            anchor, before = self.open.pop()
            self.sizes[anchor] = self.parts - before
        elif isinstance(event, yaml.AliasEvent):
            stands_for = self.sizes.get(event.anchor, 1)
            if stands_for is None:
                raise UnreadableYaml("this is not YAML: a part that holds itself", line)
            self.parts += stands_for
        self.parts += isinstance(event, yaml.NodeEvent)


def _lines(node: yaml.Node, steps: Steps = ()) -> Iterator[tuple[Steps, int]]:
    _refuse_other_kinds(node)
    yield steps, node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield (*steps, key.value if isinstance(key, yaml.ScalarNode) else ""), key.start_mark.line + 1
            for inner, line in _lines(value, (*steps, key.value)):
                if inner != (*steps, key.value):
                    yield inner, line
    elif isinstance(node, yaml.SequenceNode):
        for position, value in enumerate(node.value):
            yield from _lines(value, (*steps, position))


def _refuse_other_kinds(node: yaml.Node) -> None:
    """Refuses kinds of YAML that JSON does not have, and numbers that nothing could compute with."""
    line = node.start_mark.line + 1
    if node.tag not in _TAGS:
        raise UnreadableYaml(
            f"this is not YAML as JSON has it: ‘{node.tag}’ is not a kind of value that a contract can have", line
        )
    if node.tag in _NUMBERS and (len(node.value) > _LONGEST_NUMBER or not _NUMBER.fullmatch(node.value)):
        raise UnreadableYaml(
            f"‘{node.value[:20]}’ is not a number that a contract can have; write a text in quotation marks", line
        )


_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_NUMBER = re.compile(r"[-+]?[0-9_]*\.?[0-9_]*(?:[eE][-+]?[0-9]{1,2})?|0[xob][0-9a-fA-F_]+")
