"""A YAML document with the line of each of its parts, and its faults.

Faults are collected rather than raised, so that an author sees them all at once.
"""

from __future__ import annotations

import json
import re
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path

import yaml

from probation_etl.contracts.odcs.schema_errors import Steps, check
from probation_etl.contracts.odcs.schema_validator import Form, Json


@dataclass
class Document:
    """One contract file as data, with the line of every part and the faults found so far.

    Attributes:
        data: The document as plain dicts, lists and scalars, corrected where a fault allows it.
        lines: Line (from 1) of each part, by its steps from the root.
        noted: Line and message of each fault.
        readable: Whether a contract can be made of it.
        sound: Whether the rules of that contract can be checked: nothing that they may need is left out.
    """

    path: Path
    data: dict[str, Json]
    lines: dict[Steps, int]
    noted: list[tuple[int, str]] = field(default_factory=list)
    readable: bool = True
    sound: bool = True

    @property
    def faults(self) -> list[str]:
        """What is wrong, one line each in the order of the file: ``file:line: path: what``."""
        ordered = dict.fromkeys(sorted(self.noted, key=lambda each: each[0]))
        return [f"{self.path}:{line}: {words}" for line, words in ordered]

    def fault(self, steps: Steps, message: str) -> None:
        """Notes that the part at these steps is wrong."""
        self.noted.append((self.line(steps), f"{dotted(steps)}: {message}"))

    def unreadable(self, line: int, words: str) -> None:
        """Notes that the document cannot be read at all."""
        self.noted.append((line, words))
        self.readable = self.sound = False

    def rename(self, old: Steps, new: Steps) -> None:
        """Records the lines of a misspelt key under the key that was meant as well."""
        for each in [each for each in self.lines if each[: len(old)] == old]:
            self.lines[*new, *each[len(old) :]] = self.lines[each]

    def line(self, steps: Steps) -> int:
        """Line of the part, or of the nearest part around it."""
        while steps and steps not in self.lines:
            steps = steps[:-1]
        return self.lines.get(steps, 1)


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


def read_document(path: Path) -> Document:
    """Reads a contract file and checks it against the JSON Schema of the ODCS.

    Never raises because of the content of the file: one that is not YAML gives a document with one fault.
    """
    document = _parse(path)
    if document.readable:
        checked = check(_standard(), document.data)
        for old, new in checked.renamed:
            document.rename(old, new)
        for steps, message in checked.faults:
            document.fault(steps, message)
        document.readable = document.sound = checked.data is not None
        document.data = checked.data if isinstance(checked.data, dict) else {}
    return document


def _parse(path: Path) -> Document:
    document = Document(path, {}, {})
    try:
        loader = _Loader(path.read_text(encoding="utf-8"))
        node = loader.get_single_node()
        if node is not None:
            _refuse_loops(node, ())
        data = loader.construct_document(node) if node is not None else None
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        document.unreadable(1, f"the file cannot be read: {reason}")
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or "it cannot be parsed"
        document.unreadable(mark.line + 1 if mark else 1, f"this is not YAML: {problem}")
    else:
        document.lines = dict(_lines(node)) if node is not None else {}
        if isinstance(data, dict):
            document.data = data
        else:
            document.unreadable(1, "a contract is a mapping of keys to values; this file holds none")
    return document


def _refuse_loops(node: yaml.Node, above: tuple[int, ...]) -> None:
    """Refuses a part that contains itself by an anchor: reading it would never end."""
    if id(node) in above:
        raise yaml.constructor.ConstructorError(None, None, "a part that holds itself", node.start_mark)
    inner = [each for pair in node.value for each in pair] if isinstance(node, yaml.MappingNode) else node.value
    for each in inner if isinstance(node, yaml.CollectionNode) else ():
        _refuse_loops(each, (*above, id(node)))


def _lines(node: yaml.Node, steps: Steps = ()) -> Iterator[tuple[Steps, int]]:
    yield steps, node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield (*steps, key.value), key.start_mark.line + 1
            for inner, line in _lines(value, (*steps, key.value)):
                if inner != (*steps, key.value):
                    yield inner, line
    elif isinstance(node, yaml.SequenceNode):
        for position, value in enumerate(node.value):
            yield from _lines(value, (*steps, position))


@cache
def _standard() -> Form:
    # Read as a file: the package's own function uses something that Python deprecates, and imports a model we do not need.
    schema = files("open_data_contract_standard").joinpath("schema.json").read_text(encoding="utf-8")
    return Form(json.loads(schema))


def dotted(steps: Steps) -> str:
    """The steps as a path that a person can follow: ``schema[0].properties[2].name``."""
    text = ""
    for step in steps:
        text += f"[{step}]" if isinstance(step, int) else f".{step}"
    return text.lstrip(".") or "the document"
