"""How the rows of a return stand in its file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from probation_etl.contracts.findings import COLUMN_CODES, FILE_CODES
from probation_etl.contracts.model import Column, Layout, NotRead, Severity
from probation_etl.contracts.odcs.part import Part
from probation_etl.contracts.odcs.properties import Properties, check_codes
from probation_etl.contracts.organisations import fold


def read_layout(custom: Properties, columns: Iterable[Column]) -> Layout:
    """How the rows of a return stand in its file."""
    aside = custom["notRead"]
    read = {fold(text): each.name for each in columns for text in (each.header, *each.synonyms)}
    for text in aside["columns"].texts:
        if fold(text) in read:
            aside["columns"].fault(f"‘{text}’ is the header of the column ‘{read[fold(text)]}’: it is read")
    return Layout(NotRead(aside["columns"].texts, aside["sheets"].texts))


def read_severities(part: Part) -> dict[str, Severity]:
    """What a contract says of the severity of findings, by their code."""
    check_codes(part, part.mapping, (*COLUMN_CODES, *FILE_CODES), of="a file or a column")
    return {code: each.severity for code, each in part.entries.items()}


def with_severities(columns: Iterable[Column], usual: Mapping[str, Severity]) -> tuple[Column, ...]:
    """The columns with what the contract says of all of them, where they do not say it themselves."""
    common = {code: each for code, each in usual.items() if code in COLUMN_CODES}
    return tuple(replace(each, severities={**common, **each.severities}) if common else each for each in columns)


def of_files(severities: Mapping[str, Severity]) -> dict[str, Severity]:
    """What of it is about the file as a whole."""
    return {code: each for code, each in severities.items() if code in FILE_CODES}
