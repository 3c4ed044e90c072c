"""What a return claims to be: whose it is, what kind of return, for which period."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from probation_etl.contracts.model import ReturnContract
from probation_etl.contracts.organisations import Organisation


class Claim(NamedTuple):
    """Whose return it is, of what kind, for which period: of all returns with the same claim, one counts."""

    supplier_code: str
    kind: str
    period_end: date


def claim_of(contract: ReturnContract | None, supplier: Organisation | None, period_end: date | None) -> Claim | None:
    """The claim of a return; None unless all of it is known."""
    if contract is None or supplier is None or period_end is None:
        return None
    return Claim(supplier.code, contract.kind, period_end)
