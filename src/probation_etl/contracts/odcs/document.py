"""A YAML document with the line of each of its parts, and its faults.

Faults are collected rather than raised, so that an author sees them all at once.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path

from probation_etl.contracts.odcs.schema_errors import Steps, check
from probation_etl.contracts.odcs.schema_validator import Form, Json
from probation_etl.contracts.odcs.yaml_file import UnreadableYaml, read_yaml


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


def read_document(path: Path, *, within: Path | None = None) -> Document:
    """Reads a contract file and checks it against the JSON Schema of the ODCS.

    Never raises because of the content of the file: one that is not YAML gives a document with one fault.

    Args:
        path: The file.
        within: Directory that it must be in, links followed; None where its place does not matter.
    """
    document = _parse(path, within)
    if document.readable:
        checked = check(_standard(), document.data)
        for old, new in checked.renamed:
            document.rename(old, new)
        for steps, message in checked.faults:
            document.fault(steps, message)
        document.readable = document.sound = checked.data is not None
        document.data = checked.data if isinstance(checked.data, dict) else {}
    return document


def _parse(path: Path, within: Path | None) -> Document:
    document = Document(path, {}, {})
    try:
        data, document.lines = read_yaml(path, within=within)
    except UnreadableYaml as error:
        document.unreadable(error.line, str(error))
        return document
    if isinstance(data, dict):
        document.data = data
    else:
        document.unreadable(1, "a contract is a mapping of keys to values; this file holds none")
    return document


def standard() -> dict[str, Json]:
    """The JSON Schema of the ODCS."""
    # Read as a file: the package's own function uses something that Python deprecates, and imports a model we do not need.
    schema = files("open_data_contract_standard").joinpath("schema.json").read_text(encoding="utf-8")
    found: dict[str, Json] = json.loads(schema)
    return found


@cache
def _standard() -> Form:
    return Form(standard())


def dotted(steps: Steps) -> str:
    """The steps as a path that a person can follow: ``schema[0].properties[2].name``."""
    text = ""
    for step in steps:
        text += f"[{step}]" if isinstance(step, int) else f".{step}"
    return text.lstrip(".") or "the document"
