"""How a file is recognised as a return, in words."""

from __future__ import annotations

from collections.abc import Iterator

from probation_etl.contracts.model import Cover, ReturnContract
from probation_etl.contracts.organisations import Reference
from probation_etl.guide.model import CoverLine, Recognition
from probation_etl.intake.expected_name import example_of_name, form_of_name
from probation_etl.intake.file_names import file_name_matches
from probation_etl.proof import Example
from probation_etl.targets.expressed import file_differences
from probation_etl.targets.workbook_template.cover import cover_entries, help_of

#: Endings of files that can be read, the usual ones first.
_ENDINGS = ("csv", "xlsx", "xlsm", "xlsb", "xls", "ods", "parquet", "arrow", "txt")
_SEPARATORS = {",": "a comma", ";": "a semicolon", "\t": "a tab", "|": "a vertical bar"}


def recognition(contract: ReturnContract, reference: Reference, clean: Example | None) -> Recognition:
    """How a file is recognised.

    Args:
        contract: The return.
        reference: The known organisations.
        clean: An invented return, from whose sender and period examples are made.
    """
    named = contract.identification
    context = clean.context if clean else None
    sent = (context.supplier.code, context.period_end) if context and context.period_end else None
    example = example_of_name(contract, reference, sent) if named.file_name else None
    separator = _SEPARATORS.get(contract.delimiter, f"‘{contract.delimiter}’")
    text = f"CSV in {contract.encoding}, with {separator} between the cells" if not named.in_workbook else None
    return Recognition(
        name_form=form_of_name(contract) if named.file_name else None,
        name_example=example,
        endings=tuple(_endings(contract, example)),
        sheet=named.sheet,
        cover=(named.cover.sheet, tuple(_lines(contract, named.cover, clean))) if named.cover else None,
        text=text,
        rows=tuple(_rows(contract)),
        beside=tuple(_beside(contract)),
    )


def _rows(contract: ReturnContract) -> Iterator[str]:
    """Where the rows stand, where that is not simply below one header."""
    if contract.identification.optional:
        yield "A workbook may lack the sheet."
    for part, words in file_differences(contract).items():
        if part != "severities":
            yield f"{words[:1].upper()}{words[1:]}."


def _endings(contract: ReturnContract, example: str | None) -> Iterator[str]:
    """The endings that the pattern allows in the place of the example's."""
    stem, dot, _ = (example or "").rpartition(".")
    yield from (f".{each}" for each in _ENDINGS if dot and file_name_matches(f"{stem}.{each}", contract))


def _lines(contract: ReturnContract, cover: Cover, clean: Example | None) -> Iterator[CoverLine]:
    """The lines of the cover. The name of a supplier is left to each of them."""
    filled = dict(clean.cover_lines(cover)) if clean else {}
    for entry in cover_entries([contract]):
        example = "" if entry.meaning == "supplier_name" else filled.get(entry.label, "")
        yield CoverLine(entry.label, help_of(entry), example)


def _beside(contract: ReturnContract) -> Iterator[str]:
    delivery = contract.delivery
    if delivery.control_file:
        yield (
            f"A file with control totals, named like the return with ‘{delivery.control_file}’ after it: a line with ‘rows’ and the "
            "number of rows, separated by a comma, and one for each column that is added up."
        )
    if delivery.together:
        names = ", ".join(f"‘{each}’" for each in delivery.together)
        yield f"It is delivered together with the files of {names} for the same period: none is taken without the others."
    if delivery.done_marker:
        yield f"Last of all a file named like the return with ‘{delivery.done_marker}’ after it, which says that all is there."
