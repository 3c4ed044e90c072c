"""Identifies a file without sheets, or a workbook of one sheet: by the name of the file or else by its header."""

from __future__ import annotations

from collections.abc import Sequence

from probation_etl.contracts.findings import Finding, make
from probation_etl.contracts.model import ReturnContract
from probation_etl.intake.file_names import file_name_matches
from probation_etl.intake.found import FoundReturn, best_fit, by_headers, unless_header_disagrees
from probation_etl.intake.header import Headers, find_headers, nearest
from probation_etl.intake.readers import Grid
from probation_etl.intake.sender import Given

_HINT = "Check the name of the file and the headers."


def identify_table(name: str, grid: Grid, contracts: Sequence[ReturnContract], given: Given) -> FoundReturn:
    """Identifies a file without sheets by its name or else by its header."""
    tabular = [each for each in contracts if not each.identification.in_workbook or given.contracts]
    named = [each for each in tabular if file_name_matches(name, each)]
    headers = find_headers(grid, contracts)
    by_header = [] if given.contracts else by_headers(headers, tabular)
    fitting = {each.id: each for each in (given.contracts or named or by_header)}
    if len({each.kind for each in fitting.values()}) == 1:
        chosen = best_fit(headers, list(fitting.values()))
        return unless_header_disagrees(FoundReturn(grid, chosen, headers), by_header, "name of the file")
    if fitting:
        text = f"The file fits several contracts: {', '.join(fitting)}."
        return FoundReturn(grid, None, findings=(make("ambiguous-return", expected=text),))
    return FoundReturn(grid, None, findings=(_unidentified(headers, tabular),))


def _unidentified(headers: Headers, contracts: Sequence[ReturnContract]) -> Finding:
    headed = ((each, headers.get((each.id, each.version))) for each in contracts)
    near = [(header, each) for each, header in headed if header and header.row >= 0]
    if not near:
        found = "Neither the name nor the header is that of any return."
        return make("unidentified-return", expected=found, hint=_HINT)
    header, contract = max(near, key=lambda pair: len(pair[0].columns))
    strangers = header.strangers
    lacking = [
        f"{column.header} (did you mean this by ‘{meant}’?)" if (meant := nearest(column, strangers)) else column.header
        for column in contract.columns
        if column.name not in header.meanings and column.required
    ]
    return make(
        "unidentified-return",
        hint=_HINT,
        expected=f"The file is not a known return. The closest is ‘{contract.id}’, but these columns are missing: {', '.join(lacking)}.",
    )
