"""How a file, a sheet or some rows of them are recognised as a return."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from probation_etl.contracts.date_formats import format_faults
from probation_etl.contracts.lint.columns import group_faults
from probation_etl.contracts.model import Column, Cover, Identification
from probation_etl.contracts.odcs.columns import read_texts
from probation_etl.contracts.odcs.part import Part
from probation_etl.contracts.patterns import group_names
from probation_etl.contracts.suggestions import did_you_mean

_COVER_LABELS = {
    "supplierName": "supplier_name",
    "supplierCode": "supplier_code",
    "periodStart": "period_start",
    "periodEnd": "period_end",
    "controlRows": "control_rows",
}
#: What a column of a return may say in place of names and covers: the key, and what else says the same on a cover.
_BY_ROW = {
    "supplier_code": ("supplierColumn", ("supplier_code", "supplier_name")),
    "period_end": ("periodColumn", ("period_start", "period_end")),
}


def read_identification(part: Part, columns: Sequence[Column]) -> Identification:
    """How a file or sheet is recognised as a return.

    Args:
        part: What the contract says of it.
        columns: The columns of the return.
    """
    cover = part["cover"]
    for fault in (
        format_faults((cover["dateFormat"].text_or(""),), kind="cover") if "dateFormat" in cover.mapping else ()
    ):
        part.fault(f"cover: {fault}")
    found = Identification(
        file_name=part["fileName"].pattern(place=part),
        sheet=part["sheet"].text,
        cover=_cover(cover) if cover.value is not None else None,
        optional=part["optional"].is_true,
        sheet_pattern=part["sheetPattern"].pattern(place=part),
        folder=part["folder"].pattern(place=part),
        supplier_column=part["supplierColumn"].text,
        period_column=part["periodColumn"].text,
    )
    for key, pattern in found.patterns.items():
        for fault in group_faults(pattern):
            part.fault(f"{key}: {fault}")
    for fault in (*_sheet_faults(found, block=part["block"].is_true), *_row_faults(found, columns)):
        part.fault(fault)
    return found


def _cover(part: Part) -> Cover:
    given = read_texts(part)
    labels = {ours: given[theirs] for theirs, ours in _COVER_LABELS.items() if theirs in given}
    return Cover(given.get("sheet", "Cover"), labels, given.get("dateFormat", "dd/MM/yyyy"))


def _sheet_faults(found: Identification, *, block: bool) -> Iterator[str]:
    """What is said of sheets and cannot be meant."""
    if found.optional and not (found.in_workbook or block):
        yield "a sheet or a block is optional, and this contract names none: leave optional out"
    if found.sheet is not None and found.sheet_pattern is not None:
        yield "sheet names one sheet, sheetPattern many: leave one of them out"
    if found.cover and "control_rows" in found.cover.labels and (found.sheet_pattern or found.row_columns):
        yield "cover: controlRows is the number of rows of one return, and there may be several: leave it out"


def _row_faults(found: Identification, columns: Sequence[Column]) -> Iterator[str]:
    """Why rows cannot be given to returns by what their columns say."""
    known = {each.name: each for each in columns}
    labels = set(found.cover.labels) if found.cover else set()
    for says, name in found.row_columns.items():
        key, on_cover = _BY_ROW[says]
        others = [other for other, pattern in found.patterns.items() if says in group_names(pattern)]
        others += ["cover"] if labels & set(on_cover) else []
        if others:
            yield f"{key}: {others[0]} says the same of the whole file: leave one of them out"
        if name not in known:
            yield f"{key}: ‘{name}’ is not a column of the return{did_you_mean(name, known)}"
        elif known[name].restricted:
            yield f"{key}: ‘{name}’ is restricted, and what it says would stand in every report"
        elif says == "period_end" and known[name].type not in ("date", "timestamp"):
            yield f"{key}: ‘{name}’ is of type {known[name].type}, not a date"
