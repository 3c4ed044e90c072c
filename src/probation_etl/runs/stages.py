"""What returns may refer to in a store."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from probation_etl.contracts.organisations import Organisation
from probation_etl.intake.validate import References
from probation_etl.stores import Store


def references_in(store: Store) -> Callable[[Organisation | None, date | None], References]:
    """What returns may refer to: the supplier's current rows for this or an earlier period."""

    def references_for(supplier: Organisation | None, period_end: date | None) -> References:
        if supplier is None or period_end is None:
            return lambda _table: None
        return lambda table: store.referable(table, supplier_code=supplier.code, period_end=period_end)

    return references_for
