"""What the tracker needs of the contracts: it counts tables of probation, and other contracts may not have them."""

from __future__ import annotations

from probation_etl.contracts.rulebook import Rulebook
from probation_etl.errors import UsageError

#: Unified tables and views that are read.
_TABLES = ("breach", "caseload", "national_tracker", "weekly_breaches")
#: Reference tables that are read, and their columns.
_REFERENCE = {
    "organisations": ("code", "name", "kind"),
    "regions": ("code", "name"),
    "tracker_baselines": ("measure", "provider_kind", "value"),
}


def check_needs(rulebook: Rulebook) -> None:
    """Whether these contracts are of what the tracker shows.

    Raises:
        UsageError: A table that it needs is not there.
    """
    tables = {each.table for each in rulebook.contracts.tables()}
    missing = [f"no table ‘{name}’" for name in _TABLES if name not in tables]
    for name, columns in _REFERENCE.items():
        found = rulebook.tables[name].columns if name in rulebook.tables else ()
        if not found:
            missing.append(f"no reference table ‘{name}’")
        elif lacks := [f"‘{each}’" for each in columns if each not in found]:
            missing.append(f"no {', '.join(lacks)} in the reference table ‘{name}’")
    if missing:
        raise UsageError(
            f"The tracker shows breaches and caseloads of probation, and these contracts have {'; '.join(missing)}. "
            "Use the shipped contracts, or others with these tables. ‘status’ and ‘store export’ work with any contracts."
        )
