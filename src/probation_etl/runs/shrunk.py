"""A correction that has far fewer rows than the return that it corrects: it may have been cut off."""

from __future__ import annotations

from probation_etl.audit.kept_returns import KeptReturns
from probation_etl.contracts.findings import Finding, make
from probation_etl.contracts.numbers import counted
from probation_etl.intake.result import ReturnResult

#: One row that is gone is no sign of anything, whatever share of the return it was; unless nothing is left.
_FEW = 1


def shrunk(result: ReturnResult, rows: int, kept: KeptReturns) -> list[Finding]:
    """A warning if a return lost a larger share of rows than its contract allows, or all of them.

    Args:
        result: What is known of the return.
        rows: The number of its rows.
        kept: The returns that came before.
    """
    earlier = kept.earlier(result)
    if earlier is None or result.contract is None or not earlier.rows_read:
        return []
    lost = earlier.rows_read - rows
    share, limit = lost / earlier.rows_read, result.contract.largest_loss
    if share <= limit or (lost <= _FEW and rows):
        return []
    left = counted(rows, "row") if rows else "no row"
    text = (
        f"This return has {left}, and the one that it corrects, ‘{earlier.file}’ of run {earlier.run_id}, "
        f"has {earlier.rows_read:,}. It has lost {100 * share:.3g}% of them; more than {100 * limit:.3g}% is questioned."
    )
    return [make("fewer-rows", expected=text, severity="warning")]
