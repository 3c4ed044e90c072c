"""Drafts what a contract says of one table of the samples."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from probation_etl.contracts.organisations import fold
from probation_etl.drafting.columns import Laid, laid_out
from probation_etl.drafting.covers import draft_cover
from probation_etl.drafting.days import is_first
from probation_etl.drafting.draft_table import DraftTable
from probation_etl.drafting.drafted import DraftColumn, drafted
from probation_etl.drafting.evidence import Evidence, evidence_of, listed
from probation_etl.drafting.file_names import FileNames, spacing
from probation_etl.drafting.headers import snake_case
from probation_etl.drafting.keys import with_key
from probation_etl.drafting.parts import Group, Sorted
from probation_etl.drafting.samples import MOST_ROWS
from probation_etl.drafting.typed import Typed
from probation_etl.drafting.types import type_of
from probation_etl.drafting.words import speaks_of_sender


def names_of(groups: Sequence[Group], given: str | None, names: FileNames) -> Iterator[tuple[Group, str]]:
    """The id of the contract of each group."""
    base = given or names.subject.replace("_", "-")
    taken: set[str] = set()
    for group in groups:
        of_sheet = snake_case(group.sheet or "").replace("_", "-")
        alone = group.sheet is None or (given and len(groups) == 1)
        name = (base if alone else "-".join(filter(None, (base, of_sheet)))) or "draft"
        name = (
            name if name not in taken else next(made for at in range(2, 999) if (made := f"{name}-{at}") not in taken)
        )
        taken.add(name)
        yield group, name


def draft_table(group: Group, name: str, found: Sorted, names: FileNames) -> DraftTable:
    """Drafts one table."""
    laid = laid_out(group)
    senders = {file: said["supplier_code"] for file, said in names.said.items() if "supplier_code" in said}
    evidence = [evidence_of(each, laid, senders) for each in laid.columns]
    types = _types(evidence)
    columns = [
        _column(column_evidence, typed, laid, at, names)
        for at, (column_evidence, typed) in enumerate(zip(evidence, types, strict=True))
    ]
    keyed, asked = with_key(columns, laid)
    rows = {part.sample.name: table.height for part, table in zip(laid.group.parts, laid.tables, strict=True)}
    cover = draft_cover(found.covers, names.said, rows)
    first = group.parts[0].sample
    return DraftTable(
        name, snake_case(group.sheet or name) or "rows", (len(group.parts), group.files), laid.rows, keyed,
        names=_asking(names, cover.labels if cover else {}, keyed), sheet=group.sheet,
        header_rows=tuple(part.row + 1 for part in group.parts), cover=cover, others=found.others, left_out=laid.left_out, spacing=spacing(names),
        format="csv" if first.is_text else None, delimiter=first.delimiter, encoding=first.encoding,
        questions=(*asked, *_of_table(laid)),
    )  # fmt: skip


def _types(evidence: Sequence[Evidence]) -> list[Typed]:
    """The type of each column. Columns that tell the order of day and month tell it for those that do not."""
    types = [type_of(each) for each in evidence]
    orders = {is_first(form) for each in types if each.type in ("date", "timestamp") for form in each.formats} - {None}
    if len(orders) != 1:
        return types
    order = orders.pop()
    return [
        type_of(found, day_first=order) if each.ambiguous else each for found, each in zip(evidence, types, strict=True)
    ]


def _column(found: Evidence, typed: Typed, laid: Laid, at: int, names: FileNames) -> DraftColumn:
    places = laid.columns[at]
    periods = [names.end_of(laid.group.parts[part].sample.name) for part in places.places]
    column = drafted(found, typed, periods)
    synonyms = {_plain(text): len(tables) for text, tables in places.others.items()}
    return replace(column, header=_plain(places.header), synonyms=synonyms)


def _plain(header: str) -> str:
    """A header in one line: readers compare headers without regard to white space."""
    return " ".join(header.split())


def _asking(names: FileNames, labels: Mapping[str, object], columns: Sequence[DraftColumn]) -> FileNames:
    """The names, without what the cover answers, and with what a column may answer."""
    asked = dict(names.asked)
    if "periodEnd" in labels:
        asked.pop("period", None)
    if {"supplierCode", "supplierName"} & set(labels):
        asked.pop("supplier", None)
    sender = next((each.name for each in columns if each.required and speaks_of_sender([each.header])), None)
    if "supplier" in asked and sender:
        asked["supplier"] += (
            f" Or does the column ‘{sender}’ say whose row it is? That is identification.supplierColumn."
        )
    return replace(names, asked=asked)


def _of_table(laid: Laid) -> Iterator[str]:
    parts = laid.group.parts
    if laid.repeated:
        yield f"{listed(laid.repeated)} is the header of two columns, of which only the first can be read: which is meant?"
    nameless = [part.sample.name for part in parts if _has_nameless(part.headers, part.grid.cells.width)]
    if nameless:
        yield f"{len(nameless)} of {len(parts)} files have columns without a header, which are not read: what are they?"
    long = [part for part in parts if part.grid.cells.height < part.grid.height]
    if long:
        yield f"Of {len(long)} of {len(parts)} files only the first {MOST_ROWS:,} rows were looked at: does the rest hold anything else?"
    dialects = {(part.sample.delimiter, part.sample.encoding) for part in parts if part.sample.is_text}
    if len(dialects) > 1:
        yield "The files differ in delimiter or encoding; the contract says those of the first. Which are agreed?"


def _has_nameless(headers: Sequence[str], width: int) -> bool:
    filled = [at for at, text in enumerate(headers) if fold(text)]
    return bool(filled) and any(not fold(headers[at]) for at in range(filled[0], min(width, filled[-1])))
