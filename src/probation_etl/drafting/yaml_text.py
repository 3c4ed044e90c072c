"""Writes YAML with comments, in the form that contracts have: a comment at the end of a line, or on a line of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import yaml

from probation_etl.discreet import Discreet

#: Signs of patterns, which are always in quotation marks.
_SIGNS = frozenset(r"\^$[](){}*|")
#: Columns of a line before its comment goes above it.
_WIDTH = 132


@dataclass(frozen=True)
class Said(Discreet):
    """A value with a comment, which stands at the end of its line, and others above it.

    Attributes:
        value: A text, number, truth value, list or mapping; a tuple, which is written in one line.
        why: What speaks for it.
        above: Lines above.
    """

    value: object
    why: str = ""
    above: tuple[str, ...] = ()


def written(document: Mapping[str, object]) -> str:
    """A document as YAML. Values may be :class:`Said`."""
    return "".join(f"{line}\n" for line in _mapping(document, ""))


def _mapping(values: Mapping[str, object], indent: str) -> Iterator[str]:
    for key, value in values.items():
        yield from _entry(f"{indent}{_scalar(key)}:", value, indent)


def _entry(begin: str, value: object, indent: str) -> Iterator[str]:
    said = value if isinstance(value, Said) else Said(value)
    for line in said.above:
        yield f"{indent}# {_one_line(line)}"
    match said.value:
        case Mapping() | list() if said.value:
            yield from _commented(begin, said.why, indent)
            yield from _block(said.value, f"{indent}  ")
        case _:
            yield from _commented(f"{begin} {_scalar(said.value)}", said.why, indent)


def _block(value: Mapping[str, object] | Sequence[object], indent: str) -> Iterator[str]:
    if isinstance(value, Mapping):
        yield from _mapping(value, indent)
        return
    for each in value:
        yield from _item(each, indent)


def _item(value: object, indent: str) -> Iterator[str]:
    said = value if isinstance(value, Said) else Said(value)
    if not isinstance(said.value, Mapping):
        yield from _entry(f"{indent}-", said, indent)
        return
    lines = list(_mapping(said.value, f"{indent}  "))
    yield from (f"{indent}# {_one_line(line)}" for line in said.above)
    first = next(at for at, line in enumerate(lines) if not line.lstrip().startswith("#"))
    yield from (f"{indent}{line.strip()}" for line in lines[:first])
    yield from _commented(f"{indent}- {lines[first].strip()}", said.why, indent)
    yield from lines[first + 1 :]


def _commented(line: str, why: str, indent: str) -> Iterator[str]:
    """A line with its comment; above it where both together are too long."""
    comment = f"# {_one_line(why)}" if why else ""
    if comment and len(line) + len(comment) + 2 > _WIDTH:
        yield f"{indent}{comment}"
        comment = ""
    yield f"{line}  {comment}" if comment else line


def _one_line(text: str) -> str:
    """A text for a comment: nothing in it can end the comment."""
    return "".join(each if each.isprintable() else " " for each in text)


def _scalar(value: object) -> str:
    """A value in one line, in quotation marks where it would be read as something else; a tuple is a list in one line."""
    given = list(value) if isinstance(value, tuple) else dict(value) if isinstance(value, Mapping) else value
    odd = isinstance(given, str) and not given.isprintable()
    style = '"' if odd else "'" if isinstance(given, str) and _SIGNS.intersection(given) else None
    dumped: str = yaml.safe_dump(
        given, allow_unicode=not odd, width=float("inf"), default_flow_style=True, sort_keys=False, default_style=style,
    )  # fmt: skip
    return dumped.removesuffix("\n").removesuffix("\n...")
