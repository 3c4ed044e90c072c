"""Columns of a return that another return of the delivery lists: they are known, and one that is listed must be there."""

from __future__ import annotations

from collections.abc import Iterator

from probation_etl.contracts.checks.check import ReadTable
from probation_etl.contracts.findings import Finding, make
from probation_etl.contracts.model import ReturnContract
from probation_etl.contracts.organisations import fold
from probation_etl.intake.answers import Answering
from probation_etl.intake.header import Header
from probation_etl.intake.layout_findings import unexpected_columns
from probation_etl.intake.references import References


def described_columns(contract: ReturnContract, header: Header | None, references: References) -> Iterator[Finding]:
    """What is wrong with the columns that the contract itself does not have.

    Args:
        contract: The contract.
        header: The header of the return.
        references: Rows of other returns.
    """
    by = contract.layout.described_by
    if by is None or header is None:
        return
    rows = references.beside(ReadTable("beside", by.table)) if isinstance(references, Answering) else None
    if rows is None:
        lacking = f"the columns that ‘{by.contract}’ lists"
        yield make("unchecked-reference", expected=lacking, severity="warning", rule="described")
        return
    listed = {fold(text): text for text in rows[by.listed].drop_nulls().unique(maintain_order=True)}
    known = {fold(text) for text in header.texts if text}
    for key, text in listed.items():
        if key not in known:
            hint = f"‘{by.contract}’ lists it. Add the column, or correct the list."
            yield make("missing-column", expected=text, column=text, hint=hint, rule="described")
    yield from unexpected_columns([text for text in header.strangers if fold(text) not in listed])
