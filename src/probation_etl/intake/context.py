"""What expressions can read of a return beside its rows."""

from __future__ import annotations

from pathlib import PurePosixPath

from probation_etl.contracts.model import Contract, ReturnContract
from probation_etl.intake.result import Period


def context_of(
    contract: Contract | None, supplier_code: str | None, supplier_kind: str | None, period: Period, file: str
) -> dict[str, object]:
    """Values of the context columns; the name of the file only where the contract reads it.

    Args:
        contract: The contract of the return.
        supplier_code: Who sent it.
        supplier_kind: Of which kind that is.
        period: For which period.
        file: The path of the file, as it may be shown.
    """
    found: dict[str, object] = {
        "supplier_code": supplier_code, "supplier_kind": supplier_kind,
        "period_start": period.start, "period_end": period.end,
    }  # fmt: skip
    if isinstance(contract, ReturnContract) and contract.reads_file_name:
        found["file_name"] = PurePosixPath(file).name
    return found
