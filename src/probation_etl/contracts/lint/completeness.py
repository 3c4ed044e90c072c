"""Can ``completeness`` of a unified table be checked?"""

from __future__ import annotations

from collections.abc import Iterator

from probation_etl.contracts.completeness import CHECKS
from probation_etl.contracts.model import Contracts, TableContract
from probation_etl.contracts.organisations import Reference
from probation_etl.contracts.suggestions import did_you_mean


def completeness_faults(table: TableContract, contracts: Contracts, reference: Reference) -> Iterator[str]:
    """Why it is not known who must send which returns.

    Args:
        table: The contract of a unified table or view.
        contracts: All contracts, assembled.
        reference: Their reference tables.
    """
    if table.completeness is None:
        return
    if table.is_view:
        yield "only a unified table has completeness; this is a view"
        return
    if "organisations" not in reference.tables:
        yield "it needs the reference table ‘organisations’, which says who must send returns"
    names = [each.name for each in table.release_queries]
    taken = (name for name in CHECKS if names.count(name) > 1)
    yield from (f"it makes the check ‘{name}’: give another id to the one under quality" for name in taken)
    for name in table.completeness.returns:
        fault = _return_fault(name, table, contracts)
        yield from [fault] if fault else []


def _return_fault(name: str, table: TableContract, contracts: Contracts) -> str:
    returns = {each.id: each for each in contracts.returns()}
    if name not in returns:
        return f"there is no return ‘{name}’{did_you_mean(name, returns)}"
    sent = returns[name]
    if sent.layout_of:
        return f"‘{name}’ is another layout of ‘{sent.layout_of}’: name that one"
    if sent.mapping.table != table.table:
        return f"‘{name}’ is mapped to {sent.mapping.table}, not to {table.table}"
    if sent.supplier_kind is None:
        return f"the contract of ‘{name}’ does not say who must send it: it needs suppliers with a kind"
    return ""
