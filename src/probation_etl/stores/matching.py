"""Whether a return is one that the ledger already has: decided by content, contract, supplier and period."""

from __future__ import annotations

from collections.abc import Iterable

from probation_etl.intake.result import ReturnResult
from probation_etl.stores.entries import Attempt


def newest(attempts: Iterable[Attempt]) -> list[Attempt]:
    """The newest attempt at each return.

    Args:
        attempts: In the order of the ledger.
    """
    listed = list(attempts)
    return listed if len(listed) < 2 else list({_identity(each): each for each in listed}.values())


def _identity(each: Attempt) -> tuple[object, ...]:
    return (
        each.sha256, each.sheet, each.contract_id, each.contract_version, each.supplier_code, each.period_end, each.file
    )  # fmt: skip


def entry_of(result: ReturnResult, attempts: Iterable[Attempt]) -> Attempt | None:
    """The newest entry of the same return, None where the ledger does not have it.

    Content alone is not enough: the nil returns of two suppliers may be the same bytes and differ only in their file
    names. But content with rows that was identified before is still the same return under a name that says nothing.

    Args:
        result: The return.
        attempts: Entries with its content, in the order of the ledger.
    """
    nameless = result.supplier is None or result.period_end is None
    # Rows that a column gives to somebody are the same return only if they are given to the same one.
    by_row = result.contract.identification.row_columns if result.contract else {}
    said = {"supplier_code": result.supplier and result.supplier.code, "period_end": result.period_end}
    for each in reversed(list(attempts)):
        same_content = each.rows_read > 0 and each.sheet == result.sheet and each.supplier_code is not None
        same_content &= all(getattr(each, key) == said[key] for key in by_row)
        if each.original_id == result.original_id or (nameless and same_content):
            return each
    return None
