"""Custom properties: what the standard has no word for, in the words of our own language."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files

from probation_etl.contracts.odcs.part import Part
from probation_etl.contracts.odcs.schema_errors import check
from probation_etl.contracts.odcs.schema_validator import Form, Json
from probation_etl.contracts.suggestions import did_you_mean, nearest

ENGINE = "probation-etl"
#: Properties that say what rules and mappings may name. Without them, correct rules would look wrong.
_NEEDED_BY_RULES = ("layer", "derived", "mapping", "query")


class Properties:
    """The custom properties of a part, by name."""

    def __init__(self, holder: Part, found: Mapping[str, Part]) -> None:
        """The properties that were found.

        Args:
            holder: The part that has them.
            found: Value and place of each, by its name.
        """
        self._missing, self._found = holder["customProperties"], found

    def __contains__(self, name: str) -> bool:
        return name in self._found

    def __getitem__(self, name: str) -> Part:
        """The property of that name; one without a value where there is none."""
        return self._found.get(name) or Part(self._missing.document, self._missing.steps)


def custom_properties(holder: Part, kind: str) -> Properties:
    """The custom properties of a part that can be used; what is wrong with the others becomes a fault.

    Args:
        holder: The part that has them.
        kind: ``contract``, ``column`` or ``relationship``.
    """
    known = _forms()[kind]
    found: dict[str, Part] = {}
    for entry in holder["customProperties"].items:
        name = entry["property"].text_or("")
        if entry["vendor"].text_or(ENGINE) != ENGINE:
            continue
        if name not in known:
            entry["property"].fault(f"‘{name}’ is not a property we know{did_you_mean(name, known)}")
            holder.document.sound &= nearest(name, known) not in _NEEDED_BY_RULES
            continue
        if name in found:
            entry["property"].fault(f"‘{name}’ appears more than once, and only one of them can apply")
        found[name] = Part(entry.document, entry.steps, _value(entry["value"], name, known[name]))
    return Properties(holder, {name: each for name, each in found.items() if each.value is not None})


def checked(part: Part, kind: str) -> Part:
    """A part of which the language says what it is, by its key, with the value as its author must have meant it."""
    name = str(part.steps[-1])
    return part if part.value is None else Part(part.document, part.steps, _value(part, name, _forms()[kind][name]))


def _value(given: Part, name: str, form: Form) -> Json:
    """The value as its author must have meant it; None where it cannot be used."""
    checked = check(form, given.value)
    for old, new in checked.renamed:
        given.document.rename((*given.steps, *old), (*given.steps, *new))
    for inner, message in checked.faults:
        given.document.fault((*given.steps, *inner), f"{name}: {message}")
    if checked.data is None and name in _NEEDED_BY_RULES:
        given.document.sound = False
    return checked.data


def language() -> dict[str, dict[str, dict[str, Json]]]:
    """JSON Schemas of the values of our own keys, by the kind of part that has them."""
    text = files("probation_etl.contracts.odcs").joinpath("language.schema.json").read_text(encoding="utf-8")
    found: dict[str, dict[str, dict[str, Json]]] = json.loads(text)
    return found


@cache
def _forms() -> dict[str, dict[str, Form]]:
    return {kind: {name: Form(each) for name, each in known.items()} for kind, known in language().items()}


def check_codes(place: Part, codes: Iterable[str], known: Iterable[str], *, of: str = "a column") -> None:
    """Notes codes that are not among those that can be meant here."""
    allowed = list(known)
    for code in codes:
        if code not in allowed:
            place.fault(f"‘{code}’ is not a finding code of {of}{did_you_mean(code, allowed)}")
