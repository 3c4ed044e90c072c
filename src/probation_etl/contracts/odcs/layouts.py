"""How the rows of a return stand in its file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from probation_etl.contracts.findings import COLUMN_CODES, FILE_CODES
from probation_etl.contracts.model import Column, DescribedBy, Layout, LeftOut, NotRead, Severity
from probation_etl.contracts.odcs.part import Part
from probation_etl.contracts.odcs.properties import Properties, check_codes
from probation_etl.contracts.organisations import fold
from probation_etl.contracts.suggestions import did_you_mean


def read_layout(custom: Properties, columns: Sequence[Column], server: Part) -> Layout:
    """How the rows of a return stand in its file.

    Args:
        custom: What the contract says of it.
        columns: The columns of the return.
        server: Where the file lies, with its format.
    """
    fixed_width = server["format"].text == "fixed-width"
    for fault in _place_faults(columns, fixed_width=fixed_width):
        server["format"].fault(fault)
    if custom["identification"]["block"].is_true and custom["headerRows"].value == 0:
        custom["identification"]["block"].fault(
            "a block is found by its header, and headerRows is 0: leave one of them out"
        )
    aside = custom["notRead"]
    read = {fold(text): each.name for each in columns for text in (each.header, *each.synonyms)}
    for text in aside["columns"].texts:
        if fold(text) in read:
            aside["columns"].fault(f"‘{text}’ is the header of the column ‘{read[fold(text)]}’: it is read")
    names = [each.name for each in columns]
    return Layout(
        header_rows=custom["headerRows"].whole_or(1),
        left_out=tuple(_left_out(each, names) for each in custom["leftOut"].items),
        not_read=NotRead(aside["columns"].texts, aside["sheets"].texts),
        described_by=_described_by(custom["describedBy"]),
        block=custom["identification"]["block"].is_true,
        fixed_width=fixed_width,
    )


def _described_by(part: Part) -> DescribedBy | None:
    if part.value is None:
        return None
    return DescribedBy(part["contract"].text_or(""), part["column"].text_or(""))


def _place_faults(columns: Sequence[Column], *, fixed_width: bool) -> Iterator[str]:
    """What is wrong with the places of columns in a line."""
    placed = [(each.characters, each.name) for each in columns if each.characters]
    if placed and not fixed_width:
        yield f"‘{placed[0][1]}’ has characters, which say where a column stands in text of the format fixed-width"
    if fixed_width:
        yield from (
            f"‘{each.name}’ has no characters: where it stands is not known" for each in columns if not each.characters
        )
        for (one, first), (other, second) in pairwise(sorted(placed)):
            if other[0] <= one[1]:
                yield f"‘{first}’ and ‘{second}’ stand in the same place: character {other[0]} is of both"


def _left_out(part: Part, names: Sequence[str]) -> LeftOut:
    """Rows that are no data; each entry says in one way which they are."""
    given = [key for key in ("belowHeader", "filledOnly", "matches") if key in part.mapping]
    if len(given) != 1:
        part.fault("say in one way which rows are left out: belowHeader, filledOnly or matches")
    if "column" in part.mapping and "matches" not in part.mapping:
        part.fault("column says in which column a text matches: it needs matches")
    if "andBelow" in part.mapping and "matches" not in part.mapping:
        part["andBelow"].fault("andBelow goes on from a row that matches: it needs matches")
    for name in (*part["filledOnly"].texts, *part["column"].texts):
        if name not in names:
            part.fault(f"‘{name}’ is not a column of the return{did_you_mean(name, names)}")
    return LeftOut(
        name=part["name"].text_or(""),
        below_header=part["belowHeader"].whole_or(0),
        filled_only=part["filledOnly"].texts,
        column=part["column"].text,
        matches=part["matches"].pattern() or "",
        and_below=part["andBelow"].is_true,
    )


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
