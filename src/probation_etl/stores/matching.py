"""When is a return the one that the ledger knows? Content, contract, supplier and period tell; names of files do not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from probation_etl.intake.result import ReturnResult

_IDENTITY = ("sha256", "sheet", "contract_id", "contract_version", "supplier_code", "period_end", "file")


def newest(entries: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The newest attempt of each return, of ledger entries in their order."""
    return list({tuple(each[key] for key in _IDENTITY): each for each in entries}.values())


def entry_of(result: ReturnResult, entries: Iterable[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The ledger's newest entry of the same return.

    Content alone does not tell: the nil returns of two suppliers may be the same bytes, told apart by their names. But
    content with rows that was identified before stays what it is when it comes again under a name that says nothing.
    """
    nameless = result.supplier is None or result.period_end is None
    for each in newest(entries):
        same_content = each["rows_read"] > 0 and each["sheet"] == result.sheet and each["supplier_code"] is not None
        if each["original_id"] == result.original_id or (nameless and same_content):
            return each
    return None
