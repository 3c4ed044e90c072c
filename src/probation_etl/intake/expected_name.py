"""The form that a contract expects of the names of files, and what is wrong with a name that does not have it.

Nothing is read from a name of another form, however near it is: it is said which part is wrong, and the sender names the file
anew.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import PurePath

from probation_etl.contracts.findings import Finding, make
from probation_etl.contracts.forms import MONTHS
from probation_etl.contracts.model import ReturnContract
from probation_etl.contracts.organisations import Reference
from probation_etl.contracts.pattern_texts import UnsupportedPattern, shortest
from probation_etl.intake.file_names import file_name_matches, without_packing

#: What the groups of a pattern stand for.
_GROUPS = {"supplier_code": "<supplier code>", "period_end": "<period end, yyyy-MM-dd>"}
_MONTHS = tuple(name[:3].lower() for name in MONTHS)
_NUMERIC = re.compile(r"(?<!\d)(\d{1,2})[-._/ ](\d{1,2})[-._/ ](\d{4})(?!\d)")
_YEAR_FIRST = re.compile(r"(?<!\d)(\d{4})[-._/ ]?(\d{2})[-._/ ]?(\d{2})(?!\d)")
_NAMED = re.compile(r"(?<!\d)(\d{1,2})(?:st|nd|rd|th)?[-._ ]*([a-z]{3})[a-z]*[-._ ]*(\d{4})(?!\d)", re.IGNORECASE)
_COPIES = (
    re.compile(r"^(?:copy(?: \(\d+\))? of|copy-of|kopie von) +", re.IGNORECASE),
    re.compile(r"(?: - copy(?: \(\d+\))?| ?\(\d+\)| copy(?: \d+)?)(?=\.\w+$)", re.IGNORECASE),
)
_ANY_DAY = date(2024, 3, 31)


def wrong_name(name: str, contract: ReturnContract, reference: Reference) -> Finding:
    """The finding for a name that does not have the form of its contract: the form, an example, and what is wrong if it is plain.

    Args:
        name: Name of the file.
        contract: A contract with a pattern for names of files.
        reference: The known organisations.
    """
    plain, asked = PurePath(name).name, contract.identification.folder
    if asked and file_name_matches(
        plain, replace(contract, identification=replace(contract.identification, folder=None))
    ):
        return _wrong_folder(name, asked)
    form, example = form_of_name(contract), _example(plain, contract, reference)
    text = (
        f"The file name ‘{plain}’ is not in the form ‘{form}’" if form else f"The file name ‘{plain}’ is not as agreed"
    )
    text += f", for example ‘{example}’" if example else ""
    part = _wrong_part(plain, contract)
    found = f"{text}: {part}." if part else f"{text}."
    return make("wrong-file-name", expected=found, value=plain)


def form_of_name(contract: ReturnContract) -> str | None:
    """The form of its files' names, such as ``<supplier code>_return_<period end, yyyy-MM-dd>.xlsx``; None where no words say it."""
    return _written(contract, _GROUPS)


def example_of_name(contract: ReturnContract, reference: Reference, sent: tuple[str, date] | None = None) -> str | None:
    """A name that the contract accepts; None where none is found.

    Args:
        contract: A contract with a pattern for names of files.
        reference: The known organisations.
        sent: The supplier's code and the period end that it says; where it cannot say these, some others.
    """
    groups = {"supplier_code": sent[0], "period_end": sent[1].isoformat()} if sent else {}
    name = _written(contract, groups) if sent else None
    return name if name and file_name_matches(name, contract) else _example("", contract, reference)


def _wrong_folder(name: str, pattern: str) -> Finding:
    folder = PurePath(name).parent.as_posix()
    where = f"lies in the folder ‘{folder}’" if folder != "." else "lies in no folder"
    form = written(pattern)
    asked = f", and not in one of the form ‘{form}’" if form else ", which is not as agreed"
    hint = "Put the file into the folder that is agreed."
    return make("wrong-file-name", expected=f"The file {where}{asked}.", value=folder, hint=hint)


