"""What the name of a file says about its contract, supplier and period."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePath

from probation_etl.contracts.findings import Finding, make
from probation_etl.contracts.model import ReturnContract
from probation_etl.contracts.patterns import WholeMatch, whole_match, whole_matches
from probation_etl.intake.readers import Grid

#: What stands for the name of a file where there is none.
STANDARD_INPUT, BYTES, TABLE = "standard input", "bytes", "table"
_PACKED, _ZIP = re.compile(r"\.(?:gz|zip)$", re.IGNORECASE), re.compile(r"\.zip$", re.IGNORECASE)


def is_unnamed(name: str) -> bool:
    """Whether what is read did not come in a file, so that nothing is wrong with its name."""
    return name in (STANDARD_INPUT, BYTES, TABLE)


def file_name_matches(name: str, contract: ReturnContract) -> WholeMatch | None:
    """Matches the name of a file with a contract's patterns, ignoring case and the extension of a compressed file."""
    said = said_by_names(name, contract)
    return None if said is None else WholeMatch({key: text for groups in said.values() for key, text in groups.items()})


def said_by_names(name: str, contract: ReturnContract) -> dict[str, Mapping[str, str | None]] | None:
    """The groups of a contract's patterns in the names of a file and of its folders; None where one of them does not match."""
    file_name, folder = contract.identification.file_name, contract.identification.folder
    found = {
        **({"file name": whole_match(file_name, _forms(name))} if file_name else {}),
        **({"folder": whole_match(folder, _folders(name))} if folder else {}),
    }
    groups = {of: match.groups for of, match in found.items() if match}
    return groups if found and len(groups) == len(found) else None


def _folders(name: str) -> tuple[str, ...]:
    """The folders that a file lies in: all of them, then without the first, and so on."""
    parts = PurePath(name).parent.parts
    return tuple("/".join(parts[at:]) for at in range(len(parts)))


def fitting(names: Iterable[str], contracts: Iterable[ReturnContract]) -> dict[str, list[ReturnContract]]:
    """For each of many names, the contracts whose patterns it matches so."""
    forms = {name: _forms(name) for name in names}
    every, found = {form for each in forms.values() for form in each}, {name: list[ReturnContract]() for name in forms}
    for contract in contracts:
        pattern = contract.identification.file_name
        matching = whole_matches(pattern, every) if pattern else set()
        for name, each in forms.items() if matching else ():
            if not matching.isdisjoint(each):
                found[name].append(contract)
    return found


def _forms(name: str) -> tuple[str, ...]:
    """What the name of a file may be without the extension of a compressed one."""
    plain = PurePath(name).name if "/" in name else name
    if plain[-4:].lower() != ".zip" and plain[-3:].lower() != ".gz":
        return (plain,)
    return tuple(dict.fromkeys((plain, _PACKED.sub("", plain), _ZIP.sub(".csv", plain))))


def without_packing(name: str) -> str:
    """A name without the extension of a compressed file."""
    return _PACKED.sub("", name)


def name_of(name: str, grids: Sequence[Grid], contracts: Sequence[ReturnContract]) -> tuple[str, tuple[Finding, ...]]:
    """The name that identifies a file: its own or that of the file in an archive; a finding where they disagree."""
    inner = grids[0].packed_name if grids else None
    if inner is None:
        return name, ()
    without, within = _identified_by(name, contracts), _identified_by(inner, contracts)
    if without and within and without != within:
        text = f"The archive is named ‘{PurePath(name).name}’, the file in it ‘{PurePath(inner).name}’."
        return name, (make("ambiguous-return", expected=text),)
    return (name if without or not within else inner), ()


def _identified_by(name: str, contracts: Sequence[ReturnContract]) -> list[tuple[str, dict[str, str]]]:
    """The contracts, suppliers and periods that a name identifies."""
    matches = ((each.id, file_name_matches(name, each)) for each in contracts)
    return [
        (contract_id, {key: (value or "").casefold() for key, value in match.groups.items()})
        for contract_id, match in matches
        if match
    ]