def written(pattern: str) -> str | None:
    """A name of a pattern, in words where its groups are; None where the pattern is not understood."""
    try:
        return shortest(pattern, _GROUPS)
    except UnsupportedPattern:
        return None


def _written(contract: ReturnContract, groups: dict[str, str]) -> str | None:
    """A name by the contract's pattern, with these texts for its groups; None where the pattern is not understood."""
    try:
        return shortest(contract.identification.file_name or "", groups)
    except UnsupportedPattern:
        return None


def _example(name: str, contract: ReturnContract, reference: Reference) -> str | None:
    """A name that the contract accepts, with the supplier and the day that the wrong name seems to have."""
    days = [day for day in (_day_in(name), contract.effective_to, contract.effective_from, _ANY_DAY) if day]
    for code in _codes(name, contract, reference):
        for day in days:
            example = _written(contract, {"supplier_code": code, "period_end": day.isoformat()})
            if example and contract.in_force(day) and file_name_matches(example, contract):
                return example
    return None


def _codes(name: str, contract: ReturnContract, reference: Reference) -> Iterator[str]:
    """Codes of organisations: first the one in the name, then those that send such returns."""
    listed = reference.tables.get("organisations")
    codes = [] if listed is None else list(dict.fromkeys(listed["code"].drop_nulls()))
    words = {word.casefold() for word in re.split(r"[^A-Za-z0-9]+", name)}
    yield from (code for code in codes if code.casefold() in words)
    for code in codes:
        known = reference.organisation(code, None)
        if known and contract.supplier_kind in (None, known.kind):
            yield code
    if not codes and (some := _written(contract, {})):
        match = file_name_matches(some, contract)
        yield from filter(None, [match.groups.get("supplier_code") if match else None])


def _day_in(name: str) -> date | None:
    """The day that a name has in any form; None where it could be two days."""
    numeric = (
        (each[3], each[2], each[1]) for each in _NUMERIC.finditer(name) if int(each[1]) > 12 or each[1] == each[2]
    )
    american = ((each[3], each[1], each[2]) for each in _NUMERIC.finditer(name) if int(each[2]) > 12)
    months = {month: str(number) for number, month in enumerate(_MONTHS, start=1)}
    named = ((each[3], months.get(each[2].lower(), "0"), each[1]) for each in _NAMED.finditer(name))
    first = ((each[1], each[2], each[3]) for each in _YEAR_FIRST.finditer(name))
    return next(filter(None, _days([*first, *numeric, *american, *named])), None)


def _days(parts: Iterable[tuple[str, str, str]]) -> Iterator[date]:
    for year, month, day in parts:
        try:
            yield date(int(year), int(month), int(day))
        except ValueError:
            continue


def _wrong_part(name: str, contract: ReturnContract) -> str | None:
    """Which part of a name is wrong, if the rest is right."""
    repairs = _repairs(without_packing(name), contract)
    return next((words for words, other in repairs if file_name_matches(other, contract)), None)


def _repairs(name: str, contract: ReturnContract) -> Iterator[tuple[str, str]]:
    """Names that differ in one part, and what is wrong with that part."""
    for copy in _COPIES:
        if (found := copy.search(name)) is not None:
            yield f"‘{found[0].strip()}’ does not belong to it", copy.sub("", name)
    stem, dot, ending = name.rpartition(".")
    if dot and "." in stem:
        yield f"the ending ‘.{ending}’ does not belong to it", stem
    expected = (_written(contract, _GROUPS) or "").rpartition(".")[2]
    if expected and ending.casefold() != expected.casefold():
        yield f"it ends with ‘.{expected}’, not with ‘.{ending}’", f"{stem}.{expected}" if dot else f"{name}.{expected}"
    for pattern in (_NUMERIC, _NAMED, _YEAR_FIRST):
        if pattern.search(name):
            yield "its date must be in the form yyyy-MM-dd", pattern.sub(_ANY_DAY.isoformat(), name)
    if re.search(r"[ -]", name):
        yield "it has spaces or hyphens in place of ‘_’", re.sub(r"(?<!\d)[ -]|[ -](?!\d)", "_", name)
